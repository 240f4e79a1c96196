"""What a real sensor makes of a body's motion: turned, scaled, noisy, limited, and a little off time."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from domain.people import Rotation
from domain.placement import Placement
from domain.samples import Floats, Recording
from simulators.body import Body, Pose, ScriptedBody
from simulators.wander import hashed_uniform

Vector = tuple[float, float, float]

IDENTITY: Rotation = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
_NOISE_BLOCK = 1024  # samples of noise drawn at once
_ACC_NOISE, _GYRO_NOISE = 1, 2
_LOSS_STREAM = 21


def random_mounting(seed: int, *, max_tilt_deg: float = 30.0) -> Rotation:
    """A way to wear the case: any of the 24 right-angled ones, then tilted by up to `max_tilt_deg`
    about a random axis. `mounting @ v_segment = v_sensor`."""
    draw = np.random.default_rng((seed, 0x4010))
    square = np.eye(3)[draw.permutation(3)] * draw.choice((-1.0, 1.0), size=3)[:, None]
    if np.linalg.det(square) < 0.0:
        square[0] = -square[0]
    axis = draw.normal(size=3)
    axis /= np.linalg.norm(axis)
    tilt = _turned(np.eye(3), axis, np.full(3, np.radians(draw.uniform(0.0, max_tilt_deg)))).T
    return _rotation(square @ tilt)


@dataclass(frozen=True, slots=True)
class SensorModel:
    """One sensor at `placement` of `body`. Sample i is the same whoever asks, and however.

    rate_hz: nominal rate. mounting: rows are the sensor's axes in the segment's, so that
    `mounting @ v_segment = v_sensor`; a calibration finds its transpose. gain (factor), offset_g:
    per sensor axis, of the accelerometer. noise_g, gyro_noise_dps: standard deviation, white.
    gyro_bias_dps: constant. full_scale_g, gyro_full_scale_dps: values beyond are clipped; a gyro of
    None is no gyro. resolution_g, gyro_resolution_dps: least significant bit, 0 for none.
    power_on: Unix s of sample 0. clock_start_s: what the sensor's clock then reads. clock_drift: by
    what share its clock runs fast; its samples come as much faster. loss: share of packets that the
    air swallows, independently. seed: of noise and loss.
    """

    body: Body
    placement: Placement
    rate_hz: float
    power_on: float
    mounting: Rotation = IDENTITY
    gain: Vector = (1.0, 1.0, 1.0)
    offset_g: Vector = (0.0, 0.0, 0.0)
    noise_g: float = 0.0
    full_scale_g: float = 8.0
    resolution_g: float = 0.0
    gyro_bias_dps: Vector = (0.0, 0.0, 0.0)
    gyro_noise_dps: float = 0.0
    gyro_full_scale_dps: float | None = 2000.0
    gyro_resolution_dps: float = 0.0
    clock_start_s: float = 0.0
    clock_drift: float = 0.0
    loss: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.rate_hz > 0:
            raise ValueError(f"rate_hz {self.rate_hz}")
        if not -0.5 < self.clock_drift < 0.5:
            raise ValueError(f"clock_drift {self.clock_drift}")
        if not 0.0 <= self.loss <= 1.0:
            raise ValueError(f"loss {self.loss}")
        if not self.full_scale_g > 0:
            raise ValueError(f"full_scale_g {self.full_scale_g}")
        matrix = np.array(self.mounting)
        if not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-6) or np.linalg.det(matrix) < 0:
            raise ValueError("mounting is no rotation")

    @property
    def true_rate_hz(self) -> float:
        """Samples per true second."""
        return self.rate_hz * (1.0 + self.clock_drift)

    def true_time(self, index: int) -> float:
        """Unix time at which sample `index` is taken."""
        return self.power_on + index / self.true_rate_hz

    def device_time(self, index: int) -> float:
        """What the sensor's clock reads at sample `index`, s."""
        return self.clock_start_s + index / self.rate_hz

    def index_at(self, true_time: float) -> int:
        """The newest sample taken at or before Unix `true_time`; negative before power-on."""
        index = int(np.floor((true_time - self.power_on) * self.true_rate_hz))
        while self.true_time(index + 1) <= true_time:
            index += 1
        while self.true_time(index) > true_time:
            index -= 1
        return index

    def is_lost(self, packet_index: int) -> bool:
        """Whether the air swallows packet `packet_index`."""
        if self.loss == 0.0:
            return False
        counter = np.array([packet_index], dtype=np.int64)
        return bool(hashed_uniform(self.seed, _LOSS_STREAM, counter)[0] < self.loss)

    def samples(self, first_index: int, n: int) -> tuple[Floats, Floats, Floats | None]:
        """Samples `first_index` to `first_index + n - 1`: device times (n,) s, acc_g (n, 3) and
        gyro_dps (n, 3) in the sensor's axes; the last is None where sensor or body have no gyro."""
        if first_index < 0:
            raise ValueError(f"sample {first_index} is before power-on")
        indices = np.arange(first_index, first_index + n, dtype=np.float64)
        times = self.power_on + indices / self.true_rate_hz
        has_gyro = self.gyro_full_scale_dps is not None
        acc, rate = self.body.motion(self.placement, times, gyro=has_gyro)
        acc, rate = self._mounted(times, acc, rate)
        acc = acc * np.array(self.gain) + np.array(self.offset_g)
        if self.noise_g > 0.0:
            acc += self.noise_g * self._noise(_ACC_NOISE, first_index, n)
        acc = _digitised(acc, self.resolution_g, self.full_scale_g)
        if rate is not None and self.gyro_full_scale_dps is not None:
            rate = rate + np.array(self.gyro_bias_dps)
            if self.gyro_noise_dps > 0.0:
                rate += self.gyro_noise_dps * self._noise(_GYRO_NOISE, first_index, n)
            rate = _digitised(rate, self.gyro_resolution_dps, self.gyro_full_scale_dps)
        return self.clock_start_s + indices / self.rate_hz, acc, rate

    def recording(self, first_index: int, n: int) -> Recording:
        """The same as a Recording, times in the sensor's clock."""
        return Recording(*self.samples(first_index, n))

    def _mounted(
        self, times: Floats, acc: Floats, rate: Floats | None
    ) -> tuple[Floats, Floats | None]:
        """From the segment's axes into the sensor's.

        The tilt of a case comes from the body under it: on a table the case lies square.
        """
        turned = _applied(self.mounting, acc)
        turned_rate = None if rate is None else _applied(self.mounting, rate)
        worn, worn_rate = self.body.worn(times)
        off = np.flatnonzero(worn < 1.0)
        if len(off):
            square, axis, angle = _square_and_tilt(self.mounting)
            tilt = angle * worn[off]
            turned[off] = _applied(square, _turned(acc[off], axis, tilt))
            if rate is not None and turned_rate is not None:
                untilting = np.degrees(angle * worn_rate[off])[:, None] * axis
                turned_rate[off] = _applied(square, _turned(rate[off], axis, tilt) - untilting)
        return turned, turned_rate

    def _noise(self, stream: int, first_index: int, n: int) -> Floats:
        """(n, 3) standard normal numbers, by sample index."""
        noise = np.empty((n, 3))
        done = 0
        while done < n:
            block, row = divmod(first_index + done, _NOISE_BLOCK)
            take = min(n - done, _NOISE_BLOCK - row)
            noise[done : done + take] = _noise_block(self.seed, stream, block)[row : row + take]
            done += take
        return noise


