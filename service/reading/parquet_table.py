"""Parquet, read row group by row group through pyarrow, an optional dependency."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import InputError
from service.reading.table import CHUNK_ROWS, Chunk, Progress, refused, side_by_side

INSTALL = 'pip install "sitwell[research]"'


def arrow(what: str) -> Any:
    """The pyarrow package. what: the sentence's subject. Raises InputError when it is not there."""
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(f"{what} needs pyarrow, which is not installed: {INSTALL}") from error
    return pa


class ParquetTable:
    """A Parquet file with plain columns of numbers and, for times, timestamps, numbers or words."""

    format = "parquet"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.units: Mapping[str, str] = {}
        self._arrow = arrow(f"{path}: Parquet")
        try:
            with self._arrow.parquet.ParquetFile(path) as file:
                self.names = tuple(file.schema_arrow.names)
        except OSError as error:
            raise refused(path, f"cannot be read: {error.strerror or error}") from error
        except self._arrow.ArrowInvalid as error:
            raise refused(path, f"is no Parquet file: {error}") from error

    def chunks(
        self, time: str | None, columns: Sequence[str], progress: Progress
    ) -> Iterator[Chunk]:
        """See Table."""
        wanted = [*columns] if time is None else [*columns, time]
        done = 0
        try:
            with self._arrow.parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=CHUNK_ROWS, columns=wanted):
                    values = [self._numbers(batch.column(name)) for name in columns]
                    times = None if time is None else self._times(batch.column(time))
                    done += batch.num_rows
                    progress(done, file.metadata.num_rows)
                    yield Chunk(side_by_side(values, batch.num_rows), times)
        except (OSError, self._arrow.ArrowException) as error:
            raise refused(self.path, f"cannot be read: {error}") from error

    def _numbers(self, column: Any) -> NDArray[np.float64]:
        numbers = column.cast(self._arrow.float64()).to_numpy(zero_copy_only=False)
        return np.asarray(numbers, dtype=np.float64)

    def _times(self, column: Any) -> Any:
        types, kind = self._arrow.types, column.type
        if types.is_timestamp(kind):
            # With a zone the numbers are UTC; without one they are local, which words say.
            if kind.tz is not None:
                return column.to_numpy(zero_copy_only=False).astype("datetime64[ns]")
            return (
                column.to_numpy(zero_copy_only=False).astype("datetime64[ns]").astype(str).tolist()
            )
        if types.is_string(kind) or types.is_large_string(kind):
            return [word or "" for word in column.to_pylist()]
        if types.is_integer(kind) and not column.null_count:
            return column.to_numpy()
        return self._numbers(column)
