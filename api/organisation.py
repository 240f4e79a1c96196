"""What an organisation may know: averages of a day over at least ten wearers, and nothing else.

So that no one is found by comparing answers, an answer depends on its day alone: the days are whole and over
everywhere, nobody can be picked or left out, a longer range has the same days in it, and who counts on a day
is decided by that day. Averages are rounded, and the number of wearers is cut to fives, so that the same day
before and after somebody was erased says little of them. There is no least, most or median. What remains is
said in docs/security.md.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from api.answer import Answer
from api.models import ActivityWord
from api.views import activity_word
from domain.people import Wearer
from domain.posture import Activity
from storage.contract import DaySummary, StoreReader

#: Of so many wearers at least [J].
LEAST_WEARERS: Final = 10
#: Who was measured for less than this on a day does not count, s [J].
LEAST_MEASURED_S: Final = 3600
#: Averages of times are rounded to this, s; the number of wearers is cut to a multiple of WEARERS_STEP [J].
STEP_S: Final = 300
WEARERS_STEP: Final = 5
MOST_DAYS: Final = 31
#: The last zone to end a day is so far behind UTC, s.
LAST_ZONE_S: Final = 12 * 3600

_UNMEASURED = (Activity.UNKNOWN, Activity.NOT_WORN)


class OrganisationAverages(Answer):
    """Averages of the wearers of a day, times to five minutes, counts to whole ones."""

    wearers_at_least: int
    seconds: dict[ActivityWord, int]
    longest_sitting_s: int
    sitting_bouts: int
    breaks: int
    slouch_s: int


class OrganisationDay(Answer):
    """A calendar day, of each wearer their own. averages: null when suppressed, then reason says why."""

    day: date
    averages: OrganisationAverages | None
    suppressed: bool
    reason: str | None


class OrganisationDays(Answer):
    """One row a day, in order."""

    items: list[OrganisationDay]


def last_whole_day(now: float) -> date:
    """The newest day that is over everywhere. now: Unix s."""
    return datetime.fromtimestamp(now - LAST_ZONE_S, UTC).date() - timedelta(days=1)


def organisation_days(store: StoreReader, first: date, last: date) -> OrganisationDays:
    """`first` to `last`, both included. Raises StoreUnavailableError."""
    wearers = store.wearers()
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return OrganisationDays(items=[_day(store, wearers, day) for day in span])


def _day(store: StoreReader, wearers: Sequence[Wearer], day: date) -> OrganisationDay:
    summaries = [store.day_summary(each.id, day, each.timezone) for each in wearers]
    counted = [each for each in summaries if _measured_s(each) >= LEAST_MEASURED_S]
    if len(counted) < LEAST_WEARERS:
        reason = f"fewer than {LEAST_WEARERS} wearers were measured for an hour on this day"
        return OrganisationDay(day=day, averages=None, suppressed=True, reason=reason)
    averages = OrganisationAverages(
        wearers_at_least=len(counted) // WEARERS_STEP * WEARERS_STEP,
        seconds={
            activity_word(activity): _mean([each.seconds.get(activity, 0) for each in counted])
            for activity in Activity
        },
        longest_sitting_s=_mean([each.longest_sitting_s for each in counted]),
        sitting_bouts=_mean([each.sitting_bouts for each in counted], 1),
        breaks=_mean([each.breaks for each in counted], 1),
        slouch_s=_mean([each.slouch_s for each in counted]),
    )
    return OrganisationDay(day=day, averages=averages, suppressed=False, reason=None)


def _measured_s(day: DaySummary) -> int:
    return sum(s for activity, s in day.seconds.items() if activity not in _UNMEASURED)


def _mean(values: Sequence[int], step: int = STEP_S) -> int:
    return round(sum(values) / len(values) / step) * step
