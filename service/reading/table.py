"""What every reader gives: named columns, a chunk of rows at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from domain.errors import RecordingError
from domain.samples import Floats

#: Numbers, moments (datetime64, UTC) or, where a file has words for times, those.
Times: TypeAlias = NDArray[Any] | Sequence[str]

#: Rows that are worked on at once: some 4 MB of numbers.
CHUNK_ROWS = 1 << 16

#: Told how far a reader is: bytes of the file, or rows where it cannot know; and of how many.
Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows in order. values: (n, k) float64 of the columns asked for, NaN where a cell is empty.

    times: of the time column, None without one. lines: where the file has lines, the number of each
    row's, counted from 1.
    """

    values: Floats
    times: Times | None
    lines: Sequence[int] | None = None

    def line(self, row: int) -> int | None:
        """The line of `row`, None in a file without lines."""
        return None if self.lines is None else self.lines[row]


class Table(Protocol):
    """A file with named columns. Every method raises RecordingError for what it cannot read."""

    path: Path
    #: The word for the format, as in the manifest.
    format: str
    #: The columns in their order; of a file without names, "1", "2", ...
    names: tuple[str, ...]
    #: What the file itself says of its units: "acc", "gyro" and "time" to a word of `units`.
    units: Mapping[str, str]

    def chunks(
        self, time: str | None, columns: Sequence[str], progress: Progress
    ) -> Iterator[Chunk]:
        """The rows of `columns` and of the time column `time`."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read; None is found out from the file.

    columns: role (t, ax, ay, az, gx, gy, gz) to the name of a column, or its number from 1. acc_unit,
    gyro_unit, time_unit: words of `units`. rate_hz: rows are evenly spaced, whatever times they have.
    start: Unix s of the first row, for times that count from zero or rows without times. timezone:
    IANA name that times without a zone are in. skip_lines: lines of a CSV before its header.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    acc_unit: str | None = None
    gyro_unit: str | None = None
    time_unit: str | None = None
    rate_hz: float | None = None
    start: float | None = None
    timezone: str = "UTC"
    skip_lines: int = 0


def side_by_side(columns: Sequence[Floats], rows: int) -> Floats:
    """(rows, k) of k columns, also of none."""
    return np.stack(columns, axis=1) if columns else np.empty((rows, 0))


def refused(path: Path, problem: str, line: int | None = None) -> RecordingError:
    """The error that names the file, and the line where there is one."""
    return RecordingError(str(path), problem, line=line)
