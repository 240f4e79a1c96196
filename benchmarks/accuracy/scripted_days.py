"""Bouts from a trunk sensor alone, on generated office days with known truth (simulators)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis import Placement, Recording, analyse, calibrate
from benchmarks.accuracy.bouts import Days, bridged, days_table, runs, said
from benchmarks.accuracy.section import Bar, Section
from domain.posture import Activity
from domain.samples import Floats
from simulators.body import Body, Pose, ScriptedBody
from simulators.days import day_script

SEEDS = tuple(str(seed) for seed in range(1, 21))
_MIDNIGHT, _RATE_HZ, _WITHIN_S = 1_763_769_600.0, 25.0, 60.0
_FROM_H, _TO_H = 6, 23


def measure(data: Path, people: Sequence[str] | None = None) -> Section:
    """The seeds stand for people. `data` is not read: everything is made here."""
    days = {seed: _day(int(seed)) for seed in (SEEDS if people is None else people)}
    long = sum(one.long for one in days.values())
    found = sum(one.long_found for one in days.values())
    worst = max(days, key=lambda seed: days[seed].worst_total)
    beyond = sum(one.worst_total > 0.05 for one in days.values())
    return Section(
        "Bouts from the upper back alone: generated office days",
        "",
        (
            f"Not real people: {len(days)} days of a scripted body, {_FROM_H} to {_TO_H} h, accelerometer "
            "at 25 Hz with noise, calibrated with two poses. One sensor on the back cannot see the legs."
        ),
        (days_table("By day", days, _WITHIN_S),),
        (
            Bar(
                "trunk alone, scripted days: bouts of 30 min and more within 60 s",
                100.0 * found / max(1, long), 100.0, "%", "-", at_least=True,
                why=f"{long - found} of {long} are off by more",
            ),
            Bar(
                "trunk alone, scripted days: error of the day's total sitting, worst day",
                100.0 * days[worst].worst_total, 5.0, "%", "-",
                why=f"{beyond} of {len(days)} days are beyond, day {worst} most",
            ),
        ),
    )  # fmt: skip


def _day(seed: int) -> Days:
    body = ScriptedBody.of(seed, day_script(seed, _MIDNIGHT))
    times = np.arange(_MIDNIGHT + _FROM_H * 3600, _MIDNIGHT + _TO_H * 3600, 1 / _RATE_HZ)
    held = np.arange(100.0, 109.0, 1 / _RATE_HZ)
    known = calibrate(
        _record(body.held(Pose.UPRIGHT), held, seed),
        _record(body.held(Pose.SLOUCH), held, seed),
        sensor="upper_back",
        placement=Placement.UPPER_BACK,
        made_at=0.0,
    )
    result = analyse({"upper_back": _record(body, times, seed)}, calibration=known)
    truth = body.truth(times[0], times[-1] + 1 / _RATE_HZ)
    sits = runs(truth.activity == Activity.SITTING, int(truth.times[0]))
    return Days().add(bridged(sits), said(result), _WITHIN_S)


def _record(body: Body, times: Floats, seed: int) -> Recording:
    acc_g, _ = body.motion(Placement.UPPER_BACK, times, gyro=False)
    noise = np.random.default_rng((seed, 5)).normal(0.0, 0.004, acc_g.shape)
    return Recording(times, acc_g + noise)
