"""When a sensor is spoken of: as its wearer would want it, and no oftener."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.sensors import SensorWatch
from alerts.settings import AlertSettings
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.decisions import Decision
from domain.errors import ConflictError, NotFoundError, StateError
from domain.link import LinkState, SensorStatus
from domain.people import Sensor
from domain.placement import Placement
from domain.posture import Activity

MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
H = 3600
STEP_S = 30
CLIP = Sensor("A0:01", "polar", "Clip", "ada", Placement.UPPER_BACK, 0.0)
BAND = Sensor("A0:02", "polar", "Thigh band", "ada", Placement.THIGH, 0.0)


class Life:
    """A wearer whose local time is UTC, and the watch over their sensors."""

    def __init__(self, *sensors: Sensor, start: int = MONDAY + 9 * H, **knobs: float) -> None:
        self.settings = AlertSettings(**knobs)  # type: ignore[arg-type]  # a test's shorthand
        self.watch = SensorWatch("ada", self.settings)
        self.sensors: Sequence[Sensor] = sensors or (CLIP,)
        self.now = start
        self.heard: dict[str, float] = {}
        self.battery: dict[str, float | None] = {}
        self.charging: dict[str, bool] = {}
        self.told: list[Alert] = []
        self.decisions: list[Decision] = []

    def go(
        self,
        seconds: float,
        *on: Sensor,
        activity: Activity | None = Activity.SITTING,
    ) -> list[Alert]:
        """`seconds` pass, the sensors `on` stream; returns what is told."""
        before, end = len(self.told), self.now + seconds
        while self.now < end:
            self.now += STEP_S
            links = {}
            for sensor in self.sensors:
                state = LinkState.STREAMING if sensor in on else LinkState.SCANNING
                if sensor in on:
                    self.heard[sensor.id] = self.now - 0.5
                links[sensor.id] = SensorStatus(
                    sensor.id,
                    state,
                    0.0,
                    battery_percent=self.battery.get(sensor.id),
                    charging=self.charging.get(sensor.id),
                    last_sample_at=self.heard.get(sensor.id),
                )
            self.push(links, activity)
        return self.told[before:]

    def push(self, links: dict[str, SensorStatus], activity: Activity | None = None) -> None:
        local = datetime.fromtimestamp(self.now, UTC)
        said = self.watch.push(self.now, self.sensors, links, activity=activity, local=local)
        self.told += said.alerts
        self.decisions += said.decisions

    def until(self, hour: float, *on: Sensor, activity: Activity | None = Activity.SITTING) -> None:
        """Until the next time the clock shows `hour`."""
        passed = (self.now - MONDAY) % 86_400
        self.go((hour * H - passed) % 86_400, *on, activity=activity)

    def restart(self, off_s: float = 0) -> None:
        self.now += round(off_s)
        self.watch = SensorWatch.load(self.watch.save(), "ada", self.settings)
        self.heard = {}


def drained(life: Life, percent: float | None) -> list[Alert]:
    life.battery[CLIP.id] = percent
    return life.go(60, CLIP)


class TestBattery:
    def test_is_told_at_the_limit_once_with_its_figures(self) -> None:
        life = Life()
        assert drained(life, 16.0) == []
        (alert,) = drained(life, 15.0)
        assert (alert.kind, alert.severity) == (AlertKind.LOW_BATTERY, Severity.NUDGE)
        assert (alert.wearer, alert.episode) == ("ada", CLIP.id)
        assert alert.message == "Clip, at your upper back, has 15 % of its battery left."
        why = alert.explanation
        assert replace(why, confidence=0.0) == Explanation(
            "battery_percent", 15.0, 15.0, "%", 0, "upper_back", 0.0
        )
        assert math.isnan(why.confidence)
        for percent in (14.0, 9.0, 16.0, 25.0, 12.0, None, 3.0):
            assert drained(life, percent) == []

    def test_is_told_again_only_after_a_charge(self) -> None:
        life = Life()
        drained(life, 10.0)
        (closed,) = drained(life, 25.5)
        assert (closed.outcome, closed.open, closed.revision) == (Outcome.ENDED, False, 2)
        assert drained(life, 16.0) == []
        (again,) = drained(life, 11.4)
        assert again.id != closed.id
        assert "11 %" in again.message

    def test_that_was_called_fine_is_not_told_again_before_a_charge(self) -> None:
        life = Life()
        (alert,) = drained(life, 10.0)
        assert life.watch.acknowledge(alert.id, life.now, fine=True).outcome is Outcome.FALSE_ALARM
        assert drained(life, 5.0) == []
        with pytest.raises(ConflictError):
            life.watch.snooze(alert.id, life.now + 60, life.now)
        drained(life, 90.0)
        assert len(drained(life, 9.0)) == 1

    def test_comes_back_from_a_snooze_once_if_it_is_still_low(self) -> None:
        life = Life()
        (alert,) = drained(life, 10.0)
        life.watch.snooze(alert.id, life.now + 600, life.now)
        assert life.go(570, CLIP) == []
        life.battery[CLIP.id] = 8.0
        (again,) = life.go(3 * H, CLIP)
        assert (again.id, again.said) == (alert.id, 2)
        assert (again.explanation.value, again.explanation.lasted_s) == (8.0, 630)

    def test_ends_with_the_charger_and_is_not_told_while_it_charges(self) -> None:
        life = Life()
        (low,) = drained(life, 10.0)
        life.charging[CLIP.id] = True
        (closed,) = drained(life, 10.0)
        assert (closed.id, closed.outcome, closed.open) == (low.id, Outcome.ENDED, False)
        other = Life()
        other.charging[CLIP.id] = True
        assert drained(other, 5.0) == []
        other.charging[CLIP.id] = False
        assert len(drained(other, 5.0)) == 1

    def test_limit_can_be_set_and_switched_off(self) -> None:
        assert len(drained(Life(battery_low_percent=30), 30.0)) == 1
        assert drained(Life(battery_low_percent=0), 0.0) == []

    @pytest.mark.parametrize("percent", [None, math.nan])
    def test_that_is_unknown_is_not_low(self, percent: float | None) -> None:
        assert drained(Life(), percent) == []

    def test_of_a_sensor_that_is_unpaired_is_no_longer_spoken_of(self) -> None:
        life = Life(CLIP, BAND)
        drained(life, 10.0)
        life.sensors = (BAND,)
        (closed,) = life.go(STEP_S, BAND)
        assert (closed.kind, closed.outcome) == (AlertKind.LOW_BATTERY, Outcome.ENDED)
        assert life.watch.open_alerts() == ()


class TestSilence:
    def test_is_told_after_half_an_hour_with_its_figures(self) -> None:
        life = Life()
        life.go(H, CLIP)
        assert life.go(29 * 60) == []
        (alert,) = life.go(2 * 60)
        assert (alert.kind, alert.severity) == (AlertKind.SENSOR_LOST, Severity.NOTICE)
        assert alert.message == (
            "Clip, at your upper back, has not been heard for 30 min. "
            "Is it charged, switched on and near?"
        )
        why = alert.explanation
        assert (why.measured, why.unit, why.limit, why.confidence) == ("silent_s", "s", 1800.0, 1.0)
        assert 1800 <= why.value <= 1800 + STEP_S
        assert 0 <= why.lasted_s <= STEP_S
        assert life.go(5 * H) == [], "once"

    def test_ends_when_the_sensor_is_heard_and_may_come_again(self) -> None:
        life = Life()
        life.go(H, CLIP)
        life.go(H)
        (closed,) = life.go(H, CLIP)
        assert (closed.kind, closed.outcome) == (AlertKind.SENSOR_LOST, Outcome.ENDED)
        assert closed.closed_at is not None
        assert closed.closed_at - closed.opened_at == pytest.approx(1800, abs=2 * STEP_S)
        assert [a.kind for a in life.go(H)] == [AlertKind.SENSOR_LOST]

    def test_that_is_short_is_not_told_however_often(self) -> None:
        life = Life()
        for _ in range(8):
            life.go(600, CLIP)
            life.go(29 * 60)
        assert life.told == []

    def test_that_was_called_fine_is_not_told_again_before_it_ends(self) -> None:
        life = Life()
        life.go(H, CLIP)
        (alert,) = life.go(H)
        life.watch.acknowledge(alert.id, life.now, fine=True)
        assert life.go(4 * H) == []
        life.go(60, CLIP)
        assert len(life.go(H)) == 1

    def test_comes_back_from_a_snooze_if_it_still_lasts(self) -> None:
        life = Life()
        life.go(H, CLIP)
        (alert,) = life.go(1860)
        life.watch.snooze(alert.id, life.now + 1800, life.now)
        (again,) = life.go(2 * H)
        assert (again.id, again.said, again.message.count("1 h 01")) == (alert.id, 2, 1)

    def test_can_be_given_more_time_and_switched_off(self) -> None:
        patient, deaf = Life(sensor_lost_after_min=60), Life(sensor_lost_after_min=0)
        for life in (patient, deaf):
            life.go(H, CLIP)
            assert life.go(59 * 60) == []
        assert len(patient.go(120)) == 1
        assert deaf.go(9 * H) == []

    def test_of_a_sensor_that_was_never_heard_is_told_when_another_is_worn(self) -> None:
        alone = Life()
        assert alone.go(8 * H) == []
        both = Life(CLIP, BAND)
        (alert,) = both.go(2 * H, CLIP)
        assert alert.episode == BAND.id

    def test_is_not_told_on_a_day_on_which_nothing_is_worn(self) -> None:
        life = Life(CLIP, BAND)
        life.go(8 * H, CLIP, BAND)
        life.until(7.9)
        life.told.clear()
        life.go(12 * H)
        assert life.told == []

    @pytest.mark.parametrize("activity", [Activity.LYING, Activity.NOT_WORN])
    def test_waits_while_the_wearer_lies_or_wears_nothing(self, activity: Activity) -> None:
        life = Life(CLIP, BAND, not_worn_after_min=0)
        life.go(H, CLIP, BAND)
        assert life.go(4 * H, CLIP, activity=activity) == []
        assert len(life.go(H, CLIP, activity=Activity.STANDING)) == 1

    def test_does_not_begin_before_the_service_listens(self) -> None:
        life = Life()
        life.go(H, CLIP)
        life.restart(off_s=2 * H)
        assert life.go(1780) == [], "it was not heard for 2.5 h, but nobody listened"
        (alert,) = life.go(120)
        assert alert.explanation.value <= 1800 + STEP_S

    def test_is_no_matter_of_a_computer_that_sleeps(self) -> None:
        life = Life()
        life.go(H, CLIP)
        life.go(20 * 60)
        life.now += 3 * H
        assert life.go(9 * 60) == []

    def test_of_a_clock_that_is_set_back_is_none(self) -> None:
        life = Life(start=MONDAY + 15 * H)
        life.go(H, CLIP)
        life.now -= 3 * H
        assert life.go(2 * H, CLIP) == []
        assert [a.kind for a in life.go(H)] == [AlertKind.SENSOR_LOST], "and still noticed"


class TestHabit:
    @pytest.fixture
    def regular(self) -> Life:
        """Four days of wearing the clip from 8:10 to 18:05, out of range from 12:05 to 13:00."""
        life = Life(start=MONDAY + 8 * H)
        for _ in range(4):
            self.working_day(life)
            life.until(8)
        life.told.clear()
        return life

    @staticmethod
    def working_day(life: Life, lunch_end: float = 13.0, end: float = 18 + 5 / 60) -> None:
        life.until(8 + 10 / 60)
        life.until(12 + 5 / 60, CLIP)
        life.until(lunch_end)
        life.until(end, CLIP)

    def test_of_lunch_and_of_evenings_is_learnt(self, regular: Life) -> None:
        self.working_day(regular)
        regular.until(8)
        assert regular.told == []

    def test_gives_a_late_lunch_its_time(self, regular: Life) -> None:
        self.working_day(regular, lunch_end=13 + 10 / 60)
        assert regular.told == []

    def test_does_not_hide_a_battery_that_dies_in_the_morning(self, regular: Life) -> None:
        regular.until(10, CLIP)
        regular.until(12)
        (alert,) = regular.told
        assert alert.opened_at == pytest.approx(regular.now - 1.5 * H, abs=2 * STEP_S)

    def test_says_nothing_of_a_day_off(self, regular: Life) -> None:
        regular.until(7.9)
        assert regular.told == []

    def test_notices_the_band_that_stayed_at_home(self) -> None:
        life = Life(CLIP, BAND, start=MONDAY + 8 * H)
        for _ in range(4):
            life.until(18, CLIP, BAND)
            life.until(8)
        life.told.clear()
        life.until(9, CLIP)
        assert [a.episode for a in life.told] == [BAND.id]

    def test_of_one_odd_day_is_forgiven(self, regular: Life) -> None:
        self.working_day(regular, end=15)
        regular.until(8)
        regular.told.clear()
        self.working_day(regular)
        regular.until(8)
        regular.until(16, CLIP)
        regular.until(17)
        assert [a.kind for a in regular.told if a.open] == [AlertKind.SENSOR_LOST]

    def test_of_a_night_is_none_before_it_is_known(self) -> None:
        life = Life(start=MONDAY + 17 * H)
        life.until(22, CLIP)
        life.until(7.9)
        assert life.told == []


class TestState:
    def test_goes_on_over_a_restart(self) -> None:
        life = Life(CLIP, BAND)
        life.go(H, CLIP, BAND)
        life.battery[CLIP.id] = 10.0
        (low,) = life.go(STEP_S, CLIP, BAND)
        (lost,) = life.go(H, CLIP)
        life.restart(off_s=300)
        assert {a.id for a in life.watch.open_alerts()} == {low.id, lost.id}
        assert life.go(2 * H, CLIP) == [], "neither is said again"
        (heard,) = life.go(STEP_S, CLIP, BAND)
        assert (heard.id, heard.outcome) == (lost.id, Outcome.ENDED)

    def test_saves_what_it_loads(self) -> None:
        life = Life(CLIP, BAND)
        life.go(H, CLIP, BAND)
        life.battery[CLIP.id] = 10.0
        life.go(H, CLIP)
        state = life.watch.save()
        assert SensorWatch.load(state, "ada", life.settings).save() == state
        assert len(state) < 2500

    @pytest.mark.parametrize(
        "state", [b"", b"[]", b"{}", b'{"version": 2}', b'{"version": 1}', b"\xff", b"9" * 5000]
    )
    def test_that_is_none_is_refused(self, state: bytes) -> None:
        with pytest.raises(StateError):
            SensorWatch.load(state, "ada", AlertSettings())

    def test_of_another_wearer_is_refused(self) -> None:
        with pytest.raises(StateError, match="ada"):
            SensorWatch.load(SensorWatch("ada", AlertSettings()).save(), "bob", AlertSettings())

    def test_that_is_damaged_anywhere_is_refused_or_harmless(self) -> None:
        life = Life()
        life.battery[CLIP.id] = 10.0
        life.go(H, CLIP)
        whole = json.loads(life.watch.save())
        for broken in ({"heard_at": "x"}, {"heard_on": "x"}, {"habit": {"2026-11-23": 1 << 96}}):
            rows = json.loads(json.dumps(whole))
            rows["sensors"][CLIP.id] |= broken
            with pytest.raises(StateError):
                SensorWatch.load(json.dumps(rows).encode(), "ada", AlertSettings())

    def test_a_sensor_of_somebody_else_is_refused(self) -> None:
        life = Life(replace(CLIP, wearer="bob"))
        with pytest.raises(ValueError, match="ada"):
            life.go(STEP_S)

    def test_an_alert_that_never_was_is_not_found(self) -> None:
        with pytest.raises(NotFoundError):
            SensorWatch("ada", AlertSettings()).acknowledge("x", 0.0, fine=False)


stretches = st.lists(
    st.tuples(
        st.sets(st.sampled_from([CLIP, BAND])),
        st.sampled_from([*Activity, None]),
        st.integers(1, 240),
        st.none() | st.floats(0, 100),
        st.sampled_from(["", "", "ack", "fine", "snooze", "restart"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=stretches)
def test_whatever_happens_the_rules_hold(script: list) -> None:
    life = Life(CLIP, BAND)
    answered: list[Alert] = []
    for on, activity, steps, battery, answer in script:
        life.battery[CLIP.id] = battery
        life.go(steps * STEP_S, *on, activity=activity)
        for alert in life.watch.open_alerts() if answer else ():
            if answer in ("ack", "fine"):
                answered.append(life.watch.acknowledge(alert.id, life.now, fine=answer == "fine"))
            elif answer == "snooze":
                answered.append(life.watch.snooze(alert.id, life.now + 900, life.now))
        if answer == "restart":
            life.restart()
        assert SensorWatch.load(life.watch.save(), "ada", life.settings).save() == life.watch.save()
    # Acknowledging twice changes nothing, and gives the same revision.
    kept = {(a.id, a.revision): a for a in [*life.told, *answered]}
    revisions = [alert for _, alert in sorted(kept.items())]
    for a, b in pairwise(revisions):
        if a.id == b.id:
            assert b.revision > a.revision
            assert a.open, "closed for good"
    newest = {a.id: a for a in revisions}.values()
    openings = Counter((a.kind, a.episode) for a in newest if a.open)
    assert all(count == 1 for count in openings.values())
    assert {a.id for a in newest if a.open} == {a.id for a in life.watch.open_alerts()}
    said = Counter(a.last_said_at for a in newest)
    assert all(count == 1 for count in said.values()), "never two at once"
    for alert in newest:
        why = alert.explanation
        if alert.kind is AlertKind.LOW_BATTERY:
            assert why.value <= life.settings.battery_low_percent or alert.said > 1
        elif alert.kind is AlertKind.NOT_WORN:
            assert why.value >= why.limit == life.settings.not_worn_s
        else:
            assert why.value >= why.limit == life.settings.sensor_lost_s
            assert why.lasted_s >= 0
    days = {date(2026, 11, 23) + timedelta(days=n) for n in range(9)}
    assert set().union(*(s.habit.days for s in life.watch._memory.sensors.values())) <= days


class TestASensorThatIsNotWorn:
    """It is heard, so it is charged and near; it lies on the desk."""

    def test_is_told_once_when_it_usually_would_be_worn(self) -> None:
        life = Life(not_worn_after_min=45)
        life.go(2 * H, CLIP)
        assert life.go(44 * 60, CLIP, activity=Activity.NOT_WORN) == []
        (alert,) = life.go(5 * 60, CLIP, activity=Activity.NOT_WORN)
        assert (alert.kind, alert.severity) == (AlertKind.NOT_WORN, Severity.NUDGE)
        assert alert.explanation.measured == "not_worn_s"
        assert "Clip" in alert.message
        assert life.go(3 * H, CLIP, activity=Activity.NOT_WORN) == []

    def test_is_over_when_it_is_put_on(self) -> None:
        life = Life(not_worn_after_min=45)
        life.go(2 * H, CLIP)
        life.go(H, CLIP, activity=Activity.NOT_WORN)
        (closed,) = life.go(120, CLIP)
        assert (closed.kind, closed.outcome) == (AlertKind.NOT_WORN, Outcome.ENDED)

    def test_is_not_told_on_a_day_on_which_it_was_not_worn_nor_when_switched_off(self) -> None:
        left, deaf = Life(not_worn_after_min=45), Life(not_worn_after_min=0)
        assert left.go(8 * H, CLIP, activity=Activity.NOT_WORN) == []
        deaf.go(2 * H, CLIP)
        assert deaf.go(8 * H, CLIP, activity=Activity.NOT_WORN) == []

    def test_is_not_missed_while_it_charges(self) -> None:
        life = Life(not_worn_after_min=45)
        life.go(2 * H, CLIP)
        life.charging[CLIP.id] = True
        assert life.go(2 * H, CLIP, activity=Activity.NOT_WORN) == []
        life.charging[CLIP.id] = False
        assert life.go(44 * 60, CLIP, activity=Activity.NOT_WORN) == []
        (alert,) = life.go(5 * 60, CLIP, activity=Activity.NOT_WORN)
        assert alert.explanation.value == 45 * 60
