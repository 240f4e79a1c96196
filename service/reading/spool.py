"""Samples on the disk while they are worked on: memory holds a chunk, not the file."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from domain.errors import RecordingError, first_line
from domain.samples import Floats, Recording

_COLUMNS = {"times": 1, "acc": 3, "gyro": 3}


class Spool:
    """Grows by chunks, then is a Recording whose arrays are the files themselves.

    folder: a folder of its own, there already; whoever made it removes it, once the recording is no
    longer needed. Raises RecordingError when the disk does not take it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self.samples = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, times: Floats, acc_g: Floats, gyro_dps: Floats | None) -> None:
        """Rows that follow those before; a gyro is in all of them or in none."""
        self.samples += len(times)
        parts = {"times": times, "acc": acc_g, "gyro": gyro_dps}
        for name, values in parts.items():
            if values is not None:
                self._write(name, values)

    def recording(self) -> Recording:
        """All that was added."""
        for name, file in self._files.items():
            try:
                file.flush()
            except OSError as error:
                raise self._failed(name, error) from error
        gyro = self._column("gyro") if "gyro" in self._files else None
        return Recording(self._column("times"), self._column("acc"), gyro)

    def _write(self, name: str, values: Floats) -> None:
        try:
            if name not in self._files:
                self._files[name] = (self._folder / name).open("wb")
            np.ascontiguousarray(values, dtype=np.float64).tofile(self._files[name])
        except OSError as error:
            raise self._failed(name, error) from error

    def _column(self, name: str) -> Floats:
        width = _COLUMNS[name]
        shape = (self.samples,) if width == 1 else (self.samples, width)
        if not self.samples:
            return np.empty(shape)
        mapped = np.memmap(self._folder / name, dtype=np.float64, mode="r", shape=shape)
        return np.asarray(mapped)

    def _failed(self, name: str, error: OSError) -> RecordingError:
        return RecordingError(
            str(self._folder / name), f"cannot be kept: {error.strerror or first_line(error)}"
        )
