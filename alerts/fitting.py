"""The calibration that does not fit any more: when it is said, and how it closes. Its rules are in
`alerts.policy`."""

from alerts.candidate import Candidate
from alerts.ledger import Ledger
from alerts.memory import Memory
from alerts.words import calibration_message
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.faults import Fault, FaultKind
from domain.posture import Quality, WearerStatus

#: So long it has to be so, or to be over, before it is said [J].
SURE_S = 60
WORD = "calibration"


class FitRule:
    """Follows what the analysis says of the reference, in seconds."""

    def __init__(self, memory: Memory, ledger: Ledger) -> None:
        self._memory = memory
        self._ledger = ledger

    def count(self, now: float, seconds: int, status: WearerStatus) -> list[Alert]:
        """`seconds` more were as the status says; closes the alert when the reference fits again."""
        memory = self._memory
        if _unfit(status):
            memory.unfit_s, memory.fits_s = memory.unfit_s + seconds, 0
            return []
        if not memory.unfit_s:
            return []
        memory.fits_s += seconds
        if memory.fits_s < SURE_S:
            return []
        memory.unfit_s = memory.fits_s = 0
        alert = self._ledger.of_kind(AlertKind.CALIBRATION_STALE)
        return [] if alert is None else [self._ledger.close(alert, now, Outcome.ENDED)]

    def wants(self, now: float, status: WearerStatus) -> Candidate | None:
        """Once a day, or again after a snooze."""
        memory = self._memory
        if memory.unfit_s < SURE_S or not _unfit(status):
            return None
        alert = self._ledger.of_kind(AlertKind.CALIBRATION_STALE)
        if alert is None and WORD in memory.today.told:
            return None
        if alert is not None and (alert.snoozed_until is None or not self._ledger.due(alert, now)):
            return None
        fault = _misplaced(status)
        place = "" if fault is None else fault.placement.value
        why = Explanation(
            "reference_s", float(memory.unfit_s), float(SURE_S), "s", memory.unfit_s - SURE_S,
            place, float("nan"),
        )  # fmt: skip
        message = calibration_message(None if fault is None else fault.placement)
        subject = f"{WORD} {memory.today.day}" if alert is None else alert.episode
        return Candidate(
            AlertKind.CALIBRATION_STALE, Severity.NOTICE, subject, message, why, again=alert
        )


def _unfit(status: WearerStatus) -> bool:
    return Quality.REFERENCE_SHIFTED in status.quality or _misplaced(status) is not None


def _misplaced(status: WearerStatus) -> Fault | None:
    return next(
        (f for f in status.faults if f.kind is FaultKind.PLACEMENT and f.until is None), None
    )
