"""An interruption of sitting, as the body shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.episodes import Episode, EpisodeKind
from domain.posture import WearerStatus


@dataclass(frozen=True, slots=True)
class Upright:
    """Upright since `since` (Unix s) for `lasted_s` so far. over: the wearer has sat down again."""

    since: float
    lasted_s: float
    over: bool = False

    @property
    def until(self) -> float:
        """Up to when it is known to have lasted, Unix s."""
        return self.since + self.lasted_s


def latest_upright(
    now: float, status: WearerStatus | None, episodes: Sequence[Episode]
) -> Upright | None:
    """The interruption known to have lasted longest into the present, from breaks and the status."""
    found = [
        Upright(float(e.start), e.lasted_s(int(now)), over=not e.open)
        for e in episodes
        if e.kind is EpisodeKind.BREAK
    ]
    if status is not None and status.upright_s > 0:
        found.append(Upright(float(status.time + 1 - status.upright_s), status.upright_s))
    return max(found, key=lambda upright: upright.until, default=None)
