"""A wearer told second by second: what they do, and what the policy makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np

from alerts.policy import Policy
from alerts.settings import AlertSettings
from domain.alerts import Alert
from domain.decisions import Decision
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, FrameBlock, Quality, WearerStatus
from domain.surroundings import NOTHING_KNOWN, Surroundings

T0 = 1_763_800_000  # 2025-11-22, the morning in UTC
WEARER = "ada"


def status(time: int, activity: Activity = Activity.SITTING, **changes: object) -> WearerStatus:
    """A fresh, ordinary status; `changes` are fields of WearerStatus."""
    plain = WearerStatus(
        wearer=WEARER,
        time=time,
        activity=activity,
        activity_since=time,
        confidence=0.93,
        p_sitting=0.97,
        lean_deg=4.0,
        side_deg=0.0,
        sitting_clock_s=0,
        bout_start=None,
        upright_s=0,
        slouching_since=None,
        slouch_entry_deg=9.0,
        quality=Quality.GOOD,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test's shorthand


def frame_of(state: WearerStatus, mad_mg: float = 3.0) -> FrameBlock:
    """The second that `state` is about."""
    columns = dict.fromkeys(
        ("twist_deg", "turn_dps", "enmo_mg", "cadence_spm", "quality", "source"), np.zeros(1)
    )
    told = {
        name: np.array([getattr(state, name)])
        for name in ("activity", "p_sitting", "lean_deg", "side_deg", "confidence")
    }
    return FrameBlock(
        state.wearer, times=np.array([state.time]), mad_mg=np.array([mad_mg]), **columns, **told
    )


def episode(
    kind: EpisodeKind, start: int, end: int | None = None, *, censored: bool = False, **more: object
) -> Episode:
    """An episode of the test's wearer."""
    plain = Episode(
        kind=kind,
        wearer=WEARER,
        start=start,
        end=end,
        peak=18.0,
        mean=14.4,
        dose=7.0,
        confidence=0.9,
        limit=9.0,
        placement="upper_back",
        censored=censored,
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # a test's shorthand


@dataclass
class Day:
    """Pushes one status a second and keeps every revision that came out."""

    settings: AlertSettings = field(default_factory=AlertSettings)
    now: int = T0
    clock_s: int = 0
    bout: int | None = None
    revisions: list[Alert] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    around: Surroundings = NOTHING_KNOWN

    def __post_init__(self) -> None:
        self.policy = Policy(WEARER, self.settings)

    def push(
        self, state: WearerStatus | None, *episodes: Episode, mad_mg: float = 3.0
    ) -> tuple[Alert, ...]:
        """One second of `state`, which is about the second that ends now."""
        self.now += 1
        seconds = None if state is None else frame_of(state, mad_mg)
        said = self.policy.push(
            self.now, state, episodes, local=self.local, frames=seconds, around=self.around
        )
        self.revisions += said.alerts
        self.decisions += said.decisions
        return said.alerts

    @property
    def local(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def sit(self, seconds: int, episodes: Sequence[Episode] = (), **changes: object) -> None:
        """Sit; opens the bout when there is none."""
        first = list(episodes)
        if self.bout is None:
            self.bout = self.now
            first.append(episode(EpisodeKind.SITTING, self.bout))
        for _ in range(seconds):
            self.clock_s += 1
            self.push(
                status(self.now, sitting_clock_s=self.clock_s, bout_start=self.bout, **changes),
                *first,
            )
            first = []

    def stand(self, seconds: int, *, announce: bool = True) -> None:
        """Be upright; the sitting bout closes, and after 60 s the break opens, as the analysis does."""
        start = self.now
        for second in range(1, seconds + 1):
            said: list[Episode] = []
            if self.bout is not None:
                said.append(episode(EpisodeKind.SITTING, self.bout, start))
                self.bout = None
            if second == 60 and announce:
                said.append(episode(EpisodeKind.BREAK, start))
            if second >= 300:
                self.clock_s = 0
            self.push(
                status(self.now, Activity.STANDING, upright_s=second, sitting_clock_s=self.clock_s),
                *said,
            )

    def stand_on(self, seconds: int, upright_s: int) -> None:
        """Be upright for more seconds after `upright_s` of them."""
        for second in range(upright_s + 1, upright_s + seconds + 1):
            self.push(
                status(self.now, Activity.STANDING, upright_s=second, sitting_clock_s=self.clock_s)
            )

    def nothing(self, seconds: int) -> None:
        """No data at all."""
        for _ in range(seconds):
            self.push(None)

    @property
    def last(self) -> Alert:
        """The newest revision."""
        return self.revisions[-1]

    @property
    def announcements(self) -> list[Alert]:
        """Revisions in which the wearer was spoken to."""
        said: dict[str, int] = {}
        spoken = []
        for alert in self.revisions:
            if alert.said > said.get(alert.id, 0):
                spoken.append(alert)
                said[alert.id] = alert.said
        return spoken
