"""NPZ: one array (n,) a column, or arrays (n, 3) called acc and gyro."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from service.reading.table import CHUNK_ROWS, Chunk, Progress, refused, side_by_side

#: An array (n, 3) of these names is three columns.
_WIDE = {"acc": ("ax", "ay", "az"), "acc_g": ("ax", "ay", "az"), "gyro": ("gx", "gy", "gz"),
         "gyro_dps": ("gx", "gy", "gz")}  # fmt: skip


class NpzTable:
    """An NPZ file without pickles. It is in memory as a whole: the format has no pieces."""

    format = "npz"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.units: Mapping[str, str] = {}
        try:
            # Opened here, because numpy leaves a file open that turns out to be no archive.
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                self._columns = self._unfolded({name: file[name] for name in file.files})
        except OSError as error:
            raise refused(path, f"cannot be read: {error.strerror or error}") from error
        except (BadZipFile, ValueError, TypeError, AttributeError, EOFError) as error:
            raise refused(path, f"is no NPZ file of numbers: {error}") from error
        lengths = {len(column) for column in self._columns.values()}
        if len(lengths) > 1:
            shapes = {name: len(column) for name, column in self._columns.items()}
            raise refused(path, f"its columns differ in length: {shapes}")
        self.names = tuple(self._columns)

    def chunks(
        self, time: str | None, columns: Sequence[str], progress: Progress
    ) -> Iterator[Chunk]:
        """See Table."""
        count = len(next(iter(self._columns.values()), ()))
        for start in range(0, count, CHUNK_ROWS):
            rows = slice(start, start + CHUNK_ROWS)
            try:
                values = [self._columns[name][rows].astype(np.float64) for name in columns]
            except (ValueError, TypeError) as error:
                raise refused(self.path, f"a column holds no numbers: {error}") from error
            times = None if time is None else self._columns[time][rows]
            if times is not None and times.dtype.kind in "US":
                times = times.astype(str).tolist()
            progress(min(start + CHUNK_ROWS, count), count)
            yield Chunk(side_by_side(values, min(CHUNK_ROWS, count - start)), times)

    @staticmethod
    def _unfolded(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        columns: dict[str, NDArray[Any]] = {}
        for name, array in arrays.items():
            wide = _WIDE.get(name.lower())
            if wide and array.ndim == 2 and array.shape[1] == len(wide):
                columns |= {each: array[:, i] for i, each in enumerate(wide)}
            elif array.ndim == 1:  # others, a label or a matrix, are none of ours
                columns[name] = array
        return columns
