"""Axivity AX3 and AX6 recordings (CWA), through cwa-reader-rs, an optional dependency."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from domain.errors import InputError
from service.reading.parquet_table import INSTALL
from service.reading.table import CHUNK_ROWS, Chunk, Progress, refused

_ACC = {"ax": "acc_x", "ay": "acc_y", "az": "acc_z"}
_GYRO = {"gx": "gyro_x", "gy": "gyro_y", "gz": "gyro_z"}


class CwaTable:
    """A CWA file, in memory as a whole: 16 B a sample of an AX3.

    The sensor's clock shows whatever the computer that set it up showed, so its times are of the
    time zone of the reading.
    """

    format = "cwa"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.units: Mapping[str, str] = {"acc": "g", "gyro": "deg/s"}
        try:
            import cwa_reader_rs
        except ImportError as error:
            raise InputError(
                f"{path}: CWA needs cwa-reader-rs, which is not installed: {INSTALL}"
            ) from error
        if not path.is_file():
            raise refused(path, "cannot be read: there is no such file")
        try:
            self._data = cwa_reader_rs.read_cwa_file(
                str(path),
                include_magnetometer=False,
                include_temperature=False,
                include_light=False,
                include_battery=False,
            )
        except Exception as error:  # whatever its Rust core has, of no one kind
            raise refused(path, f"is no CWA file that can be read: {error}") from error
        held = {**_ACC, **_GYRO}
        self._held = {role: name for role, name in held.items() if name in self._data.columns}
        self.names = ("t", *self._held)

    def chunks(
        self, time: str | None, columns: Sequence[str], progress: Progress
    ) -> Iterator[Chunk]:
        """See Table."""
        count = len(self._data)
        for start in range(0, count, CHUNK_ROWS):
            part = self._data.iloc[start : start + CHUNK_ROWS]
            values = part[[self._held[name] for name in columns]].to_numpy(dtype=np.float64)
            moments = part.index.to_numpy().astype("datetime64[ns]").astype(str).tolist()
            progress(min(start + CHUNK_ROWS, count), count)
            yield Chunk(values, moments if time is not None else None)
