"""Files of one sensor, one after another in time, as one recording with what was found out about it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from domain.errors import RecordingError
from domain.samples import Floats, Recording
from service.reading import units
from service.reading.clock import Clock
from service.reading.columns import ACC, GYRO, chosen
from service.reading.csv_table import CsvTable
from service.reading.cwa_table import CwaTable
from service.reading.npz_table import NpzTable
from service.reading.parquet_table import ParquetTable
from service.reading.spool import Spool
from service.reading.table import Progress, Reading, Table, refused

READERS: Final[dict[str, Callable[[Path], Table]]] = {
    ".npz": NpzTable,
    ".parquet": ParquetTable,
    ".pq": ParquetTable,
    ".cwa": CwaTable,
}
#: Formats that have no reader, and what to do instead.
_WITHOUT: Final = {
    ".gt3x": "ActiGraph's GT3X has no reader here: those for Python are GPL or no longer work. Export raw "
    "data as CSV with the maker's program and give its first lines, rate and start: --skip-lines 10 "
    "--rate ... --start ...",
    ".bin": "GENEActiv's .bin has no reader here; export it as CSV",
    ".xlsx": "spreadsheets are not read; save it as CSV",
}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file as it was read: what the manifest says of it. sha256 of all its bytes."""

    path: str
    format: str
    bytes: int
    sha256: str
    rows: int
    columns: dict[str, str]
    acc_unit: str
    gyro_unit: str | None
    time_unit: str


def read_parts(
    paths: Sequence[Path],
    how: Reading,
    folder: Path,
    progress: Progress = lambda done, of: None,
) -> tuple[Recording, tuple[SourceFile, ...]]:
    """The samples of `paths`, parts of one recording in the order of their times, which must not overlap.

    folder: an empty folder of its own in which the samples lie while the recording is used. progress: is
    told of each file anew. Raises RecordingError, with the line where the file has lines; InputError
    for a library that is not installed.
    """
    tables = [table_of(path, how) for path in paths]
    if len(tables) > 1:
        begins = [_begin(table, how) for table in tables]
        order = sorted(range(len(tables)), key=begins.__getitem__)
        tables = [tables[i] for i in order]
    sources, last = [], -np.inf
    with Spool(folder) as spool:
        for table in tables:
            source, last = _read(table, how, spool, last, progress)
            sources.append(source)
        if not spool.samples:
            raise refused(tables[0].path, "holds no samples")
        return spool.recording(), tuple(sources)


def table_of(path: Path, how: Reading) -> Table:
    """The table in `path`, by the end of its name. Raises RecordingError, InputError."""
    name = path.name.lower().removesuffix(".gz")
    end = Path(name).suffix
    if end in _WITHOUT:
        raise refused(path, _WITHOUT[end])
    if end in READERS:
        return READERS[end](path)
    return CsvTable(path, skip_lines=how.skip_lines)


def sha256_of(path: Path) -> str:
    """Of all bytes of the file. Raises RecordingError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise refused(path, f"cannot be read: {error.strerror or error}") from error


def _begin(table: Table, how: Reading) -> float:
    """The first time of a table."""
    roles = chosen(table, how.columns)
    for chunk in table.chunks(roles.get("t"), (), lambda done, of: None):
        if len(chunk.values):
            return float(Clock(table.path, how, _written(table, roles, "time")).times(chunk)[0])
    return np.inf


def _read(
    table: Table, how: Reading, spool: Spool, after: float, progress: Progress
) -> tuple[SourceFile, float]:
    """One table into the spool; what is to be said of it, and its last time."""
    roles = chosen(table, how.columns)
    gyro_roles = GYRO if GYRO[0] in roles else ()
    columns = [roles[role] for role in (*ACC, *gyro_roles)]
    clock = Clock(table.path, how, _written(table, roles, "time"))
    acc_unit = how.acc_unit or _written(table, roles, "acc")
    gyro_unit = (how.gyro_unit or _written(table, roles, "gyro")) if gyro_roles else None
    before, last = spool.samples, after
    for chunk in table.chunks(roles.get("t"), columns, progress):
        if not len(chunk.values):
            continue
        times = clock.times(chunk)
        if times[0] <= last and spool.samples == before:
            raise refused(table.path, "overlaps the file before it in time", chunk.line(0))
        acc, gyro = chunk.values[:, :3], chunk.values[:, 3:]
        acc_unit = acc_unit or units.acc_unit(table.path, acc)
        if gyro_roles and gyro_unit is None:
            gyro_unit = units.gyro_unit(table.path, gyro)
        spool.add(times, *_scaled(acc, acc_unit, gyro, gyro_unit))
        last = float(times[-1])
    source = SourceFile(
        path=str(table.path),
        format=table.format,
        bytes=table.path.stat().st_size,
        sha256=sha256_of(table.path),
        rows=spool.samples - before,
        columns=roles,
        acc_unit=acc_unit or "g",
        gyro_unit=gyro_unit,
        time_unit=clock.unit or "s",
    )
    return source, last


def _scaled(
    acc: Floats, acc_unit: str, gyro: Floats, gyro_unit: str | None
) -> tuple[Floats, Floats | None]:
    acc_g = acc if acc_unit == "g" else acc * units.ACC_IN_G[acc_unit]
    if gyro_unit is None:
        return acc_g, None
    return acc_g, gyro if gyro_unit == "deg/s" else gyro * units.GYRO_IN_DPS[gyro_unit]


def _written(table: Table, roles: dict[str, str], what: str) -> str | None:
    """The unit that the file itself names for "acc", "gyro" or "time"; all axes must agree."""
    if what in table.units:
        return table.units[what]
    kinds = {
        "acc": (ACC, units.ACC_IN_G),
        "gyro": (GYRO, units.GYRO_IN_DPS),
        "time": (("t",), units.TIME_IN_S),
    }
    of, known = kinds[what]
    said = {units.unit_in(roles[role])[1] for role in of if role in roles} - {None}
    if len(said) > 1:
        raise RecordingError(
            str(table.path), f"its columns name several units: {sorted(map(str, said))}"
        )
    unit = next(iter(said), None)
    return unit if unit in known else None
