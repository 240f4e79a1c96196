"""A notification of the desktop, with buttons that answer: desktop-notifier, which speaks to every system.

On Linux that is `org.freedesktop.Notifications` on the session bus. Its library says of a notification that
could not be shown only that, so that what is known here is whether it was shown.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from alerts.channels.contract import (
    SNOOZE_MIN,
    Ability,
    Announcement,
    Answers,
    Delivered,
    NotDelivered,
    Result,
)
from alerts.languages import LANGUAGES
from alerts.sentences import Sentence
from domain.alerts import Severity
from domain.errors import ConfigError, SitwellError, first_line

_log = logging.getLogger(__name__)

PATIENCE_S = 10.0
APP_NAME = "Sitwell"
MISSING = "desktop notifications want their library: pip install 'sitwell[desktop]'"
_NO_DESKTOP = (
    "this machine shows no desktop notifications to this user (no session, or no service for them)"
)


def desktop_library() -> Any:
    """The library. Raises ConfigError when it is not there."""
    try:
        import desktop_notifier
    except ImportError as error:
        raise ConfigError("channels.desktop", MISSING) from error
    # It writes the whole trace of every notification that could not be shown.
    logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)
    return desktop_notifier


class Desktop:
    """Shows notifications to whoever runs the service. Raises ConfigError without the library."""

    kind = "desktop"
    name = "desktop"
    ability = Ability(takes_answers=True)

    def __init__(self, answers: Answers, *, patience_s: float = PATIENCE_S) -> None:
        self._library = desktop_library()
        self._answers = answers
        self._patience_s = patience_s
        self._notifier: Any = None
        self._shown: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._problem: str | None = None

    def problem(self) -> str | None:
        """What went wrong the last time."""
        return self._problem

    async def deliver(self, announcement: Announcement) -> Result:
        """See the contract."""
        shown: list[bool] = []
        message = announcement.message
        if announcement.why:
            message += f"\n{announcement.why}"
        try:
            async with asyncio.timeout(self._patience_s):
                if self._notifier is None:
                    self._notifier = self._library.DesktopNotifier(app_name=APP_NAME, app_icon=None)
                key = await self._notifier.send(
                    title=announcement.title,
                    message=message,
                    urgency=self._urgency(announcement),
                    buttons=self._buttons(announcement),
                    on_dispatched=lambda: shown.append(True),
                )
                # A platform without notifications takes them all, and can nothing.
                able = await self._notifier.get_capabilities() if shown else ()
        except TimeoutError:
            return self._failed("the desktop did not answer in time", uncertain=True)
        except Exception as error:  # noqa: BLE001 - each platform's backend raises what it likes
            _log.debug("no desktop notification: %s", type(error).__name__)
            return self._failed(_NO_DESKTOP)
        if not able:
            return self._failed(_NO_DESKTOP)
        if announcement.alert is not None:
            await self.withdraw(announcement.alert.id)
            self._shown[announcement.alert.id] = key
        self._problem = None
        return Delivered()

    async def withdraw(self, alert_id: str) -> None:
        """See the contract."""
        key = self._shown.pop(alert_id, None)
        if key is None or self._notifier is None:
            return
        try:
            async with asyncio.timeout(self._patience_s):
                await self._notifier.clear(key)
        except Exception as error:  # noqa: BLE001 - gone with the desktop, or closed by the wearer
            _log.debug("a notification was gone already: %s", type(error).__name__)

    async def run(self) -> None:
        """The library listens to the desktop by itself."""

    async def close(self) -> None:
        """See the contract."""
        for alert_id in [*self._shown]:
            await self.withdraw(alert_id)
        for task in self._tasks:
            task.cancel()
        self._let_go()

    def _failed(self, problem: str, *, uncertain: bool = False) -> NotDelivered:
        self._problem = problem
        self._let_go()  # the session may have ended and another begun: the next one connects anew
        return NotDelivered(problem, again=not uncertain, uncertain=uncertain)

    def _let_go(self) -> None:
        backend = getattr(self._notifier, "_backend", None)
        bus = getattr(backend, "bus", None)
        if bus is not None:
            bus.disconnect()
        self._notifier = None

    def _urgency(self, announcement: Announcement) -> Any:
        alert = announcement.alert
        low = alert is not None and alert.severity is Severity.NUDGE
        return self._library.Urgency.Low if low else self._library.Urgency.Normal

    def _buttons(self, announcement: Announcement) -> tuple[Any, ...]:
        alert = announcement.alert
        if alert is None:
            return ()
        say, key = LANGUAGES[announcement.language].say, alert.id
        return tuple(
            self._library.Button(title=say(words), on_pressed=pressed)
            for words, pressed in (
                (Sentence("action.snooze", {"n": SNOOZE_MIN}), self._pressed(self._snooze, key)),
                (Sentence("action.not_now"), self._pressed(self._not_now, key)),
                (Sentence("action.fine"), self._pressed(self._fine, key)),
            )
        )

    def _pressed(self, answer: Callable[[str], Any], alert_id: str) -> Callable[[], None]:
        async def told() -> None:
            try:
                await answer(alert_id)
            except SitwellError as error:
                _log.warning("an answer from the desktop came to nothing: %s", first_line(error))

        def start() -> None:
            self._shown.pop(alert_id, None)
            task = asyncio.create_task(told())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return start

    async def _snooze(self, alert_id: str) -> None:
        await self._answers.snooze(alert_id, SNOOZE_MIN)

    async def _not_now(self, alert_id: str) -> None:
        await self._answers.acknowledge(alert_id, fine=False)

    async def _fine(self, alert_id: str) -> None:
        await self._answers.acknowledge(alert_id, fine=True)
