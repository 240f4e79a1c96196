"""Days at once, as every backend keeps them: what was kept is what would be summed up now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from analysis.exposure import FORWARD_DEG, SIDE_DEG, exposure
from analysis.twist import TWIST_BINS_DEG, seconds_twisted
from domain.alerts import AlertKind, Outcome
from domain.episodes import EpisodeKind
from domain.errors import NotFoundError
from domain.posture import Activity, FrameBlock
from storage import exposed
from storage.contract import Batch, Store
from storage.day_sums import COLUMNS, DayTable
from storage.days import day_bounds
from storage.sqlite_days import MOST_AT_ONCE, SETTLES_S
from tests.storage.test_conformance import T0, alert, episode

DAY_S = 86_400
BERLIN = "Europe/Berlin"
MakeFrames = Callable[..., FrameBlock]


def days_of(store: Store, first: date, last: date, zone: str = BERLIN) -> DayTable:
    return store.days("ada", first, last, zone)


def value(table: DayTable, day: date, column: str) -> float | int | None:
    return table.columns[column][table.days.index(day)]


def keep_all(store: Store, now: float, zone: str = BERLIN) -> int:
    kept = 0
    while some := store.keep_days("ada", zone, now=now):
        kept += some
    return kept


@pytest.fixture
def week(store: Store, make_frames: MakeFrames) -> Store:
    """Ten minutes of each of six days, with episodes and alerts, the first at 10:00 in Berlin."""
    store.write(
        Batch(
            frames=tuple(
                make_frames("ada", range(start, start + 600), seed=i)
                for i, start in enumerate(range(T0 + 8 * 3600, T0 + 6 * DAY_S, DAY_S))
            ),
            episodes=tuple(
                made
                for start in range(T0 + 8 * 3600, T0 + 6 * DAY_S, DAY_S)
                for made in (
                    episode(start, start + 900),
                    episode(start + 60, start + 160, EpisodeKind.SLOUCH, dose=30.0),
                    episode(start + 200, start + 260, EpisodeKind.HELD_BEND),
                    episode(start + 300, start + 305, EpisodeKind.SHIFT),
                    episode(start + 400, start + 440, EpisodeKind.TWIST),
                )
            ),
            alerts=(
                alert("a1", T0 + 8 * 3600 + 61.5, outcome=Outcome.TAKEN, response_s=40.0, closed_at=1.0),
                alert("a2", T0 + 8 * 3600 + 99.5, outcome=Outcome.IGNORED, closed_at=1.0),
                alert("a3", T0 + 8 * 3600 + 99.5, outcome=Outcome.SNOOZED, closed_at=1.0),
                alert("a4", T0 + 8 * 3600 + 99.5, kind=AlertKind.LOW_BATTERY),
            ),
        ),
        now=0.0,
    )  # fmt: skip
    return store


FIRST = date(2026, 9, 22)
LAST = FIRST + timedelta(days=6)
NOW = T0 + 10.0 * DAY_S


def test_what_was_kept_is_what_would_be_summed_up_now(week: Store) -> None:
    newest = LAST - timedelta(days=MOST_AT_ONCE)
    before = days_of(week, newest, LAST)
    assert keep_all(week, NOW) == 6, "of the last day too, though nothing was measured since"
    after = days_of(week, newest, LAST)
    assert after == before
    whole = days_of(week, FIRST, LAST)
    assert whole.days == tuple(FIRST + timedelta(days=n) for n in range(6))
    assert whole.pending == 0
    assert set(whole.columns) == set(COLUMNS)


def test_the_last_day_is_kept_once_it_is_over_and_nothing_of_it_goes_on(week: Store) -> None:
    last = LAST - timedelta(days=1)
    over = day_bounds(last, BERLIN)[1]
    keep_all(week, over + SETTLES_S - 1.0)
    assert week.keep_days("ada", BERLIN, now=over + SETTLES_S - 1.0) == 0
    assert week.keep_days("ada", BERLIN, now=over + SETTLES_S) == 1
    goes_on = replace(episode(over - 50_000, over - 1), end=None)
    off = replace(episode(over - 40_000, over - 1, EpisodeKind.NOT_WORN), end=None)
    week.write(Batch(episodes=(goes_on, off)), now=NOW)
    assert week.keep_days("ada", BERLIN, now=NOW) == 0, "nobody knows yet for how long"
    week.write(Batch(episodes=(replace(goes_on, end=over - 49_000),)), now=NOW)
    assert week.keep_days("ada", BERLIN, now=NOW) == 1


def test_a_day_of_the_table_is_the_day_of_the_summary(week: Store) -> None:
    keep_all(week, NOW)
    table = days_of(week, FIRST, LAST)
    for day in table.days:
        summary = week.day_summary("ada", day, BERLIN)
        for activity in Activity:
            assert value(table, day, f"{activity.word}_s") == summary.seconds[activity]
        for name in ("sitting_bouts", "longest_sitting_s", "breaks", "full_breaks", "slouches",
                     "slouch_s", "slouch_dose_deg_min", "lean_mean_deg"):  # fmt: skip
            assert value(table, day, name) == pytest.approx(getattr(summary, name), abs=1e-3)
    assert value(table, FIRST, "held_bend_s") == 60
    assert (value(table, FIRST, "twists"), value(table, FIRST, "twist_s")) == (1, 40)
    assert (value(table, FIRST, "shifts"), value(table, FIRST, "turns")) == (1, 0)
    asked = [
        value(table, FIRST, name) for name in ("alerts", "asked", "answered", "taken", "snoozed")
    ]
    assert asked == [3, 2, 1, 1, 1], (
        "of a sensor is none of the body's, what was snoozed is unknown"
    )


def test_exposure_is_counted_as_the_analysis_counts_it(week: Store) -> None:
    assert (exposed.FORWARD_DEG, exposed.SIDE_DEG) == (FORWARD_DEG, SIDE_DEG)
    assert exposed.TWIST_DEG == TWIST_BINS_DEG
    keep_all(week, NOW)
    table = days_of(week, FIRST, LAST)
    frames = week.frames("ada", *day_bounds(FIRST, BERLIN))
    found = exposure(frames)
    assert value(table, FIRST, "lean_known_s") == found.forward_known_s
    assert value(table, FIRST, "side_known_s") == found.side_known_s
    for name, beyond in (("lean", found.forward), ("side", found.side)):
        for one in beyond:
            assert value(table, FIRST, f"{name}_ge_{one.deg}_s") == one.seconds
    twisted = seconds_twisted(frames.twist_deg)
    for deg, seconds in zip(TWIST_BINS_DEG, twisted, strict=True):
        assert value(table, FIRST, f"twist_ge_{deg}_s") == seconds


def test_exposure_outlives_the_seconds_it_was_counted_from(week: Store) -> None:
    keep_all(week, NOW)
    counted = value(days_of(week, FIRST, LAST), FIRST, "lean_ge_20_s")
    week.prune(frames_before=T0 + 8 * DAY_S)
    start = T0 + 8 * 3600
    week.write(Batch(episodes=(episode(start + 500, start + 560, EpisodeKind.SLOUCH),)), now=NOW)
    keep_all(week, NOW)
    table = days_of(week, FIRST, LAST)
    assert value(table, FIRST, "slouches") == 2
    assert value(table, FIRST, "lean_ge_20_s") == counted


def test_a_day_whose_seconds_were_pruned_before_it_was_kept_has_no_exposure(week: Store) -> None:
    week.prune(frames_before=T0 + 8 * DAY_S)
    keep_all(week, NOW)
    table = days_of(week, FIRST, LAST)
    assert value(table, FIRST, "lean_ge_20_s") is None
    assert value(table, FIRST, "sitting_bouts") == 1


@pytest.mark.parametrize(
    "late",
    [
        lambda make: Batch(frames=(make("ada", range(T0 + 50_000, T0 + 50_060), activity=2),)),
        lambda make: Batch(episodes=(episode(T0 + 50_000, T0 + 50_100, EpisodeKind.SLOUCH),)),
        lambda make: Batch(episodes=(episode(T0 + 8 * 3600, T0 + 8 * 3600 + 30),)),
        lambda make: Batch(alerts=(alert("late", T0 + 50_000.5),)),
    ],
    ids=["frames", "an episode", "an episode that became shorter", "an alert"],
)
def test_what_is_written_into_a_kept_day_is_in_it(
    week: Store, make_frames: MakeFrames, late: Callable[..., Batch]
) -> None:
    keep_all(week, NOW)
    before = days_of(week, FIRST, LAST)
    week.write(late(make_frames), now=NOW)
    changed = days_of(week, FIRST, LAST)
    row, other = ([column[0] for column in table.columns.values()] for table in (changed, before))
    assert row != other
    assert keep_all(week, NOW) == 1, "of that day alone"
    assert days_of(week, FIRST, LAST) == changed


def test_an_answer_to_an_alert_is_in_a_kept_day(week: Store) -> None:
    keep_all(week, NOW)
    week.put_alert(replace(week.alert("a2"), outcome=Outcome.TAKEN, response_s=20.0, revision=9))
    assert value(days_of(week, FIRST, LAST), FIRST, "answered") == 2


def test_replacing_and_erasing_reach_kept_days(week: Store) -> None:
    keep_all(week, NOW)
    start = T0 + DAY_S + 8 * 3600
    week.replace("ada", start, start + 1800, Batch(), now=NOW)
    assert value(days_of(week, FIRST, LAST), FIRST + timedelta(days=1), "sitting_bouts") == 0
    week.erase("ada", T0, T0 + 2 * DAY_S)
    assert days_of(week, FIRST, LAST).days[0] == FIRST + timedelta(days=2)
    week.erase("ada")
    assert days_of(week, FIRST, LAST).days == ()


def test_what_nobody_kept_yet_is_said_to_be_pending(week: Store) -> None:
    table = days_of(week, FIRST, LAST)
    assert table.days == tuple(LAST - timedelta(days=n) for n in range(MOST_AT_ONCE, 0, -1))
    assert table.pending == 6 - MOST_AT_ONCE
    assert week.week_hours("ada", FIRST, LAST, BERLIN).pending == 6 - MOST_AT_ONCE


def test_days_are_cut_anew_when_the_wearer_moves(week: Store) -> None:
    keep_all(week, NOW)
    keep_all(week, NOW, "Asia/Kolkata")
    table = days_of(week, FIRST, LAST, "Asia/Kolkata")
    assert table.pending == 0
    assert value(table, FIRST, "sitting_bouts") == 1
    hours = week.week_hours("ada", FIRST, LAST, "Asia/Kolkata").sums["known_s"].sum(axis=0)
    assert {*np.flatnonzero(hours)} == {13}, "10:00 in Berlin is 13:30 there"


@pytest.mark.parametrize(
    ("day", "hours", "at_two_s"), [(date(2026, 3, 29), 23, 0), (date(2026, 10, 25), 25, 120)]
)
def test_days_on_which_clocks_change_have_the_hours_that_clocks_showed(
    store: Store, make_frames: MakeFrames, day: date, hours: int, at_two_s: int
) -> None:
    start, end = day_bounds(day, BERLIN)
    assert end - start == hours * 3600
    times = np.arange(start - 600, end + 600, 60)  # a second of each minute
    frames = make_frames("ada", times, activity=Activity.SITTING.value)
    store.write(Batch(frames=(frames,)), now=0.0)
    store.keep_days("ada", BERLIN, now=end + 10_000.0)
    table = days_of(store, day, day + timedelta(days=1))
    assert value(table, day, "sitting_s") == hours * 60
    week = store.week_hours("ada", day, day + timedelta(days=1), BERLIN)
    assert week.days == (0, 0, 0, 0, 0, 0, 1)
    assert week.sums["sitting_s"][6, 2] == at_two_s
    assert week.sums["sitting_s"].sum() == hours * 60


def test_a_slouch_over_midnight_is_in_both_days_and_its_hours(week: Store) -> None:
    midnight = day_bounds(FIRST + timedelta(days=1), BERLIN)[0]
    made = episode(midnight - 100, midnight + 50, EpisodeKind.SLOUCH)
    week.write(Batch(episodes=(made,)), now=NOW)
    keep_all(week, NOW)
    table = days_of(week, FIRST, LAST)
    assert value(table, FIRST, "slouch_s") == 200
    assert value(table, FIRST + timedelta(days=1), "slouch_s") == 150
    hours = week.week_hours("ada", FIRST, FIRST + timedelta(days=1), BERLIN).sums["slouch_s"]
    assert (hours[1, 10], hours[1, 23]) == (100, 100)


def test_an_unknown_zone_is_told(week: Store) -> None:
    with pytest.raises(NotFoundError):
        days_of(week, FIRST, LAST, "Europe/Atlantis")
    assert week.days("nobody", FIRST, LAST, BERLIN).days == ()
