"""A local day of one wearer: cut in their time zone, summed from rollups and episodes."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import apsw
import numpy as np
from numpy.typing import NDArray

from domain.alerts import ANSWERED_S, Alert, Outcome
from domain.episodes import Episode, EpisodeKind
from domain.errors import NotFoundError
from domain.posture import Activity
from storage.alerts import read_alerts
from storage.contract import DaySummary
from storage.episodes import read_episodes
from storage.rollups import MINUTE_S
from storage.series import sum_rollups

#: A break that starts the sitting clock anew (evidence section 2, "a break counts").
FULL_BREAK_S = 300

MOST_ALERTS_A_DAY = 100_000


def day_bounds(day: date, timezone: str) -> tuple[int, int]:
    """Unix s of the two midnights of `day` in an IANA zone; 23, 24 or 25 h apart, or as the zone says.

    A midnight that a clock change skips is the moment of the change; of one that happens twice it
    is the first. Raises NotFoundError for a zone that does not exist.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        # ValueError and OSError: a key that is no sane path, such as "" or "../x" or a folder.
        raise NotFoundError("time zone", timezone) from error
    start, end = (
        datetime.combine(midnight, time(), tzinfo=zone).astimezone(UTC).timestamp()
        for midnight in (day, day + timedelta(days=1))
    )
    return round(start), round(end)


def read_day(
    connection: apsw.Connection, wearer: str, key: int | None, day: date, timezone: str
) -> DaySummary:
    """Counts are of what began in the day; seconds and doses are cut to it.

    An episode that is still open reaches to the last second that was stored.
    """
    start, end = day_bounds(day, timezone)
    seconds, lean_mean_deg = np.zeros(len(Activity), dtype=np.int64), math.nan
    episodes: list[Episode] = []
    if key is not None:
        # Zones of the nineteenth century are off by odd seconds; whole minutes have to do for them.
        seconds, lean_mean_deg = sum_rollups(
            connection, key, start - start % MINUTE_S, end - end % MINUTE_S
        )
        episodes = read_episodes(connection, wearer, key, start, end)
    alerts = read_alerts(
        connection, wearer, start=start, end=end, open_only=False, limit=MOST_ALERTS_A_DAY
    )
    known_until = _known_until(connection, key)
    return sum_day(
        wearer, day, timezone, seconds, lean_mean_deg, episodes, alerts, known_until=known_until
    )


def sum_day(
    wearer: str,
    day: date,
    timezone: str,
    seconds: NDArray[np.int64],
    lean_mean_deg: float,
    episodes: Sequence[Episode],
    alerts: Sequence[Alert],
    *,
    known_until: int,
) -> DaySummary:
    """The summary from what was found of the day: seconds of each activity (6,), the mean lean while upright,
    the episodes that overlap it, the alerts that opened in it. known_until: the end of the last second
    that was ever stored, Unix s. Raises NotFoundError for a zone that does not exist.
    """
    start, end = day_bounds(day, timezone)

    def inside_s(episode: Episode) -> int:
        until = known_until if episode.end is None else episode.end
        return max(min(until, end) - max(episode.start, start), 0)

    def of(kind: EpisodeKind) -> list[Episode]:
        return [episode for episode in episodes if episode.kind is kind]

    def began(kind: EpisodeKind) -> list[Episode]:
        return [episode for episode in of(kind) if episode.start >= start]

    kinds = [alert.kind.value for alert in alerts]
    return DaySummary(
        wearer=wearer,
        day=day,
        timezone=timezone,
        start=start,
        end=end,
        seconds={activity: int(seconds[activity]) for activity in Activity},
        sitting_bouts=len(began(EpisodeKind.SITTING)),
        longest_sitting_s=max(map(inside_s, of(EpisodeKind.SITTING)), default=0),
        breaks=len(began(EpisodeKind.BREAK)),
        full_breaks=sum(
            _upright_s(episode, known_until) >= FULL_BREAK_S for episode in began(EpisodeKind.BREAK)
        ),
        slouches=len(began(EpisodeKind.SLOUCH)),
        slouch_s=sum(map(inside_s, of(EpisodeKind.SLOUCH))),
        slouch_dose_deg_min=sum(
            _dose_inside(episode, inside_s(episode), known_until)
            for episode in of(EpisodeKind.SLOUCH)
        ),
        lean_mean_deg=lean_mean_deg,
        alerts={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        answered_within_5_min=sum(
            alert.response_s is not None
            and alert.response_s <= ANSWERED_S
            and alert.outcome is not Outcome.ENDED
            for alert in alerts
        ),
    )


def _known_until(connection: apsw.Connection, key: int | None) -> int:
    """The end of the last second that was stored of a wearer; 0 when nothing was."""
    for table, width_s in (("frames", 1), ("minutes", MINUTE_S)):
        newest = connection.execute(f"SELECT max(time) FROM {table} WHERE wearer = ?", (key,)).get
        if isinstance(newest, int):
            return newest + width_s
    return 0


def _upright_s(episode: Episode, known_until: int) -> float:
    """Seconds upright of a break: its dose, which an open one has not been told yet."""
    if episode.open or math.isnan(episode.dose):
        return max(episode.lasted_s(known_until), 0)
    return episode.dose


def _dose_inside(episode: Episode, inside_s: int, known_until: int) -> float:
    """The part of a dose that falls into the day, as if it had been gathered evenly."""
    lasted_s = episode.lasted_s(known_until)
    if lasted_s <= 0 or math.isnan(episode.dose):
        return 0.0
    return episode.dose * min(inside_s / lasted_s, 1.0)
