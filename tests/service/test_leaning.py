"""The lean ten times a second, from the samples of an engine to whoever watches."""

from pathlib import Path

import pytest

from alerts.settings import AlertSettings
from analysis.calibration import calibrate
from analysis.settings import AnalysisSettings
from api.leans import LeanHub, Leans
from domain.people import Calibration
from domain.samples import Recording
from service.engine import Engine
from service.leaning import Leaning
from tests.service.made_up import BAND, CLIP, ME, T0, FailingStore, samples


class Watched:
    """An engine whose clip is calibrated or not, and what a client hears."""

    def __init__(self, store: FailingStore, calibrations: dict[str, Calibration]) -> None:
        self.now = float(T0)
        self.hub = LeanHub()
        self.engine = Engine(
            store=store, now=lambda: self.now, speed=1.0, wearers=(ME,), sensors=(CLIP, BAND),
            calibrations=calibrations, analysis=AnalysisSettings(), alerts=AlertSettings(),
            announce=lambda event, thing: None,
        )  # fmt: skip
        self.leaning = Leaning(self.hub, self.engine, AnalysisSettings())
        self.heard: list[Leans] = []

    def watch(self) -> None:
        self.client = self.hub.subscribe("me")
        self.client.offer = self.heard.append  # type: ignore[method-assign]

    def wear(self, seconds: int, up: tuple[float, float, float]) -> None:
        for _ in range(seconds):
            for block in (samples(CLIP.id, self.now, 1, up), samples(BAND.id, self.now, 1)):
                self.engine.take(block)
                self.leaning.take(block)
            self.now += 1
            self.engine.tick()


@pytest.fixture
def upright(tmp_path: Path) -> dict[str, Calibration]:
    poses = [samples(CLIP.id, T0, 8, up) for up in ((0.0, 0.0, 1.0), (-0.34, 0.0, 0.94))]
    first, slouch = (Recording(block.times, block.acc_g) for block in poses)
    made = calibrate(first, slouch, sensor=CLIP.id, placement=CLIP.placement, made_at=float(T0))
    return {CLIP.id: made}


async def test_who_watches_hears_of_each_tenth_and_the_others_cost_nothing(
    tmp_path: Path, upright: dict[str, Calibration]
) -> None:
    with FailingStore(tmp_path / "sitwell.db") as store:
        store.put_wearer(ME)
        bench = Watched(store, upright)
        bench.wear(5, (0.0, 0.0, 1.0))
        assert bench.leaning._glances == {}
        bench.watch()
        bench.wear(3, (-0.34, 0.0, 0.94))
        assert {each.wearer for each in bench.heard} == {"me"}
        assert [len(each.times) for each in bench.heard] == [10, 10, 10], "of the clip alone"
        assert bench.heard[0].times[0] == pytest.approx(T0 + 5.04, abs=0.02)
        assert bench.heard[-1].lean_deg[-1] == pytest.approx(20, abs=1)
        assert bench.heard[-1].side_deg[-1] == pytest.approx(0, abs=1)
        bench.hub.unsubscribe(bench.client)
        bench.wear(1, (0.0, 0.0, 1.0))
        assert len(bench.heard) == 3
        assert bench.leaning._glances == {}
        await bench.engine.writer.close()


async def test_where_no_lean_is_known_none_is_shown(tmp_path: Path) -> None:
    with FailingStore(tmp_path / "sitwell.db") as store:
        store.put_wearer(ME)
        bench = Watched(store, {})
        bench.watch()
        bench.wear(5, (0.0, 0.0, 1.0))
        assert bench.heard == []
        await bench.engine.writer.close()
