"""The generated week every speed figure is measured on: one scripted person, 50 Hz, acc of one sensor."""

import numpy as np

from analysis.calibration import calibrate
from domain.people import Calibration
from domain.placement import Placement
from domain.samples import Floats, Recording
from simulators.body import ScriptedBody
from simulators.days import history_script
from simulators.sensor import calibration_poses, typical_sensor

RATE_HZ = 50.0
START = 1_767_225_600.0  # 2026-01-01T00:00:00Z
DAY_S = 86400
SEED = 5


def person(days: int) -> ScriptedBody:
    """The person, for `days` days from START."""
    return ScriptedBody.of(SEED, history_script(SEED, [START + DAY_S * d for d in range(days)]))


def calibration(placement: Placement, sensor: str) -> Calibration:
    """From poses the person holds with the sensor on."""
    body = person(1)
    model = typical_sensor(SEED, body, placement, rate_hz=RATE_HZ, power_on=START)
    upright, slouch = calibration_poses(model, body)
    return calibrate(upright, slouch, sensor=sensor, placement=placement, made_at=START)


def recording(placement: Placement, days: float, *, gyro: bool) -> Recording:
    """`days` of samples as the worn sensor gives them."""
    body = person(max(1, int(np.ceil(days))))
    model = typical_sensor(
        SEED,
        body,
        placement,
        rate_hz=RATE_HZ,
        power_on=START,
        gyro_full_scale_dps=2000.0 if gyro else None,
    )
    n = int(days * DAY_S * RATE_HZ)
    acc = np.empty((n, 3))
    rate: Floats | None = np.empty((n, 3)) if gyro else None
    step = int(3600 * RATE_HZ)
    for first in range(0, n, step):
        rows = slice(first, min(first + step, n))
        _, acc[rows], got = model.samples(first, rows.stop - first)
        if rate is not None and got is not None:
            rate[rows] = got
    times = START + np.arange(n) / RATE_HZ
    for array in (times, acc, rate):
        if array is not None:
            array.flags.writeable = False
    return Recording(times, acc, rate)
