"""A day that looks like one, and how the benchmarks of the store time and tell."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from domain.posture import Activity, FrameBlock

DAY_S = 86_400
T0 = 1_790_035_200  # a midnight in UTC


def day_of_frames(wearer: str, start: int, *, every_s: int = 1, seed: int = 0) -> FrameBlock:
    """A day that looks like one: night, long sits, walks; slow lean with noise; no twist sensor."""
    rng = np.random.default_rng(seed)
    times = np.arange(start, start + DAY_S, every_s)
    hour = (times - start) / 3600
    activity = np.where((hour < 7) | (hour > 23), Activity.LYING, Activity.SITTING)
    activity = np.where((times // 300) % 9 == 0, Activity.MOVING, activity)
    moving = activity == Activity.MOVING
    drift = np.cumsum(rng.normal(0, 0.05, len(times))) % 30 - 10
    unknown = np.full(len(times), np.nan)
    mad_mg = np.abs(rng.normal(0, np.where(moving, 150.0, 8.0)))
    return FrameBlock(
        wearer=wearer,
        times=times,
        activity=activity,
        p_sitting=np.clip(rng.normal(np.where(moving, 0.02, 0.95), 0.02), 0, 1),
        lean_deg=drift + rng.normal(0, 0.3, len(times)),
        side_deg=rng.normal(2, 1.5, len(times)),
        twist_deg=unknown,
        turn_dps=rng.normal(0, np.where(moving, 20.0, 0.5)),
        mad_mg=mad_mg,
        enmo_mg=mad_mg / 2,
        cadence_spm=np.where(moving, 100.0 + rng.normal(0, 5, len(times)), 0.0),
        quality=np.zeros(len(times)),
        confidence=np.clip(rng.normal(0.93, 0.03, len(times)), 0, 1),
        source=np.ones(len(times)),
    )


def ms(call: Callable[[], object], repeats: int = 7) -> float:
    """Median milliseconds of `call`."""
    taken = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e3


def say(what: str, figure: str) -> None:
    print(f"{what:<58}{figure:>22}")
