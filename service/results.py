"""What an offline analysis writes: four tables and a manifest, see docs/offline.md."""

import csv
import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analysis.version import ALGORITHM_VERSION
from collector.recorded_calibration import calibration_fields
from domain import __version__
from domain.episodes import Episode
from domain.errors import InputError
from domain.metrics import Metric
from domain.placement import Placement
from domain.posture import NAMES, Activity
from service.day_rows import DayRow
from service.measured import Measured
from service.reading.files import sha256_of
from service.reading.parquet_table import arrow

FORMAT: Final = "sitwell-analysis"
VERSION: Final = 1

Cell: TypeAlias = str | int | float | bool | None
#: Columns by name, all of one length. NaN is "not known".
Columns: TypeAlias = Mapping[str, "NDArray[Any] | Sequence[Cell]"]


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `out` when all went well and is gone when not.

    Raises InputError when `out` is there already, or cannot be made.
    """
    if out.exists():
        raise InputError(f"{out} is there already; choose another name or remove it first")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise InputError(f"{out} cannot be made: {error.strerror}") from error
    try:
        yield folder
        folder.chmod(0o755)  # made for its owner alone, which an ordinary folder is not
        folder.rename(out)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_results(
    folder: Path,
    found: Measured,
    days: Sequence[DayRow],
    metrics: Sequence[Mapping[str, Metric]],
    timezone: str,
    form: str,
) -> dict[str, int]:
    """Write all files into `folder`; form: a key of WRITERS. Returns the rows of each table by its file.

    Raises InputError when Parquet is asked for and its library is not there.
    """
    write = WRITERS[form]
    tables: dict[str, Columns] = {
        "frames": frame_columns(found),
        "episodes": episode_columns(found.episodes, timezone),
        "days": day_columns(days, timezone),
        "metrics": metric_columns(days, metrics),
    }
    rows: dict[str, int] = {}
    written: dict[str, dict[str, object]] = {}
    for name, columns in tables.items():
        path = folder / f"{name}.{form}"
        write(path, columns)
        count = len(next(iter(columns.values())))
        rows[path.name] = count
        written[path.name] = {"rows": count, "sha256": sha256_of(path)}
    text = json.dumps(_manifest(found, timezone, written), indent=2, allow_nan=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return rows


def frame_columns(found: Measured) -> Columns:
    """One row a second: the columns of `analysis.analyse`, the activity as a word, and as a word too, or
    nothing, where the sensor was worn that decided it."""
    frames = found.frames
    places = {number: Placement.of_number(number) for number in np.unique(frames.source).tolist()}
    words: dict[str, Sequence[Cell]] = {
        "activity": frames.activity_names.tolist(),
        "source": [
            None if (at := places[each]) is None else at.value for each in frames.source.tolist()
        ],
    }
    return {name: words.get(name, frames[name]) for name in NAMES}


def episode_columns(episodes: Sequence[Episode], timezone: str) -> Columns:
    """One row an episode, by start; what its figures mean: domain.episodes.EpisodeKind."""
    return {
        "id": [each.id for each in episodes],
        "kind": [each.kind.value for each in episodes],
        "start": [each.start for each in episodes],
        "end": [each.end for each in episodes],
        "start_local": [_local(each.start, timezone) for each in episodes],
        "lasted_s": [None if each.end is None else each.end - each.start for each in episodes],
        **{
            name: [float(getattr(each, name)) for each in episodes]
            for name in ("peak", "mean", "dose", "limit", "confidence")
        },
        "placement": [each.placement for each in episodes],
        "censored": [each.censored for each in episodes],
        "asymmetry": [int(each.asymmetry) for each in episodes],
    }


def day_columns(days: Sequence[DayRow], timezone: str) -> Columns:
    """One row a local day that has frames."""
    return {
        "day": [row.day.isoformat() for row in days],
        "timezone": [timezone] * len(days),
        **{name: [getattr(row, name) for row in days] for name in ("start", "end", "measured_s")},
        **{f"{act.word}_s": [row.seconds[act] for row in days] for act in Activity},
        **{
            name: [getattr(row, name) for row in days]
            for name in (
                "sitting_bouts", "longest_sitting_s", "breaks", "full_breaks", "slouches",
                "slouch_s", "slouch_dose_deg_min", "lean_mean_deg",
            )
        },
    }  # fmt: skip


def metric_columns(days: Sequence[DayRow], metrics: Sequence[Mapping[str, Metric]]) -> Columns:
    """One row a metric of a local day, see domain.metrics.Metric; metrics: by day."""
    rows = [(row.day, one) for row, of in zip(days, metrics, strict=True) for one in of.values()]
    told = [one for _, one in rows]
    return {
        "day": [day.isoformat() for day, _ in rows],
        "name": [one.name for one in told],
        "value": [one.value for one in told],
        "unit": [one.unit for one in told],
        "reason": [one.reason or None for one in told],
        "sensors": [" ".join(one.sensors) or None for one in told],
        "reference": [None if one.reference is None else one.reference.value for one in told],
        "sigma_deg": [one.sigma_deg for one in told],
        "coverage": [one.coverage for one in told],
        "confidence": [one.confidence for one in told],
        "version": [one.version for one in told],
    }


def _manifest(
    found: Measured, timezone: str, written: Mapping[str, Mapping[str, object]]
) -> dict[str, object]:
    """Everything that made the results what they are; the same inputs give the same manifest."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "sitwell": __version__,
        "algorithm_version": ALGORITHM_VERSION,
        "timezone": timezone,
        "settings": asdict(found.settings),
        "calibration": {
            place: calibration_fields(one) for place, one in sorted(found.calibration.items())
        },
        "sensors": [asdict(sensor) for sensor in found.sensors],
        "not_measured": dict(found.reasons),
        "faults": [{**asdict(fault), "sentence": fault.sentence} for fault in found.faults],
        "outputs": written,
    }


def _local(time: int, timezone: str) -> str:
    return datetime.fromtimestamp(time, ZoneInfo(timezone)).isoformat()


def _write_csv(path: Path, columns: Columns) -> None:
    """Empty cells where nothing is known; numbers so that they read back to the same bits."""
    cells = [_cells(column) for column in columns.values()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*cells, strict=True))


def _write_json(path: Path, columns: Columns) -> None:
    """One object, a list a column; null where nothing is known."""
    text = json.dumps({name: _cells(column) for name, column in columns.items()}, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _write_parquet(path: Path, columns: Columns) -> None:
    """NaN becomes null."""
    pa = arrow("Parquet")
    made = {
        name: pa.array(column if isinstance(column, np.ndarray) else list(column), from_pandas=True)
        for name, column in columns.items()
    }
    pa.parquet.write_table(pa.table(made), path, compression="zstd")


def _cells(column: "NDArray[Any] | Sequence[Cell]") -> list[Cell]:
    values: list[Cell] = column.tolist() if isinstance(column, np.ndarray) else list(column)
    return [
        None if isinstance(each, float) and not math.isfinite(each) else each for each in values
    ]


WRITERS: Final[dict[str, Callable[[Path, Columns], None]]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "json": _write_json,
}
