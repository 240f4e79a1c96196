"""What a channel is: one way to tell a wearer, which says how it went and never raises.

A channel knows its place in no order, keeps nothing and tries nothing twice: the dispatcher does. Whatever
goes wrong on the way is a `NotDelivered`, with a sentence that is fit for a log and for the wearer: it
has no address in it that holds a secret, and no secret.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from domain.alerts import Alert


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be told now, in the wearer's language. made_at: Unix s.

    id: the same however often it is sent; without a dot in it. kind: of the alert, or `test`. title: two
    or three words. message: the sentence. why: the sentence that explains it, empty for a test. alert: as
    it is now, None for a test. language: the code of a language.
    """

    id: str
    wearer: str
    kind: str
    made_at: float
    title: str
    message: str
    why: str
    language: str
    alert: Alert | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The channel took it; whether somebody read it, no channel knows."""


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """It did not take it. again: whether the same may succeed later; after_s: not before that, when it
    said so. uncertain: whether it may have arrived nevertheless."""

    problem: str
    again: bool
    after_s: float | None = None
    uncertain: bool = False


Result: TypeAlias = Delivered | NotDelivered


@dataclass(frozen=True, slots=True)
class Ability:
    """What a channel can. says_words: it carries the message; a buzz does not. takes_answers: the wearer
    can answer through it. knows_repeats: who receives the same announcement twice can tell by its id, so
    that it may be sent again after it is not known whether it arrived."""

    says_words: bool = True
    takes_answers: bool = False
    knows_repeats: bool = False


class Channel(Protocol):
    """One way to tell a wearer. Lives on the event loop and never blocks it."""

    @property
    def name(self) -> str:
        """The word that it is called by: of `a-z 0-9 - _`, one for each channel."""
        ...

    @property
    def kind(self) -> str:
        """What it is: desktop, sensor, webhook, mqtt or apprise."""
        ...

    @property
    def ability(self) -> Ability:
        """What it can."""
        ...

    def problem(self) -> str | None:
        """Why nothing would be delivered now, as far as is known; None when nothing is."""
        ...

    async def deliver(self, announcement: Announcement) -> Result:
        """Hand it over. Takes a few seconds at most and never raises but for being cancelled."""
        ...

    async def withdraw(self, alert_id: str) -> None:
        """Take back what is still shown of the alert, where that can be; never raises."""
        ...

    async def run(self) -> None:
        """What goes on as long as the service does; returns when there is nothing of that kind."""
        ...

    async def close(self) -> None:
        """Let go of everything; never raises."""
        ...


class Answers(Protocol):
    """How the wearer's answer gets back: what the engine does. All raise NotFoundError, ConflictError for an
    alert that is closed, and StoreError."""

    async def acknowledge(self, alert_id: str, *, fine: bool) -> Alert:
        """Silence an alert; `fine` closes it as a false alarm."""
        ...

    async def snooze(self, alert_id: str, minutes: int) -> Alert:
        """Silence an alert for `minutes`."""
        ...


Clock: TypeAlias = Callable[[], float]
#: Waits for so many seconds; given, so that tests need not wait.
Sleep: TypeAlias = Callable[[float], Awaitable[None]]

#: What a button that snoozes snoozes for, minutes; as the page's own button does.
SNOOZE_MIN = 10
