"""CSV, plain or gzipped: comma, semicolon or tab; decimal points, or commas beside semicolons."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from domain.errors import RecordingError
from domain.samples import Floats
from service.reading.table import CHUNK_ROWS, Chunk, Progress, refused

_SEPARATORS: Final = ",;\t"


class CsvTable:
    """A CSV file (UTF-8). Without a line of names its columns are called 1, 2, ..."""

    format = "csv"

    def __init__(self, path: Path, *, skip_lines: int = 0) -> None:
        self.path = path
        self.units: Mapping[str, str] = {}
        self._skipped = skip_lines
        with self._opened() as (text, _):
            first = self._first_line(text)
        self._separator = max(_SEPARATORS, key=first.count)
        cells = self._cells(first, self._skipped)
        self._named = not all(_is_number(cell) or not cell.strip() for cell in cells)
        names = [cell.strip() for cell in cells] if self._named else []
        self.names = tuple(names or map(str, range(1, len(cells) + 1)))
        doubled = {name for name in self.names if self.names.count(name) > 1}
        if doubled:
            raise refused(path, f"has several columns {min(doubled)!r}", self._skipped)

    def chunks(
        self, time: str | None, columns: Sequence[str], progress: Progress
    ) -> Iterator[Chunk]:
        """See Table."""
        places = [self.names.index(name) for name in columns]
        time_at = None if time is None else self.names.index(time)
        worded: bool | None = None
        size = self.path.stat().st_size
        with self._opened() as (text, raw):
            for _ in range(self._skipped if self._named else self._skipped - 1):
                text.readline()
            number = self._skipped + (1 if self._named else 0)
            while lines := list(islice(text, CHUNK_ROWS)):
                numbers: Sequence[int] = range(number, number + len(lines))
                number += len(lines)
                if any(line.isspace() for line in lines):
                    kept = [
                        (n, line) for n, line in zip(numbers, lines, strict=True) if line.strip()
                    ]
                    numbers, lines = [n for n, _ in kept], [line for _, line in kept]
                if not lines:
                    continue
                if worded is None and time_at is not None:
                    worded = not _is_number(self._row(lines[0], numbers[0])[time_at])
                wanted = places if worded or time_at is None else [*places, time_at]
                values = self._numbers(lines, numbers, wanted)
                progress(raw.tell(), size)
                if time_at is None:
                    yield Chunk(values, None, numbers)
                elif worded:
                    rows = (self._row(line, n) for line, n in zip(lines, numbers, strict=True))
                    words = [row[time_at].strip() for row in rows]
                    if self._separator == ";":
                        words = [word.replace(",", ".") for word in words]
                    yield Chunk(values, words, numbers)
                else:
                    yield Chunk(values[:, :-1], values[:, -1], numbers)

    @contextmanager
    def _opened(self) -> Iterator[tuple[io.TextIOWrapper, BinaryIO]]:
        """The text, and the file whose position says how far it was read."""
        try:
            with self.path.open("rb") as raw:
                packed = raw.read(2) == b"\x1f\x8b"
                raw.seek(0)
                inner = gzip.open(raw) if packed else raw  # noqa: SIM115 - closed by the wrapper
                with io.TextIOWrapper(inner, encoding="utf-8-sig", newline="") as text:
                    yield text, raw
        except UnicodeDecodeError as error:
            raise refused(self.path, "is no text in UTF-8") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise refused(self.path, f"is no whole gzip file: {error}") from error
        except OSError as error:
            raise refused(self.path, f"cannot be read: {error.strerror or error}") from error

    def _first_line(self, text: io.TextIOWrapper) -> str:
        """The line of names, or of numbers where there are none; `_skipped` becomes its number."""
        for number, line in enumerate(text, 1):
            if number > self._skipped and line.strip():
                self._skipped = number
                return line
        raise refused(self.path, "is empty")

    def _cells(self, line: str, number: int) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._separator, strict=True))
        except csv.Error as error:
            raise refused(self.path, str(error), number) from error

    def _row(self, line: str, number: int) -> list[str]:
        line = line.rstrip("\r\n")
        cells = self._cells(line, number) if '"' in line else line.split(self._separator)
        if len(cells) != len(self.names):
            raise refused(self.path, f"{len(cells)} cells under {len(self.names)} columns", number)
        return cells

    def _numbers(self, lines: list[str], numbers: Sequence[int], places: list[int]) -> Floats:
        """The cells of `places`, NaN where empty. Quickly where all is plain, else cell by cell."""
        if not places:
            return np.empty((len(lines), 0))
        separators = len(self.names) - 1
        plain = all(line.count(self._separator) == separators for line in lines)
        if plain and not (self._separator == ";" and any("," in line for line in lines)):
            try:
                return np.loadtxt(
                    lines, delimiter=self._separator, usecols=places, comments=None, ndmin=2
                )
            except ValueError:
                pass  # an empty cell, a quoted one or a word: which of them, the slow way finds out
        rows = (self._row(line, n) for line, n in zip(lines, numbers, strict=True))
        return np.array(
            [
                [self._number(row[place], place, n) for place in places]
                for row, n in zip(rows, numbers, strict=True)
            ]
        )

    def _number(self, cell: str, place: int, line: int) -> float:
        cell = cell.strip()
        if not cell:
            return float("nan")
        if self._separator == ";":
            cell = cell.replace(",", ".")
        try:
            return float(cell)
        except ValueError:
            raise self._no_number(cell, place, line) from None

    def _no_number(self, cell: str, place: int, line: int) -> RecordingError:
        return refused(self.path, f"{self.names[place]} is {cell!r}, no number", line)


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", "."))
    except ValueError:
        return False
    return True
