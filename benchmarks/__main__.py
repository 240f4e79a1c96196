"""`python -m benchmarks`: measure everything and write docs/benchmarks.md. Takes some minutes."""

import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import alerts, analysing, bluetooth, service

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def main() -> None:
    """Measure, print and write."""
    rows = list(analysing.rows(python=sys.argv[1] if len(sys.argv) > 1 else None))
    alone, whole = service.measure("alone"), service.measure("whole")
    rows += [
        (
            "the service alone, one 50 Hz sensor, one live page",
            f"{alone['cpu_percent']:.1f} % of a core, {alone['rss_mb']:.0f} MB",
            "2 %, 120 MB",
        ),
        (
            "the same with simulated radio, body and sensor in the process",
            f"{whole['cpu_percent']:.1f} % of a core, {whole['rss_mb']:.0f} MB",
            "-",
        ),
    ]
    rows += bluetooth.rows()
    rows += alerts.rows()
    lines = [
        "# Benchmarks",
        "",
        (
            "Made by `python -m benchmarks` (with the test extra installed); the store has its own, "
            "`python -m benchmarks.storage`, see [storage](storage.md). "
            "`python -m benchmarks.bluetooth` measures the Bluetooth rows alone, which need Linux and "
            "dbus-daemon."
        ),
        (
            f"{datetime.now(UTC):%Y-%m-%d}, {platform.python_implementation()} "
            f"{platform.python_version()}, {_processor()}, commit {_commit()}. CPU seconds of one core; "
            "the best of three where nothing else is said."
        ),
        "",
        "| what | measured | bar |",
        "| --- | --- | --- |",
        *(f"| {what} | {figure} | {bar} |" for what, figure, bar in rows),
        "",
        (
            "The bars are those of the design. The generated week is `benchmarks/week.py`: one scripted "
            "office worker, noise, gain and offset errors included."
        ),
        "",
        _explained(analysing.__doc__),
        "",
        _explained(service.__doc__),
        "",
        _explained(bluetooth.__doc__),
        "",
    ]
    text = "\n".join(lines)
    PAGE.write_text(text)
    print(text)


def _explained(doc: str | None) -> str:
    """What a module says of its figures, below its first line."""
    return (doc or "").split("\n\n", 1)[1].strip().replace("\n", " ")


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
