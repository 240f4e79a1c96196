"""What of a store is being changed, told to whoever keeps answers made of it in memory.

A change is told before it is committed, and over when it is or has failed. Of what is kept, whatever it may
touch is to be forgotten when it is told; and what was read may only be kept when no change was under way as
the reading began, and none was told until it is kept. Then nothing that is kept is older than the store.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from storage.contract import Batch

#: Wearer, start and end of what of their frames is changed; Unix s, half-open.
Forget: TypeAlias = Callable[[str, int, int], None]
#: Before and after everything.
EVER = (-(2**60), 2**60)


class Changes:
    """Counts the changes of each wearer's frames, of alerts, and of records: wearers, sensors, calibrations
    and whatever else is no batch. Any thread may call.

    A count is odd while a change is under way. Changes wait for each other, as a store's writes do.
    of_others: whether others change the frames too, so that nothing can be told of them.
    """

    def __init__(self, *, of_others: bool = False) -> None:
        self._of_others = of_others
        self._lock = threading.Lock()
        self._frames: dict[str, int] = {}
        self._alerts = 0
        self._records = 0
        self._forget: list[Forget] = []

    def tell(self, forget: Forget) -> bool:
        """Call `forget` of every change of frames from now on, in the thread that makes it; False where
        nothing is told of them."""
        self._forget.append(forget)
        return not self._of_others

    def of_frames(self, wearer: str) -> int:
        """How far the changes of a wearer's frames and rollups are."""
        with self._lock:
            return self._frames.get(wearer, 0)

    def of_alerts(self) -> int:
        """How far the changes of alerts are."""
        return self._alerts

    def of_records(self) -> int:
        """How far the changes of records are."""
        return self._records

    @contextmanager
    def under_way(
        self, frames: Mapping[str, tuple[int, int]], *, alerts: bool = False, records: bool = False
    ) -> Iterator[None]:
        """A change of frames in these ranges, by wearer, of alerts and of records."""
        self._count(frames, alerts, records)
        for wearer, (start, end) in frames.items():
            for forget in self._forget:
                forget(wearer, start, end)
        try:
            yield
        finally:
            self._count(frames, alerts, records)

    def _count(self, wearers: Mapping[str, object], alerts: bool, records: bool) -> None:
        with self._lock:
            for wearer in wearers:
                self._frames[wearer] = self._frames.get(wearer, 0) + 1
            self._alerts += alerts
            self._records += records


def frames_of(batch: Batch) -> dict[str, tuple[int, int]]:
    """From the first to after the last second whose frames or rollups `batch` may change, by wearer."""
    found: dict[str, tuple[int, int]] = {}
    seconds = [(block.wearer, block.times, 1) for block in batch.frames]
    minutes = [(block.wearer, block.times, block.width_s) for block in batch.minutes]
    for wearer, times, width_s in (*seconds, *minutes):
        if len(times):
            span = int(times.min()), int(times.max()) + width_s
            found[wearer] = _joined(found.get(wearer), span)
    return found


def with_span(
    frames: Mapping[str, tuple[int, int]], wearer: str, start: int, end: int
) -> dict[str, tuple[int, int]]:
    """The same and [start, end) of `wearer`."""
    return {**frames, wearer: _joined(frames.get(wearer), (start, end))}


def _joined(one: tuple[int, int] | None, other: tuple[int, int]) -> tuple[int, int]:
    return other if one is None else (min(one[0], other[0]), max(one[1], other[1]))
