"""What a driver is: bytes in, samples out; it knows no clock, no radio and no file.

A driver serves one connection of one sensor, and beside it, in the same module, its encoder speaks
the sensor's side of the same bytes. Adding a wearable costs one module, one line in the registry
and vectors. Outsiders use the entry point group `sitwell.drivers`, whose objects are drivers too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Protocol, Self, TypeAlias, runtime_checkable

from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

# Bluetooth SIG assigned numbers
BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
INFORMATION_SERVICE = "0000180a-0000-1000-8000-00805f9b34fb"
MODEL_NUMBER = "00002a24-0000-1000-8000-00805f9b34fb"
FIRMWARE_REVISION = "00002a26-0000-1000-8000-00805f9b34fb"
MANUFACTURER_NAME = "00002a29-0000-1000-8000-00805f9b34fb"
#: What the Device Information Service tells, by the word it has in a SensorStatus.
INFORMATION: Mapping[str, str] = MappingProxyType(
    {MODEL_NUMBER: "model", FIRMWARE_REVISION: "firmware", MANUFACTURER_NAME: "maker"}
)
IMMEDIATE_ALERT_SERVICE = "00001802-0000-1000-8000-00805f9b34fb"
ALERT_LEVEL = "00002a06-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One advertisement as the scanner reports it; UUIDs are lower-case 128-bit strings."""

    address: str
    name: str | None
    rssi_dbm: int | None
    received_at: float
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    service_data: Mapping[str, bytes] = field(default_factory=dict)
    service_uuids: tuple[str, ...] = ()


def manufacturer_channel(company: int) -> str:
    """The pseudo characteristic under which manufacturer data of `company` are fed to a driver."""
    return f"manufacturer/{company:04x}"


def service_data_channel(uuid: str) -> str:
    """The pseudo characteristic under which service data of `uuid` are fed to a driver."""
    return f"service-data/{uuid.lower()}"


@dataclass(frozen=True, slots=True)
class Write:
    """A write the session is to perform, in order."""

    characteristic: str
    payload: bytes
    response: bool = True


@dataclass(frozen=True, slots=True)
class Read:
    """A read the session is to perform; the answer comes back through `feed`.

    One of INFORMATION that the sensor does not have is answered by no bytes at all.
    """

    characteristic: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A command performed at once, and again every `every_s` for as long as the connection lasts."""

    command: Write | Read
    every_s: float


@dataclass(frozen=True, slots=True)
class Started:
    """The sensor has accepted the start; samples follow."""

    rate_hz: float


@dataclass(frozen=True, slots=True)
class Halted:
    """The sensor itself stopped its streams; the session disconnects and starts anew."""

    reason: str


@dataclass(frozen=True, slots=True)
class Information:
    """What the sensor's Device Information Service says; `what` is a word of INFORMATION."""

    what: str
    text: str


Command: TypeAlias = Write | Read | Repeat
Event: TypeAlias = DeviceBlock | BatteryReading | Write | Read | Started | Halted


@dataclass(frozen=True, slots=True)
class Guide:
    """What a person is told before they buy or wear a sensor.

    models: the names on the box. placements: where it can be worn for posture, best first. wear: one
    or two sentences on how to put it on. limits: sentences on what it cannot do and what must be known
    before. source: where its protocol is described.
    """

    models: tuple[str, ...]
    placements: tuple[Placement, ...]
    wear: str
    limits: tuple[str, ...]
    source: str


