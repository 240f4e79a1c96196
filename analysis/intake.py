"""What has come of one sensor and not yet been reduced: it waits for its second to be whole."""

import base64
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from analysis.cut import Grid, Rows
from analysis.docked import Docked
from domain.samples import Bools, Floats, SampleBlock

#: Samples that are worked on together: an hour or so. Then it matters little what each call costs, and all
#: that is made of them takes some 20 MB.
_PORTION = 1 << 18
#: Samples of a part: some hours, so that the frames of a long recording do not wait for its end.
_PART = 1 << 20


class Intake:
    """Samples of one sensor in order. Late and repeated ones are counted and dropped."""

    def __init__(self) -> None:
        self.newest = -math.inf
        self.late = 0
        self._blocks: list[SampleBlock] = []
        self._done = 0  # samples of the first block that were taken or never wanted
        self._waiting = 0  # samples
        self._lost = False
        self._lost_seconds: list[int] = []
        self._docked = Docked()

    def put(self, block: SampleBlock, closed_before: float) -> None:
        """Take `block`; what is not newer than the newest, or before `closed_before`, is late."""
        if block.lost_before > 0:
            self._lost = True
        times = block.times
        if not times.size:
            return
        start: float = times.item(0)
        if start <= self.newest or start < closed_before:
            first = int(np.searchsorted(times, self.newest, side="right"))
            first = max(first, int(np.searchsorted(times, closed_before, side="left")))
            self.late += first
            if first == len(block):
                return
            start = times.item(first)
            block = block.part(first, len(block))
        self._docked.put(block)
        if self._lost:
            self._lost_seconds.append(math.floor(start))
            self._lost = False
        self._blocks.append(block)
        self._waiting += block.times.size
        self.newest = times.item(-1)

    def portions(self, before: float) -> Iterator[float]:
        """Whole seconds up to `before` by which to take, so that little is taken at once."""
        while self._waiting > _PORTION:
            until = math.floor(self._time_of(_PORTION)) + 1.0
            if until >= before:
                break
            yield until
        yield before

    def _time_of(self, number: int) -> float:
        """Of the waiting sample of that number."""
        number += self._done
        for block in self._blocks:
            if number < block.times.size:
                break
            number -= block.times.size
        time: float = block.times.item(number)
        return time

    def take(self, before: float) -> tuple[Rows, list[int]]:
        """The samples before `before`, and the seconds in or before which samples are known lost."""
        first, end = self._done, None
        whole = bisect_left(self._blocks, before, key=_last_time)  # blocks that end before it
        taken = self._blocks[:whole]
        del self._blocks[:whole]
        self._done = 0 if whole else first
        if self._blocks:
            self._done = end = int(np.searchsorted(self._blocks[0].times, before, side="left"))
            if end:
                taken.append(self._blocks[0])
        lost: list[int] = []
        if self._lost_seconds:
            lost = [second for second in self._lost_seconds if second < before]
            self._lost_seconds = [second for second in self._lost_seconds if second >= before]
        rows = _rows(taken, first, end or None)
        self._waiting -= len(rows)
        return rows, lost

    def charging(self, seconds: Grid) -> Bools | None:
        """See Docked.take."""
        return self._docked.take(seconds)

    def first_time(self) -> float | None:
        """The oldest sample that waits."""
        return float(self._blocks[0].times[self._done]) if self._blocks else None

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        waiting = list(self._blocks)
        if self._done:
            waiting[0] = waiting[0].part(self._done, len(waiting[0]))
        return {
            "newest": self.newest,
            "late": self.late,
            "lost": self._lost,
            "lost_seconds": self._lost_seconds,
            "docked": self._docked.save(),
            "blocks": [_pack(block) for block in _merged(waiting)],
        }

    def load(self, saved: dict[str, Any], sensor: str) -> None:
        """Go on from what `save` gave."""
        self.newest = float(saved["newest"])
        self.late = int(saved["late"])
        self._lost = bool(saved["lost"])
        self._lost_seconds = [int(second) for second in saved["lost_seconds"]]
        self._docked.load(saved["docked"])
        self._blocks = [_unpack(packed, sensor) for packed in saved["blocks"]]
        self._done = 0
        self._waiting = sum(map(len, self._blocks))


