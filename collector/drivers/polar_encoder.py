"""The sensor's side of Polar's measurement service: H10, Verity Sense and OH1 as simulated twins."""

from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np

from collector.drivers import polar_control as pmd
from collector.drivers.contract import AdvertisedData, GattCharacteristic, GattService, Sent
from collector.drivers.polar_frames import ACC, GYRO, Counts, build_compressed, build_raw_acc
from domain.errors import InputError, PayloadError
from domain.samples import Floats

#: The clock of an H10 whose battery was out reads 2019-01-01, in ns since 2000 (Polar BLE SDK).
CLOCK_START_NS: Final = 599_616_000_000_000_000

_ECG, _PPG, _PPI, _MAG = 0, 1, 3, 6
_SDK_MODE = 0x02  # in the second feature byte
_HEART_RATE = "0000180d-0000-1000-8000-00805f9b34fb"
_FILE_TRANSFER = "0000feee-0000-1000-8000-00805f9b34fb"
_LARGEST_CHUNK = 36  # samples an ACC frame of the H10 carries at 200 Hz: 226 bytes
_FRAMES_PER_S = 2


@dataclass(frozen=True, slots=True)
class _Model:
    """What one model advertises and offers; `streams` are the answers to "get settings"."""

    name: str
    features: tuple[int, ...]
    sdk_mode: bool
    compressed: bool
    streams: dict[int, pmd.Settings]


_H10 = _Model(
    name="Polar H10",
    features=(_ECG, ACC),
    sdk_mode=False,
    compressed=False,
    streams={ACC: {pmd.RATE: (25, 50, 100, 200), pmd.RESOLUTION: (16,), pmd.RANGE: (2, 4, 8)}},
)
_VERITY = _Model(
    name="Polar Sense",
    features=(_PPG, ACC, _PPI, GYRO, _MAG),
    sdk_mode=True,
    compressed=True,
    streams={
        ACC: {pmd.RATE: (52,), pmd.RESOLUTION: (16,), pmd.RANGE: (8,), pmd.CHANNELS: (3,)},
        GYRO: {pmd.RATE: (52,), pmd.RESOLUTION: (16,), pmd.RANGE: (2000,), pmd.CHANNELS: (3,)},
    },
)
_OH1 = replace(
    _VERITY,
    name="Polar OH1",
    features=(_PPG, ACC, _PPI),
    sdk_mode=False,
    streams={ACC: {**_VERITY.streams[ACC], pmd.RATE: (50,)}},
)

_COMPLAINTS = {pmd.RATE: 8, pmd.RESOLUTION: 7, pmd.RANGE: 9, pmd.CHANNELS: 11}
_INVALID_COMMAND, _NOT_SUPPORTED, _INVALID_LENGTH, _INVALID_PARAMETER = 1, 3, 4, 5


