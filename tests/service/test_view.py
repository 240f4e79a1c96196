"""What the live stream is told when sensors come and go."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from api.contract import Keeping
from api.live import LiveHub
from collector.drivers.described import describe
from collector.drivers.description import Description
from collector.drivers.layout import ACC, Layout
from collector.drivers.registry import known_drivers
from domain.link import LinkState, SensorStatus
from domain.people import Sensor, Wearer
from service.engine import Engine
from service.made_up import MadeUpTime
from service.replayed import ReplayedTime
from service.timebase import Timebase
from service.view import LiveView
from tests.service.made_up import BAND, CLIP, ME, FailingStore

BOB = Wearer("bob", "Bob", "UTC")
OWN = describe(
    Description(
        name="desk-board",
        title="My board",
        match_name="DeskBoard",
        characteristic="ffe4",
        sample=Layout("<3h", ACC),
        rate_hz=50.0,
        acc_per_g=8192.0,
    )
)


class Page:
    """A view over an engine without samples, and what everybody is told."""

    def __init__(self, store: FailingStore, *sensors: Sensor) -> None:
        self.told: list[tuple[str, str | None, dict[str, object]]] = []
        self.hub = LiveHub(1)
        timebase = Timebase()
        self.view = LiveView(
            hub=self.hub,
            timebase=timebase,
            drivers=known_drivers([OWN]),
            sensors=sensors,
            calibrations={},
            simulated=False,
            sitting_limit_s=1800,
            links=lambda: {s.id: SensorStatus(s.id, LinkState.SCANNING, 0.0) for s in (CLIP, BAND)},
            keeping=Keeping(),
            made_up=MadeUpTime([]),
            replayed=ReplayedTime(),
        )
        self.engine = Engine(
            store=store,
            now=timebase.now,
            speed=1.0,
            wearers=(ME, BOB),
            sensors=sensors,
            calibrations={},
            analysis=AnalysisSettings(),
            alerts=AlertSettings(),
            announce=self.view.announce,
        )
        self.view.attach(self.engine)

    def wear(self, *sensors: Sensor) -> list[tuple[str, str | None, dict[str, object]]]:
        """What is told, to whom, when these are worn from now on."""
        before = len(self.hub._ring)
        self.engine.mount(sensors, {})
        self.view.worn(sensors, {})
        told = [*self.hub._ring][before:]
        return [(event.name, event.wearer, json.loads(event.data)) for event in told]


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    with FailingStore(tmp_path / "sitwell.db") as store:
        for wearer in (ME, BOB):
            store.put_wearer(wearer)
        page = Page(store, CLIP, BAND)
        yield page
        await page.engine.writer.close()


async def test_of_a_sensor_that_is_unpaired_its_wearer_is_told(page: Page) -> None:
    told = page.wear(BAND)
    assert ("gone", "me", {"id": CLIP.id, "wearer": "me"}) in told
    (now,) = [data for name, _, data in told if name == "now"]
    assert now["placements"] == ["thigh"]
    told = page.wear()
    assert next(data for name, _, data in told if name == "now")["placements"] == []


async def test_of_a_sensor_that_is_handed_over_both_are_told(page: Page) -> None:
    told = page.wear(replace(CLIP, wearer="bob"), BAND)
    assert ("gone", "me", {"id": CLIP.id, "wearer": "me"}) in told
    sensors = [(wearer, data["id"]) for name, wearer, data in told if name == "sensor"]
    assert ("bob", CLIP.id) in sensors
    assert {wearer for name, wearer, _ in told if name == "now"} == {"me", "bob"}


async def test_of_a_sensor_that_is_renamed_nobody_is_told_that_it_is_gone(page: Page) -> None:
    told = page.wear(replace(CLIP, name="Blue"), BAND)
    assert "gone" not in [name for name, _, _ in told]
    names = {data["id"]: data["name"] for name, _, data in told if name == "sensor"}
    assert names[CLIP.id] == "Blue"


async def test_a_described_sensor_is_called_by_the_title_its_user_gave_it(page: Page) -> None:
    assert page.view.driver_title("desk-board") == "My board"
    assert page.view.driver_title("polar") == "Polar H10, Verity Sense, OH1"
    assert page.view.driver_title("nobody's") == "nobody's"