def typical_sensor(
    seed: int,
    body: Body,
    placement: Placement,
    *,
    rate_hz: float,
    power_on: float,
    full_scale_g: float = 8.0,
    resolution_g: float = 0.001,
    gyro_full_scale_dps: float | None = None,
    gyro_resolution_dps: float = 0.0,
    loss: float = 0.0,
) -> SensorModel:
    """A sensor as the shops have them, drawn from `seed`: worn anyhow, gain within 1.5 %, offset
    within 25 mg, 2 mg of noise, gyro bias within 1 deg/s and noise 0.1 deg/s, clock within 0.7 %.

    Magnitudes: data sheets of consumer MEMS parts (zero-g offset 20-40 mg, sensitivity 1-2 %,
    100 ug/sqrt(Hz)); 0.7 % is how far WitMotion clocks are known to drift.
    """
    draw = np.random.default_rng((seed, 0x5E50))

    def vector(centre: float, spread: float) -> Vector:
        x, y, z = (float(v) for v in draw.uniform(centre - spread, centre + spread, 3))
        return (x, y, z)

    return SensorModel(
        body=body,
        placement=placement,
        rate_hz=rate_hz,
        power_on=power_on,
        mounting=random_mounting(seed),
        gain=vector(1.0, 0.015),
        offset_g=vector(0.0, 0.025),
        noise_g=0.002,
        full_scale_g=full_scale_g,
        resolution_g=resolution_g,
        gyro_bias_dps=vector(0.0, 1.0),
        gyro_noise_dps=0.1,
        gyro_full_scale_dps=gyro_full_scale_dps,
        gyro_resolution_dps=gyro_resolution_dps,
        clock_start_s=float(draw.uniform(0.0, 1000.0)),
        clock_drift=float(draw.uniform(-0.007, 0.007)),
        loss=loss,
        seed=seed,
    )


