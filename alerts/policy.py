"""When to speak, and what came of it: posture in, decisions out. No clock, no I/O: time is an argument.

**Sitting.** Spoken when the sitting clock passes its limit, on fresh and known data only. Said again
while unanswered, at most `repeats` times. It closes when the body takes the break, never the keyboard:

- `partial` once upright for `BreakLimits.partial_s`, however late; it becomes `taken` when the same
  interruption reaches `BreakLimits.full_s`. `response_s` runs from the first announcement to standing up.
- `ignored` when the last repeat went unanswered for the repeat interval; sitting is then not spoken of
  until the clock restarts (evidence.md, section 2: "then the next bout").
- `false_alarm` when the wearer says that it was fine; likewise quiet until the clock restarts.
- `ended` when nobody can know: data ended, the sensor was taken off, the wearer lay down, or the clock
  restarted unseen; `snoozed` when that happens while it is snoozed.

A partial break pauses the clock, so the limit is still passed when the wearer sits down again: it buys
one repeat interval of further sitting before the next alert.

**Slouch.** Spoken once per slouch episode, when it opens (its delay is the analysis's business), also
while sitting and standing cannot be told apart, as long as the lean is measured (analysis.md, section
6: "sitting or upright-unknown"). It closes with its episode: `taken` when it ended within 60 s of the
last announcement, else `ended`.

**Answers.** Acknowledging silences the alert for as long as it lasts; it still closes with its outcome.
A snooze silences until its time, then the alert is said again if it is still true, and may be
repeated anew.

**Restraint.** Never two announcements in one second, never more than `alerts_per_day` alerts in the
wearer's local day; repeats and returns from a snooze belong to their alert. Slouches may use half of the
day's alerts and keep one repeat interval between them, so that a restless morning does not use up the
sitting alerts of the afternoon [own judgement].
"""

import math
from collections.abc import Sequence
from datetime import date
from typing import Self

from alerts.answered import Answered
from alerts.ledger import Ledger
from alerts.memory import Memory, memory_bytes, memory_from
from alerts.settings import BREAKS, AlertSettings, BreakLimits
from alerts.sitting import GAP_S, SittingRule
from alerts.slouching import SlouchRule
from domain.alerts import Alert
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, WearerStatus

#: A status older than this is no longer what is so now (own judgement: three late frames).
FRESH_S = 5.0

_UNKNOWABLE = (Activity.UNKNOWN, Activity.NOT_WORN)


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
        self, now: float, status: WearerStatus | None, episodes: Sequence[Episode], *, day: date
    ) -> tuple[Alert, ...]:
        """What changed in this second: new alerts and new revisions of earlier ones.

        status: what is so now, None when nothing is known. episodes: those that opened or closed since
        the last push. day: the wearer's local day at `now`, for the budget. Raises ValueError when
        either speaks of another wearer.
        """
        if any(e.wearer != self._wearer for e in episodes) or (
            status is not None and status.wearer != self._wearer
        ):
            raise ValueError(f"the policy of {self._wearer!r} was given another wearer's posture")
        self._memory.budget.turn(day)
        seen = self._look(now, status)
        changed = [*self._hear(now, episodes), *self._sitting.follow(now, seen, episodes)]
        changed += self._lose(now)
        changed += self._sitting.give_up(now, seen)
        spoken = self._speak(now, seen, self._leaning(now, status))
        # One alert may have changed twice; the last revision says it all.
        return tuple({a.id: a for a in [*changed, *([spoken] if spoken else [])]}.values())

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
        self._memory = memory
        self._ledger = Ledger(self._wearer, self._settings, memory)
        self._sitting = SittingRule(
            self._wearer, self._settings, self._breaks, memory, self._ledger
        )
        self._slouching = SlouchRule(self._settings, self._fresh_s, memory, self._ledger)

    def _look(self, now: float, status: WearerStatus | None) -> WearerStatus | None:
        """The status when it is fresh and the activity is known, and notes what can be followed."""
        if status is None or abs(now - (status.time + 1)) > self._fresh_s:
            return None
        if status.activity is Activity.NOT_WORN:
            return None
        if (status.bout_start, status.slouching_since) != (None, None) or status.upright_s > 0:
            self._memory.followed_at = now
        if status.activity in _UNKNOWABLE:
            return None
        self._memory.known_at = now
        self._memory.clock_s = status.sitting_clock_s
        if status.sitting_clock_s < self._settings.sitting_limit_s:
            self._memory.quiet_clock_s = None
        return status

    def _leaning(self, now: float, status: WearerStatus | None) -> WearerStatus | None:
        """The status when it is fresh and shows a slouch of a wearer whose activity may be unknown.

        A trunk sensor alone often cannot tell sitting from standing still, and yet measures the lean.
        """
        if status is None or abs(now - (status.time + 1)) > self._fresh_s:
            return None
        slouching = status.slouching_since is not None and math.isfinite(status.lean_deg)
        upright_unknown = status.activity is Activity.UNKNOWN and slouching
        return status if upright_unknown or status.activity not in _UNKNOWABLE else None

    def _hear(self, now: float, episodes: Sequence[Episode]) -> list[Alert]:
        """Remember what opened; close what ended with its episode."""
        changed = []
        for episode in episodes:
            if episode.kind is EpisodeKind.SITTING:
                changed += self._sitting.hear(now, episode)
            elif episode.kind is EpisodeKind.SLOUCH:
                changed += self._slouching.hear(now, episode)
            elif episode.kind is EpisodeKind.NOT_WORN and episode.open:
                changed += self._ledger.close_all_unseen(now)
                self._memory.slouches.clear()
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
            memory.slouches.clear()
        return self._ledger.close_all_unseen(now)

    def _speak(
        self, now: float, seen: WearerStatus | None, leaning: WearerStatus | None
    ) -> Alert | None:
        """At most one announcement, the most important first."""
        if not self._ledger.quiet_for(now, 1.0):
            return None
        spoken = None if seen is None else self._sitting.say(now, seen)
        if spoken is None and leaning is not None:
            spoken = self._slouching.say(now, leaning)
        return spoken
