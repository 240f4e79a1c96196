"""Tables of samples as people save them: every format, unit and way to write a time."""

import gzip
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet

ACC_IN_G = {"g": 1.0, "mg": 1e-3, "m/s2": 1.0 / 9.80665}
GYRO_IN_DPS = {"deg/s": 1.0, "rad/s": 180.0 / np.pi}
PER_S = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def columns_of(
    times: np.ndarray,
    acc_g: np.ndarray,
    gyro_dps: np.ndarray | None = None,
    *,
    acc_unit: str = "g",
    gyro_unit: str = "deg/s",
    names: Sequence[str] = ("t", "ax", "ay", "az", "gx", "gy", "gz"),
    time: str = "s",
    zone: str = "UTC",
) -> dict[str, Any]:
    """Columns by name. time: s, ms, us, ns as numbers, or iso (with Z), offset, local as words."""
    table: dict[str, Any] = {names[0]: told(times, time, zone)}
    table |= {name: acc_g[:, i] / ACC_IN_G[acc_unit] for i, name in enumerate(names[1:4])}
    if gyro_dps is not None:
        table |= {
            name: gyro_dps[:, i] / GYRO_IN_DPS[gyro_unit] for i, name in enumerate(names[4:7])
        }
    return table


def told(times: np.ndarray, time: str, zone: str) -> Any:
    """The times as somebody writes them."""
    if time == "s":
        return times
    if time in PER_S:
        micros = np.rint(times * 1e6).astype(np.int64)
        return micros // 1000 if time == "ms" else micros * (PER_S[time] // 1_000_000)
    if time == "iso":
        micros = np.rint(times * 1e6).astype("datetime64[us]")
        return np.char.add(np.datetime_as_string(micros), "Z")
    moments = [datetime.fromtimestamp(each, UTC) for each in times.tolist()]
    local = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    if time == "offset":
        return [moment.isoformat(timespec="microseconds") for moment in local]
    return [moment.strftime("%Y-%m-%d %H:%M:%S.%f") for moment in local]


def write_table(path: Path, table: Mapping[str, Any], *, separator: str = ",") -> Path:
    """By the end of the name: .csv, .csv.gz, .npz or .parquet."""
    if path.suffix == ".npz":
        np.savez(path, **{name: np.asarray(column) for name, column in table.items()})
    elif path.suffix == ".parquet":
        pa.parquet.write_table(pa.table(dict(table)), path, row_group_size=700)
    else:
        text = csv_text(table, separator)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def csv_text(table: Mapping[str, Any], separator: str = ",") -> str:
    """A line of names and one a row; decimal commas beside semicolons."""
    columns = [list(map(_cell, np.asarray(column).tolist())) for column in table.values()]
    lines = [separator.join(table), *map(separator.join, zip(*columns, strict=True))]
    text = "\n".join(lines) + "\n"
    return text.replace(".", ",") if separator == ";" else text


def _cell(value: object) -> str:
    return "" if value != value else str(value)  # NaN
