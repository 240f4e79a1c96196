"""What following wearers costs, a second of each: alone as blocks come, and in a fleet, in beats.

Half-second blocks of office hours, of one sensor on the upper back; every wearer is somewhere else in the
day. Episodes are included, and bouts and slouches do open and end. With many wearers, fewer seconds of
each are played; the fleet then goes round twice at least.
"""

import time

import numpy as np

from analysis.fleet import Fleet
from analysis.track import Mounted
from benchmarks.week import RATE_HZ, calibration, recording
from domain.placement import Placement
from domain.samples import Recording, SampleBlock

BEAT_S = 60.0
_CHUNK = int(RATE_HZ / 2)
_PLACE = Placement.UPPER_BACK


def measure(wearers: int, seconds: int, *, gyro: bool, beat_s: float = BEAT_S) -> dict[str, float]:
    """Microseconds a wearer-second, wearers a core, episodes told, bytes of saved state."""
    day = recording(_PLACE, 0.75, gyro=gyro)
    known = calibration(_PLACE, "s")
    fleet = Fleet(beat_s)
    for number in range(wearers):
        fleet.add(str(number), [Mounted("s", _PLACE, known)])
    first = int(9 * 3600 * RATE_HZ)
    step = int(min(60.0, 8 * 3600 / wearers) * RATE_HZ)
    spent, episodes = 0.0, 0
    for turn in range(2 * seconds):
        blocks = [
            (str(number), _block(day, first + number * step % (8 * 3600 * 50) + turn * _CHUNK))
            for number in range(wearers)
        ]
        began = time.process_time()
        said = fleet.push(blocks)
        spent += time.process_time() - began
        episodes += sum(len(out.episodes) for _, out in said)
    per_second = spent / (wearers * seconds)
    sizes = [len(fleet.save(str(number))[1]) for number in range(0, wearers, max(1, wearers // 10))]
    return {
        "us": 1e6 * per_second,
        "wearers_per_core": 1.0 / per_second,
        "episodes": episodes,
        "state_bytes": float(np.max(sizes)),
    }


def _block(day: Recording, row: int) -> SampleBlock:
    rows = slice(row, row + _CHUNK)
    gyro = None if day.gyro_dps is None else day.gyro_dps[rows]
    return SampleBlock("s", day.times[rows], day.acc_g[rows], gyro, RATE_HZ)
