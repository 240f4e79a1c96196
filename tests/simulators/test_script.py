import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.posture import Activity
from simulators.body import ScriptedBody
from simulators.days import day_script, demo_script, history_script
from simulators.script import Act, ActKind, Script, Slump

MIDNIGHT = 1_795_305_600.0
DAY_S = 86400.0


def acts(*durations: float, start: float = 1000.0) -> tuple[Act, ...]:
    made, now = [], start
    for number, duration in enumerate(durations):
        kind = ActKind.SITTING if number % 2 else ActKind.STANDING
        made.append(Act(kind, now, now + duration))
        now += duration
    return tuple(made)


def test_a_script_with_a_gap_is_refused():
    first, second = acts(20.0, 20.0)
    with pytest.raises(ValueError, match="ends"):
        Script((first, second.shifted(1.0)))


def test_an_act_too_short_to_get_into_is_refused():
    with pytest.raises(ValueError, match="lasts"):
        Act(ActKind.SITTING, 0.0, 9.0)


def test_a_slump_that_leaves_its_act_is_refused():
    with pytest.raises(ValueError, match="slump"):
        Act(ActKind.SITTING, 0.0, 60.0, slumps=(Slump(30.0, 10.0, 20.0, 2.0, 1.0),))


@given(
    durations=st.lists(st.integers(10, 500), min_size=1, max_size=8),
    repeat=st.integers(0, 7),
    after_s=st.floats(0.0, 1e6),
)
def test_a_repeating_script_always_has_an_act_that_covers_the_time(durations, repeat, after_s):
    script = Script(acts(*durations), min(repeat, len(durations) - 1))
    time = script.start_s + after_s
    act = script.act(script.number_at(time))
    assert act is not None
    assert act.start_s - 1e-6 <= time <= act.end_s + 1e-6


def test_repetitions_follow_each_other_without_a_gap():
    script = Script(acts(20.0, 30.0, 40.0), 1)
    following = [script.act(number) for number in range(9)]
    ends = [act.end_s for act in following]
    starts = [act.start_s for act in following]
    assert starts[1:] == ends[:-1]
    assert [act.duration_s for act in following] == [20, 30, 40, 30, 40, 30, 40, 30, 40]


def test_between_gives_the_acts_that_touch_a_range():
    script = Script(acts(20.0, 30.0, 40.0), 0)
    found = script.between(1049.0, 1095.0)
    assert [act.duration_s for act in found] == [30.0, 40.0, 20.0]
    assert found[-1].start_s == 1090.0


def test_then_cuts_the_first_where_the_second_starts():
    first = Script(acts(100.0, 100.0))
    second = Script(acts(50.0, 50.0, start=1150.0), 0)
    both = first.then(second)
    assert [act.duration_s for act in both.acts] == [100, 50, 50, 50]
    assert both.repeat_from == 2


def test_then_refuses_to_leave_a_gap():
    with pytest.raises(ValueError, match="next starts"):
        Script(acts(100.0)).then(Script(acts(50.0, start=1200.0)))


@pytest.mark.parametrize("seed", range(6))
def test_a_day_adds_up_to_24_hours_and_looks_like_one_in_an_office(seed):
    script = day_script(seed, MIDNIGHT)
    assert script.start_s == MIDNIGHT and script.end_s == MIDNIGHT + DAY_S
    hours = dict.fromkeys(ActKind, 0.0)
    for act in script.acts:
        hours[act.kind] += act.duration_s / 3600.0
    assert sum(hours.values()) == pytest.approx(24.0)
    assert 6.0 < hours[ActKind.LYING] < 9.5
    assert 9.0 < hours[ActKind.SITTING] < 14.5
    assert 0.8 < hours[ActKind.WALKING] < 3.0
    bouts_min = [act.duration_s / 60.0 for act in script.acts if act.kind is ActKind.SITTING]
    assert max(bouts_min) <= 76.0 and sum(bout >= 30.0 for bout in bouts_min) >= 4
    assert script.act(script.number_at(MIDNIGHT + 3 * 3600)).kind is ActKind.LYING


def test_a_day_can_start_in_the_morning():
    script = day_script(1, MIDNIGHT, start_hour=9.0)
    assert script.start_s == MIDNIGHT + 9 * 3600.0 and script.end_s == MIDNIGHT + DAY_S


def test_history_has_different_days_and_survives_days_of_23_and_25_hours():
    midnights = [MIDNIGHT, MIDNIGHT + 23 * 3600, MIDNIGHT + 48 * 3600, MIDNIGHT + 72 * 3600]
    script = history_script(5, midnights)
    assert script.start_s == MIDNIGHT and script.end_s == midnights[-1] + DAY_S
    shapes = {
        tuple(act.duration_s for act in script.between(day + 8 * 3600, day + 12 * 3600)[1:-1])
        for day in midnights
    }
    assert len(shapes) == len(midnights)


@pytest.mark.parametrize("hours_after_midnight", [0.0, 0.4, 3.2, 9.5, 14.0, 22.2, 23.98])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_demo_slouches_soon_sits_past_30_min_and_takes_a_full_break(seed, hours_after_midnight):
    now = np.floor(MIDNIGHT + hours_after_midnight * 3600.0)
    body = ScriptedBody.of(seed, demo_script(seed, now, midnight_s=MIDNIGHT))
    truth = body.truth(now - 3600.0, now + 3600.0)
    since = truth.times - now
    sitting = truth.activity == Activity.SITTING
    upright = np.isin(truth.activity, (Activity.STANDING, Activity.MOVING))

    sat_down = since[~sitting & (since < 0)][-1] + 1
    assert -25.1 * 60 <= sat_down <= -21.9 * 60
    assert np.all(upright[(since >= sat_down - 360) & (since < sat_down - 5)])

    first = since[truth.slouching & (since > 0)]
    assert 42 <= first[0] <= 80
    assert np.sum(np.diff(first[first < 300]) == 1) > 60
    assert not truth.slouching[(since > 180) & (since < 420)].any()

    stood_up = since[upright & (since > 0)][0]
    assert 32 * 60 <= stood_up - sat_down <= 36 * 60
    back = since[sitting & (since > stood_up)][0]
    assert back - stood_up > 360
    assert truth.slouching[since > back].sum() > 60


def test_the_demo_can_start_less_than_a_day_before_and_goes_on_for_ever():
    now = MIDNIGHT + 10 * 3600.0
    script = demo_script(3, now, midnight_s=MIDNIGHT, lead_s=2 * 3600.0)
    assert script.start_s == now - 2 * 3600.0
    asleep = ScriptedBody.of(3, script).truth(MIDNIGHT + 40 * DAY_S, MIDNIGHT + 41 * DAY_S)
    assert np.mean(asleep.activity[2 * 3600 : 6 * 3600] == Activity.LYING) == 1.0
    assert 9.0 < np.sum(asleep.activity == Activity.SITTING) / 3600.0 < 14.5


def test_the_demo_continues_history_without_a_gap():
    now = MIDNIGHT + 10 * 3600.0
    past = history_script(3, [MIDNIGHT - 2 * DAY_S, MIDNIGHT - DAY_S])
    whole = past.then(demo_script(3, now, midnight_s=MIDNIGHT))
    assert whole.start_s == MIDNIGHT - 2 * DAY_S
    assert whole.act(whole.number_at(now)).kind is ActKind.SITTING
