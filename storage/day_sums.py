"""All that a look back wants of a day, as one row of numbers: what `storage.kept_days` keeps.

The figures of `DaySummary`, and beside them loads, answers to alerts, exposure and the hours of the day.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from domain.alerts import Alert, Outcome
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, PostureFrame
from storage.contract import DaySummary, Series
from storage.days import MOST_ALERTS_A_DAY, day_bounds
from storage.exposed import EXPOSED

Number = float | int | None

_LOADS: Final = (EpisodeKind.HELD_BEND, EpisodeKind.SIDE_BEND, EpisodeKind.TWIST)
_OUTCOMES: Final = tuple(outcome.value for outcome in Outcome)
#: The columns of a day; docs/api.md says what each is.
COLUMNS: Final[tuple[str, ...]] = (
    *(f"{activity.word}_s" for activity in Activity),
    "sitting_bouts", "longest_sitting_s", "breaks", "full_breaks", "slouches", "slouch_s",
    "slouch_dose_deg_min", "lean_mean_deg", "shifts", "bends", "turns",
    "held_bends", "held_bend_s", "side_bends", "side_bend_s", "twists", "twist_s",
    "alerts", "asked", "answered", *_OUTCOMES, *EXPOSED,
)  # fmt: skip
#: What is known by hour of the day, each 24 sums of seconds.
HOURLY: Final = ("known_s", "sitting_s", "upright_s", "slouch_s")
_KNOWN = [Activity.SITTING, Activity.STANDING, Activity.MOVING, Activity.LYING]
_HOUR_S, _QUARTER_S = 3600, 900


@dataclass(frozen=True, slots=True)
class DaySums:
    """One local day. values: by COLUMNS, None where it cannot be known. hours: (4, 24) seconds, HOURLY by
    the hour that clocks showed; an hour that clocks went back to has more than 3600. whole: whether all its
    seconds were there to count the exposure of."""

    day: date
    start: int
    end: int
    values: tuple[Number, ...]
    hours: NDArray[np.int64]
    whole: bool


@dataclass(frozen=True, slots=True)
class DayTable:
    """Days of a wearer, in order: those with anything stored, or between such. columns: by COLUMNS, a value
    a day. pending: how many days more there are that are not summed up yet."""

    wearer: str
    timezone: str
    days: tuple[date, ...]
    columns: dict[str, Sequence[Number]]
    pending: int


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Sums over days, by weekday and hour of the day. days: how many of each weekday (7,), Monday first.
    sums: by HOURLY (7, 24) seconds. pending: as of `DayTable`."""

    wearer: str
    timezone: str
    days: tuple[int, ...]
    sums: dict[str, NDArray[np.int64]]
    pending: int


class DayParts(Protocol):
    """What a day is summed up from; each as the Store contract says."""

    def day_summary(self, wearer: str, day: date, timezone: str) -> DaySummary:
        """As the contract says."""
        ...

    def series(self, wearer: str, start: int, end: int, resolution_s: int) -> Series:
        """As the contract says."""
        ...

    def episodes(
        self, wearer: str, start: int, end: int, kinds: Sequence[EpisodeKind] | None = None
    ) -> list[Episode]:
        """As the contract says."""
        ...

    def alerts(
        self,
        wearer: str | None = None,
        *,
        start: float | None = None,
        end: float | None = None,
        limit: int = 200,
    ) -> list[Alert]:
        """As the contract says."""
        ...

    def latest(self, wearer: str) -> PostureFrame | None:
        """As the contract says."""
        ...

    def minutes_span(self, wearer: str) -> tuple[int, int] | None:
        """Where the first minute that is stored begins, and the last one ends; None without any."""
        ...

    def exposed(self, wearer: str, start: int, end: int) -> tuple[int, ...]:
        """How many seconds of [start, end) are stored, and `storage.exposed.EXPOSED` of them."""
        ...


