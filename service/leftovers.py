"""What an earlier run left open and this one cannot go on with: closed where it was last known."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from domain.alerts import Alert, Outcome
from domain.episodes import Episode, EpisodeKind
from storage.contract import Store

#: Whose dose is their seconds; the others gather degrees, which nobody knows any more.
_DOSE_S = frozenset({EpisodeKind.SITTING, EpisodeKind.BREAK, EpisodeKind.NOT_WORN})


@dataclass(frozen=True, slots=True)
class Left:
    """What there is of a wearer who has no desk: saved states by key, what was open, closed; and the second
    after the last frame, None before the first."""

    states: Mapping[str, bytes | None]
    episodes: tuple[Episode, ...]
    alerts: tuple[Alert, ...]
    judged_until: int | None


def left_of(store: Store, wearer: str, keys: Iterable[str], now: float) -> Left:
    """What there is of the wearer. keys: of states. Raises StoreError."""
    latest = store.latest(wearer)
    return Left(
        {key: store.state(key) for key in keys},
        closed_episodes(store, wearer, now),
        closed_alerts(store, wearer, (), now),
        None if latest is None else latest.time + 1,
    )


def closed_episodes(store: Store, wearer: str, now: float) -> tuple[Episode, ...]:
    """The wearer's open episodes, cut short at the end of the last stored second.

    For a pipeline that starts anew: nobody else would ever close them. A dose in degrees is then NaN.
    Raises StoreError.
    """
    latest = store.latest(wearer)
    until = 0 if latest is None else latest.time + 1
    moment = max(int(now), until)  # open ones reach to infinity, from wherever they begin
    closed = []
    for episode in store.episodes(wearer, moment, moment + 1):
        if episode.open:
            end = max(episode.start, until)
            dose = float(end - episode.start) if episode.kind in _DOSE_S else math.nan
            closed.append(replace(episode, end=end, dose=dose, censored=True))
    return tuple(closed)


def closed_alerts(
    store: Store, wearer: str, known: Collection[str], now: float
) -> tuple[Alert, ...]:
    """The wearer's open alerts whose ids are not in `known`, which no policy follows, ended.

    Raises StoreError.
    """
    return tuple(
        replace(
            alert,
            closed_at=max(now, alert.opened_at),
            outcome=Outcome.ENDED if alert.snoozed_until is None else Outcome.SNOOZED,
            revision=alert.revision + 1,
        )
        for alert in store.alerts(wearer, open_only=True)
        if alert.id not in known
    )
