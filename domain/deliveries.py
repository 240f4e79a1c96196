"""How an alert reached its wearer: one delivery for every channel that an announcement was given to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: The kind of a delivery that the test button made.
TEST: Final = "test"


class DeliveryState(StrEnum):
    """What has become of a delivery.

    WAITING: to be tried at `due_at`. SENDING: under way. DELIVERED: the channel took it. FAILED: it did
    not, and is not asked again. EXPIRED: it would have come too late, or
    while the wearer is to be left in peace, as `problem` then says. ANSWERED: the wearer answered, or
    what it spoke of was over, before it was sent. INTERRUPTED: the service ended while it was under way;
    whether it arrived is not known, and it is not sent twice.
    """

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    ANSWERED = "answered"
    INTERRUPTED = "interrupted"

    @property
    def over(self) -> bool:
        """Whether nothing more will become of it."""
        return self not in (DeliveryState.WAITING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One announcement on one channel; times are Unix s.

    announcement: which one, the id of its alert with how often that was said. alert: empty for a test.
    kind: of the alert, or `test`. made_at: when it was announced. expires_at: after that it is not
    delivered any more. due_at: when it is tried next. changed_at: when `state` last changed. problem: the
    sentence of the last attempt that failed; it never has an address or a secret in it.
    """

    announcement: str
    channel: str
    wearer: str
    alert: str
    kind: str
    made_at: float
    expires_at: float
    due_at: float
    changed_at: float
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    problem: str = ""

    @property
    def key(self) -> tuple[float, str, str]:
        """Its place in the log, which goes by time."""
        return self.made_at, self.announcement, self.channel


def announcement_id(alert: str, said: int) -> str:
    """The `said`-th time that the alert was announced."""
    return f"{alert}-{said}"
