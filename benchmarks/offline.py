"""A week of 50 Hz x 3 through the whole pipeline, offline, on one core."""

import time
import tracemalloc

import analysis
from benchmarks.week import calibration, recording
from domain.placement import Placement


def measure(days: float = 7.0, repeats: int = 3) -> dict[str, float]:
    """Seconds (best of `repeats`), and MB beyond the input at the peak."""
    place = Placement.UPPER_BACK
    week = recording(place, days, gyro=False)
    known = {place.value: calibration(place, place.value)}
    seconds = []
    for _ in range(repeats):
        began = time.process_time()
        analysis.analyse({place.value: week}, calibration=known)
        seconds.append(time.process_time() - began)
    tracemalloc.start()
    analysis.analyse({place.value: week}, calibration=known)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"days": days, "seconds": min(seconds), "extra_mb": peak / 1e6}
