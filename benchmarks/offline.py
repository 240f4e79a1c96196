"""A generated week of 50 Hz x 3 through the whole pipeline, offline, on one core."""

import time
import tracemalloc

import analysis
from benchmarks.week import calibration, recording
from domain.people import Calibration
from domain.placement import Placement
from domain.samples import Recording


class Week:
    """The recording of one placement, and its calibration."""

    def __init__(self, place: Placement, days: float, *, gyro: bool = False) -> None:
        self.recordings: dict[str, Recording] = {place.value: recording(place, days, gyro=gyro)}
        self.known: dict[str, Calibration] = {place.value: calibration(place, place.value)}

    def seconds(self, repeats: int = 3) -> float:
        """CPU seconds of the analysis, the best of `repeats`."""
        best = float("inf")
        for _ in range(repeats):
            began = time.process_time()
            analysis.analyse(self.recordings, calibration=self.known)
            best = min(best, time.process_time() - began)
        return best

    def extra_mb(self) -> float:
        """MB beyond the input, at the peak."""
        tracemalloc.start()
        analysis.analyse(self.recordings, calibration=self.known)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak / 1e6