def calibration_poses(
    model: SensorModel, body: ScriptedBody, *, seconds: float = 9.0
) -> tuple[Recording, Recording | None]:
    """What `model`, worn by `body`, records while the wearer holds the calibration poses.

    Upper back and breastbone: sitting upright, then the natural slouch. Elsewhere: standing, and
    None. A thigh shows no slouch; at the belt the pelvis rolls back in a slouch while the trunk goes
    forward, and the reference is the upright of standing (Vaha-Ypya 2018; analysis.md, section 4).
    """
    n = int(seconds * model.rate_hz)

    def held(pose: Pose) -> Recording:
        return replace(model, body=body.held(pose)).recording(0, n)

    if model.placement in (Placement.UPPER_BACK, Placement.STERNUM):
        return held(Pose.UPRIGHT), held(Pose.SLOUCH)
    return held(Pose.STANDING), None


@lru_cache(maxsize=64)
def _noise_block(seed: int, stream: int, block: int) -> Floats:
    """Block `block` of a noise of `seed`: a counter-based generator needs no predecessor."""
    bits = np.random.Philox(key=(seed, (stream << 56) + block))
    noise = np.random.Generator(bits).standard_normal((_NOISE_BLOCK, 3))
    noise.flags.writeable = False
    return noise


def _digitised(values: Floats, resolution: float, full_scale: float) -> Floats:
    """Rounded to whole bits and clipped to the largest whole bit within the range."""
    if resolution <= 0.0:
        clipped: Floats = np.clip(values, -full_scale, full_scale)
        return clipped
    largest = np.floor(full_scale / resolution + 1e-9)
    bits: Floats = np.clip(np.rint(values / resolution), -largest, largest)
    return bits * resolution


def _applied(matrix: Rotation, vectors: Floats) -> Floats:
    """`matrix` times each row, axis by axis: a BLAS product rounds differently for other lengths."""
    x, y, z = vectors[:, 0], vectors[:, 1], vectors[:, 2]
    turned = np.empty_like(vectors)
    for axis, (mx, my, mz) in enumerate(matrix):
        turned[:, axis] = mx * x + my * y + mz * z
    return turned


def _turned(vectors: Floats, axis: Floats, angles_rad: Floats) -> Floats:
    """Each row turned about the unit `axis` by its own angle (Rodrigues)."""
    x, y, z = vectors[:, 0], vectors[:, 1], vectors[:, 2]
    ax, ay, az = (float(part) for part in axis)
    sin, cos = np.sin(angles_rad), np.cos(angles_rad)
    along = (ax * x + ay * y + az * z) * (1.0 - cos)
    turned = np.empty_like(vectors)
    turned[:, 0] = x * cos + (ay * z - az * y) * sin + ax * along
    turned[:, 1] = y * cos + (az * x - ax * z) * sin + ay * along
    turned[:, 2] = z * cos + (ax * y - ay * x) * sin + az * along
    return turned


@lru_cache(maxsize=64)
def _square_and_tilt(mounting: Rotation) -> tuple[Rotation, Floats, float]:
    """`mounting` as a tilt in the segment's axes (unit axis, angle in rad) followed by the nearest
    right-angled mounting."""
    matrix = np.array(mounting)
    best = max(_squares(), key=lambda square: float(np.sum(square * matrix)))
    tilt = best.T @ matrix
    angle = float(np.arccos(np.clip((np.trace(tilt) - 1.0) / 2.0, -1.0, 1.0)))
    skew = np.array([tilt[2, 1] - tilt[1, 2], tilt[0, 2] - tilt[2, 0], tilt[1, 0] - tilt[0, 1]])
    length = float(np.linalg.norm(skew))
    axis = skew / length if length > 0.0 else np.array([1.0, 0.0, 0.0])
    return _rotation(best), axis, angle


def _squares() -> list[Floats]:
    """The 24 rotations that map axes onto axes."""
    found: list[Floats] = []
    for signs in np.ndindex(2, 2, 2):
        for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
            square = np.eye(3)[list(order)] * (1.0 - 2.0 * np.array(signs))[:, None]
            if np.linalg.det(square) > 0.0:
                found.append(square)
    return found


def _rotation(matrix: Floats) -> Rotation:
    """A (3, 3) array as nested tuples."""
    a, b, c = (tuple(float(v) for v in row) for row in matrix)
    return ((a[0], a[1], a[2]), (b[0], b[1], b[2]), (c[0], c[1], c[2]))
