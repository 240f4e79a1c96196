"""Upright GO 2: three numbers about three times a second, whose scale nobody has published.

Service BAC0. BAC4 (notify, write): write 01 and it sends 3 x i16, little-endian, the raw acceleration,
without stamp, number or scale. BAC3 (notify) is the trainer's own verdict (vibrating 0 to 2, slouching,
corrected), for reference alone: Sitwell judges from the acceleration. BAB5 and BAB2 set its vibration;
nothing here writes there, so it goes on as its own app has set it. BAD2 is 0 unless it charges; where
its state of charge is, is not known. Source: two readings of the device, CitizenHub's Android client and
scripts for bleak. The former adds the low byte as signed, which takes 256 from every number whose low
byte is 128 or more: they are plain two's complement.
"""

from typing import ClassVar, Final

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Command,
    Event,
    GattCharacteristic,
    GattService,
    Guide,
    Sent,
    Write,
)
from collector.drivers.counted_rate import CountedRate
from collector.drivers.counts import directions, to_counts, triplets
from collector.drivers.first_block import FirstBlock
from collector.drivers.twins import SimpleTwin
from domain.errors import InputError, PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

SERVICE: Final = "0000bac0-0000-1000-8000-00805f9b34fb"
VERDICT: Final = "0000bac3-0000-1000-8000-00805f9b34fb"
ACCELERATION: Final = "0000bac4-0000-1000-8000-00805f9b34fb"

_NAME = "UprightGO2"
_START = b"\x01"
_SIZE = 6
RATE_HZ: Final = 3.0  # "about three a second" in both readings; counted on every connection

#: What the simulated one makes of 1 g. Any number would do: the real one is not known.
_TWIN_PER_G = 1024


class UprightGo2Driver:
    """The host's side of one connection."""

    name: ClassVar[str] = "upright-go2"
    title: ClassVar[str] = "Upright GO 2"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("direction",)
    guide: ClassVar[Guide] = Guide(
        models=("Upright GO 2",),
        placements=(Placement.UPPER_BACK,),
        wear="Between the shoulder blades, on its adhesive or its necklace, as its maker shows.",
        limits=(
            "Its scale is not published: it tells directions, never how strongly you move, and no steps.",
            "About three samples a second, without clock or counter: losses are estimated.",
            "One connection: close the Upright app. It vibrates on as set there; switch that off there.",
            "Its battery cannot be read; it goes silent when it is empty.",
            "Its protocol was found by others by trying; other firmware may differ.",
        ),
        source="readings of the device: CitizenHub's Android client, scripts for bleak",
    )

    def __init__(self) -> None:
        self._first = FirstBlock()
        self._rate = CountedRate(RATE_HZ)

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the name; its services are not advertised."""
        return (advertisement.name or "").startswith(_NAME)

    def subscriptions(self) -> tuple[str, ...]:
        """The acceleration."""
        return (ACCELERATION,)

    def start(self) -> tuple[Command, ...]:
        """Ask for the acceleration."""
        self._first = FirstBlock()
        self._rate = CountedRate(RATE_HZ)
        return (Write(ACCELERATION, _START),)

    def stop(self) -> tuple[Command, ...]:
        """Nothing: no command that ends it is known, and it ends with the link."""
        return ()

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract."""
        if characteristic != ACCELERATION:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != _SIZE:
            raise PayloadError(self.name, f"{_SIZE} bytes wanted", payload)
        rate_hz = self._rate.count(now)
        block = DeviceBlock(None, directions(triplets(payload, "<i2")), None, rate_hz)
        return self._first.told((block,))


class UprightGo2Encoder(SimpleTwin):
    """The trainer's side."""

    driver: ClassVar[str] = "upright-go2"

    def __init__(self) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = 8.0
        # of the direction of 1 g; a shorter vector would leave less of it
        self.resolution_g = 1 / _TWIN_PER_G
        self.gyro_full_scale_dps: float | None = None
        self._streaming = False

    def advertisement(self) -> AdvertisedData:
        """The name alone."""
        return AdvertisedData(name=_NAME)

    def gatt(self) -> tuple[GattService, ...]:
        """The measurements."""
        return (
            GattService(
                SERVICE,
                (
                    GattCharacteristic(ACCELERATION, ("write", "notify")),
                    GattCharacteristic(VERDICT, ("notify",)),
                ),
            ),
        )

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """01 starts; raises InputError for anything else."""
        if (characteristic, payload) != (ACCELERATION, _START):
            raise InputError(f"{payload.hex()} means nothing on {characteristic}")
        self._streaming = True
        return ()

    @property
    def streaming(self) -> bool:
        """Whether it was asked."""
        return self._streaming

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One notification a sample."""
        counts = to_counts(acc_g, _TWIN_PER_G, "<i2")
        return tuple(Sent(ACCELERATION, row.tobytes()) for row in counts)

    def disconnected(self) -> None:
        """It has to be asked again."""
        self._streaming = False
