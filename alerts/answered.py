"""What a wearer can do about an alert, whoever decided to speak."""

from alerts.ledger import Ledger
from domain.alerts import Alert


class Answered:
    """The alerts in `_ledger`, answered by the wearer. Times are Unix s."""

    _ledger: Ledger

    def acknowledge(self, alert_id: str, now: float, *, fine: bool) -> Alert:
        """Silence the alert; `fine` closes it as a false alarm.

        Raises NotFoundError, and ConflictError when it is closed.
        """
        return self._ledger.acknowledge(alert_id, now, fine=fine)

    def snooze(self, alert_id: str, until: float, now: float) -> Alert:
        """Silence the alert until `until`.

        Raises NotFoundError, ConflictError when it is closed, and InputError when `until` has passed.
        """
        return self._ledger.snooze(alert_id, until, now)

    def open_alerts(self) -> tuple[Alert, ...]:
        """Alerts that still go on, oldest first."""
        return self._ledger.open_alerts()
