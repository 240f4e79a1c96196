"""What an organisation learns: averages of ten or more, of whole days, the same however it asks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from api import organisation
from api.organisation import last_whole_day, organisation_days
from domain.people import Wearer
from domain.posture import Activity
from storage.contract import Batch, DaySummary
from storage.day_sums import DayTable, days_between
from tests.api.access import token_client
from tests.api.service_fake import T0, frames
from tests.api.test_problems import problem

PATH = "/api/v1/organisation/days"
DAY = date(2026, 11, 18)


class People:
    """A store of `n` wearers of whom each sat for `sat_s(wearer, day)`; of each the first days of a range
    are not summed up yet, when they are `pending`."""

    def __init__(self, n, sat_s=lambda wearer, day: 3 * 3600, pending=0):
        self.people = [Wearer(f"w{k}", f"W{k}", "UTC") for k in range(n)]
        self.sat_s = sat_s
        self.pending = pending

    def wearers(self):
        return self.people

    def days(self, wearer, first, last, timezone):
        days = tuple(days_between(first, last)[self.pending :])
        rows = [self.day_summary(wearer, day, timezone) for day in days]
        columns = {f"{a.word}_s": [row.seconds.get(a, 0) for row in rows] for a in Activity}
        for name in ("sitting_bouts", "longest_sitting_s", "breaks", "slouch_s"):
            columns[name] = [getattr(row, name) for row in rows]
        return DayTable(wearer, timezone, days, columns, self.pending)

    def day_summary(self, wearer, day, timezone):
        sat_s = self.sat_s(int(wearer[1:]), day)
        start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        return DaySummary(
            wearer=wearer, day=day, timezone=timezone, start=start, end=start + 86_400,
            seconds={Activity.SITTING: sat_s, Activity.UNKNOWN: 86_400 - sat_s},
            sitting_bouts=7, longest_sitting_s=sat_s, breaks=6, full_breaks=2, slouches=0,
            slouch_s=0, slouch_dose_deg_min=0.0, lean_mean_deg=10.0, alerts={},
            answered_within_5_min=0,
        )  # fmt: skip


def rows(store, first=DAY, last=DAY):
    return organisation_days(store, first, last).items


def test_nine_are_suppressed_with_the_reason_and_ten_are_averaged():
    (row,) = rows(People(9))
    assert (row.suppressed, row.averages) == (True, None)
    assert "fewer than 10 wearers" in row.reason
    (row,) = rows(People(10))
    assert (row.suppressed, row.reason) == (False, None)
    assert row.averages.wearers_at_least == 10
    assert row.averages.seconds["sitting"] == 3 * 3600
    assert (row.averages.sitting_bouts, row.averages.breaks) == (7, 6)


def test_who_was_hardly_measured_does_not_make_up_the_ten():
    (row,) = rows(People(12, lambda wearer, day: 3599 if wearer < 3 else 7200))
    assert row.suppressed


def test_a_longer_range_has_the_same_days_in_it_so_that_nobody_is_found_by_subtracting():
    def sat_s(wearer, day):
        """One of eleven is there on the second day alone."""
        return 0 if wearer == 10 and day != DAY + timedelta(days=1) else 600 * (wearer + 7)

    store = People(11, sat_s)
    days = [DAY + timedelta(days=n) for n in range(4)]
    alone = [rows(store, day, day)[0] for day in days]
    for first in range(4):
        for last in range(first, 4):
            assert rows(store, days[first], days[last]) == alone[first : last + 1]


def test_the_same_day_before_and_after_somebody_left_says_little_of_them():
    for odd_s in (3600, 40_000):
        stayed = lambda wearer, day, odd_s=odd_s: odd_s if wearer == 11 else 20_000  # noqa: E731
        before, after = rows(People(12, stayed))[0].averages, rows(People(11, stayed))[0].averages
        assert before.wearers_at_least == after.wearers_at_least == 10
        assert before.seconds["sitting"] % organisation.STEP_S == 0
        told_s = 12 * before.seconds["sitting"] - 11 * after.seconds["sitting"]
        assert (
            abs(told_s - odd_s) <= organisation.STEP_S * 11.5
        )  # no better than that: the rounding


def test_days_that_are_not_summed_up_yet_count_as_those_that_are():
    last = DAY + timedelta(days=6)
    kept = rows(People(12), DAY, last)
    assert rows(People(12, pending=3), DAY, last) == kept
    assert not any(row.suppressed for row in kept)


def test_the_days_of_a_store_are_what_its_summaries_say(store):
    for k in range(10):
        store.put_wearer(Wearer(f"w{k}", f"W{k}", "UTC"))
        store.write(Batch(frames=(frames(f"w{k}", T0 - 7200, 7200),)), now=float(T0))
    day = datetime.fromtimestamp(T0, UTC).date()
    (row,) = rows(store, day, day)
    sat_s = store.day_summary("w0", day, "UTC").seconds[Activity.SITTING]
    assert sat_s >= 3600
    assert row.averages.wearers_at_least == 10
    assert abs(row.averages.seconds["sitting"] - sat_s) <= organisation.STEP_S


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-22T11:59:59+00:00", date(2026, 11, 20)),
        ("2026-11-22T12:00:00+00:00", date(2026, 11, 21)),
    ],
)
def test_a_day_is_shown_once_it_is_over_everywhere(now, day):
    assert last_whole_day(datetime.fromisoformat(now).timestamp()) == day


def test_nothing_but_whole_days_can_be_asked_for(app, store):
    client = token_client(app, store, "organisation")
    assert client.get(PATH, params={"first": "2026-11-01", "last": "2026-11-20"}).is_success
    for query in (
        {"first": "2026-11-21", "last": "2026-11-22"},
        {"first": "2026-11-02", "last": "2026-11-01"},
        {"first": "2026-09-01", "last": "2026-11-01"},
        {"first": "2026-11-01T10:00:00Z", "last": "2026-11-01"},
        {"first": "2026-11-01"},
    ):
        problem(client.get(PATH, params=query), 422)
    narrowed = {"first": "2026-11-01", "last": "2026-11-01", "wearer": "ada", "timezone": "UTC"}
    assert client.get(PATH, params=narrowed).json() == (
        client.get(PATH, params={"first": "2026-11-01", "last": "2026-11-01"}).json()
    )
