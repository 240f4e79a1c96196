"""Everything else, by apprise: ntfy, Telegram, Matrix, mail and a hundred more, each by its address.

An address of apprise is a secret as a whole, since most carry a token: it is in no log, no answer and no
problem. The library blocks, so it works in a thread of its own; one that hangs is left to end by itself.
"""

import asyncio
import logging
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from alerts.channels.contract import Ability, Announcement, Delivered, NotDelivered, Result
from domain.alerts import Severity
from domain.errors import ConfigError

PATIENCE_S: Final = 20.0
#: They log addresses, and what services answer.
_TALKATIVE: Final = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")
MISSING: Final = "apprise wants its library: pip install 'sitwell[apprise]'"


def apprise_library() -> Any:
    """The library. Raises ConfigError when it is not there."""
    try:
        with warnings.catch_warnings():
            # It looks for what newer Pythons no longer have.
            warnings.simplefilter("ignore", DeprecationWarning)
            import apprise

            apprise.Apprise.instantiate("json://localhost")  # has it load all that it loads late
    except ImportError as error:
        raise ConfigError("channels.apprise", MISSING) from error
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return apprise


class Apprise:
    """Tells all of `urls`, which belong together: the phone and the mail of one person.

    Raises ConfigError, at the dotted `path`, for an address that apprise does not know, by its place.
    """

    kind = "apprise"
    ability = Ability()

    def __init__(
        self, name: str, urls: Sequence[str], *, path: str, patience_s: float = PATIENCE_S
    ) -> None:
        self.name = name
        self._library = apprise_library()
        self._patience_s = patience_s
        self._problem: str | None = None
        self._services: list[Any] = []
        self._thread: ThreadPoolExecutor | None = None
        for place, url in enumerate(urls, start=1):
            service = self._library.Apprise.instantiate(url, suppress_exceptions=True)
            if service is None:
                raise ConfigError(
                    path, f"address {place} of {len(urls)} is none that apprise knows"
                )
            self._services.append(service)

    def problem(self) -> str | None:
        """What went wrong the last time."""
        return self._problem

    async def deliver(self, announcement: Announcement) -> Result:
        """Delivered when one of the addresses took it: the wearer is told then."""
        self._problem = None
        body = announcement.message
        if announcement.why:
            body += f"\n{announcement.why}"
        loop = asyncio.get_running_loop()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(
                max_workers=1, thread_name_prefix=f"apprise-{self.name}"
            )
        kind = self._library.NotifyType.INFO
        if announcement.alert is not None and announcement.alert.severity is not Severity.NUDGE:
            kind = self._library.NotifyType.WARNING
        work = loop.run_in_executor(self._thread, self._tell, announcement.title, body, kind)
        try:
            async with asyncio.timeout(self._patience_s):
                took = await asyncio.shield(work)
        except TimeoutError:
            # The thread is stuck: the next announcement gets another, and this one ends some time.
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None
            work.add_done_callback(_forgotten)
            self._problem = f"no answer within {self._patience_s:.0f} s"
            return NotDelivered(self._problem, again=False, uncertain=True)
        if took:
            return Delivered()
        many = len(self._services)
        self._problem = (
            "the service did not take it" if many == 1 else f"none of {many} services took it"
        )
        return NotDelivered(self._problem, again=True)

    async def withdraw(self, alert_id: str) -> None:
        """What was sent is sent."""

    async def run(self) -> None:
        """Nothing goes on between two."""

    async def close(self) -> None:
        """See the contract."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None

    def _tell(self, title: str, body: str, kind: Any) -> bool:
        """In the thread. One address that fails keeps no other from being told."""
        took = False
        for service in self._services:
            try:
                took = bool(service.notify(body=body, title=title, notify_type=kind)) or took
            except Exception:  # noqa: BLE001 - a hundred services, whose errors may quote the address
                continue
        return took


def _forgotten(work: "asyncio.Future[bool]") -> None:
    if not work.cancelled():
        work.exception()
