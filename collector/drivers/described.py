"""The driver and the simulated twin of a sensor that is known by its description alone."""

from typing import ClassVar

import numpy as np

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Command,
    Driver,
    Encoder,
    Event,
    GattCharacteristic,
    GattService,
    Guide,
    Sent,
    Started,
    Write,
)
from collector.drivers.description import Description
from collector.drivers.layout import ACC, BATTERY, GYRO, SEQUENCE, TIME
from collector.drivers.twins import SimpleTwin
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats


class DescribedDriver:
    """The host's side of one connection; see `describe`."""

    description: ClassVar[Description]
    name: ClassVar[str]
    title: ClassVar[str]
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]]
    guide: ClassVar[Guide]

    def __init__(self) -> None:
        self._started = False

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the service, or by how the name begins; both where both are described."""
        wanted = cls.description
        if wanted.match_service and wanted.match_service not in advertisement.service_uuids:
            return False
        return (advertisement.name or "").startswith(wanted.match_name)

    def subscriptions(self) -> tuple[str, ...]:
        """The one characteristic."""
        return (self.description.characteristic,)

    def start(self) -> tuple[Command, ...]:
        """The described writes."""
        self._started = False
        return tuple(Write(uuid, payload) for uuid, payload in self.description.start)

    def stop(self) -> tuple[Command, ...]:
        """The described writes."""
        return tuple(Write(uuid, payload) for uuid, payload in self.description.stop)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract."""
        described = self.description
        if characteristic != described.characteristic:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        header, samples = described.header, described.sample
        n, rest = divmod(len(payload) - header.size, samples.size)
        if n < 1 or rest or described.samples not in (0, n):
            wanted = f"{described.samples} samples" if described.samples else "whole samples"
            raise PayloadError(
                self.name,
                f"{len(payload)} bytes are no header of {header.size} and {wanted} of {samples.size}",
                payload,
            )
        head = header.read(payload) if header.size else {}
        rows = [samples.read(payload, header.size + i * samples.size) for i in range(n)]
        events: list[Event] = [] if self._started else [Started(described.rate_hz)]
        sequence, modulus = self._sequence(head, rows)
        try:
            block = DeviceBlock(
                device_times=self._times(head, rows),
                acc_g=_columns(rows, ACC, described.acc_per_g),
                gyro_dps=_columns(rows, GYRO, described.gyro_per_dps) if described.turns else None,
                rate_hz=described.rate_hz,
                sequence=sequence,
                sequence_modulus=modulus,
                device_modulus_s=self._modulus_s(),
            )
        except ValueError as error:
            raise PayloadError(self.name, str(error), payload) from error
        self._started = True
        events.append(block)
        percent = {**head, **rows[-1]}.get(BATTERY)
        if percent is not None and 0 <= percent <= 100:
            events.append(BatteryReading(percent))
        return tuple(events)

    def _modulus_s(self) -> float:
        described = self.description
        counts = described.header.modulus(TIME) or described.sample.modulus(TIME)
        return counts * described.time_unit_s

    def _times(self, head: dict[str, float], rows: list[dict[str, float]]) -> Floats | None:
        described, modulus_s = self.description, self._modulus_s()
        if TIME in head:
            spread_s = np.arange(len(rows)) / described.rate_hz
            first_s = head[TIME] * described.time_unit_s
            if described.stamps_last:
                first_s -= spread_s[-1]
                if first_s < 0 and modulus_s:
                    first_s += modulus_s
            times = first_s + spread_s
        elif TIME in rows[0]:
            times = np.array([row[TIME] for row in rows]) * described.time_unit_s
            if modulus_s:
                times[1:] += modulus_s * np.cumsum(np.diff(times) < -modulus_s / 2)
        else:
            return None
        if not (np.isfinite(times).all() and (np.diff(times) > 0).all()):
            raise ValueError("its times do not increase")
        return times

    def _sequence(
        self, head: dict[str, float], rows: list[dict[str, float]]
    ) -> tuple[int | None, int]:
        described = self.description
        if SEQUENCE in head:
            modulus = int(described.header.modulus(SEQUENCE)) * described.samples
            return int(head[SEQUENCE]) * described.samples % modulus, modulus
        if SEQUENCE in rows[0]:
            modulus = int(described.sample.modulus(SEQUENCE))
            return int(rows[0][SEQUENCE]) % modulus, modulus
        return None, 0


