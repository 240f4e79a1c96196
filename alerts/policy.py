"""When to speak, and what came of it: posture in, decisions out. No clock, no I/O: time is an argument.

docs/alerts.md tells all this to the wearer. The rules of each kind:

**Sitting.** Said when the sitting clock passes its limit. Said again while unanswered, at most `repeats`
times. It closes when the body takes the break, never the keyboard:

- `partial` once upright for `BreakLimits.partial_s`, however late; it becomes `taken` when the same
  interruption reaches `BreakLimits.full_s`. `response_s` runs from the first announcement to standing up.
- `ignored` when the last repeat went unanswered for the repeat interval; sitting is then not spoken of
  until the clock restarts (evidence.md, section 2: "then the next bout").
- `false_alarm` when the wearer says that it was fine; likewise quiet until the clock restarts.
- `ended` when nobody can know: data ended, the sensor was taken off, the wearer lay down, or the clock
  restarted unseen; `snoozed` when that happens while it is snoozed.

A partial break pauses the clock, so the limit is still passed when the wearer sits down again: it buys
one repeat interval of further sitting before the next alert.

**Slouch, held bend, side bend, twist.** Said once per episode, while it lasts; also while sitting and
standing cannot be told apart, as long as the lean is measured (analysis.md, section 6). What is an
episode of these, with its delay and its hysteresis, is the analysis's business; `slouch_after_s` may
wait longer, `slouch_margin_deg` lets more pass. It closes with its episode: `taken` when it ended
within 60 s of the last announcement, else `ended`. Turns, which are all that one gyro can see, are no
twists and never said.

**Shift nudge.** Said once when the wearer has sat for `shift_after_min` in which a change of posture
would have been seen and none was. `taken` with the next change, or with standing up; `ignored` after the
repeat interval, and then not said until there was one.

**The day.** Little movement once, from its hour on, when at least four hours are known and less than half
of the goal is reached: `taken` once upright for a partial break, `ignored` after the repeat interval.
Each goal once, `ended` after the repeat interval: nothing is asked.

**Calibration.** Said once a day when the reference has not fitted for a minute; `ended` when it has
fitted again for one.

**Answers.** Acknowledging silences the alert for as long as it lasts; it still closes with its outcome.
A snooze silences until its time, then the alert is said again if it is still true, and may be
repeated anew.

**Restraint.** `alerts.decider`: never two announcements in one second, budgets of the day and the hour, of
which nudges may use half; one repeat interval between two nudges of a kind. Nothing is said on data that
are stale or of an unknown wearer, nor right after they came back: what is said is so now.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from alerts.answered import Answered
from alerts.candidate import Candidate
from alerts.daily import DailyRule
from alerts.decider import Decider
from alerts.fitting import FitRule
from alerts.ledger import Ledger
from alerts.loads import LOADS, LoadRule
from alerts.memory import Memory, memory_bytes, memory_from
from alerts.seconds import seconds_of
from alerts.settings import BREAKS, AlertSettings, BreakLimits
from alerts.shifting import ShiftRule
from alerts.sitting import GAP_S, SittingRule
from domain.alerts import Alert, AlertKind
from domain.decisions import Decision, Reason
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, FrameBlock, WearerStatus
from domain.surroundings import NOTHING_KNOWN, Surroundings

#: A status older than this is no longer what is so now (own judgement: three late frames).
FRESH_S = 5.0

_UNKNOWABLE = (Activity.UNKNOWN, Activity.NOT_WORN)
#: What ends a stillness: a good moment to be spoken to, as is a movement.
_PAUSES = (EpisodeKind.SHIFT, EpisodeKind.BEND, EpisodeKind.TURN, EpisodeKind.BREAK)


@dataclass(frozen=True, slots=True)
class Said:
    """What one push brought: alerts that are new or changed, and the answers that changed."""

    alerts: tuple[Alert, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @classmethod
    def last_of(
        cls, changed: Iterable[Alert], spoken: Alert | None, decisions: tuple[Decision, ...]
    ) -> Self:
        """One alert may have changed twice in a moment; the last revision says it all."""
        last = {alert.id: alert for alert in changed}
        if spoken is not None:
            last[spoken.id] = spoken
        return cls(tuple(last.values()), decisions)


class Policy(Answered):
    """The decisions for one wearer. The same inputs in the same order give the same decisions.

    breaks: what the analysis calls a break. fresh_s: how old a status may be and still count as now;
    scale it with the speed of a simulation.
    """

    def __init__(
        self,
        wearer: str,
        settings: AlertSettings,
        *,
        breaks: BreakLimits = BREAKS,
        fresh_s: float = FRESH_S,
    ) -> None:
        self._wearer = wearer
        self._settings = settings
        self._breaks = breaks
        self._fresh_s = fresh_s
        self._remember(Memory())

    def push(
        self,
        now: float,
        status: WearerStatus | None,
        episodes: Sequence[Episode],
        *,
        local: datetime,
        frames: FrameBlock | None = None,
        around: Surroundings = NOTHING_KNOWN,
    ) -> Said:
        """What changed in this moment.

        status: what is so now, None when nothing is known. episodes: those that opened or closed since
        the last push; frames: the seconds since then. local: `now` on the wearer's clock, with its zone.
        Raises ValueError when any of them speaks of another wearer.
        """
        told = (status, frames, *episodes)
        if any(each is not None and each.wearer != self._wearer for each in told):
            raise ValueError(f"the policy of {self._wearer!r} was given another wearer's posture")
        self._memory.budget.turn(local.date())
        seen = self._look(now, status)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()
        seconds = seconds_of(frames, midnight)
        self._daily.count(seconds, episodes, local.date(), midnight)
        changed = [] if status is None else self._count(now, frames, status)
        changed += self._hear(now, episodes, seen)
        changed += self._sitting.follow(now, seen, episodes)
        changed += [*self._shifting.follow(now, seen), *self._daily.follow(now, seen, episodes)]
        changed += self._lose(now)
        changed += self._sitting.give_up(now, seen)
        spoken, decisions = self._decider.decide(
            now,
            self._candidates(now, seen, status, local),
            local=local,
            around=around,
            paused=seconds.moved or any(each.kind in _PAUSES for each in episodes),
            gone=self._gone(now, seen, status),
        )
        if spoken is not None:
            self._said(spoken)
        return Said.last_of(changed, spoken, decisions)

    def adopt(self, settings: AlertSettings) -> None:
        """Go by these settings from the next push on."""
        self._settings = settings
        self._remember(self._memory)

    @property
    def said_at(self) -> float | None:
        """When something was last said, Unix s."""
        return self._memory.budget.last_said_at

    def save(self) -> bytes:
        """Everything that decides later decisions, as bytes."""
        return memory_bytes(self._wearer, self._memory)

    @classmethod
    def load(
        cls,
        state: bytes,
        wearer: str,
        settings: AlertSettings,
        *,
        breaks: BreakLimits = BREAKS,
        fresh_s: float = FRESH_S,
    ) -> Self:
        """A policy that goes on where `save` was called. Raises StateError."""
        policy = cls(wearer, settings, breaks=breaks, fresh_s=fresh_s)
        policy._remember(memory_from(wearer, state))
        return policy

    def _remember(self, memory: Memory) -> None:
        wearer, settings = self._wearer, self._settings
        self._memory = memory
        ledger = self._ledger = Ledger(wearer, settings, memory)
        self._sitting = SittingRule(wearer, settings, self._breaks, memory, ledger)
        self._loads = LoadRule(settings, self._fresh_s, memory, ledger)
        self._shifting = ShiftRule(wearer, settings, memory, ledger)
        self._daily = DailyRule(settings, self._breaks, memory, ledger)
        self._fitting = FitRule(memory, ledger)
        self._decider = Decider(wearer, settings, memory, ledger)

    def _is_fresh(self, now: float, status: WearerStatus) -> bool:
        return abs(now - (status.time + 1)) <= self._fresh_s

    def _look(self, now: float, status: WearerStatus | None) -> WearerStatus | None:
        """The status when it is fresh and the activity is known, and notes what can be followed."""
        if status is None or not self._is_fresh(now, status):
            return None
        if status.activity is Activity.NOT_WORN:
            return None
        memory = self._memory
        if memory.fresh_at is not None and now - memory.fresh_at > max(GAP_S, self._fresh_s):
            memory.resumed_at = now
        memory.fresh_at = now
        if (status.bout_start, status.slouching_since) != (None, None) or status.upright_s > 0:
            memory.followed_at = now
        if status.activity in _UNKNOWABLE:
            return None
        memory.known_at = now
        memory.clock_s = status.sitting_clock_s
        if status.sitting_clock_s < self._settings.sitting_limit_s:
            memory.quiet_clock_s = None
        return status

    def _leaning(self, now: float, status: WearerStatus | None) -> WearerStatus | None:
        """The status when it is fresh and tells a lean, of a wearer whose activity may be unknown.

        A trunk sensor alone often cannot tell sitting from standing still, and yet measures the lean.
        """
        if status is None or not self._is_fresh(now, status):
            return None
        if status.activity is Activity.UNKNOWN:
            return status if math.isfinite(status.lean_deg) else None
        return None if status.activity is Activity.NOT_WORN else status

    def _count(self, now: float, frames: FrameBlock | None, status: WearerStatus) -> list[Alert]:
        """Add the new seconds to what is followed."""
        self._shifting.count(frames, status.bout_start)
        return self._fitting.count(now, 0 if frames is None else len(frames), status)

    def _hear(
        self, now: float, episodes: Sequence[Episode], seen: WearerStatus | None
    ) -> list[Alert]:
        """Remember what opened; close what ended with its episode."""
        changed = []
        for episode in episodes:
            if episode.kind is EpisodeKind.SITTING:
                changed += self._sitting.hear(now, episode)
            elif episode.kind is EpisodeKind.SHIFT:
                changed += self._shifting.hear(now, episode, seen)
            elif episode.kind in LOADS:
                changed += self._loads.hear(now, episode)
            elif episode.kind is EpisodeKind.NOT_WORN and episode.open:
                changed += self._ledger.close_all_unseen(now)
                self._memory.loads.clear()
        return changed

    def _lose(self, now: float) -> list[Alert]:
        """Close what can no longer be followed: silence, or an activity unknown for too long."""
        memory = self._memory
        silent = memory.followed_at is None or now - memory.followed_at > GAP_S
        blind = memory.known_at is None or now - memory.known_at > self._settings.repeat_after_s
        if not (silent or blind):
            return []
        memory.sitting = None if silent else memory.sitting
        if silent:
            memory.loads.clear()
        return self._ledger.close_all_unseen(now)

    def _candidates(
        self,
        now: float,
        seen: WearerStatus | None,
        status: WearerStatus | None,
        local: datetime,
    ) -> list[Candidate]:
        """What could be said, the most important first."""
        leaning = self._leaning(now, status)
        found = [] if seen is None else [self._sitting.wants(now, seen)]
        if leaning is not None:
            found += self._loads.wants(now, leaning)
            found.append(self._fitting.wants(now, leaning))
        if seen is not None:
            found += [*self._daily.wants(now, seen, local), self._shifting.wants(now, seen)]
        fresh = status is not None and self._is_fresh(now, status)
        return [
            *(each for each in found if each is not None),
            *([] if seen is not None else self._overdue(now, fresh=fresh)),
        ]

    def _overdue(self, now: float, *, fresh: bool) -> list[Candidate]:
        """A sitting alert that would be said again, and is not, because nobody knows whether it is true."""
        alert = self._ledger.of_kind(AlertKind.SITTING)
        if alert is None or not self._ledger.due(alert, now):
            return []
        held = Reason.DATA_UNKNOWN if fresh else Reason.DATA_STALE
        return [
            Candidate(
                alert.kind, alert.severity, alert.episode, alert.message, alert.explanation,
                again=alert, held=held,
            )
        ]  # fmt: skip

    def _gone(self, now: float, seen: WearerStatus | None, status: WearerStatus | None) -> Reason:
        """Why what could be said before cannot any more."""
        if status is None or not self._is_fresh(now, status):
            return Reason.DATA_STALE
        if seen is None and status.activity is Activity.UNKNOWN:
            return Reason.DATA_UNKNOWN
        return Reason.OVER

    def _said(self, alert: Alert) -> None:
        """Have its rule remember that it was said."""
        if alert.kind is AlertKind.SHIFT:
            self._shifting.said()
        elif alert.kind in LOADS.values():
            self._loads.said(alert.episode)
        elif alert.kind is not AlertKind.SITTING:
            self._daily.said(alert.episode)
