"""What the wearer is told, why, and what came of it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class AlertKind(StrEnum):
    """What an alert is about. The words are stored; they may be added to, never changed."""

    SITTING = "sitting"
    SLOUCH = "slouch"
    LOW_BATTERY = "low_battery"
    SENSOR_LOST = "sensor_lost"
    SHIFT = "shift"
    HELD_BEND = "held_bend"
    SIDE_BEND = "side_bend"
    TWIST = "twist"
    LITTLE_MOVEMENT = "little_movement"
    GOAL = "goal"
    CALIBRATION_STALE = "calibration_stale"
    NOT_WORN = "not_worn"

    @property
    def about_sensors(self) -> bool:
        """Whether it is about what measures, not about how the wearer sits: such alerts are not counted
        among those of a day."""
        return self in _ABOUT_SENSORS

    @property
    def asks(self) -> bool:
        """Whether the body can answer it: sitting, shifts, loads, movement; not a goal that is reached."""
        return self is not AlertKind.GOAL and not self.about_sensors


_ABOUT_SENSORS = frozenset(
    {
        AlertKind.LOW_BATTERY,
        AlertKind.SENSOR_LOST,
        AlertKind.CALIBRATION_STALE,
        AlertKind.NOT_WORN,
    }
)


class Severity(StrEnum):
    """How loud an alert is."""

    NUDGE = "nudge"
    NOTICE = "notice"


#: An alert answered within this counts as answered (evidence.md, section 1: Compernolle 2021).
ANSWERED_S = 300.0


class Outcome(StrEnum):
    """What came of an alert. Partial: upright for a minute or more; taken: for five or more."""

    TAKEN = "taken"
    PARTIAL = "partial"
    SNOOZED = "snoozed"
    IGNORED = "ignored"
    FALSE_ALARM = "false_alarm"
    ENDED = (
        "ended"  # a slouch ended by itself, a sensor was charged or heard again, or the data ended
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an alert was raised, in figures: every field is what was measured, not what is assumed.

    measured: a stable word: `sitting_s`, `still_s` (without a change of posture), `lean_deg`, `side_deg`,
    `twist_deg`, `held_s`, `upright_s`, `shifts_per_h`, `reference_s` (for which the reference does not
    fit), `not_worn_s`, `battery_percent` or `silent_s`. value and limit share `unit` (`s`, `deg`, `%`,
    `1/h`). lasted_s: for how long the limit was passed. placement: where the
    deciding sensor was worn. confidence: 0..1, NaN where nobody can say.
    """

    measured: str
    value: float
    limit: float
    unit: str
    lasted_s: int
    placement: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Alert:
    """One decision to speak, with its life so far; times are Unix s.

    `episode` is the id of what it speaks of: an episode of posture, a sensor, or a word for a day.
    `message` is the sentence for the wearer. An alert is open until `closed_at`; acknowledging
    silences it, snoozing silences it until `snoozed_until`. `response_s`: from `opened_at` until the body
    answered, or until a slouch or bend that was not answered ended by itself; None where nobody knows.
    `said` counts how often it was announced, repeats included. `revision` grows by one with every change.
    """

    id: str
    wearer: str
    episode: str
    kind: AlertKind
    severity: Severity
    opened_at: float
    message: str
    explanation: Explanation
    said: int = 1
    last_said_at: float = 0.0
    acknowledged_at: float | None = None
    snoozed_until: float | None = None
    closed_at: float | None = None
    outcome: Outcome | None = None
    response_s: float | None = None
    revision: int = 1

    @property
    def open(self) -> bool:
        """Whether what it speaks of still goes on."""
        return self.closed_at is None

    @property
    def asked(self) -> bool:
        """Whether it is over, the body could answer it, and it is known whether it did: one that was snoozed
        or ended unseen is not; a slouch or bend that ended by itself, later, is one without an answer."""
        if self.outcome is None or not self.kind.asks:
            return False
        unseen = self.outcome is Outcome.ENDED and self.response_s is None
        return not unseen and self.outcome is not Outcome.SNOOZED

    @property
    def answered(self) -> bool:
        """Whether it was asked, and answered by the body within ANSWERED_S."""
        ended = self.outcome is Outcome.ENDED
        response_s = None if ended or not self.asked else self.response_s
        return response_s is not None and response_s <= ANSWERED_S


def alert_id(wearer: str, kind: AlertKind, episode: str, opened_at: float) -> str:
    """The same episode announced at the same second is the same alert."""
    text = f"{wearer}\n{kind.value}\n{episode}\n{int(opened_at)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