class DescribedTwin(SimpleTwin):
    """The sensor's side; see `twin_of`. It streams once the last of the start bytes was written."""

    description: ClassVar[Description]
    driver: ClassVar[str]

    def __init__(self) -> None:
        described = self.description
        self.rate_hz = described.rate_hz
        self.chunk = described.samples or (5 if described.header.size else 1)
        self.resolution_g = 1 / described.acc_per_g
        self.full_scale_g = min(
            16.0, described.sample.modulus(ACC[0]) / 2 * self.resolution_g or 16.0
        )
        self.gyro_full_scale_dps: float | None = None
        if described.turns:
            counts = described.sample.modulus(GYRO[0]) / 2 / described.gyro_per_dps
            self.gyro_full_scale_dps = min(2000.0, counts or 2000.0)
        self._packets = self._samples = 0
        self._waits = bool(described.start)
        self._streaming = not self._waits

    def advertisement(self) -> AdvertisedData:
        """The name and the service by which it is recognised."""
        described = self.description
        uuids = (described.match_service,) if described.match_service else ()
        return AdvertisedData(name=described.match_name or described.name, service_uuids=uuids)

    def gatt(self) -> tuple[GattService, ...]:
        """One service with every characteristic that is described."""
        described = self.description
        written = {uuid for uuid, _ in (*described.start, *described.stop)}
        uuids = [described.characteristic, *sorted(written - {described.characteristic})]
        service = described.match_service or described.characteristic[:-1] + "0"
        return (
            GattService(
                service,
                tuple(
                    GattCharacteristic(
                        uuid,
                        (("notify",) if uuid == described.characteristic else ())
                        + (("write",) if uuid in written else ()),
                    )
                    for uuid in uuids
                ),
            ),
        )

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Start and stop as described."""
        described = self.description
        if described.start and (characteristic, payload) == described.start[-1]:
            self._streaming = True
        elif (characteristic, payload) in described.stop:
            self._streaming = False
        return ()

    @property
    def streaming(self) -> bool:
        """Whether it was started."""
        return self._streaming

    def disconnected(self) -> None:
        """A started stream ends with the link."""
        self._streaming = not self._waits

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One packet for a whole chunk; a part of one is sent only where packets differ in length."""
        described = self.description
        n = len(acc_g)
        first, self._samples = self._samples, self._samples + n
        packet, self._packets = self._packets, self._packets + 1
        if described.samples not in (0, n):
            return ()
        stamp_s = device_times[-1] if described.stamps_last else device_times[0]
        head = {
            SEQUENCE: _wrapped(packet, described.header.modulus(SEQUENCE)),
            TIME: _wrapped(stamp_s / described.time_unit_s, described.header.modulus(TIME)),
            BATTERY: 90.0,
        }
        payload = described.header.build(head) if described.header.size else b""
        for i in range(n):
            row = {
                SEQUENCE: _wrapped(first + i, described.sample.modulus(SEQUENCE)),
                TIME: _wrapped(
                    device_times[i] / described.time_unit_s, described.sample.modulus(TIME)
                ),
                BATTERY: 90.0,
            }
            row |= dict(zip(ACC, acc_g[i] * described.acc_per_g, strict=True))
            if gyro_dps is not None:
                row |= dict(zip(GYRO, gyro_dps[i] * described.gyro_per_dps, strict=True))
            payload += described.sample.build(row)
        return (Sent(described.characteristic, payload),)


def describe(description: Description) -> type[Driver]:
    """The driver class of a described sensor."""
    measures = ["acc", *(["gyro"] if description.turns else [])]
    if BATTERY in (*description.header.fields, *description.sample.fields):
        measures.append("battery")
    guide = Guide(
        models=(description.title or description.name,),
        placements=(Placement.UPPER_BACK, Placement.STERNUM, Placement.WAIST, Placement.THIGH),
        wear="As you described it.",
        limits=("Scale and rate are those of the description; nothing checks them.",),
        source="the configuration",
    )
    words = {
        "description": description,
        "name": description.name,
        "title": description.title or description.name,
        "measures": tuple(measures),
        "guide": guide,
    }
    return type("DescribedDriver", (DescribedDriver,), words)


def twin_of(description: Description) -> type[Encoder]:
    """The simulated twin of a described sensor."""
    words = {"description": description, "driver": description.name}
    return type("DescribedTwin", (DescribedTwin,), words)


def _columns(
    rows: list[dict[str, float]], names: tuple[str, ...], counts_per_unit: float
) -> Floats:
    """(n, 3) in units; what is no finite number is unknown."""
    with np.errstate(over="ignore"):
        values = np.array([[row[name] for name in names] for row in rows]) / counts_per_unit
    return np.where(np.isfinite(values), values, np.nan)


def _wrapped(counts: float, modulus: float) -> float:
    return counts % modulus if modulus else counts
