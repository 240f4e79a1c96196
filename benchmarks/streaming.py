"""How many sensors one core can follow: blocks of half a second, every sensor its own pipeline."""

import time

from analysis.pipeline import Mounted, Pipeline
from benchmarks.week import RATE_HZ, START, calibration, recording
from domain.placement import Placement
from domain.samples import SampleBlock


def measure(gyro: bool, minutes: float = 5.0, chunk: int = 25) -> dict[str, float]:
    """Sensors per core in real time, microseconds per sensor-second, bytes of saved state."""
    place = Placement.UPPER_BACK
    known = calibration(place, "s")
    day = recording(place, 0.5, gyro=gyro)
    first = int((START + 10 * 3600 - day.times[0]) * RATE_HZ)  # office hours, not the night
    n = int(minutes * 60 * RATE_HZ)
    blocks = [
        SampleBlock(
            "s",
            day.times[row : row + chunk],
            day.acc_g[row : row + chunk],
            None if day.gyro_dps is None else day.gyro_dps[row : row + chunk],
            RATE_HZ,
        )
        for row in range(first, first + n, chunk)
    ]
    best = float("inf")
    for _ in range(3):
        pipeline = Pipeline("w", [Mounted("s", place, known)])
        began = time.process_time()
        for block in blocks:
            pipeline.push(block)
        best = min(best, time.process_time() - began)
    per_second = best / (minutes * 60)
    return {
        "sensors_per_core": 1 / per_second,
        "us_per_sensor_second": 1e6 * per_second,
        "state_bytes": len(pipeline.save()),
    }
