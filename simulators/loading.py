"""Recordings of users from files: CSV or NPZ with named columns."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile

import numpy as np

from domain.errors import RecordingError
from domain.samples import Floats, Recording

AccUnit = Literal["g", "mg", "m/s2"]
GyroUnit = Literal["deg/s", "rad/s"]

_ACC_IN_G: dict[str, float] = {"g": 1.0, "mg": 1e-3, "m/s2": 1.0 / 9.80665}
_GYRO_IN_DPS: dict[str, float] = {"deg/s": 1.0, "rad/s": 180.0 / np.pi}
_NEEDED = ("t", "ax", "ay", "az")
_GYRO = ("gx", "gy", "gz")


def load_recording(
    path: Path | str, *, acc_unit: AccUnit = "g", gyro_unit: GyroUnit = "deg/s"
) -> Recording:
    """Read a recording.

    CSV (UTF-8, comma, one header line) or NPZ (one array (n,) per name) with the columns t (s, from
    any zero, strictly increasing), ax, ay, az (specific force: at rest the axis that points up reads
    +1 g) and, all three or none, gx, gy, gz. Other columns are ignored. NaN and empty cells are
    allowed for all but t. Raises RecordingError, with the line of a CSV file, for what does not fit.
    """
    path = Path(path)
    lines: Sequence[int] | None = None
    try:
        if path.suffix.lower() == ".npz":
            columns = _npz_columns(path)
        else:
            columns, lines = _csv_columns(path)
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(str(path), f"cannot be read: {error}") from error
    return _recording(path, columns, lines, _ACC_IN_G[acc_unit], _GYRO_IN_DPS[gyro_unit])


def _csv_columns(path: Path) -> tuple[dict[str, Floats], list[int]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        lines: list[int] = []
        values: list[list[float]] = []
        try:
            header = [name.strip() for name in next(reader, [])]
            names = _chosen(path, header, line=1)
            places = [header.index(name) for name in names]
            for row in reader:
                if not row:
                    continue
                if len(row) != len(header):
                    raise RecordingError(
                        str(path),
                        f"{len(row)} cells under {len(header)} headings",
                        line=reader.line_num,
                    )
                values.append([_number(path, row[place], reader.line_num) for place in places])
                lines.append(reader.line_num)
        except csv.Error as error:
            raise RecordingError(str(path), str(error), line=reader.line_num) from error
    table = np.array(values, dtype=np.float64).reshape(-1, len(names))
    return {name: table[:, column] for column, name in enumerate(names)}, lines


def _number(path: Path, cell: str, line: int) -> float:
    cell = cell.strip()
    if not cell:
        return float("nan")
    try:
        return float(cell)
    except ValueError as error:
        raise RecordingError(str(path), f"{cell!r} is no number", line=line) from error


def _npz_columns(path: Path) -> dict[str, Floats]:
    try:
        # Opened here, because numpy leaves a file open that turns out to be no archive.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            names = _chosen(path, list(file.files), line=None)
            columns = {name: np.asarray(file[name], dtype=np.float64) for name in names}
    except (BadZipFile, ValueError, TypeError, AttributeError, EOFError) as error:
        raise RecordingError(str(path), f"no NPZ file of numbers: {error}") from error
    lengths = {name: column.shape for name, column in columns.items()}
    if any(len(shape) != 1 for shape in lengths.values()) or len(set(lengths.values())) != 1:
        raise RecordingError(str(path), f"columns differ in shape: {lengths}")
    return columns


def _chosen(path: Path, header: Sequence[str], line: int | None) -> tuple[str, ...]:
    """The columns that are read; refuses a header that lacks or doubles one."""
    missing = [name for name in _NEEDED if name not in header]
    gyro = [name for name in _GYRO if name in header]
    if gyro and len(gyro) < len(_GYRO):
        missing += [name for name in _GYRO if name not in header]
    if missing:
        raise RecordingError(str(path), f"no column {', '.join(missing)}", line=line)
    names = _NEEDED + (_GYRO if gyro else ())
    doubled = [name for name in names if list(header).count(name) > 1]
    if doubled:
        raise RecordingError(str(path), f"more than one column {', '.join(doubled)}", line=line)
    return names


def _recording(
    path: Path,
    columns: dict[str, Floats],
    lines: Sequence[int] | None,
    acc_scale: float,
    gyro_scale: float,
) -> Recording:
    times = columns["t"]
    if len(times) == 0:
        raise RecordingError(str(path), "no samples")
    good = np.isfinite(times)
    good[1:] &= np.diff(times) > 0.0
    if not np.all(good):
        row = int(np.argmin(good))
        raise RecordingError(
            str(path),
            f"time {times[row]} does not follow the one before",
            line=None if lines is None else lines[row],
        )
    acc_g = np.column_stack([columns[name] for name in _NEEDED[1:]]) * acc_scale
    gyro_dps = None
    if _GYRO[0] in columns:
        gyro_dps = np.column_stack([columns[name] for name in _GYRO]) * gyro_scale
    return Recording(times, acc_g, gyro_dps)
