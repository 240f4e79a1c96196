"""What many answers are made of and what seldom changes, in memory until the store tells that it changes.

To ask the store takes a thread, and to wake one takes longer than to answer. `storage.changes` tells when
something is not so any more, so that what is kept here is never older than the store.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from api.alert_pages import alerts_page
from api.kept_series import KeptSeries
from api.reading import read
from domain.people import Assignment, Calibration, Sensor, Wearer, calibration_in_force
from storage.contract import Store, StoreHealth

T = TypeVar("T")
#: How old what is told of the store's health with the opening of a stream may be, s.
HEALTH_S: Final = 1.0


class Known(Generic[T]):
    """What `ask` answers, as long as `count` stays what it was when it was asked; odd: it is changing.

    ask: runs in a thread. count: on any thread, at once.
    """

    def __init__(self, ask: Callable[[], T], count: Callable[[], int]) -> None:
        self._ask = ask
        self._count = count
        self._kept: tuple[int, T] | None = None
        self._asking: tuple[int, asyncio.Task[T]] | None = None

    def ready(self) -> T | None:
        """What is in memory and still so."""
        kept = self._kept
        return kept[1] if kept is not None and kept[0] == self._count() else None

    async def get(self) -> T:
        """The same, asked for when it is not in memory; once, however many want it.

        Raises StoreUnavailableError and what `ask` raises.
        """
        found = self.ready()
        if found is not None:
            return found
        count = self._count()
        if self._asking is None or self._asking[0] != count or self._asking[1].done():
            task = asyncio.create_task(self._ask_now(count), name="asking the store")
            task.add_done_callback(_heard)
            self._asking = count, task
        # Whoever asked first may go away; the others want the answer nevertheless, and fail together.
        return await asyncio.shield(self._asking[1])

    async def _ask_now(self, before: int) -> T:
        found = await read(self._ask)
        if before % 2 == 0 and before == self._count():
            self._kept = before, found
        return found


def _heard(task: asyncio.Task[T]) -> None:
    """Nobody may be left who waits for an error."""
    if not task.cancelled():
        task.exception()


@dataclass(frozen=True, slots=True)
class Worn:
    """The calibrations and assignments of each sensor, newest first."""

    calibrations: Mapping[str, list[Calibration]]
    assignments: Mapping[str, list[Assignment]]

    def in_force(self, sensor: Sensor) -> Calibration | None:
        """The calibration that the sensor is read by."""
        history = self.calibrations.get(sensor.id, [])
        return calibration_in_force(history, self.assignments.get(sensor.id, []), sensor)


class Memory:
    """Of one store. ticks: seconds that never run back."""

    def __init__(self, store: Store, ticks: Callable[[], float] = time.monotonic) -> None:
        records = store.changes.of_records
        self._store = store
        self.series = KeptSeries(store)
        self.wearers: Known[Mapping[str, Wearer]] = Known(self._wearers, records)
        self.worn: Known[Worn] = Known(self._worn, records)
        self.health: Known[StoreHealth] = Known(
            lambda: store.health(), lambda: 2 * int(ticks() / HEALTH_S)
        )
        self._alerts: dict[str | None, Known[bytes]] = {}

    def open_alerts(self, wearer: str | None) -> Known[bytes]:
        """The JSON of `models.Alerts`: the first page of those that are open, of a wearer who is known or
        of all."""
        kept = self._alerts.get(wearer)
        if kept is None:
            ask = partial(alerts_page, self._store, wearer, open_only=True)
            kept = self._alerts[wearer] = Known(ask, self._store.changes.of_alerts)
        return kept

    def _wearers(self) -> Mapping[str, Wearer]:
        return {wearer.id: wearer for wearer in self._store.wearers()}

    def _worn(self) -> Worn:
        calibrations: dict[str, list[Calibration]] = {}
        for calibration in self._store.calibrations():
            calibrations.setdefault(calibration.sensor, []).append(calibration)
        assignments: dict[str, list[Assignment]] = {}
        for assignment in self._store.assignments():
            assignments.setdefault(assignment.sensor, []).append(assignment)
        return Worn(calibrations, assignments)
