"""One adapter's scanner: started, started anew when it is quiet or fails, stopped."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from collector.radio_errors import FOREIGN, switched_off, translated
from domain.errors import HandshakeError, LinkError
from domain.link import LinkReason

SCANNER_S = 15.0  # start and stop of the scanner

_log = logging.getLogger(__name__)

Hearing = Callable[[str | None, BLEDevice, AdvertisementData], None]


class AdapterScanner:
    """The scanner of `adapter`, None for the one the system chooses. `problem`: why it does not scan.

    quiet_s: no advertisement of anybody for so long, and it is started anew: BlueZ does not resume a
    scan by itself after everything that ends one, and tells nobody. retry_s: between attempts.
    """

    def __init__(
        self, adapter: str | None, on_advertisement: Hearing, *, quiet_s: float, retry_s: float
    ) -> None:
        self.adapter = adapter
        self.problem: LinkError | None = None
        self._on_advertisement = on_advertisement
        self._quiet_s = quiet_s
        self._retry_s = retry_s
        self._scanner: BleakScanner | None = None
        self._heard_at = 0.0
        self._retry_at = 0.0
        self._was_on = True
        self._told = False

    @property
    def scanning(self) -> bool:
        """Whether it runs."""
        return self._scanner is not None

    async def tend(self, options: Mapping[str, Any], *, on: bool, listened: bool) -> None:
        """Have it run while the adapter is on, and anew when it must; what fails stands in `problem`.

        options: for bleak's scanner. listened: whether anybody wants to hear anything.
        """
        now = asyncio.get_running_loop().time()
        if on and not self._was_on:
            self._retry_at = now  # do not wait for the time of the next attempt
        self._was_on = on
        if not on:
            await self.stop()
            self._say(switched_off())
        elif self._scanner is None:
            if now >= self._retry_at:
                await self._start(options)
        elif listened and now - self._heard_at >= self._quiet_s:
            _log.debug("%s: quiet for %s s: scanning anew", self._who, self._quiet_s)
            await self.stop()
            await self._start(options)

    async def stop(self) -> None:
        """Stop; never raises."""
        scanner, self._scanner = self._scanner, None
        if scanner is None:
            return
        try:
            async with asyncio.timeout(SCANNER_S):
                await scanner.stop()
        except FOREIGN as error:
            _log.debug("%s: the scanner did not stop cleanly: %s", self._who, error)

    async def _start(self, options: Mapping[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        self._retry_at = loop.time() + self._retry_s
        try:
            with translated(self._who, "starting to scan"):
                scanner = BleakScanner(self._hear, **self._options(options))
                async with asyncio.timeout(SCANNER_S):
                    await scanner.start()
        except (LinkError, HandshakeError) as error:
            problem = error if isinstance(error, LinkError) else LinkError(str(error))
            if problem.link_reason is LinkReason.ADAPTER_BUSY:
                await self._end_leftover()
            self._say(problem)
            return
        self._scanner, self._heard_at = scanner, loop.time()
        self._say(None)

    async def _end_leftover(self) -> None:
        """InProgress: BlueZ scans for us already, since a stop of ours never reached it."""
        if self.adapter is not None:
            from collector.radio_bluez import end_scan

            await end_scan(self.adapter)

    def _options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        if self.adapter is None:
            return dict(options)
        return {**options, "bluez": {**options.get("bluez", {}), "adapter": self.adapter}}

    def _hear(self, device: BLEDevice, data: AdvertisementData) -> None:
        if self._scanner is not None:
            self._heard_at = asyncio.get_running_loop().time()
        self._on_advertisement(self.adapter, device, data)

    @property
    def _who(self) -> str:
        return self.adapter or "the adapter"

    def _say(self, problem: LinkError | None) -> None:
        """Keep the problem, and log where it begins and ends."""
        self.problem = problem
        if (problem is not None) is self._told:
            return
        self._told = not self._told
        if problem is None:
            _log.info("%s: the radio is back", self._who)
        else:
            _log.warning("%s: no radio: %s", self._who, problem)