class _PolarEncoder:
    """What all models share; the settings a host starts with change rate_hz, chunk and full_scale_g."""

    driver: ClassVar[str] = "polar"
    connects: ClassVar[bool] = True
    model: ClassVar[_Model]

    def __init__(self, device_id: str = "51773E01") -> None:
        self._device_id = device_id
        self._running: set[int] = set()
        offered = self.model.streams[ACC]
        rates = offered[pmd.RATE]
        self.rate_hz = float(min(rates, key=lambda rate: abs(rate - 50)))
        self.chunk = _chunk(self.rate_hz)
        self._set_range(offered[pmd.RANGE][-1])
        gyro = self.model.streams.get(GYRO)
        self.gyro_full_scale_dps: float | None = float(gyro[pmd.RANGE][-1]) if gyro else None

    def advertisement(self) -> AdvertisedData:
        """The name with the device id, heart rate and Polar's file transfer; never the PMD service."""
        return AdvertisedData(
            name=f"{self.model.name} {self._device_id}",
            service_uuids=(_HEART_RATE, _FILE_TRANSFER),
        )

    def gatt(self) -> tuple[GattService, ...]:
        """The measurement service."""
        control = GattCharacteristic(pmd.CONTROL_POINT, ("read", "write", "indicate"))
        return (GattService(pmd.SERVICE, (control, GattCharacteristic(pmd.DATA, ("notify",)))),)

    def read(self, characteristic: str) -> bytes:
        """The features, from the control point; InputError on anything else."""
        if characteristic != pmd.CONTROL_POINT:
            raise InputError(f"{characteristic} cannot be read")
        bits = sum(1 << feature for feature in self.model.features)
        return bytes((pmd.FEATURES, bits, _SDK_MODE if self.model.sdk_mode else 0)).ljust(17, b"\0")

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Answer a command on the control point, by an indication."""
        if characteristic != pmd.CONTROL_POINT or not payload:
            return ()
        command, kind = payload[0], payload[1] if len(payload) > 1 else 0
        status, parameters = self._react(command, kind, payload[2:], len(payload))
        answer = bytes((pmd.ANSWER, command, kind, status, 0)) + parameters
        return (Sent(pmd.CONTROL_POINT, answer),)

    @property
    def streaming(self) -> bool:
        """Whether the accelerometer was started."""
        return ACC in self._running

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One frame of each running measurement, the accelerometer's first."""
        if not len(device_times):
            return ()
        stamp_ns = CLOCK_START_NS + round(float(device_times[-1]) * 1e9)
        sent = []
        if ACC in self._running:
            counts = _counts(acc_g, self.resolution_g, self.full_scale_g)
            frame = (
                build_compressed(ACC, 0, stamp_ns, counts)
                if self.model.compressed
                else build_raw_acc(stamp_ns, counts)
            )
            sent.append(Sent(pmd.DATA, frame))
        if GYRO in self._running and gyro_dps is not None and self.gyro_full_scale_dps is not None:
            full = self.gyro_full_scale_dps
            frame = build_compressed(GYRO, 0, stamp_ns, _counts(gyro_dps, full / 2**15, full))
            sent.append(Sent(pmd.DATA, frame))
        return tuple(sent)

    def disconnected(self) -> None:
        """The streams end with the link; the clock, which is the caller's, goes on."""
        self._running.clear()

    def _react(self, command: int, kind: int, settings: bytes, length: int) -> tuple[int, bytes]:
        """Status and parameters of the answer to one command."""
        if command not in (pmd.GET_SETTINGS, pmd.START, pmd.STOP):
            return _INVALID_COMMAND, b""
        if length < 2:
            return _INVALID_LENGTH, b""
        offered = self.model.streams.get(kind)
        if offered is None:
            return _NOT_SUPPORTED, b""
        if command == pmd.GET_SETTINGS:
            return pmd.OK, pmd.build_settings(offered)
        if command == pmd.STOP:
            status = pmd.OK if kind in self._running else pmd.ALREADY
            self._running.discard(kind)
            return status, b""
        return self._start(kind, offered, settings)

    def _start(self, kind: int, offered: pmd.Settings, settings: bytes) -> tuple[int, bytes]:
        if kind in self._running:
            return pmd.ALREADY, b""
        try:
            chosen = pmd.parse_settings(settings)
        except PayloadError:
            return _INVALID_LENGTH, b""
        if pmd.RATE not in chosen:
            return _COMPLAINTS[pmd.RATE], b""
        for name, values in chosen.items():
            if len(values) != 1 or values[0] not in offered.get(name, ()):
                return _COMPLAINTS.get(name, _INVALID_PARAMETER), b""
        self._running.add(kind)
        if kind == GYRO:
            factor = chosen.get(pmd.RANGE, offered[pmd.RANGE][-1:])[0] / 2**15
            return pmd.OK, pmd.build_settings({pmd.FACTOR: pmd.factor_setting(factor)})
        self.rate_hz = float(chosen[pmd.RATE][0])
        self.chunk = _chunk(self.rate_hz)
        self._set_range(chosen.get(pmd.RANGE, offered[pmd.RANGE][-1:])[0])
        factor = self.resolution_g if self.model.compressed else 1.0
        return pmd.OK, pmd.build_settings({pmd.FACTOR: pmd.factor_setting(factor)})

    def _set_range(self, range_g: int) -> None:
        self.full_scale_g = float(range_g)
        # Raw frames count in mg, compressed ones of type 0 in parts of the range.
        self.resolution_g = range_g / 2**15 if self.model.compressed else 0.001


class PolarH10Encoder(_PolarEncoder):
    """A chest strap: accelerometer only, raw frames in mg."""

    model = _H10


class VerityEncoder(_PolarEncoder):
    """A Verity Sense: accelerometer and gyroscope at 52 Hz, compressed frames."""

    model = _VERITY


class OH1Encoder(_PolarEncoder):
    """An OH1: accelerometer at 50 Hz, compressed frames."""

    model = _OH1


def _chunk(rate_hz: float) -> int:
    """Two frames a second keep the latency small; 36 samples are what fits."""
    return min(_LARGEST_CHUNK, max(1, round(rate_hz / _FRAMES_PER_S)))


def _counts(values: Floats, resolution: float, full_scale: float) -> Counts:
    """Quantised and saturated as 16 bits do; a sample that is no number is sent as zero."""
    top = min(round(full_scale / resolution), 2**15 - 1)
    counts = np.rint(np.nan_to_num(values / resolution, nan=0.0))
    return np.clip(counts, -round(full_scale / resolution), top).astype(np.int64)
