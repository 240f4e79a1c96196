"""Decisions to speak, one sentence of behaviour each."""

import math
from datetime import timedelta

import pytest

from alerts.policy import Policy
from alerts.settings import AlertSettings, BreakLimits
from domain.alerts import AlertKind, Outcome, Severity
from domain.episodes import EpisodeKind
from domain.errors import ConflictError, InputError, NotFoundError
from domain.posture import Activity, Quality
from tests.alerts.scripted_day import T0, WEARER, Day, episode, status

HALF_HOUR = 1800
SLOUCH = EpisodeKind.SLOUCH


def test_an_alert_keeps_the_words_of_the_language_that_it_was_said_in(day_of):
    day = day_of(language="de")
    day.sit(HALF_HOUR)
    assert day.last.message == (
        "Du sitzt seit 30 min. Mit einer Minute auf den Beinen beginnt eine Pause."
    )
    assert day.policy.open_alerts()[0].message == day.last.message


def test_sitting_is_spoken_of_when_the_clock_passes_its_limit_and_explains_itself(day_of):
    day = day_of()
    day.sit(HALF_HOUR - 1)
    assert day.revisions == []
    day.sit(1)
    alert = day.last
    assert (alert.kind, alert.severity, alert.said, alert.open) == (
        AlertKind.SITTING,
        Severity.NOTICE,
        1,
        True,
    )
    assert alert.message == "You have sat for 30 min. A minute on your feet starts a break."
    why = alert.explanation
    assert (why.measured, why.value, why.limit, why.unit, why.lasted_s) == (
        "sitting_s",
        1800.0,
        1800.0,
        "s",
        0,
    )
    assert (why.placement, why.confidence) == ("upper_back", 0.93)
    assert alert.episode == episode(EpisodeKind.SITTING, T0).id
    assert day.policy.open_alerts() == (alert,)


def test_a_limit_of_the_wearers_own_is_kept(day_of):
    day = day_of(sitting_after_min=45)
    day.sit(45 * 60 - 1)
    assert day.revisions == []
    day.sit(1)
    assert day.last.explanation.limit == 45 * 60


def test_a_break_of_a_minute_closes_it_as_partial_with_the_time_to_standing_up(day_of):
    day = day_of()
    day.sit(HALF_HOUR + 100)
    day.stand(59)
    assert day.last.open
    day.push(status(day.now, Activity.STANDING, upright_s=60, sitting_clock_s=day.clock_s))
    assert (day.last.outcome, day.last.response_s) == (Outcome.PARTIAL, 100.0)
    assert day.last.closed_at == day.now
    assert day.policy.open_alerts() == ()


