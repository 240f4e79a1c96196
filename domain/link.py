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


class LinkReason(StrEnum):
    """Stable words for why a link is in its state; the sentence beside it is for people.

    none: all is well, or too early to say. not_heard: out of range, asleep, off, or held by another
    host. no_adapter, radio_off, no_permission, no_service (D-Bus or bluetoothd), radio: no radio.
    adapter_busy: BlueZ answers InProgress. no_slots: the adapter carries no more connections.
    no_answer: an answer did not come in time. peer_lost: the link broke. silent: connected, and no
    samples. halted: the sensor stopped its stream. handshake: it did not start as its driver
    expects. refused: it refused a request. missing: it lacks a characteristic of its driver.
    needs_pairing: it wants to be paired with this computer. encrypted: it wants a key.
    """

    NONE = "none"
    NOT_HEARD = "not_heard"
    NO_ADAPTER = "no_adapter"
    RADIO_OFF = "radio_off"
    NO_PERMISSION = "no_permission"
    NO_SERVICE = "no_service"
    RADIO = "radio"
    ADAPTER_BUSY = "adapter_busy"
    NO_SLOTS = "no_slots"
    NO_ANSWER = "no_answer"
    PEER_LOST = "peer_lost"
    SILENT = "silent"
    HALTED = "halted"
    HANDSHAKE = "handshake"
    REFUSED = "refused"
    MISSING = "missing"
    NEEDS_PAIRING = "needs_pairing"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """What is known of a sensor now; times are Unix s.

    reason: one sentence on why the link is in this state, empty when all is well; reason_code: the
    same as a word. received, lost: samples since the service started; bad_payloads: notifications
    that were no valid frame. charging: None where it does not tell. model, firmware, maker: what its
    Device Information Service says.
    """

    sensor: str
    state: LinkState
    since: float
    reason: str = ""
    rssi_dbm: int | None = None
    battery_percent: float | None = None
    charging: bool | None = None
    rate_hz: float | None = None
    received: int = 0
    lost: int = 0
    bad_payloads: int = 0
    reconnects: int = 0
    last_sample_at: float | None = None
    model: str | None = None
    firmware: str | None = None
    maker: str | None = None
    reason_code: LinkReason = LinkReason.NONE
