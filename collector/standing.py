"""How a sensor stands: its status, who is told of changes, and the log's first and last word on an outage."""

import logging
from collections.abc import Callable
from dataclasses import replace

from collector.stream import SensorStream
from domain.errors import LinkError, first_line
from domain.link import LinkReason, LinkState, SensorStatus
from domain.people import Sensor

NOT_HEARD = "not heard: out of range, asleep, switched off, or connected to something else"
_DOWN = (LinkState.SILENT, LinkState.BACKING_OFF)

_log = logging.getLogger(__name__)


class Standing:
    """The status of one sensor. `down` is why it went away, None while all is well.

    on_status: called when state, reason, battery or rate change; what changes more often (counts, the
    strength of the signal) is in `status` at any time. absent_after_s: not heard for so long is said
    to be out of range.
    """

    def __init__(
        self,
        sensor: Sensor,
        stream: SensorStream,
        *,
        clock: Callable[[], float],
        on_status: Callable[[SensorStatus], None] | None,
        absent_after_s: float,
    ) -> None:
        self.down: str | None = None
        self._down_code = LinkReason.NONE
        self._absent_after_s = absent_after_s
        self._sensor = sensor
        self._stream = stream
        self._clock = clock
        self._on_status = on_status
        self._status = SensorStatus(sensor.id, LinkState.IDLE, clock())

    @property
    def status(self) -> SensorStatus:
        """What is known of the sensor now."""
        counters = self._stream.counters
        return replace(
            self._status,
            received=counters.received,
            lost=counters.lost,
            bad_payloads=counters.bad_payloads,
            last_sample_at=self._stream.last_sample_at,
        )

    def become(
        self, state: LinkState, reason: str = "", code: LinkReason = LinkReason.NONE
    ) -> None:
        """Enter `state`, or stay in it for another reason: a sentence, and its word."""
        before = self._status
        if (state, reason, code) == (before.state, before.reason, before.reason_code):
            return
        if state is LinkState.STREAMING and self.down is not None:
            _log.info("%s (%s): streaming again", self._sensor.name, self._sensor.id)
            self.down = None
        if state in _DOWN:
            if self.down is None:
                _log.warning("%s (%s): %s", self._sensor.name, self._sensor.id, reason)
            self.down, self._down_code = reason, code
        since = before.since if state is before.state else self._clock()
        self._status = replace(before, state=state, since=since, reason=reason, reason_code=code)
        self._tell()

    def seek(self, problem: LinkError | None, waited_s: float) -> None:
        """Be scanning for `waited_s` already. problem: why there is no radio, None when there is one."""
        if problem is not None:
            self.become(LinkState.SCANNING, first_line(problem), problem.link_reason)
        elif waited_s >= self._absent_after_s:
            self.become(LinkState.SCANNING, NOT_HEARD, LinkReason.NOT_HEARD)
        elif self.down is not None:
            self.become(LinkState.SCANNING, self.down, self._down_code)
        else:
            self.become(LinkState.SCANNING)

    def reconnected(self) -> None:
        """Samples come over another connection than before."""
        self._status = replace(self._status, reconnects=self._status.reconnects + 1)

    def note(
        self,
        *,
        rssi_dbm: int | None = None,
        battery_percent: float | None = None,
        charging: bool | None = None,
        rate_hz: float | None = None,
    ) -> None:
        """Keep what was learnt; None is nothing new."""
        before = self._status
        after = self._status = replace(
            before,
            rssi_dbm=before.rssi_dbm if rssi_dbm is None else rssi_dbm,
            battery_percent=before.battery_percent if battery_percent is None else battery_percent,
            charging=before.charging if charging is None else charging,
            rate_hz=before.rate_hz if rate_hz is None else rate_hz,
        )
        if _told(after) != _told(before):
            self._tell()

    def inform(self, what: str, text: str) -> None:
        """Keep what the sensor says of itself: `what` is model, firmware or maker."""
        before = self._status
        match what:
            case "model":
                self._status = replace(before, model=text)
            case "firmware":
                self._status = replace(before, firmware=text)
            case "maker":
                self._status = replace(before, maker=text)
        if self._status != before:
            self._tell()

    def _tell(self) -> None:
        if self._on_status is not None:
            self._on_status(self.status)


def _told(status: SensorStatus) -> tuple[object, ...]:
    """What is told when it changes by itself; a signal changes all the time."""
    return status.battery_percent, status.charging, status.rate_hz
