"""What holds for every day a wearer can have."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.policy import Policy
from alerts.settings import AlertSettings
from domain.alerts import Alert, AlertKind
from domain.episodes import Episode, EpisodeKind
from domain.errors import ConflictError, StateError
from domain.posture import Activity, WearerStatus
from tests.alerts.scripted_day import T0, WEARER, Day, episode, status

Second = tuple[int, WearerStatus | None, tuple[Episode, ...], str]

activities = st.sampled_from(Activity)
# A stretch: what the wearer does, for how long in steps of 10 s, and what they answer at its end.
stretches = st.lists(
    st.tuples(
        st.sampled_from([*Activity, None]),
        st.integers(1, 150),
        st.booleans(),
        st.sampled_from(["", "", "", "ack", "fine", "snooze"]),
    ),
    min_size=1,
    max_size=10,
)
knobs = st.builds(
    AlertSettings,
    sitting_after_min=st.sampled_from([15, 30]),
    repeat_after_min=st.sampled_from([5, 10]),
    repeats=st.integers(0, 2),
    alerts_per_day=st.sampled_from([0, 1, 3, 12, 60]),
)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def seconds_of(script: list[tuple[Activity | None, int, bool, str]]) -> Iterator[Second]:
    """A consistent wearer: clocks, bouts, breaks and slouches as the analysis keeps them, every 10 s."""
    now, clock, upright = T0, 0, 0
    bout: int | None = None
    slouch: int | None = None
    rest: int | None = None
    for activity, steps, slouches, answer in script:
        for step in range(steps):
            now += 10
            out: list[Episode] = []
            if activity is Activity.SITTING:
                if rest is not None:
                    out.append(episode(EpisodeKind.BREAK, rest, now - 10))
                    rest = None
                upright = 0
                clock += 10
                if bout is None:
                    bout = now - 10
                    out.append(episode(EpisodeKind.SITTING, bout))
                if slouches and slouch is None:
                    slouch = now - 10
                    out.append(episode(EpisodeKind.SLOUCH, slouch))
            else:
                if slouch is not None:
                    out.append(episode(EpisodeKind.SLOUCH, slouch, now))
                    slouch = None
                if bout is not None:
                    known = activity in (Activity.STANDING, Activity.MOVING, Activity.LYING)
                    out.append(episode(EpisodeKind.SITTING, bout, now - 10, censored=not known))
                    bout = None
                upright = upright + 10 if activity in (Activity.STANDING, Activity.MOVING) else 0
                if upright == 60:
                    rest = now - 60
                    out.append(episode(EpisodeKind.BREAK, rest))
                if upright >= 300:
                    clock = 0
            state = None
            if activity is not None:
                state = status(
                    now - 1,
                    activity,
                    sitting_clock_s=clock,
                    bout_start=bout,
                    upright_s=upright,
                    slouching_since=slouch,
                )
            yield now, state, tuple(out), answer if step == steps - 1 else ""


def run(policy: Policy, seconds: list[Second]) -> list[tuple[int, Alert]]:
    """Every revision with the second it came out in."""
    revisions: list[tuple[int, Alert]] = []
    for now, state, episodes, answer in seconds:
        local = datetime.fromtimestamp(now, UTC)
        said = policy.push(now, state, episodes, local=local)
        revisions += [(now, alert) for alert in said.alerts]
        for alert in policy.open_alerts() if answer else ():
            if answer == "snooze":
                revisions.append((now, policy.snooze(alert.id, now + 700, now)))
            else:
                revisions.append((now, policy.acknowledge(alert.id, now, fine=answer == "fine")))
    return revisions


@quick
@given(stretches, knobs)
def test_never_more_than_the_budget_and_never_two_in_one_second(script, knob):
    revisions = run(Policy(WEARER, knob), list(seconds_of(script)))
    opened = [a.opened_at for _, a in revisions if a.revision == 1]
    by_day = Counter(datetime.fromtimestamp(at, UTC).date() for at in opened)
    assert all(count <= knob.alerts_per_day for count in by_day.values())
    spoken = {(a.last_said_at, a.id) for _, a in revisions}
    assert len({at for at, _ in spoken}) == len(spoken)
    snoozed = {a.id for _, a in revisions if a.snoozed_until is not None}
    assert all(a.said <= 1 + knob.repeats for _, a in revisions if a.id not in snoozed)


@quick
@given(stretches, knobs)
def test_every_alert_closes_with_an_outcome_once_data_end(script, knob):
    seconds = list(seconds_of(script))
    end = seconds[-1][0]
    policy = Policy(WEARER, knob)
    revisions = run(policy, [*seconds, *((end + n, None, (), "") for n in range(1, 62))])
    assert policy.open_alerts() == ()
    last = {alert.id: alert for _, alert in revisions}
    for alert in last.values():
        assert alert.closed_at is not None and alert.outcome is not None
        assert alert.closed_at >= alert.opened_at
        assert alert.response_s is None or alert.response_s >= 0


@quick
@given(stretches, knobs)
def test_nobody_is_spoken_to_on_unknown_data(script, knob):
    seconds = list(seconds_of(script))
    states = {now: state for now, state, _, _ in seconds}
    for now, alert in run(Policy(WEARER, knob), seconds):
        if alert.last_said_at == now and alert.open:
            state = states[now]
            assert state is not None
            assert state.activity is not Activity.NOT_WORN
            if state.activity is Activity.UNKNOWN:  # the lean may be known all the same
                assert alert.kind is AlertKind.SLOUCH
                assert state.slouching_since is not None


@quick
@given(stretches, knobs)
def test_at_most_one_alert_of_sitting_is_open_and_revisions_grow_by_one(script, knob):
    policy = Policy(WEARER, knob)
    revision: dict[str, int] = {}
    for second in seconds_of(script):
        for _, alert in run(policy, [second]):
            if alert.revision != revision.get(alert.id):  # a second acknowledgement changes nothing
                assert alert.revision > revision.get(alert.id, 0)
            revision[alert.id] = alert.revision
        assert sum(a.kind is AlertKind.SITTING for a in policy.open_alerts()) <= 1


@quick
@given(stretches, knobs, st.data())
def test_saved_and_loaded_at_any_moment_it_goes_on_as_if_nothing_had_happened(script, knob, data):
    seconds = list(seconds_of(script))
    cut = data.draw(st.integers(0, len(seconds)))
    whole = Policy(WEARER, knob)
    first = Policy(WEARER, knob)
    expected = run(whole, seconds)
    before = run(first, seconds[:cut])
    second = Policy.load(first.save(), WEARER, knob)
    assert before + run(second, seconds[cut:]) == expected
    assert second.save() == whole.save()


@given(st.binary(max_size=200))
def test_no_bytes_but_its_own_are_loaded(state):
    with pytest.raises(StateError):
        Policy.load(state, WEARER, AlertSettings())


@lru_cache
def saved_mid_bout() -> bytes:
    day = Day()
    day.sit(1800, [episode(EpisodeKind.SLOUCH, T0)])
    return day.policy.save()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)


@quick
@given(st.data())
def test_a_damaged_field_is_the_typed_error_or_a_policy_that_works(data):
    rows = json.loads(saved_mid_bout())
    table = rows
    while True:
        key = data.draw(st.sampled_from(sorted(table)))
        if isinstance(table[key], dict) and table[key] and data.draw(st.booleans()):
            table = table[key]
            continue
        table[key] = data.draw(json_values)
        break
    try:
        policy = Policy.load(json.dumps(rows).encode(), WEARER, AlertSettings())
    except StateError:
        return
    policy.save()


def test_another_wearers_state_and_another_version_are_refused():
    state = saved_mid_bout()
    with pytest.raises(StateError, match="belongs to"):
        Policy.load(state, "bob", AlertSettings())
    with pytest.raises(StateError, match="version"):
        Policy.load(state.replace(b'"version": 2', b'"version": 3'), WEARER, AlertSettings())


def test_closed_alerts_are_remembered_over_a_restart():
    day = Day(AlertSettings(wait_for_pause_s=0))
    day.sit(1800)
    day.policy.acknowledge(day.last.id, day.now, fine=True)
    policy = Policy.load(day.policy.save(), WEARER, AlertSettings())
    with pytest.raises(ConflictError):
        policy.acknowledge(day.last.id, day.now, fine=False)
    sat = status(day.now, sitting_clock_s=1801, bout_start=day.bout)
    assert policy.push(day.now + 1, sat, (), local=day.local).alerts == (), (
        "fine holds over a restart"
    )
    assert (
        policy.push(day.now + 2, replace(sat, time=day.now + 1), (), local=day.local).alerts == ()
    )
