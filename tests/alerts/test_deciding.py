"""Every answer has its reason: what is held back, why, and what is said instead."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.hours import windows, within
from alerts.policy import Policy
from alerts.settings import AlertSettings
from domain.alerts import AlertKind, Outcome
from domain.decisions import Reason
from domain.episodes import EpisodeKind
from domain.errors import InputError
from domain.faults import Fault, FaultKind
from domain.placement import Placement
from domain.posture import Activity, Quality
from domain.surroundings import Surroundings
from tests.alerts.scripted_day import T0, WEARER, Day, episode, frame_of, status

HALF_HOUR = 1800


def reasons(day: Day, kind: AlertKind = AlertKind.SITTING) -> list[Reason]:
    return [each.reason for each in day.decisions if each.kind is kind]


class Fast(Day):
    """A day in steps of ten seconds, with the frames of each step."""

    def sit(self, seconds, episodes=(), *, mad_mg=3.0, **changes):
        first = list(episodes)
        if self.bout is None:
            self.bout = self.now
            first.append(episode(EpisodeKind.SITTING, self.bout))
        for _ in range(seconds // 10):
            self.clock_s += 10
            self.now += 10
            state = status(
                self.now - 1, sitting_clock_s=self.clock_s, bout_start=self.bout, **changes
            )
            self.tell(state, first, mad_mg=mad_mg)
            first = []

    def stand_for(self, seconds):
        start, self.bout = self.now, None
        for _ in range(seconds // 10):
            self.now += 10
            upright_s = self.now - start
            if upright_s >= 300:
                self.clock_s = 0
            self.tell(
                status(
                    self.now - 1, Activity.STANDING, upright_s=upright_s,
                    sitting_clock_s=self.clock_s,
                )
            )  # fmt: skip

    def tell(self, state, episodes=(), *, mad_mg=3.0):
        block = frame_of(state, mad_mg)
        frames = type(block).join(
            WEARER,
            [frame_of(replace(state, time=state.time - n), mad_mg) for n in range(9, -1, -1)],
        )
        said = self.policy.push(
            self.now, state, episodes, local=self.local, frames=frames, around=self.around
        )
        self.revisions += said.alerts
        self.decisions += said.decisions


def fast(**knobs) -> Fast:
    at_once = {"wait_for_pause_s": 0, "slouch_after_s": 0, "shift": False, "alerts_per_hour": 20}
    return Fast(AlertSettings(**(at_once | knobs)))


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        (Surroundings(paused_until=T0 + 2400), Reason.PAUSED),
        (Surroundings(meeting_until=T0 + 2400), Reason.IN_MEETING),
        (Surroundings(busy_until=T0 + 2400), Reason.IN_MEETING),
        (Surroundings(do_not_disturb=True), Reason.DO_NOT_DISTURB),
        (Surroundings(screen_locked=True), Reason.SCREEN_LOCKED),
    ],
)
def test_what_the_surroundings_say_holds_it_back_once_and_then_it_is_said(around, reason):
    day = fast()
    day.around = around
    day.sit(2400 - 10)
    assert reasons(day) == [reason]
    assert day.revisions == []
    if around.do_not_disturb or around.screen_locked:
        day.around = Surroundings(do_not_disturb=False, screen_locked=False)
    day.sit(10)
    assert reasons(day) == [reason, Reason.SAID], "a timed pause re-arms by itself"
    assert day.decisions[-1].alert == day.last.id
    assert next(d.value for d in day.decisions if d.kind is AlertKind.SITTING) == 1800.0


def test_a_desktop_that_is_not_heeded_or_not_known_is_not_in_the_way():
    day = fast(heed_do_not_disturb=False, heed_screen_lock=False)
    day.around = Surroundings(do_not_disturb=True, screen_locked=True)
    day.sit(HALF_HOUR)
    assert reasons(day) == [Reason.SAID]


def test_quiet_and_work_hours_go_by_the_wearers_clock():
    noon = f"{day_minute(2100)}-{day_minute(3600)}"
    day = fast(quiet_hours=f"{day_minute(1500)}-{day_minute(2100)}", work_hours=noon)
    day.sit(2400)
    assert reasons(day) == [Reason.QUIET_HOURS, Reason.SAID]
    day = fast(work_hours=noon)
    day.sit(2400)
    assert reasons(day) == [Reason.OUTSIDE_WORK_HOURS, Reason.SAID]


def day_minute(after_s):
    return datetime.fromtimestamp(T0 + after_s, UTC).strftime("%H:%M")


def test_it_waits_for_a_movement_or_its_limit():
    day = fast(wait_for_pause_s=300)
    day.sit(HALF_HOUR + 100)
    assert reasons(day) == [Reason.WAITING_FOR_PAUSE]
    day.sit(10, mad_mg=40.0)
    assert reasons(day) == [Reason.WAITING_FOR_PAUSE, Reason.SAID]
    day = fast(wait_for_pause_s=300)
    day.sit(HALF_HOUR + 290)
    assert day.revisions == []
    day.sit(20)
    assert day.last.opened_at == T0 + HALF_HOUR + 300


def test_a_day_and_an_hour_have_their_budgets():
    day = fast(alerts_per_hour=1, repeat_after_min=5, repeats=0)
    day.sit(2000, [episode(EpisodeKind.SLOUCH, T0)])
    assert reasons(day, AlertKind.SLOUCH) == [Reason.SAID]
    assert reasons(day) == [Reason.BUDGET_HOUR]
    day.sit(1700)
    assert reasons(day)[-1] is Reason.SAID
    day = fast(alerts_per_day=0)
    day.sit(2000)
    assert reasons(day) == [Reason.BUDGET_DAY]


def test_what_was_over_before_it_was_said_is_told_so():
    day = fast()
    day.around = Surroundings(paused_until=T0 + 9999)
    day.sit(2000)
    day.stand_for(300)
    assert reasons(day) == [Reason.PAUSED, Reason.OVER]


def test_a_kind_that_is_off_says_nothing_and_says_why():
    day = fast(sitting=False)
    day.sit(2000)
    assert (reasons(day), day.revisions) == ([Reason.OFF], [])


def test_nothing_is_said_on_stale_or_unknown_data_and_a_repeat_that_is_due_tells_why():
    day = fast(repeat_after_min=5)
    day.sit(HALF_HOUR + 280)
    for _ in range(4):
        day.now += 10
        day.policy.push(day.now, None, (), local=day.local)
    said = day.policy.push(day.now, None, (), local=day.local)
    day.decisions += said.decisions
    late = status(day.now - 30, sitting_clock_s=2200, bout_start=day.bout)
    day.decisions += day.policy.push(day.now, late, (), local=day.local).decisions
    assert len(day.announcements) == 1
    assert Reason.SAID in reasons(day)
    unknown = fast(repeat_after_min=5)
    unknown.sit(HALF_HOUR)
    for _ in range(31):
        unknown.now += 10
        unknown.tell(
            status(unknown.now - 1, Activity.UNKNOWN, bout_start=T0, lean_deg=float("nan"))
        )
    assert reasons(unknown)[-1] is Reason.DATA_UNKNOWN
    assert len(unknown.announcements) == 1


def test_after_a_gap_nothing_is_said_until_it_is_so_now():
    day = fast()
    day.sit(1790)
    day.now += 300
    state = status(day.now - 1, sitting_clock_s=2000, bout_start=T0)
    day.tell(state)
    assert reasons(day) == [Reason.JUST_RESUMED]
    for _ in range(6):
        day.now += 10
        day.tell(replace(state, time=day.now - 1))
    assert reasons(day) == [Reason.JUST_RESUMED, Reason.SAID]


def test_a_slouch_within_the_wearers_margin_is_let_pass():
    slouch = episode(EpisodeKind.SLOUCH, T0, mean=10.5, limit=9.0)
    day = fast(slouch_margin_deg=2)
    day.sit(60, [slouch], lean_deg=10.5, slouching_since=T0)
    assert (day.revisions, day.decisions) == ([], [])
    day.sit(10, lean_deg=11.5, slouching_since=T0)
    assert reasons(day, AlertKind.SLOUCH) == [Reason.SAID]


def test_a_slouch_is_not_said_before_its_delay():
    day = fast(slouch_after_s=120)
    day.sit(110, [episode(EpisodeKind.SLOUCH, T0)], slouching_since=T0)
    assert day.revisions == []
    day.sit(10, slouching_since=T0)
    assert day.last.kind is AlertKind.SLOUCH


@pytest.mark.parametrize(
    ("kind", "said", "words"),
    [
        (EpisodeKind.HELD_BEND, AlertKind.HELD_BEND, "held a bend of 14 deg"),
        (EpisodeKind.SIDE_BEND, AlertKind.SIDE_BEND, "bending to your right, by up to 18 deg"),
        (EpisodeKind.TWIST, AlertKind.TWIST, "twisting to your left, by up to 18 deg"),
    ],
)
def test_loads_are_said_while_they_last_and_close_with_their_episode(kind, said, words):
    day = fast()
    start = T0
    load = episode(kind, start)
    day.sit(70, [load])
    assert day.last.kind is said
    assert words in day.last.message
    day.sit(10, [replace(load, end=T0 + 65)])
    assert (day.last.outcome, day.last.response_s) == (Outcome.TAKEN, 55.0)
    day.sit(60, [episode(kind, T0 + 80)])
    assert reasons(day, said) == [Reason.SAID, Reason.JUST_SAID]


def test_turns_of_one_gyro_are_no_twist():
    day = fast()
    day.sit(60, [episode(EpisodeKind.TURN, T0, T0 + 3)])
    assert (day.revisions, day.decisions) == ([], [])


def test_angles_are_not_judged_by_a_reference_that_moved_and_the_wearer_is_asked_once_a_day():
    day = fast()
    day.sit(300, [episode(EpisodeKind.SLOUCH, T0)], quality=Quality.REFERENCE_SHIFTED)
    assert reasons(day, AlertKind.SLOUCH) == [Reason.CALIBRATION_STALE]
    assert reasons(day, AlertKind.CALIBRATION_STALE) == [Reason.SAID]
    assert "calibrate it again" in day.last.message
    day.sit(70, [episode(EpisodeKind.SLOUCH, T0, T0 + 300)])
    assert day.last.outcome is Outcome.ENDED
    day.sit(300, quality=Quality.REFERENCE_SHIFTED)
    assert reasons(day, AlertKind.CALIBRATION_STALE) == [Reason.SAID]
    belt = Fault("belt", Placement.WAIST, FaultKind.PLACEMENT, T0)
    other = fast()
    other.sit(100, faults=(belt,))
    assert other.last.message.startswith("The sensor at your waist seems to have moved")


def test_sitting_the_same_way_is_nudged_once_and_a_change_answers_it():
    day = fast(shift=True)
    day.sit(1190)
    assert day.revisions == []
    day.sit(10)
    assert day.last.kind is AlertKind.SHIFT
    assert day.last.message.startswith("You have sat the same way for 20 min.")
    day.sit(60)
    moved = episode(EpisodeKind.SHIFT, day.now, day.now + 5)
    day.sit(10, [moved])
    assert (day.last.outcome, day.last.response_s) == (Outcome.TAKEN, 60.0)
    day.sit(1180)
    assert reasons(day, AlertKind.SHIFT) == [Reason.SAID]


def test_a_nudge_that_is_let_pass_is_not_repeated_and_a_thigh_alone_sees_no_change():
    day = fast(shift=True, sitting=False)
    day.sit(3600)
    assert [a.outcome for a in day.revisions if not a.open] == [Outcome.IGNORED]
    assert reasons(day, AlertKind.SHIFT) == [Reason.SAID, Reason.ANSWERED]
    thigh = fast(shift=True, sitting=False)
    thigh.sit(3600, lean_deg=float("nan"))
    assert reasons(thigh, AlertKind.SHIFT) == []


def test_a_day_with_little_movement_is_told_once_from_its_hour_on():
    day = fast(sitting=False, little_movement_at_h=13)
    at_one = int((datetime(2025, 11, 22, 13, tzinfo=UTC).timestamp() - T0) // 10 * 10)
    day.sit(at_one - 60)
    assert reasons(day, AlertKind.LITTLE_MOVEMENT) == []
    day.sit(600)
    assert reasons(day, AlertKind.LITTLE_MOVEMENT) == [Reason.SAID]
    assert day.last.message.startswith("You have stood or walked for 0 s today.")
    day.stand_for(60)
    assert (day.last.kind, day.last.outcome) == (AlertKind.LITTLE_MOVEMENT, Outcome.TAKEN)
    day.sit(3600)
    assert reasons(day, AlertKind.LITTLE_MOVEMENT) == [Reason.SAID]


def test_goals_are_told_once_a_day_and_ask_for_nothing():
    day = fast(goal_upright_h=1, sitting=False, little_movement=False)
    day.stand_for(3600)
    assert (day.last.kind, day.last.message) == (
        AlertKind.GOAL,
        "You have stood or walked for 1 h today: your goal is reached.",
    )
    day.stand_for(1200)
    assert (day.last.outcome, reasons(day, AlertKind.GOAL)) == (Outcome.ENDED, [Reason.SAID])
    restless = fast(sitting=False, little_movement=False)
    for n in range(5 * 30):
        at = restless.now
        restless.sit(120, [episode(EpisodeKind.SHIFT, at, at + 5)] if n else [])
    assert "29 times an hour" in restless.last.message


@pytest.mark.parametrize(
    ("text", "local", "inside"),
    [
        ("22:00-07:00", "2026-03-29T01:59", True),
        ("22:00-07:00", "2026-03-29T03:00", True),  # the hour between does not exist
        ("22:00-07:00", "2026-03-29T07:00", False),
        ("02:00-03:00", "2026-10-25T02:30", True),  # comes twice, and is meant both times
        ("fri 22:00-06:00", "2026-11-28T05:59", True),  # Saturday morning belongs to Friday
        ("fri 22:00-06:00", "2026-11-29T05:59", False),
        ("fri 22:00-06:00", "2026-11-27T21:59", False),
        ("sun 23:00-01:00", "2026-11-30T00:30", True),  # a Monday
        ("mon-fri 09:00-17:30, sat 10:00-12:00", "2026-11-28T11:59", True),
        ("mon-fri 09:00-17:30", "2026-11-30T17:30", False),
        ("sat-mon 00:00-24:00", "2026-11-29T23:59", True),
        ("sat-mon 00:00-24:00", "2026-12-01T00:00", False),
        ("", "2026-11-30T12:00", False),
    ],
)
def test_hours_are_those_on_the_wall(text, local, inside):
    zone = ZoneInfo("Europe/Berlin")
    moment = datetime.fromisoformat(local).replace(tzinfo=zone)
    assert within(text, moment) is inside
    assert within(text, moment.replace(fold=1)) is inside


@pytest.mark.parametrize(
    "text",
    ["9-17", "25:00-26:00", "10:00-10:00", "mo 10:00-11:00", "10:60-11:00", "24:00-01:00",
     ",".join(["10:00-11:00"] * 29), "10:00-11:00,"],
)  # fmt: skip
def test_hours_that_are_none_are_refused_with_how_to_write_them(text):
    with pytest.raises(InputError):
        windows(text)


days = st.lists(
    st.tuples(
        st.sampled_from([Activity.SITTING, Activity.SITTING, Activity.STANDING, Activity.UNKNOWN, None]),
        st.integers(10, 120),
        st.sampled_from(["", "slouch", "held_bend", "twist"]),
        st.sampled_from([None, "pause", "meeting", "dnd"]),
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip


def life(script, knobs, *, cut=None):
    """A made-up day in steps of ten seconds, saved and loaded before the step `cut`."""
    policy = Policy(WEARER, knobs)
    now, clock, out, step = T0, 0, [], 0
    bout = None
    for activity, steps, load, about in script:
        opens = [episode(EpisodeKind(load), now)] if load else []
        around = Surroundings(
            paused_until=now + 600 if about == "pause" else None,
            meeting_until=now + 600 if about == "meeting" else None,
            do_not_disturb=about == "dnd",
        )
        for _ in range(steps):
            now += 10
            bout = (bout or now - 10) if activity is Activity.SITTING else None
            clock = clock + 10 if bout else clock
            state = (
                None
                if activity is None
                else status(
                    now - 1,
                    activity,
                    sitting_clock_s=clock,
                    bout_start=bout,
                    slouching_since=now - 99,
                )
            )
            frames = state and frame_of(state, 30.0 if now % 70 == 0 else 3.0)
            if step == cut:
                policy = Policy.load(policy.save(), WEARER, knobs)
            step += 1
            local = datetime.fromtimestamp(now, UTC)
            said = policy.push(now, state, opens, local=local, frames=frames, around=around)
            out.append((now, state, around, said))
            opens = []
    return out


knobs = st.builds(
    AlertSettings,
    sitting_after_min=st.sampled_from([15, 30]),
    shift_after_min=st.just(10),
    slouch_after_s=st.just(0),
    alerts_per_day=st.integers(0, 6),
    alerts_per_hour=st.integers(1, 3),
    repeats=st.integers(0, 2),
    quiet_hours=st.sampled_from(["", "09:00-10:00", "08:30-09:15, 11:00-12:00"]),
    wait_for_pause_s=st.sampled_from([0, 120]),
)
quick = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(days, knobs)
def test_whatever_the_day_budgets_quiet_hours_and_stale_data_are_respected(script, knob):
    opened = []
    for now, state, around, said in life(script, knob):
        spoken = [a for a in said.alerts if a.last_said_at == now and a.open]
        told = [d for d in said.decisions if d.spoken]
        assert [a.id for a in spoken] == [d.alert for d in told], "what is said has its decision"
        opened += [a.opened_at for a in said.alerts if a.opened_at == now and a.said == 1]
        if spoken:
            assert len(spoken) == 1
            assert state is not None
            assert not within(knob.quiet_hours, datetime.fromtimestamp(now, UTC))
            assert not around.do_not_disturb
            assert all(t is None or now >= t for t in (around.paused_until, around.meeting_until))
    opened = sorted(set(opened))
    by_day = Counter(datetime.fromtimestamp(at, UTC).date() for at in opened)
    assert all(n <= knob.alerts_per_day for n in by_day.values())
    assert all(sum(at - 3600 < b <= at for b in opened) <= knob.alerts_per_hour for at in opened)


@quick
@given(days, knobs, st.data())
def test_the_same_inputs_give_the_same_decisions_also_over_a_restart(script, knob, data):
    steps = sum(steps for _, steps, _, _ in script)
    cut = data.draw(st.integers(0, steps))
    whole = [said for *_, said in life(script, knob)]
    assert [said for *_, said in life(script, knob, cut=cut)] == whole


@quick
@given(days, knobs)
def test_an_answer_is_kept_when_it_changes_and_not_every_second(script, knob):
    rows = [d for *_, said in life(script, knob) for d in said.decisions]
    hours = 1 + sum(steps for _, steps, _, _ in script) / 360
    kinds = Counter((d.kind, d.subject) for d in rows if not d.spoken)
    assert all(n <= 61 * hours for n in kinds.values())
    assert len({d.id for d in rows}) == len(rows)
