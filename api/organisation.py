"""What an organisation may know: averages of a day over at least ten wearers, and nothing else.

So that no one is found by comparing answers, an answer depends on its day alone: the days are whole and over
everywhere, nobody can be picked or left out, a longer range has the same days in it, and who counts on a day
is decided by that day. Averages are rounded, and the number of wearers is cut to fives, so that the same day
before and after somebody was erased says little of them. There is no least, most or median. What remains is
said in docs/security.md.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import add
from typing import Any, Final

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
#: Seconds of each activity, the measured ones first, and what else is averaged.
_SECONDS: Final = tuple(
    f"{each.word}_s" for each in sorted(Activity, key=lambda each: each in _UNMEASURED)
)
_MEASURED: Final = len(Activity) - len(_UNMEASURED)
_FIGURES: Final = (*_SECONDS, "longest_sitting_s", "sitting_bouts", "breaks", "slouch_s")


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
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    sums = {day: [0] * len(_FIGURES) for day in span}
    counted = Counter[date]()
    for wearer in store.wearers():
        for day, figures in _days_of(store, wearer, span):
            if sum(figures[:_MEASURED]) >= LEAST_MEASURED_S:
                sums[day] = [*map(add, sums[day], figures)]
                counted[day] += 1
    return OrganisationDays(items=[_day(day, sums[day], counted[day]) for day in span])


def _days_of(
    store: StoreReader, wearer: Wearer, span: Sequence[date]
) -> Iterator[tuple[date, Sequence[int]]]:
    """_FIGURES of the days of which anything is there. Those that are over are read as they were kept, all at
    once: thousands of wearers are asked for while somebody waits."""
    table = store.days(wearer.id, span[0], span[-1] + timedelta(days=1), wearer.timezone)
    columns: list[Sequence[Any]] = [table.columns[name] for name in _FIGURES]
    yield from zip(table.days, zip(*columns, strict=True), strict=True)
    if table.pending:
        for day in sorted({*span}.difference(table.days)):
            yield day, _figures(store.day_summary(wearer.id, day, wearer.timezone))


def _figures(day: DaySummary) -> Sequence[int]:
    seconds = {f"{activity.word}_s": s for activity, s in day.seconds.items()}
    return [seconds.get(name, 0) if name in _SECONDS else getattr(day, name) for name in _FIGURES]


def _day(day: date, sums: Sequence[int], counted: int) -> OrganisationDay:
    if counted < LEAST_WEARERS:
        reason = f"fewer than {LEAST_WEARERS} wearers were measured for an hour on this day"
        return OrganisationDay(day=day, averages=None, suppressed=True, reason=reason)

    def mean(name: str, step: int = STEP_S) -> int:
        return round(sums[_FIGURES.index(name)] / counted / step) * step

    averages = OrganisationAverages(
        wearers_at_least=counted // WEARERS_STEP * WEARERS_STEP,
        seconds={activity_word(each): mean(f"{each.word}_s") for each in Activity},
        longest_sitting_s=mean("longest_sitting_s"),
        sitting_bouts=mean("sitting_bouts", 1),
        breaks=mean("breaks", 1),
        slouch_s=mean("slouch_s"),
    )
    return OrganisationDay(day=day, averages=averages, suppressed=False, reason=None)
