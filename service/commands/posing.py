"""Holding poses at the command line: the words, the waiting and the calibration that comes of it."""

import asyncio
import time
from dataclasses import dataclass

from analysis.calibration import calibrate
from domain.people import Calibration, Sensor
from domain.placement import KNOWLEDGE
from domain.samples import Recording
from service.air import Air
from service.capture import Capture
from service.commands.terminal import answer
from simulators.body import Pose

POSE_S = 8.0
READY_S = 3


@dataclass(frozen=True, slots=True)
class Posing:
    """How poses are asked for: one or two, with Enter before each or a few seconds to get ready."""

    one_pose: bool
    assume_ready: bool


async def posed(posing: Posing, air: Air, capture: Capture, sensor: Sensor) -> Calibration:
    """The calibration of the poses that the wearer holds now.

    Raises CalibrationRefused with what to do better, InputError when nobody presses Enter.
    """
    trunk = KNOWLEDGE[sensor.placement].trunk
    upright = Pose.UPRIGHT if trunk else Pose.STANDING
    first = "Sit upright, as tall as is comfortable" if trunk else "Stand still"
    good = await _pose(posing, air, capture, upright, first)
    slouch = None
    if trunk and not posing.one_pose:
        slouch = await _pose(posing, air, capture, Pose.SLOUCH, "Now slouch as you usually do")
    return calibrate(
        good, slouch, sensor=sensor.id, placement=sensor.placement, made_at=time.time()
    )


def tell_calibrated(sensor: Sensor, calibration: Calibration) -> None:
    """Print what was learnt."""
    print(f"{sensor.name} is calibrated, worn at the {sensor.placement.words}.")
    if calibration.slouch_deg is not None:
        print(
            f"Your slouch leans {calibration.slouch_deg:.0f} deg over your upright; "
            f"the reference is good to {calibration.sigma_deg:.1f} deg."
        )
    elif KNOWLEDGE[sensor.placement].trunk:
        print("With one pose the general slouch limit of 8 deg is used.")


async def _pose(posing: Posing, air: Air, capture: Capture, pose: Pose, words: str) -> Recording:
    if air.posing is not None:
        air.posing.take(pose)
    if posing.assume_ready:
        print(f"{words}. Starting in {READY_S} s, then hold still for {POSE_S:.0f} s.", flush=True)
        await asyncio.sleep(READY_S)
    else:
        await answer(f"{words}, then press Enter and hold still for {POSE_S:.0f} s.")
    print("Hold still ...", flush=True)
    return await capture.take(POSE_S)
