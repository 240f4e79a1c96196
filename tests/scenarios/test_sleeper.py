"""Somebody sleeps with a band on the thigh and a clip on the back: nobody tells them that they sit."""

from datetime import date

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from domain.people import Wearer
from domain.posture import Activity
from service.seed import SeedPlan, seed_stretch
from service.simulation import DEMO_SENSORS
from simulators.body import ScriptedBody
from simulators.days import day_script
from storage.days import day_bounds

DAY = date(2026, 11, 20)


def test_a_sleeper_whose_clip_seems_to_lie_on_a_table_is_not_said_to_sit() -> None:
    start = day_bounds(DAY, "Europe/Berlin")[0]
    body = ScriptedBody.of(1, day_script(1000 + DAY.toordinal() % 1000, start))
    plan = SeedPlan(
        wearer=Wearer("me", "Me", "Europe/Berlin"),
        worn=DEMO_SENSORS,
        calibrations={s.address: s.calibration(body, float(start)) for s in DEMO_SENSORS},
        analysis=AnalysisSettings(),
        alerts=AlertSettings(),
        seed=1,
    )
    night = seed_stretch(plan, body, start, start + 6 * 3600, ends=True)
    activity = night.frames.activity
    assert (activity == Activity.LYING).sum() > 3 * 3600
    # The clip is taken for one on a table for part of the night: then the thigh proves nothing.
    assert (activity == Activity.UNKNOWN).sum() > 1800
    assert (activity == Activity.SITTING).sum() < 60
    assert night.alerts == ()
