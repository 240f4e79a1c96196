"""Made-up history: true to its script, the same every time, and only where there is none yet."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from analysis.pipeline import Mounted
from api.contract import Seeding
from domain.episodes import EpisodeKind
from domain.errors import StoreUnavailableError
from domain.posture import Activity
from service import history as histories
from service.desk import Desk, pipeline_key
from service.history import History
from service.person import DemoPerson, scripted_person
from service.seed import SeededDay, SeedPlan, days_before, seed_stretch
from service.serve import Service
from storage.contract import Batch
from storage.days import day_bounds
from tests.service.made_up import FailingStore, frames

ZONE = "Europe/Berlin"
TODAY = date(2026, 11, 22)
ANCHOR = day_bounds(TODAY, ZONE)[0] + 11 * 3600


@pytest.fixture(scope="module")
def person() -> DemoPerson:
    return scripted_person(1, ANCHOR, ZONE)


@pytest.fixture(scope="module")
def hour(person: DemoPerson) -> SeededDay:
    """The hour before the anchor, left open as the demo does it."""
    return seed_stretch(person.seed_plan(1), person.body, ANCHOR - 3600, ANCHOR, ends=False)


def test_the_person_is_measured_as_the_script_says(person: DemoPerson, hour: SeededDay) -> None:
    made = hour.frames
    truth = person.body.truth(int(made.times[0]), int(made.times[-1]) + 1)
    assert len(made) > 3590
    assert np.mean(truth.activity == made.activity) > 0.98
    sitting = truth.activity == Activity.SITTING
    error = (made.lean_deg - truth.lean_deg)[sitting]
    assert np.nanmedian(np.abs(error)) < 2.0


def test_every_sensor_has_its_say(hour: SeededDay) -> None:
    # The trunk alone could not be this sure; a thigh that came too late would be left out.
    assert not np.any(hour.frames.activity == Activity.UNKNOWN)


def test_it_is_the_same_every_time(person: DemoPerson, hour: SeededDay) -> None:
    again = seed_stretch(person.seed_plan(1), person.body, ANCHOR - 3600, ANCHOR, ends=False)
    assert again.frames.lean_deg.tobytes() == hour.frames.lean_deg.tobytes()
    assert repr(again.episodes) == repr(hour.episodes)  # NaN is no NaN
    assert again.alerts == hour.alerts
    assert again.states == hour.states


def test_what_is_left_open_can_be_gone_on_with(person: DemoPerson, hour: SeededDay) -> None:
    plan = person.seed_plan(1)
    sensors = [Mounted(s.address, s.placement, plan.calibrations[s.address]) for s in plan.worn]
    desk = Desk(
        plan.wearer,
        sensors,
        analysis=plan.analysis,
        alerts=plan.alerts,
        saved_pipeline=hour.states[pipeline_key("me")],
    )
    status = desk.status()
    assert status is not None
    assert status.activity is Activity.SITTING
    assert 20 * 60 < status.sitting_clock_s < 26 * 60


def test_a_stretch_that_ends_leaves_nothing_open(person: DemoPerson) -> None:
    made = seed_stretch(person.seed_plan(1), person.body, ANCHOR - 1800, ANCHOR, ends=True)
    assert made.states == {}
    (context,) = made.contexts
    assert context.since == ANCHOR - 1800
    assert {s.placement for s in context.sensors} == {s.placement for s in person.sensors}
    assert all(not episode.open for episode in made.episodes)
    assert [e.censored for e in made.episodes if e.kind is EpisodeKind.SITTING][-1:] == [True]


def test_days_are_the_wearers_own_also_where_the_clock_changes() -> None:
    changed = date(2026, 10, 25)
    assert (
        day_bounds(changed + timedelta(days=1), ZONE)[0] - day_bounds(changed, ZONE)[0] == 25 * 3600
    )
    assert days_before(TODAY, 3) == [date(2026, 11, 21), date(2026, 11, 20), date(2026, 11, 19)]


class FakeService:
    """What History uses of a service."""

    def __init__(self, store: FailingStore) -> None:
        self.view = SimpleNamespace(now=lambda: float(ANCHOR), trouble={})
        self.progress: list[Seeding | None] = []
        self._store = store

    def seeding(self, progress: Seeding | None) -> None:
        self.progress.append(progress)

    async def write(self, batch: Batch) -> None:
        await asyncio.to_thread(self._store.write, batch, now=float(ANCHOR))


def made_quickly(plan: SeedPlan, day: date) -> SeededDay:
    """Ten minutes in the place of a day; called in the worker, so it is found by its name."""
    return SeededDay(frames(day_bounds(day, plan.wearer.timezone)[0] + 43200, 600), (), (), {})


class TestHistory:
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[FailingStore]:
        with FailingStore(tmp_path / "sitwell.db") as store:
            yield store

    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(histories, "seed_past_day", made_quickly)

    def history(self, person: DemoPerson, store: FailingStore, days: int) -> History:
        plain = replace(person, body=cast("Any", None))
        store.put_wearer(person.wearer)
        return History(plain, seed=1, days=days, store=store)

    async def test_days_that_are_there_are_left_and_the_others_made_newest_first(
        self, person: DemoPerson, store: FailingStore
    ) -> None:
        there = day_bounds(TODAY - timedelta(days=2), ZONE)[0] + 3600
        store.put_wearer(person.wearer)
        store.write(Batch(frames=(frames(there, 60),)), now=float(ANCHOR))
        service = FakeService(store)
        await self.history(person, store, 3).make_up(cast("Service", service))
        written = [int(batch.frames[0].times[0]) for batch in store.batches[1:]]
        noon = [day_bounds(TODAY - timedelta(days=n), ZONE)[0] + 43200 for n in (1, 3)]
        assert written == noon
        assert service.progress == [Seeding(0, 2), Seeding(1, 2), None]

        again = FakeService(store)
        await self.history(person, store, 3).make_up(cast("Service", again))
        assert again.progress == []

    async def test_a_store_that_refuses_does_not_end_the_live_person(
        self, person: DemoPerson, store: FailingStore
    ) -> None:
        history = self.history(person, store, 2)
        store.refuses = True
        service = FakeService(store)
        await history.make_up(cast("Service", service))
        assert "next start tries again" in service.view.trouble["history"]
        assert service.progress[-1] is None
        with pytest.raises(StoreUnavailableError):
            store.write(Batch(), now=0.0)

    async def test_no_days_need_no_process(self, person: DemoPerson, store: FailingStore) -> None:
        service = FakeService(store)
        await self.history(person, store, 0).make_up(cast("Service", service))
        assert service.progress == []
