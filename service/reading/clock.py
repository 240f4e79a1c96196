"""The times of a file's rows in Unix seconds, whatever they are written as."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analysis.given import MOST_BACK_S
from domain.samples import Floats
from service.reading.table import Chunk, Reading, refused
from service.reading.units import ISO, TIME_IN_S

#: Unix times of today's recordings are in these, 1973 to 2286; smaller ones count from some zero.
_UNIX: Final = {"s": (1e8, 1e10), "ms": (1e11, 1e13), "us": (1e14, 1e16), "ns": (1e17, 1e19)}
#: Rows of movement come 2 to 1000 times a second; steps in between are of no doubt, others are asked for.
_STEPS_S: Final = (0.0009, 0.6)
_QUARTER_S: Final = 900
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?", re.ASCII)


class Clock:
    """Turns the times of one file, chunk by chunk, into Unix s. What goes back by more than the analysis
    would put in order is refused.

    unit: a word of TIME_IN_S or ISO, or "rows" for evenly spaced rows; None before the first chunk.
    """

    def __init__(self, path: Path, how: Reading, written_unit: str | None) -> None:
        self._path = path
        self._how = how
        self._zone = ZoneInfo(how.timezone)
        self._rows = 0
        self._shift_s = 0.0
        self._last = -math.inf
        self._last_local = -math.inf
        self._repeated = False
        self._begun: float | None = None
        self.unit: str | None = None
        self._said = how.time_unit or written_unit

    def times(self, chunk: Chunk) -> Floats:
        """Of the rows of `chunk`, which follows the one before. Raises RecordingError."""
        n = len(chunk.values)
        if self._how.rate_hz is None:
            times = self._told(chunk)
        else:
            if self._begun is None:
                self._begun = self._first(chunk)
                self.unit = "rows"
            times = self._begun + (self._rows + np.arange(n)) / self._how.rate_hz
        self._rows += n
        self._check(chunk, times)
        return times

    def _first(self, chunk: Chunk) -> float:
        if self._how.start is not None:
            return self._how.start
        if chunk.times is None:
            raise refused(
                self._path, "has no times: give the moment of its first row with --start as well"
            )
        one = Chunk(
            chunk.values[:1], chunk.times[:1], None if chunk.lines is None else chunk.lines[:1]
        )
        return float(Clock(self._path, _without_rate(self._how), self._said).times(one)[0])

    def _told(self, chunk: Chunk) -> Floats:
        times = chunk.times
        if times is None:
            raise refused(
                self._path,
                "has no column of times: name it with --columns t=..., or give --rate and --start",
            )
        if not isinstance(times, np.ndarray):
            self.unit = ISO
            return self._iso(chunk, times)
        if np.issubdtype(times.dtype, np.datetime64):
            self.unit = ISO
            return _seconds(times.astype("datetime64[ns]").astype(np.int64), "ns")
        if self.unit is None:
            self.unit, counted = self._numeric_unit(chunk, times)
            if counted:
                if self._how.start is None:
                    raise refused(
                        self._path,
                        "its times count from zero: say when its first row was with --start, as "
                        "2026-11-30T09:00 (--start 0 leaves them as they are, from 1970 on)",
                        chunk.line(0),
                    )
                first = 0.0 if self._how.start == 0 else float(_seconds(times[:1], self.unit)[0])
                self._shift_s = self._how.start - first
            elif self._how.start is not None:
                raise refused(self._path, "has times of its own: --start is not needed")
        seconds = _seconds(times, self.unit)
        return seconds + self._shift_s if self._shift_s else seconds

    def _numeric_unit(self, chunk: Chunk, times: NDArray[Any]) -> tuple[str, bool]:
        """The unit, and whether they count from some zero."""
        first = float(times[0])
        said = None if self._said == ISO else self._said
        if said is not None:
            return said, not _UNIX[said][0] <= first < _UNIX[said][1]
        for unit, (least, most) in _UNIX.items():
            if least <= first < most:
                return unit, False
        step = float(np.median(np.diff(times))) if len(times) > 1 else math.nan
        fitting = [
            unit for unit, size in TIME_IN_S.items() if _STEPS_S[0] <= step * size <= _STEPS_S[1]
        ]
        if len(fitting) != 1:
            raise refused(
                self._path,
                f"its times begin with {first:g} and step by {step:g}, which tells no unit: give it with "
                f"--time-unit {'|'.join(TIME_IN_S)}",
                chunk.line(0),
            )
        return fitting[0], True

    def _iso(self, chunk: Chunk, words: Sequence[str]) -> Floats:
        if self._how.start is not None:
            raise refused(self._path, "has times of its own: --start is not needed")
        zones = [_zone_of(word) for word in words]
        bare = [word[: len(word) - len(zone)] for word, zone in zip(words, zones, strict=True)]
        row = next((i for i, word in enumerate(bare) if not _is_moment(word)), -1)
        if row >= 0:
            raise refused(
                self._path,
                f"t is {words[row]!r}, no moment as 2026-11-30T09:00:00.250+01:00",
                chunk.line(row),
            )
        moments = np.array(bare, dtype="datetime64[ns]")
        seconds = _seconds(moments.astype(np.int64), "ns")
        for zone in set(zones):
            rows = np.array([each == zone for each in zones])
            seconds[rows] -= self._offset_s(seconds[rows]) if zone == "" else _offset_of(zone)
        return seconds

    def _offset_s(self, local: Floats) -> Floats:
        """What is to be taken off local times, s. An hour that a clock change repeats is the first one
        until the times step back, then the second one."""
        quarters = np.floor(local / _QUARTER_S).astype(np.int64)
        back = np.diff(local, prepend=self._last_local) < 0
        self._last_local = float(local[-1])
        second = np.logical_or.accumulate(back) | self._repeated
        self._repeated = bool(second[-1])
        offsets = np.empty(len(local))
        for quarter in np.unique(quarters).tolist():
            rows = quarters == quarter
            naive = datetime.fromtimestamp(quarter * _QUARTER_S, UTC).replace(tzinfo=None)
            for fold in (0, 1):
                offset = naive.replace(tzinfo=self._zone, fold=fold).utcoffset()
                offsets[rows & (second == bool(fold))] = offset.total_seconds() if offset else 0.0
        return offsets

    def _check(self, chunk: Chunk, times: Floats) -> None:
        newest = np.maximum.accumulate(np.concatenate(([self._last], times)))
        good = np.isfinite(times) & (times >= newest[:-1] - MOST_BACK_S)
        if not good.all():
            row = int(np.argmin(good))
            shown = times[row] if chunk.times is None else chunk.times[row]
            said = "is no time"
            if math.isfinite(times[row]):
                said = f"is {newest[row] - times[row]:g} s before one above it"
            raise refused(self._path, f"t is {shown}, which {said}", chunk.line(row))
        self._last = float(newest[-1])


def _without_rate(how: Reading) -> Reading:
    return Reading(time_unit=how.time_unit, timezone=how.timezone)


def _seconds(values: NDArray[Any], unit: str) -> Floats:
    """Whole numbers to the last bit that a float64 has."""
    if unit == "s":
        return np.asarray(values, dtype=np.float64)
    per_s = round(1 / TIME_IN_S[unit])
    if np.issubdtype(values.dtype, np.integer):
        whole, rest = np.divmod(values.astype(np.int64), per_s)
        return np.asarray(whole + rest / per_s, dtype=np.float64)
    return np.asarray(values, dtype=np.float64) / per_s


def _zone_of(word: str) -> str:
    """The zone at the end of a moment: "Z", "+01:00", "+0100", or nothing."""
    if word.endswith(("Z", "z")):
        return word[-1]
    for length in (6, 5, 3):
        if len(word) > 10 + length and word[-length] in "+-" and word[-length + 1 :][:2].isdigit():
            return word[-length:]
    return ""


def _offset_of(zone: str) -> float:
    if zone in "Zz":
        return 0.0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return float(offset if zone[0] == "+" else -offset)


def _is_moment(word: str) -> bool:
    """Whether numpy reads it as the moment it looks like; alone it would take "now" for one, too."""
    if _MOMENT.fullmatch(word) is None:
        return False
    try:
        datetime.fromisoformat(word[:19])
    except ValueError:
        return False
    return True