@runtime_checkable
class Driver(Protocol):
    """The host's side of one connection, or of one advertiser. Constructed without arguments.

    name: stable lower-case word, stored. title: for people. connects: False for sensors that only
    advertise; then `subscriptions` lists pseudo characteristics and there are no commands.
    measures: what it can deliver, of "acc", "direction", "gyro", "battery". "direction" instead of
    "acc": the scale is unknown, `acc_g` has length 1 and tells where down is, never how strong.
    "battery": the driver itself asks for it; without, the session reads the standard service.
    guide: for people.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    connects: ClassVar[bool]
    measures: ClassVar[tuple[str, ...]]
    guide: ClassVar[Guide]

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """Whether this driver serves the advertiser, judged on as little as identifies it."""
        ...

    def subscriptions(self) -> tuple[str, ...]:
        """Characteristics to subscribe, in order, before any command (notify or indicate)."""
        ...

    def start(self) -> tuple[Command, ...]:
        """First commands of the handshake; later ones come out of `feed`."""
        ...

    def stop(self) -> tuple[Command, ...]:
        """Commands that end the stream politely."""
        ...

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """Decode one notification, indication, read answer or advertisement.

        `now` is the host's Unix time of arrival. Raises PayloadError when the bytes are no valid
        frame, and HandshakeError when the sensor refuses; nothing else, whatever the bytes.
        After a PayloadError the driver goes on with the next frame.
        """
        ...


@runtime_checkable
class Tolerates(Protocol):
    """A driver that does without some of its characteristics where a sensor does not have them.

    optional: those it subscribes or writes to; nothing is written to one that is missing. Any other
    that is missing is a refusal, and so is a sensor that has none to subscribe to.
    """

    optional: ClassVar[tuple[str, ...]]


@runtime_checkable
class TellsApart(Protocol):
    """A driver of several models, not all of which measure everything, that knows them by what they send."""

    @classmethod
    def measures_of(cls, advertisement: Advertisement) -> tuple[str, ...]:
        """What of `measures` the advertiser can deliver; what is not sure is left out."""
        ...


@runtime_checkable
class Identifies(Protocol):
    """A driver whose sensor can show which one it is. Without, the session tries ALERT_LEVEL."""

    def identify(self) -> tuple[Command, ...]:
        """Commands that make the sensor blink, buzz or beep for a moment, in mid-stream too."""
        ...


@runtime_checkable
class Keyed(Protocol):
    """A driver whose sensor may be encrypted; a sensor paired with a key is served by `with_key`."""

    @classmethod
    def with_key(cls, address: str, key: bytes) -> Self:
        """The driver for the sensor at `address`. Raises InputError for a key that cannot be one."""
        ...

    def opened(self, characteristic: str, payload: bytes) -> bytes:
        """`payload` as a sensor without encryption would have sent it, for a recording.

        A driver without a key decodes it to the same samples. What the key does not open becomes
        bytes that are no valid frame to any driver. Asked of a driver that is fed nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes the simulated sensor sends: a notification or indication on `characteristic`."""

    characteristic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class GattCharacteristic:
    """One characteristic of the simulated sensor; properties of: read, write,
    write_without_response, notify, indicate."""

    uuid: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GattService:
    """One service of the simulated sensor."""

    uuid: str
    characteristics: tuple[GattCharacteristic, ...]


@dataclass(frozen=True, slots=True)
class AdvertisedData:
    """What the simulated sensor puts into its advertisement."""

    name: str | None = None
    service_uuids: tuple[str, ...] = ()
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    service_data: Mapping[str, bytes] = field(default_factory=dict)


@runtime_checkable
class Encrypts(Protocol):
    """An encoder whose sensor encrypts. address: its own, set by who puts it on the air."""

    address: str
    key_hex: str


class Encoder(Protocol):
    """The sensor's side of the same bytes: drives a simulated twin. One per simulated sensor.

    rate_hz: the rate at which `samples` expects samples. full_scale_g, resolution_g: what its number
    format can carry. chunk: how many samples make one notification. gyro_full_scale_dps: None
    without a gyro. connects: False when it only advertises, then `gatt` is empty and each `samples`
    answer is what the next advertisements carry (pseudo characteristics).
    """

    driver: ClassVar[str]
    connects: ClassVar[bool]
    chunk: int
    full_scale_g: float
    resolution_g: float
    gyro_full_scale_dps: float | None

    @property
    def rate_hz(self) -> float:
        """See above; changes when the host sets another."""
        ...

    def advertisement(self) -> AdvertisedData:
        """What is advertised before a connection."""
        ...

    def gatt(self) -> tuple[GattService, ...]:
        """The sensor's own services; the peripheral adds the battery service."""
        ...

    def read(self, characteristic: str) -> bytes:
        """The value of a readable characteristic."""
        ...

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """React to a write of the host; answers, in order."""
        ...

    @property
    def streaming(self) -> bool:
        """Whether the host has started the stream (True at once for sensors that need no start)."""
        ...

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """Frames for `chunk` consecutive samples: device_times (n,) s since the sensor's power-on,
        acc_g (n, 3), gyro_dps (n, 3) or None. Counters advance whether or not the result is sent,
        so that a dropped result is a loss the host can see."""
        ...

    def disconnected(self) -> None:
        """The link went away: streams stop as they do on the real sensor; clocks and counters go on."""
        ...
