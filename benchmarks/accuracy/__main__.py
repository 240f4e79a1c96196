"""`python -m benchmarks.accuracy --data ../shared/data`: measure, and write docs/accuracy.md."""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from analysis.version import ALGORITHM_VERSION
from benchmarks.accuracy import (
    mobilised,
    motionsense,
    pocket_days,
    scripted_days,
    trunk_optical,
    umafall,
    w2isp,
)
from benchmarks.accuracy.page import page
from domain import __version__

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"
MODULES = (motionsense, pocket_days, scripted_days, trunk_optical, w2isp, umafall, mobilised)


def main() -> None:
    """Measure what there is of the data, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the recordings")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    parser.add_argument("--only", action="append", help="a module's name; may be repeated")
    given = parser.parse_args()
    sections = []
    for module in MODULES:
        name = module.__name__.rsplit(".", 1)[1]
        folder = getattr(module, "FOLDER", "")
        if given.only and name not in given.only:
            continue
        if folder and not (given.data / folder).is_dir():
            print(f"{folder} is not in {given.data}: left out", file=sys.stderr)
            continue
        began = time.process_time()
        sections.append(module.measure(given.data))
        print(f"{name}: {time.process_time() - began:.0f} s of processor time", file=sys.stderr)
    if not sections:
        parser.error(f"nothing to measure in {given.data}")
    text = page(
        sections, datetime.now(UTC).date(), f"Sitwell {__version__}, rules {ALGORITHM_VERSION}"
    )
    given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