def slices(blocks: Sequence[SampleBlock]) -> Iterator[Sequence[SampleBlock]]:
    """`blocks` of several sensors that cover the same time, in parts."""
    if max([block.times.size for block in blocks], default=0) <= _PART:
        yield blocks
        return
    longest = max(blocks, key=len)
    done = [0] * len(blocks)
    for cut in [*longest.times[_PART::_PART].tolist(), math.inf]:
        ends = [int(np.searchsorted(block.times, cut)) for block in blocks]
        pieces = zip(blocks, done, ends, strict=True)
        yield [block.part(start, end) for block, start, end in pieces]
        done = ends


def _rows(blocks: list[SampleBlock], first: int, end: int | None) -> Rows:
    """The samples of `blocks` from number `first` of the first to before number `end` of the last."""
    if not blocks:
        return Rows(np.empty(0), np.empty((3, 0)), None, np.empty(0))
    gyro: Floats | None = None
    heard = [block.gyro_dps for block in blocks if block.gyro_dps is not None]
    if heard:
        whole = len(heard) == len(blocks)
        gyro = _joined(heard if whole else [_gyro_of(b) for b in blocks], first, end).T
    times = _joined([block.times for block in blocks], first, end)
    acc_g = _joined([block.acc_g for block in blocks], first, end)
    rates = [block.rate_hz for block in blocks]
    if rates.count(rates[0]) == len(rates):
        rate_hz = np.broadcast_to(rates[0], len(times))  # need not be filled in
    else:
        counts = [len(block) for block in blocks]
        counts[-1] = counts[-1] if end is None else end
        counts[0] -= first
        rate_hz = np.repeat(rates, counts)
    return Rows(times, acc_g.T, gyro, rate_hz)


def _joined(parts: list[Floats], first: int, end: int | None) -> Floats:
    """`parts` in one, from row `first` of the first to before row `end` of the last."""
    parts[-1] = parts[-1][:end]
    parts[0] = parts[0][first:]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _gyro_of(block: SampleBlock) -> Floats:
    return np.full(block.acc_g.shape, np.nan) if block.gyro_dps is None else block.gyro_dps


def _last_time(block: SampleBlock) -> float:
    last: float = block.times.item(-1)
    return last


def _merged(blocks: list[SampleBlock]) -> list[SampleBlock]:
    """Neighbours of one kind joined, so that many small notifications save small."""
    out: list[SampleBlock] = []
    for block in blocks:
        last = out[-1] if out else None
        same = last is not None and last.rate_hz == block.rate_hz
        if last is None or not same or (last.gyro_dps is None) != (block.gyro_dps is None):
            out.append(block)
            continue
        gyro = None
        if last.gyro_dps is not None and block.gyro_dps is not None:
            gyro = np.concatenate([last.gyro_dps, block.gyro_dps])
        out[-1] = SampleBlock(
            block.sensor,
            np.concatenate([last.times, block.times]),
            np.concatenate([last.acc_g, block.acc_g]),
            gyro,
            block.rate_hz,
        )
    return out


def _pack(block: SampleBlock) -> dict[str, Any]:
    columns = [block.times[:, None], block.acc_g]
    if block.gyro_dps is not None:
        columns.append(block.gyro_dps)
    table = np.concatenate(columns, axis=1).astype("<f8")
    return {
        "rate_hz": block.rate_hz,
        "width": table.shape[1],
        "samples": base64.b85encode(table.tobytes()).decode("ascii"),
    }


def _unpack(packed: dict[str, Any], sensor: str) -> SampleBlock:
    raw = base64.b85decode(packed["samples"])
    table = np.frombuffer(raw, dtype="<f8").reshape(-1, int(packed["width"])).astype(np.float64)
    gyro = table[:, 4:7] if table.shape[1] == 7 else None
    return SampleBlock(
        sensor, table[:, 0].copy(), table[:, 1:4].copy(), gyro, float(packed["rate_hz"])
    )