def sum_up_day(store: DayParts, wearer: str, day: date, timezone: str) -> DaySums:
    """From what is stored of it now. Raises what the store raises."""
    summary = store.day_summary(wearer, day, timezone)
    start, end = summary.start, summary.end
    episodes = store.episodes(wearer, start, end)
    alerts = store.alerts(wearer, start=start, end=end, limit=MOST_ALERTS_A_DAY)
    known_until = _known_until(store, wearer)
    stored_s, *counted = store.exposed(wearer, start, end)
    whole = stored_s >= sum(summary.seconds.values())
    exposed: list[Number] = [*counted] if whole or stored_s else [None] * len(EXPOSED)
    values = (
        *(summary.seconds[activity] for activity in Activity),
        summary.sitting_bouts, summary.longest_sitting_s, summary.breaks, summary.full_breaks,
        summary.slouches, summary.slouch_s, round(summary.slouch_dose_deg_min, 3),
        None if np.isnan(summary.lean_mean_deg) else round(summary.lean_mean_deg, 3),
        *_loads(episodes, start, end, known_until), *_answers(alerts), *exposed,
    )  # fmt: skip
    return DaySums(
        day=day,
        start=start,
        end=end,
        values=values,
        hours=_hours(store, wearer, summary, episodes, known_until),
        whole=whole,
    )


def _known_until(store: DayParts, wearer: str) -> int:
    """The end of the last second that was stored; 0 when nothing was."""
    latest = store.latest(wearer)
    if latest is not None:
        return latest.time + 1
    span = store.minutes_span(wearer)
    return 0 if span is None else span[1]


def _loads(episodes: Sequence[Episode], start: int, end: int, known_until: int) -> list[Number]:
    began = Counter(each.kind for each in episodes if each.start >= start)
    moments = (EpisodeKind.SHIFT, EpisodeKind.BEND, EpisodeKind.TURN)
    out: list[Number] = [began[kind] for kind in moments]
    for kind in _LOADS:
        inside = [_inside(each, start, end, known_until) for each in episodes if each.kind is kind]
        out += [began[kind], sum(max(until - since, 0) for since, until in inside)]
    return out


def _answers(alerts: Sequence[Alert]) -> list[Number]:
    bodily = [each for each in alerts if not each.kind.about_sensors]
    asked = [each for each in bodily if each.asked]
    came = Counter(
        each.outcome.value for each in bodily if each.kind.asks and each.outcome is not None
    )
    return [
        len(bodily),
        len(asked),
        sum(each.answered for each in asked),
        *(came[outcome] for outcome in _OUTCOMES),
    ]


def _inside(episode: Episode, start: int, end: int, known_until: int) -> tuple[int, int]:
    until = known_until if episode.end is None else episode.end
    return max(episode.start, start), min(until, end)


def _hours(
    store: DayParts, wearer: str, day: DaySummary, episodes: Sequence[Episode], known_until: int
) -> NDArray[np.int64]:
    """HOURLY of the day. Hours of the store are finer where the zone's do not begin with those of UTC."""
    zone = ZoneInfo(day.timezone)
    whole = day.start % _HOUR_S == 0 and day.end % _HOUR_S == 0
    width_s = _HOUR_S if whole else _QUARTER_S
    first = day.start - day.start % width_s
    out = np.zeros((len(HOURLY), 24), dtype=np.int64)
    clock = [
        datetime.fromtimestamp(time, UTC).astimezone(zone).hour
        for time in range(first, day.end, width_s)
    ]
    series = store.series(wearer, day.start, day.end, width_s)
    for time, seconds in zip(series.times.tolist(), series.seconds, strict=True):
        hour = clock[(time - first) // width_s]
        upright = seconds[Activity.STANDING] + seconds[Activity.MOVING]
        out[:3, hour] += (seconds[_KNOWN].sum(), seconds[Activity.SITTING], upright)
    for episode in episodes:
        if episode.kind is not EpisodeKind.SLOUCH:
            continue
        since, until = _inside(episode, day.start, day.end, known_until)
        while since < until:
            slot = (since - first) // width_s
            cut = min(until, first + (slot + 1) * width_s)
            out[3, clock[slot]] += cut - since
            since = cut
    return out


def local_days(first: int, last: int, timezone: str) -> tuple[date, date]:
    """The local days that hold the seconds `first` and `last`. Raises NotFoundError for an unknown zone."""
    day_bounds(date(2000, 1, 1), timezone)
    zone = ZoneInfo(timezone)
    day, end = (datetime.fromtimestamp(time, UTC).astimezone(zone).date() for time in (first, last))
    return day, end


def days_between(first: date, last: date) -> list[date]:
    """[first, last)."""
    return [first + timedelta(days=n) for n in range((last - first).days)]
