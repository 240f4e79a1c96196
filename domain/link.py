"""The state of the link to a sensor, as a person sees it."""

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """Named states of a session (design, section 3)."""

    IDLE = "idle"
    SCANNING = "scanning"
    CONNECTING = "connecting"
    STARTING = "starting"
    STREAMING = "streaming"
    SILENT = "silent"
    BACKING_OFF = "backing_off"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """What is known of a sensor now; times are Unix s.

    reason: one sentence on why the link is in this state, empty when all is well. received, lost:
    samples since the service started; bad_payloads: notifications that were no valid frame. model,
    firmware, maker: what its Device Information Service says.
    """

    sensor: str
    state: LinkState
    since: float
    reason: str = ""
    rssi_dbm: int | None = None
    battery_percent: float | None = None
    rate_hz: float | None = None
    received: int = 0
    lost: int = 0
    bad_payloads: int = 0
    reconnects: int = 0
    last_sample_at: float | None = None
    model: str | None = None
    firmware: str | None = None
    maker: str | None = None
