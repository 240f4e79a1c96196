"""What a driver is: bytes in, samples out; it knows no clock, no radio and no file.

A driver serves one connection of one sensor, and beside it, in the same module, its encoder speaks
the sensor's side of the same bytes. Adding a wearable costs one module, one line in the registry
and vectors. Outsiders use the entry point group `sitwell.drivers`, whose objects are drivers too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeAlias, runtime_checkable

from domain.samples import BatteryReading, DeviceBlock, Floats

BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"  # Bluetooth SIG assigned numbers
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"


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
    """A read the session is to perform; the answer comes back through `feed`."""

    characteristic: str


@dataclass(frozen=True, slots=True)
class Started:
    """The sensor has accepted the start; samples follow."""

    rate_hz: float


@dataclass(frozen=True, slots=True)
class Halted:
    """The sensor itself stopped its streams; the session disconnects and starts anew."""

    reason: str


Command: TypeAlias = Write | Read
Event: TypeAlias = DeviceBlock | BatteryReading | Write | Read | Started | Halted


@runtime_checkable
class Driver(Protocol):
    """The host's side of one connection, or of one advertiser. Constructed without arguments.

    name: stable lower-case word, stored. title: for people. connects: False for sensors that only
    advertise; then `subscriptions` lists pseudo characteristics and there are no commands.
    measures: what it can deliver, of "acc", "gyro", "battery".
    """

    name: ClassVar[str]
    title: ClassVar[str]
    connects: ClassVar[bool]
    measures: ClassVar[tuple[str, ...]]

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


class Encoder(Protocol):
    """The sensor's side of the same bytes: drives a simulated twin. One per simulated sensor.

    rate_hz: the rate at which `samples` expects samples. full_scale_g, resolution_g: what its number
    format can carry. chunk: how many samples make one notification. gyro_full_scale_dps: None
    without a gyro. connects: False when it only advertises, then `gatt` is empty and each `samples`
    answer is what the next advertisements carry (pseudo characteristics).
    """

    driver: ClassVar[str]
    connects: ClassVar[bool]
    rate_hz: float
    chunk: int
    full_scale_g: float
    resolution_g: float
    gyro_full_scale_dps: float | None

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
