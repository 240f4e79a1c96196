"""How each placement takes part in the motion of the body: a row per placement.

Segment frame: x forward, y left, z up along the segment (for the thigh towards the hip when
standing, for the forearm towards the elbow when it hangs). A sensor on the back and one on the
breastbone share the trunk's frame.
"""

from dataclasses import dataclass

from domain.placement import Placement
from simulators.gait import GaitShape


@dataclass(frozen=True, slots=True)
class Segment:
    """Which channels of `Posture` turn the segment.

    pitch, roll: channel names, None when the segment does not do that. yaw: channels whose sum is
    the heading. lever: distance of the sensor from the joint it turns about, upwards, as a share of
    stature. rises: goes up with the pelvis. sway: how much of the body's sway it shows.
    presence: the channel that scales sway and tremor.
    """

    pitch: str | None
    roll: str | None
    yaw: tuple[str, ...]
    lever: float
    rises: bool
    sway: float
    gait: GaitShape
    presence: str = "sway"


_TRUNK_GAIT = GaitShape(
    pitch_step_deg=1.2, roll_deg=1.8, yaw_deg=4.0, vertical_g=0.28, fore_g=0.10, lateral_g=0.07
)
_PELVIS_GAIT = GaitShape(
    pitch_step_deg=1.5, roll_deg=3.5, yaw_deg=-4.5, vertical_g=0.30, fore_g=0.14, lateral_g=0.09
)
_PELVIS = Segment(
    "pelvis_lean", "pelvis_side", ("heading",), 0.05, rises=True, sway=0.6, gait=_PELVIS_GAIT
)

SEGMENTS: dict[Placement, Segment] = {
    Placement.UPPER_BACK: Segment(
        "lean", "side", ("heading", "twist"), 0.26, rises=True, sway=1.0, gait=_TRUNK_GAIT
    ),
    Placement.STERNUM: Segment(
        "lean", "side", ("heading", "twist"), 0.23, rises=True, sway=1.0, gait=_TRUNK_GAIT
    ),
    Placement.WAIST: _PELVIS,
    Placement.LOWER_BACK: _PELVIS,
    Placement.THIGH: Segment(
        "thigh_lean",
        "thigh_side",
        ("heading",),
        # On the way up and down the knee stays where it is, and the pocket is above it.
        0.13,
        rises=False,
        sway=0.5,
        gait=GaitShape(
            pitch_step_deg=3.0,
            pitch_stride_deg=1.0,
            swings=True,
            roll_deg=3.0,
            yaw_deg=5.0,
            vertical_g=0.40,
            fore_g=0.15,
            lateral_g=0.12,
            hip_lever=0.11,
        ),
    ),
    Placement.WRIST: Segment(
        "wrist_lean",
        None,
        ("heading",),
        0.0,
        rises=True,
        sway=2.0,
        gait=GaitShape(pitch_stride_deg=-1.0, swings=True, yaw_deg=8.0, vertical_g=0.2, fore_g=0.1),
    ),
    Placement.HEAD: Segment(
        "head_lean",
        "side",
        ("heading", "twist"),
        0.4,
        rises=True,
        sway=1.2,
        gait=GaitShape(pitch_step_deg=1.5, vertical_g=0.25, fore_g=0.06, lateral_g=0.05),
    ),
    Placement.SEAT: Segment(
        None,
        None,
        ("seat_heading",),
        0.0,
        rises=False,
        sway=0.05,
        gait=GaitShape(),
        presence="seated",
    ),
}