def test_a_break_of_five_minutes_upgrades_partial_to_taken(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.stand(299)
    assert day.last.outcome is Outcome.PARTIAL
    partial = day.last
    day.push(status(day.now, Activity.MOVING, upright_s=300))
    assert day.last.outcome is Outcome.TAKEN
    assert (day.last.id, day.last.revision) == (partial.id, partial.revision + 1)
    assert (day.last.response_s, day.last.closed_at) == (partial.response_s, partial.closed_at)


def test_a_partial_break_stays_partial_when_the_wearer_sits_down_again(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.stand(120)
    day.sit(10)
    day.stand(400)
    assert [a.outcome for a in day.revisions if not a.open] == [Outcome.PARTIAL]


def test_a_break_heard_only_as_an_episode_counts_too(day_of):
    day = day_of()
    day.sit(HALF_HOUR + 30)
    begin = day.now
    day.nothing(55)
    day.push(
        None,
        episode(EpisodeKind.SITTING, T0, begin),
        episode(EpisodeKind.BREAK, begin - 1, begin + 54 + 250),
    )
    assert (day.last.outcome, day.last.response_s) == (Outcome.TAKEN, 29.0)


def test_a_break_that_was_over_before_the_alert_does_not_close_it(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.sit(1, [episode(EpisodeKind.BREAK, T0 - 600, T0)])
    assert day.last.open


def test_unanswered_it_is_repeated_twice_then_ignored_and_quiet_until_the_next_bout(day_of):
    day = day_of()
    day.sit(2 * 3600)
    said = [a.last_said_at - T0 for a in day.announcements]
    assert said == [1800, 2400, 3000]
    assert [a.said for a in day.announcements] == [1, 2, 3]
    assert day.announcements[1].message.startswith("You have sat for 40 min.")
    assert (day.last.outcome, day.last.closed_at) == (Outcome.IGNORED, T0 + 3600)
    day.stand(300)
    day.sit(HALF_HOUR)
    assert len(day.announcements) == 4
    assert day.last.episode != day.announcements[0].episode


def test_a_break_taken_after_the_repeats_is_still_taken(day_of):
    day = day_of()
    day.sit(HALF_HOUR + 1500)
    day.stand(300)
    assert (day.last.outcome, day.last.response_s, day.last.said) == (Outcome.TAKEN, 1500.0, 3)


def test_it_is_not_given_up_while_the_wearer_is_just_standing_up(day_of):
    day = day_of()
    day.sit(HALF_HOUR + 1790)
    day.stand(60)
    assert day.last.outcome is Outcome.PARTIAL


def test_a_partial_break_buys_ten_more_minutes_of_sitting(day_of):
    day = day_of()
    day.sit(HALF_HOUR + 5)
    day.stand(70)
    day.sit(599)
    assert len(day.announcements) == 1
    day.sit(1)
    assert len(day.announcements) == 2
    assert day.last.message == (
        "You have sat for 40 min since your last full break. "
        "5 min on your feet start the clock anew."
    )


def test_acknowledged_it_is_silent_and_still_closes_with_its_outcome(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    first = day.last
    alert = day.policy.acknowledge(first.id, day.now, fine=False)
    assert (alert.acknowledged_at, alert.open, alert.revision) == (
        day.now,
        True,
        first.revision + 1,
    )
    assert day.policy.acknowledge(first.id, day.now + 1, fine=False) == alert
    day.sit(3600)
    assert len(day.announcements) == 1
    day.stand(60)
    assert day.last.outcome is Outcome.PARTIAL


def test_that_was_fine_closes_it_as_a_false_alarm_for_the_rest_of_the_bout(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    alert = day.policy.acknowledge(day.last.id, day.now, fine=True)
    assert (alert.outcome, alert.closed_at, alert.acknowledged_at) == (
        Outcome.FALSE_ALARM,
        day.now,
        day.now,
    )
    day.sit(3600)
    assert len(day.announcements) == 1
    day.stand(300)
    day.sit(HALF_HOUR)
    assert len(day.announcements) == 2


def test_snoozed_it_is_silent_until_then_and_speaks_again_if_still_true(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    until = day.now + 900
    alert = day.policy.snooze(day.last.id, until, day.now)
    assert alert.snoozed_until == until
    day.sit(899)
    assert len(day.announcements) == 1
    day.sit(1)
    assert (day.last.said, day.last.snoozed_until, day.last.last_said_at) == (2, None, until)
    day.sit(1200)
    assert day.last.said == 4, "after a snooze the repeats begin anew"


def test_snoozed_it_does_not_speak_again_after_the_break(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.policy.snooze(day.last.id, day.now + 200, day.now)
    day.stand(400)
    assert day.last.outcome is Outcome.TAKEN
    day.sit(100)
    assert len(day.announcements) == 1


def test_data_that_end_while_it_is_snoozed_close_it_as_snoozed(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.policy.snooze(day.last.id, day.now + 2000, day.now)
    day.nothing(61)
    assert day.last.outcome is Outcome.SNOOZED


def test_when_data_end_nobody_can_know_and_it_ends(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.nothing(60)
    assert day.last.open
    day.nothing(1)
    assert (day.last.outcome, day.last.response_s) == (Outcome.ENDED, None)


def test_a_bout_that_the_analysis_cut_off_ends_it(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.push(None, episode(EpisodeKind.SITTING, T0, day.now, censored=True))
    assert day.last.outcome is Outcome.ENDED


def test_taking_the_sensor_off_ends_every_alert(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.sit(2, [episode(SLOUCH, day.now - 30)], lean_deg=20.0)
    assert len(day.policy.open_alerts()) == 2
    day.push(status(day.now, Activity.NOT_WORN), episode(EpisodeKind.NOT_WORN, day.now))
    assert day.policy.open_alerts() == ()
    assert {a.outcome for a in day.revisions[-2:]} == {Outcome.ENDED}


def test_lying_down_ends_it(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    for _ in range(61):
        day.push(status(day.now, Activity.LYING, sitting_clock_s=day.clock_s))
    assert day.last.outcome is Outcome.ENDED


def test_an_activity_unknown_for_too_long_ends_it_even_while_the_bout_is_held_open(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    for _ in range(601):
        day.push(status(day.now, Activity.UNKNOWN, bout_start=T0, sitting_clock_s=day.clock_s))
    assert (len(day.announcements), day.last.outcome) == (1, Outcome.ENDED)


@pytest.mark.parametrize("age_s", [7, -7])
def test_stale_data_and_data_from_the_future_raise_nothing(day_of, age_s):
    day = day_of()
    for _ in range(10):
        day.push(status(day.now - age_s, sitting_clock_s=4000, bout_start=T0 - 4000))
    assert day.revisions == []


@pytest.mark.parametrize("activity", [a for a in Activity if a is not Activity.SITTING])
def test_only_a_sitting_wearer_is_told_that_they_sit(day_of, activity):
    day = day_of()
    for _ in range(10):
        day.push(status(day.now, activity, sitting_clock_s=4000, bout_start=T0 - 4000))
    assert day.revisions == []


def test_a_slouch_is_spoken_of_when_its_episode_opens(day_of):
    day = day_of()
    day.sit(100)
    start = day.now - 45
    day.sit(1, [episode(SLOUCH, start)], slouching_since=start)
    alert = day.last
    assert (alert.kind, alert.severity) == (AlertKind.SLOUCH, Severity.NUDGE)
    assert alert.message == "You leaned 14 deg forward of your upright for 46 s."
    why = alert.explanation
    assert (why.measured, why.value, why.limit, why.unit, why.lasted_s, why.placement) == (
        "lean_deg",
        14.4,
        9.0,
        "deg",
        46,
        "upper_back",
    )
    day.sit(700)
    assert len(day.announcements) == 1, "a slouch is not repeated"


def test_a_slouch_is_spoken_of_while_sitting_and_standing_cannot_be_told_apart(day_of):
    day = day_of()
    opened = episode(EpisodeKind.SLOUCH, T0 - 29)
    unknown = status(day.now, Activity.UNKNOWN, slouching_since=T0 - 29, lean_deg=14.0)
    (alert,) = day.push(unknown, opened)
    assert alert.kind is AlertKind.SLOUCH
    assert alert.explanation.value == pytest.approx(14.4)


@pytest.mark.parametrize(
    "changes", [{"lean_deg": math.nan, "slouching_since": T0 - 29}, {"lean_deg": 14.0}]
)
def test_a_slouch_that_is_not_measured_now_is_not_spoken_of_while_unknown(day_of, changes):
    day = day_of()
    opened = episode(EpisodeKind.SLOUCH, T0 - 29)
    assert day.push(status(day.now, Activity.UNKNOWN, **changes), opened) == ()


def test_a_slouch_that_ends_within_a_minute_was_answered(day_of):
    day = day_of()
    day.sit(1, [episode(SLOUCH, T0 - 30)])
    said_at = day.now
    day.sit(39)
    day.sit(1, [episode(SLOUCH, T0 - 30, said_at + 38)])
    assert (day.last.outcome, day.last.response_s) == (Outcome.TAKEN, 38.0)


@pytest.mark.parametrize(
    ("end", "censored", "response_s"), [(61, False, 61.0), (38, True, None), (-1, False, None)]
)
def test_a_slouch_that_ends_later_or_unseen_or_before_it_was_said_has_ended(
    day_of, end, censored, response_s
):
    day = day_of()
    day.sit(1, [episode(SLOUCH, T0 - 30)])
    said_at = day.now
    day.sit(70)
    day.sit(1, [episode(SLOUCH, T0 - 30, said_at + end, censored=censored)])
    assert (day.last.outcome, day.last.response_s) == (Outcome.ENDED, response_s)


def test_slouches_keep_ten_minutes_between_their_alerts_and_a_late_one_says_the_lean_of_now(day_of):
    day = day_of()
    day.sit(1, [episode(SLOUCH, T0 - 30)])
    day.sit(1, [episode(SLOUCH, T0 - 30, day.now)])
    start = day.now - 30
    day.sit(1, [episode(SLOUCH, start)])
    day.sit(597, lean_deg=21.7)
    assert len(day.announcements) == 1
    day.sit(1, lean_deg=21.7)
    assert day.last.message == "You have leaned for 10 min, now 22 deg forward of your upright."
    assert day.last.explanation.value == 21.7


def test_a_snoozed_slouch_speaks_again_if_it_still_goes_on(day_of):
    day = day_of()
    day.sit(1, [episode(SLOUCH, T0 - 30)])
    day.policy.snooze(day.last.id, day.now + 120, day.now)
    day.sit(120, lean_deg=12.0)
    assert (day.last.said, day.last.message) == (
        2,
        "You have leaned for 2 min, now 12 deg forward of your upright.",
    )


def test_no_slouch_is_judged_while_the_reference_has_shifted(day_of):
    day = day_of()
    day.sit(5, [episode(SLOUCH, T0 - 30)], quality=Quality.REFERENCE_SHIFTED)
    assert day.revisions == []


def test_a_slouch_without_a_figure_says_only_what_is_known(day_of):
    day = day_of()
    day.sit(1, [episode(SLOUCH, T0 - 30, mean=math.nan)])
    assert day.last.message == "You leaned beyond your limit for 31 s."


def test_two_things_in_one_second_are_said_one_after_the_other(day_of):
    day = day_of()
    day.sit(HALF_HOUR - 1)
    day.sit(1, [episode(SLOUCH, day.now - 30)])
    assert [a.kind for a in day.announcements] == [AlertKind.SITTING]
    day.sit(1)
    assert [a.kind for a in day.announcements] == [AlertKind.SITTING, AlertKind.SLOUCH]


def test_slouches_use_at_most_half_of_the_day_and_sitting_the_rest(day_of):
    day = day_of(alerts_per_day=4, repeat_after_min=5, repeats=0)
    for _ in range(6):
        start = day.now
        day.sit(1, [episode(SLOUCH, start)])
        day.sit(30, [episode(SLOUCH, start, start + 20)])
        day.sit(300)
    for _ in range(3):
        day.stand(300)
        day.sit(HALF_HOUR)
    kinds = [a.kind.value for a in day.announcements]
    assert kinds == ["slouch", "slouch", "sitting", "sitting"]


def test_the_budget_begins_anew_with_the_local_day(day_of):
    day = day_of(alerts_per_day=1, repeats=0)
    day.sit(HALF_HOUR)
    day.stand(300)
    day.sit(HALF_HOUR + 100)
    assert len(day.announcements) == 1
    state = status(day.now + 1, sitting_clock_s=4000, bout_start=day.bout)
    assert day.policy.push(day.now + 2, state, (), local=day.local + timedelta(days=1)).alerts


def test_a_budget_of_nothing_is_silence(day_of):
    day = day_of(alerts_per_day=0)
    day.sit(HALF_HOUR + 100, [episode(SLOUCH, T0)])
    assert day.revisions == []


def test_repeats_and_returns_from_a_snooze_belong_to_their_alert(day_of):
    day = day_of(alerts_per_day=1)
    day.sit(HALF_HOUR)
    day.policy.snooze(day.last.id, day.now + 60, day.now)
    day.sit(60 + 1200)
    assert day.last.said == 4
    day.stand(300)
    day.sit(HALF_HOUR)
    assert len({a.id for a in day.announcements}) == 1


def test_an_unknown_alert_is_not_found_and_a_closed_one_conflicts(day_of):
    day = day_of()
    with pytest.raises(NotFoundError):
        day.policy.acknowledge("nonesuch", T0, fine=False)
    with pytest.raises(NotFoundError):
        day.policy.snooze("nonesuch", T0 + 60, T0)
    day.sit(HALF_HOUR)
    alert = day.policy.acknowledge(day.last.id, day.now, fine=True)
    with pytest.raises(ConflictError):
        day.policy.acknowledge(alert.id, day.now, fine=False)
    with pytest.raises(ConflictError):
        day.policy.snooze(alert.id, day.now + 60, day.now)


def test_a_snooze_into_the_past_is_refused(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    with pytest.raises(InputError):
        day.policy.snooze(day.last.id, day.now, day.now)


def test_another_wearers_posture_is_a_crash_not_an_alert():
    policy = Policy("bob", AlertSettings())
    day = Day().local
    with pytest.raises(ValueError, match="another wearer"):
        policy.push(T0, status(T0), (), local=day)
    with pytest.raises(ValueError, match="another wearer"):
        policy.push(T0, None, (episode(SLOUCH, T0),), local=day)


def test_revisions_of_an_alert_grow_by_one(day_of):
    day = day_of()
    day.sit(HALF_HOUR + 700)
    day.stand(300)
    assert [a.revision for a in day.revisions] == [1, 2, 3, 4]
    assert {a.wearer for a in day.revisions} == {WEARER}


def test_a_break_is_what_the_analysis_calls_one():
    day = Day()
    day.policy = Policy(
        WEARER, AlertSettings(wait_for_pause_s=0), breaks=BreakLimits(partial_s=120, full_s=240)
    )
    day.sit(HALF_HOUR)
    assert day.last.message == "You have sat for 30 min. 2 min on your feet start a break."
    day.stand(119, announce=False)
    assert day.last.open
    day.stand_on(1, 119)
    assert day.last.outcome is Outcome.PARTIAL
    day.stand_on(120, 120)
    assert day.last.outcome is Outcome.TAKEN


def test_two_breaks_with_an_unseen_sit_between_them_are_not_one_full_break(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    begin = day.now
    day.now += 69
    day.push(status(day.now, Activity.STANDING, upright_s=70, sitting_clock_s=day.clock_s))
    assert day.last.outcome is Outcome.PARTIAL
    for later in range(50, 700, 50):  # sat down and up again within the first of these
        day.now = begin + 70 + later
        upright_s = later - 20
        day.push(
            status(day.now, Activity.STANDING, upright_s=upright_s, sitting_clock_s=day.clock_s)
        )
    assert day.last.outcome is Outcome.PARTIAL


def test_a_clock_that_restarted_unseen_ends_the_alert_and_promises_nothing(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.clock_s = 0
    day.sit(1)
    assert (day.last.outcome, day.last.response_s) == (Outcome.ENDED, None)
    day.sit(HALF_HOUR - 1)
    assert len(day.announcements) == 2


def test_two_pushes_within_a_second_do_not_speak_twice(day_of):
    day = day_of()
    day.sit(HALF_HOUR - 1)
    state = status(day.now, sitting_clock_s=HALF_HOUR, bout_start=T0)
    slouch = (episode(SLOUCH, day.now - 30),)
    first = day.policy.push(day.now + 0.2, state, slouch, local=day.local).alerts
    assert [a.kind for a in first] == [AlertKind.SITTING]
    assert day.policy.push(day.now + 0.9, state, (), local=day.local).alerts == ()
    (second,) = day.policy.push(day.now + 1.2, state, (), local=day.local).alerts
    assert second.kind is AlertKind.SLOUCH


def test_the_last_answer_counts_acknowledged_after_a_snooze_it_stays_silent(day_of):
    day = day_of()
    day.sit(HALF_HOUR)
    day.policy.snooze(day.last.id, day.now + 60, day.now)
    alert = day.policy.acknowledge(day.last.id, day.now, fine=False)
    assert alert.snoozed_until is None
    day.sit(1200)
    assert len(day.announcements) == 1
    alert = day.policy.snooze(alert.id, day.now + 60, day.now)
    assert alert.acknowledged_at is None
    day.sit(60)
    assert len(day.announcements) == 2


def test_a_snooze_after_the_repeats_allows_them_anew(day_of):
    day = day_of(repeats=1)
    day.sit(HALF_HOUR + 600)
    assert day.last.said == 2
    day.policy.snooze(day.last.id, day.now + 60, day.now)
    day.sit(60 + 600)
    assert (day.last.said, day.last.open) == (4, True)


def test_a_held_bout_while_standing_is_not_spoken_of(day_of):
    day = day_of()
    for _ in range(10):
        day.push(status(day.now, Activity.STANDING, sitting_clock_s=4000, bout_start=T0 - 4000))
    assert day.revisions == []
