"""The postures a person takes: one named number per thing that can move."""

from typing import NamedTuple

from numpy.random import Generator

from simulators.anatomy import Anatomy


class Posture(NamedTuple):
    """All channels of a body, in deg unless the name says otherwise.

    lean: of the trunk, forward positive. side: to the right positive. twist: trunk against pelvis,
    to the left (counter-clockwise from above) positive. heading: of the pelvis. pelvis_lean,
    thigh_lean, head_lean, wrist_lean: the same angle for those segments; a thigh on a chair leans
    about -85 (its front faces up). seat_heading: of the chair. height_m: of the pelvis over the
    chair. gait, sway, seated: 0 to 1, how much of it there is. worn: 1, or 0 where the case is off
    the body.
    """

    lean: float = 0.0
    side: float = 0.0
    twist: float = 0.0
    heading: float = 0.0
    pelvis_lean: float = 0.0
    pelvis_side: float = 0.0
    thigh_lean: float = 0.0
    thigh_side: float = 0.0
    head_lean: float = 0.0
    wrist_lean: float = 0.0
    seat_heading: float = 0.0
    height_m: float = 0.0
    gait: float = 0.0
    sway: float = 1.0
    seated: float = 0.0
    worn: float = 1.0


def sitting(
    anatomy: Anatomy,
    lean: float,
    side: float = 0.0,
    heading: float = 0.0,
    twist: float = 0.0,
    thigh: float = 0.0,
) -> Posture:
    """Sitting on a chair. A slumping trunk lets the pelvis roll back; thigh: deg beside its usual."""
    return Posture(
        lean=lean,
        side=side,
        twist=twist,
        heading=heading,
        pelvis_lean=-anatomy.pelvis_sit_deg - 0.7 * max(lean, 0.0),
        pelvis_side=0.4 * side,
        thigh_lean=-anatomy.thigh_sit_deg + thigh,
        thigh_side=4.0 + 0.5 * thigh,
        head_lean=8.0 + 0.4 * lean,
        wrist_lean=-80.0,
        seat_heading=heading,
        seated=1.0,
    )


def standing(anatomy: Anatomy, lean: float, side: float = 0.0, heading: float = 0.0) -> Posture:
    """Standing or, with `gait` added, walking."""
    return Posture(
        lean=lean,
        side=side,
        heading=heading,
        pelvis_lean=2.0 + 0.3 * lean,
        pelvis_side=-0.5 * side,
        thigh_lean=-3.0 + 0.5 * side,
        thigh_side=0.5 * side,
        head_lean=5.0,
        wrist_lean=-8.0,
        height_m=anatomy.rise_m,
    )


def lying(draw: Generator) -> Posture:
    """On the back, on a side, rarely on the front."""
    turn = draw.choice((0.0, 1.0, -1.0, 2.0), p=(0.45, 0.25, 0.25, 0.05))
    if turn == 2.0:
        lean, side = 84.0, float(draw.uniform(-8, 8))
    elif turn == 0.0:
        lean, side = float(draw.uniform(-88, -76)), float(draw.uniform(-12, 12))
    else:
        lean, side = float(draw.uniform(-50, -10)), float(turn * draw.uniform(70, 80))
    return Posture(
        lean=lean,
        side=side,
        pelvis_lean=lean,
        pelvis_side=side,
        thigh_lean=lean if turn != 0.0 else lean + 4.0,
        thigh_side=side,
        head_lean=lean * 0.85,
        wrist_lean=lean,
        heading=0.0,
        sway=0.5,
    )


#: The case lies on its back or its face: the axis through it is exactly vertical. Nothing moves it.
ON_DESK = Posture(
    lean=90.0,
    pelvis_lean=90.0,
    thigh_lean=-90.0,
    head_lean=90.0,
    wrist_lean=-90.0,
    sway=0.0,
    worn=0.0,
)
