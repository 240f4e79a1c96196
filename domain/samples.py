"""What sensors send: notifications, blocks of samples in the sensor's clock, blocks in host time."""

import math
from copy import copy
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

#: Of a block and of a recording, a row a sample.
_COLUMNS = ("times", "acc_g", "gyro_dps", "charging")
#: Times that are compared at once: what comes of it stays in the cache.
_PART = 1 << 16


def read_only(values: ArrayLike, shape_tail: tuple[int, ...] = ()) -> Floats:
    """`values` as a read-only float64 array of shape (n, *shape_tail); copied unless it is already one.

    Raises ValueError when the shape does not fit.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 + len(shape_tail) or array.shape[1:] != shape_tail:
        wanted = ", ".join(["n", *map(str, shape_tail)])
        raise ValueError(f"shape {array.shape}, wanted ({wanted})")
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def read_only_flags(values: ArrayLike) -> Bools:
    """`values` as a read-only array (n,) of flags. Raises ValueError for what is no row of true and false."""
    array = np.asarray(values)
    if array.ndim != 1 or (array.dtype != np.bool_ and array.size):
        raise ValueError(f"{array.dtype} of shape {array.shape}, wanted true or false in (n,)")
    if array.flags.writeable:
        array = array.astype(np.bool_)
        array.flags.writeable = False
    return array


def in_order(times: Floats) -> bool:
    """Whether times (n,) are finite and strictly increasing."""
    n = times.size
    if n == 0:
        return True
    # What increases and has finite ends is finite between; a comparison with NaN is false.
    if not (math.isfinite(times.item(0)) and math.isfinite(times.item(-1))):
        return False
    for start in range(0, n - 1, _PART):
        some = times[start : start + _PART + 1]
        if int(np.count_nonzero(some[1:] > some[:-1])) < some.size - 1:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Notification:
    """Bytes from a sensor. A radio, a recording and a simulator are indistinguishable from here on.

    `characteristic` is a lower-case 128-bit UUID string, or for advertisements the pseudo name
    `manufacturer/XXXX` (company id, 4 lower-case hex digits) or `service-data/<uuid>`.
    `received_at` is the host's Unix time in seconds.
    """

    sensor: str
    characteristic: str
    payload: bytes
    received_at: float


@dataclass(frozen=True, slots=True, eq=False)
class DeviceBlock:
    """Consecutive samples as a driver decodes them, in the sensor's own clock.

    device_times: (n,) s in the sensor's clock, increasing; None when the sensor has no clock.
    device_modulus_s: where that clock wraps, 0 when it does not within a lifetime: the first time is
    then modulo it (later ones of the block may pass it), and the stream unwraps over connections too.
    acc_g: (n, 3) g in the sensor's axes; gyro_dps: (n, 3) deg/s or None.
    sequence: the running number of the first sample, counted in samples and modulo
    `sequence_modulus`; None when the sensor does not count. rate_hz: nominal rate.
    """

    device_times: Floats | None
    acc_g: Floats
    gyro_dps: Floats | None
    rate_hz: float
    sequence: int | None = None
    sequence_modulus: int = 0
    device_modulus_s: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "acc_g", read_only(self.acc_g, (3,)))
        if self.gyro_dps is not None:
            object.__setattr__(self, "gyro_dps", read_only(self.gyro_dps, (3,)))
        if self.device_times is not None:
            object.__setattr__(self, "device_times", read_only(self.device_times))
        n = len(self.acc_g)
        for part in (self.gyro_dps, self.device_times):
            if part is not None and len(part) != n:
                raise ValueError(f"{len(part)} rows beside {n} accelerometer samples")
        if not self.rate_hz > 0:
            raise ValueError(f"rate_hz {self.rate_hz}")

    def __len__(self) -> int:
        return len(self.acc_g)


@dataclass(frozen=True, slots=True, eq=False)
class SampleBlock:
    """Consecutive samples of one sensor in host time: the unit that flows into the pipeline.

    times: (n,) Unix s, strictly increasing and finite; acc_g: (n, 3) g in the sensor's axes (a rest
    reads +1 g along up); gyro_dps: (n, 3) deg/s or None; lost_before: samples known to be missing
    between the previous block of this sensor and this one. Values may be NaN, times may not.
    charging: (n,) whether the sensor said that it was being charged; None where it does not tell.
    """

    sensor: str
    times: Floats
    acc_g: Floats
    gyro_dps: Floats | None
    rate_hz: float
    lost_before: int = 0
    charging: Bools | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", read_only(self.times))
        object.__setattr__(self, "acc_g", read_only(self.acc_g, (3,)))
        if self.gyro_dps is not None:
            object.__setattr__(self, "gyro_dps", read_only(self.gyro_dps, (3,)))
        n = len(self.times)
        if len(self.acc_g) != n or (self.gyro_dps is not None and len(self.gyro_dps) != n):
            raise ValueError("times, acc_g and gyro_dps differ in length")
        if self.charging is not None:
            object.__setattr__(self, "charging", read_only_flags(self.charging))
            if len(self.charging) != n:
                raise ValueError("times and charging differ in length")
        if not in_order(self.times):
            raise ValueError("times must be finite and strictly increasing")
        if not self.rate_hz > 0:
            raise ValueError(f"rate_hz {self.rate_hz}")
        if self.lost_before < 0:
            raise ValueError(f"lost_before {self.lost_before}")

    @classmethod
    def in_known_order(cls, sensor: str, recording: "Recording", rate_hz: float) -> "SampleBlock":
        """All of `recording`, whose times are known to be in order: a long one is not looked at again."""
        block = cls(sensor, _NONE, _NO_ROWS, None, rate_hz)
        for name in _COLUMNS:
            object.__setattr__(block, name, getattr(recording, name))
        return block

    def __len__(self) -> int:
        return len(self.times)

    def part(self, start: int, end: int) -> "SampleBlock":
        """Samples [start, end); what was lost before the block is told with its first sample.

        Not checked anew: a part of what is in order is in order.
        """
        piece = copy(self)
        for name in _COLUMNS:
            whole: Floats | Bools | None = getattr(self, name)
            if whole is not None:
                object.__setattr__(piece, name, whole[start:end])
        if start:
            object.__setattr__(piece, "lost_before", 0)
        return piece


@dataclass(frozen=True, slots=True)
class BatteryReading:
    """State of charge of a sensor, 0 to 100 %; charging: whether it is being charged, None where it does not
    tell."""

    percent: float
    charging: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Samples of one placement, for calibration and offline analysis.

    times: (n,) s (Unix, or from any zero); acc_g: (n, 3) g, a rest reads +1 g along up; gyro_dps:
    (n, 3) deg/s or None; all in the sensor's own axes; charging: (n,) whether the sensor said that it
    was being charged, None where it does not tell. Lists and arrays of any number type are taken.
    Order, gaps and units are checked where a recording is analysed.

    Raises InputError when the shapes do not fit each other or a value is no number.
    """

    times: Floats
    acc_g: Floats
    gyro_dps: Floats | None = None
    charging: Bools | None = None

    def __post_init__(self) -> None:
        for name, tail in (("times", ()), ("acc_g", (3,)), ("gyro_dps", (3,))):
            given = getattr(self, name)
            if given is None and name == "gyro_dps":
                continue
            try:
                object.__setattr__(self, name, read_only(given, tail))
            except (TypeError, ValueError) as error:
                raise InputError(f"{name} of a recording: {error}") from None
        if self.charging is not None:
            try:
                object.__setattr__(self, "charging", read_only_flags(self.charging))
            except ValueError as error:
                raise InputError(f"charging of a recording: {error}") from None
        n = len(self.times)
        for name in _COLUMNS:
            part: Floats | Bools | None = getattr(self, name)
            if part is not None and len(part) != n:
                raise InputError(
                    f"{name} of a recording has {len(part)} rows beside {n} times: one row a sample"
                )

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Recording":
        """The samples at `rows`: (n,) whether to take each, or their numbers in the order wanted."""
        whole = {name: getattr(self, name) for name in _COLUMNS}
        return replace(self, **{name: one[rows] for name, one in whole.items() if one is not None})


_NONE, _NO_ROWS = read_only(np.empty(0)), read_only(np.empty((0, 3)), (3,))
