"""Whether to speak, and why or why not: every answer of the alert policy is kept."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from domain.alerts import AlertKind


class Reason(StrEnum):
    """Why it was said, or was not. The words are stored; they may be added to, never changed."""

    SAID = "said"
    OVER = "over"
    OFF = "off"
    PAUSED = "paused"
    QUIET_HOURS = "quiet_hours"
    OUTSIDE_WORK_HOURS = "outside_work_hours"
    IN_MEETING = "in_meeting"
    DO_NOT_DISTURB = "do_not_disturb"
    SCREEN_LOCKED = "screen_locked"
    DATA_STALE = "data_stale"
    DATA_UNKNOWN = "data_unknown"
    JUST_RESUMED = "just_resumed"
    CALIBRATION_STALE = "calibration_stale"
    ANSWERED = "answered"
    AFTER_BREAK = "after_break"
    JUST_SAID = "just_said"
    BUDGET_DAY = "budget_day"
    BUDGET_HOUR = "budget_hour"
    BUDGET_NUDGES = "budget_nudges"
    WAITING_FOR_PAUSE = "waiting_for_pause"
    ANOTHER_FIRST = "another_first"
    JUST_SPOKE = "just_spoke"

    @property
    def words(self) -> str:
        """For the wearer."""
        return _WORDS[self]


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer for one candidate; kept when the answer changes, not once a second.

    at: Unix s. subject: what the alert would speak of (see Alert.episode). measured, value, limit, unit:
    as it stood then (see Explanation). alert: id of the alert, empty when nothing was said.
    """

    id: str
    wearer: str
    at: float
    kind: AlertKind
    subject: str
    reason: Reason
    measured: str
    value: float
    limit: float
    unit: str
    alert: str = ""

    @property
    def spoken(self) -> bool:
        """Whether the wearer was spoken to."""
        return self.reason is Reason.SAID


def decision_id(wearer: str, kind: AlertKind, subject: str, reason: Reason, at: float) -> str:
    """The same answer for the same candidate in the same second is the same decision."""
    text = f"{wearer}\n{kind.value}\n{subject}\n{reason.value}\n{int(at)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_WORDS = {
    Reason.SAID: "It was said.",
    Reason.OVER: "It was over before it was said.",
    Reason.OFF: "Alerts of this kind are switched off.",
    Reason.PAUSED: "You paused alerts.",
    Reason.QUIET_HOURS: "These are your quiet hours.",
    Reason.OUTSIDE_WORK_HOURS: "It is outside your work hours.",
    Reason.IN_MEETING: "You are in a meeting.",
    Reason.DO_NOT_DISTURB: "Your desktop asks not to be disturbed.",
    Reason.SCREEN_LOCKED: "Your screen is locked.",
    Reason.DATA_STALE: "No fresh data came.",
    Reason.DATA_UNKNOWN: "What you do could not be told.",
    Reason.JUST_RESUMED: "Data came back only just now; nothing old is announced.",
    Reason.CALIBRATION_STALE: (
        "The sensor seems to have moved; angles cannot be judged until it is calibrated."
    ),
    Reason.ANSWERED: "You had answered, or let it pass; it is left at that for now.",
    Reason.AFTER_BREAK: "You have had a short break since.",
    Reason.JUST_SAID: "The same was said only a short while ago.",
    Reason.BUDGET_DAY: "The alerts of this day are used up.",
    Reason.BUDGET_HOUR: "The alerts of this hour are used up.",
    Reason.BUDGET_NUDGES: "The part of the day's alerts that nudges may use is used up.",
    Reason.WAITING_FOR_PAUSE: "It waits for a natural pause.",
    Reason.ANOTHER_FIRST: "Something else was said in this second.",
    Reason.JUST_SPOKE: "Something else was said only just now.",
}
