"""From acts to keyframes: postures at times, between which a body moves smoothly.

Every channel goes from keyframe to keyframe along a quintic with no velocity and no acceleration at
either end (minimum jerk; Flash and Hogan 1985), so all angles are twice continuously
differentiable. The keyframes of an act depend on the act, the body and the kind of act before it
and on nothing else: that is what makes a body a function of time.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from domain.posture import Activity
from simulators.anatomy import Anatomy
from simulators.postures import ON_DESK, Posture, lying, sitting, standing
from simulators.script import Act, ActKind, Slump


class Keyframe(NamedTuple):
    """A posture at a Unix time, with what the person is then doing and the steps per s."""

    time: float
    posture: Posture
    activity: Activity
    cadence_hz: float = 0.0


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the keyframes of one act are made from."""

    anatomy: Anatomy
    act: Act
    previous: ActKind | None
    draw: Generator


_ON_CHAIR = (ActKind.SITTING, ActKind.TWISTING)
_ON_FEET = (
    ActKind.STANDING, ActKind.WALKING, ActKind.BENDING, ActKind.STOOPING, ActKind.TILTING,
)  # fmt: skip

_ACTIVITY = {
    ActKind.LYING: Activity.LYING,
    ActKind.SITTING: Activity.SITTING,
    ActKind.STANDING: Activity.STANDING,
    ActKind.WALKING: Activity.STANDING,  # until the first step
    ActKind.BENDING: Activity.STANDING,
    ActKind.STOOPING: Activity.STANDING,
    ActKind.TILTING: Activity.STANDING,
    ActKind.TWISTING: Activity.SITTING,
    ActKind.NOT_WORN: Activity.NOT_WORN,
}


def keyframes(anatomy: Anatomy, act: Act, previous: ActKind | None) -> tuple[Keyframe, ...]:
    """The keyframes of `act`, the last of them at its end; the body comes out of `previous`.

    Without a previous act the first keyframe is at the start, in the act's own posture.
    """
    key = round(act.start_s * 1000.0) & ((1 << 62) - 1)
    stage = _Stage(anatomy, act, previous, np.random.default_rng((anatomy.seed, key)))
    makers = {
        ActKind.LYING: _lying_frames,
        ActKind.SITTING: _sitting_frames,
        ActKind.STANDING: _standing_frames,
        ActKind.WALKING: _walking_frames,
        ActKind.BENDING: _bending_frames,
        ActKind.STOOPING: _holding_frames,
        ActKind.TILTING: _holding_frames,
        ActKind.TWISTING: _twisting_frames,
        ActKind.NOT_WORN: _not_worn_frames,
    }
    return makers[act.kind](stage)


def _entry(stage: _Stage, first: Posture) -> list[Keyframe]:
    """How the body gets from the previous act into `first`; ends with `first`, settled."""
    anatomy, act, previous = stage.anatomy, stage.act, stage.previous
    start = act.start_s
    activity = _ACTIVITY[act.kind]
    if previous is None:
        return [Keyframe(start, first, activity)]
    before = _ACTIVITY[previous]
    chair, feet = act.kind in _ON_CHAIR, act.kind in _ON_FEET
    bow = anatomy.rise_lean_deg + float(stage.draw.uniform(-1.0, 1.0))
    rise_s = anatomy.rise_s + float(stage.draw.uniform(-0.2, 0.2))
    on_edge = sitting(anatomy, 4.0)
    bowed = sitting(anatomy, bow)
    if previous is act.kind:
        return [Keyframe(start + 2.6, first, activity)]
    if previous is ActKind.NOT_WORN or act.kind is ActKind.NOT_WORN:
        # In the hand, on its way to the desk or from it.
        in_hand = ON_DESK._replace(lean=50.0, side=35.0, pelvis_lean=40.0, worn=1.0)
        return [
            Keyframe(start + 2.5, in_hand, Activity.NOT_WORN),
            Keyframe(start + 5.5, first, activity),
        ]
    if previous in _ON_CHAIR and feet:
        return [
            Keyframe(start + 0.42 * rise_s, bowed, before),
            Keyframe(start + rise_s, first, activity),
        ]
    if previous in _ON_FEET and chair:
        # The hips meet the chair while the trunk is still bowed.
        return [
            Keyframe(start + 0.58 * rise_s, bowed, activity),
            Keyframe(start + rise_s, first, activity),
        ]
    if previous is ActKind.LYING and feet:
        return [
            Keyframe(start + 2.2, on_edge, Activity.SITTING),
            Keyframe(start + 3.3, bowed, Activity.SITTING),
            Keyframe(start + 3.3 + 0.58 * rise_s, first, activity),
        ]
    if previous in _ON_FEET and act.kind is ActKind.LYING:
        return [
            Keyframe(start + 0.58 * rise_s, bowed, Activity.SITTING),
            Keyframe(start + rise_s, on_edge, Activity.SITTING),
            Keyframe(start + rise_s + 2.5, first, activity),
        ]
    if act.kind is ActKind.LYING or previous is ActKind.LYING:
        return [Keyframe(start + 2.6, first, activity)]
    return [Keyframe(start + 1.6, first, activity)]


def _lying_frames(stage: _Stage) -> tuple[Keyframe, ...]:
    """Turns over every 10 to 40 minutes."""
    act, draw = stage.act, stage.draw
    posture = lying(draw)
    frames = _entry(stage, posture)
    time = frames[-1].time
    while (time := time + float(draw.uniform(600.0, 2400.0))) < act.end_s - 10.0:
        frames.append(Keyframe(time, posture, Activity.LYING))
        posture = lying(draw)
        time += float(draw.uniform(2.5, 4.5))
        frames.append(Keyframe(time, posture, Activity.LYING))
    return _ended(stage, frames)


def _depth_at(act: Act, time: float) -> float:
    """The share of the slouch range at `time`, slumps included."""
    for slump in act.slumps:
        if slump.start_s <= time < slump.end_s:
            onset = min(1.0, (time - slump.start_s) / slump.onset_s)
            held_until = slump.start_s + slump.onset_s + slump.hold_s
            back = max(0.0, (time - held_until) / slump.recovery_s)
            return act.depth + (slump.depth - act.depth) * (onset - back)
    return act.depth


def _slump_corners(slump: Slump) -> tuple[float, ...]:
    onset_end = slump.start_s + slump.onset_s
    return (slump.start_s, onset_end, onset_end + slump.hold_s, slump.end_s)


def _sitting_frames(stage: _Stage) -> tuple[Keyframe, ...]:
    """Sits, fidgets every minute or few, and slumps when the script says so."""
    anatomy, act, draw = stage.anatomy, stage.act, stage.draw
    rest = 0.0 if act.still else anatomy.sit_lean_deg

    # lean beside the rest, side, heading, twist, thigh: changed by every fidget
    habit = [0.0, 0.0, 0.0, 0.0, 0.0]

    def posture(time: float) -> Posture:
        depth = _depth_at(act, time)
        # The well-sat lean fades as the slouch takes over, so a slump reaches its depth exactly.
        lean = (rest + habit[0]) * (1.0 - min(depth, 1.0)) + depth * anatomy.slouch_deg
        return sitting(anatomy, lean, habit[1], habit[2], habit[3], habit[4])

    def fidget() -> None:
        # Between slumps the lean stays well below the slouch exit (0.42 of the range).
        high = 0.30 * anatomy.slouch_deg - rest
        habit[0] = float(np.clip(draw.normal(0.0, 2.0), -5.0, high))
        if draw.random() < 0.25:
            habit[0] = float(draw.uniform(-9.0, -5.0))  # against the backrest
        habit[1] = float(np.clip(draw.normal(0.0, 3.0), -8.0, 8.0))
        habit[2] = float(np.clip(draw.normal(0.0, 8.0), -25.0, 25.0))
        habit[3] = float(np.clip(draw.normal(0.0, 2.0), -6.0, 6.0))
        habit[4] = float(np.clip(draw.normal(0.0, 2.0), -4.0, 4.0))

    frames = _entry(stage, posture(act.start_s))
    corners = [time for slump in act.slumps for time in _slump_corners(slump)]
    moves: list[tuple[float, float]] = []
    time = frames[-1].time
    while not act.still:
        time += anatomy.shift_s * float(draw.uniform(0.4, 1.6))
        move_s = float(draw.uniform(0.9, 2.2))
        if time + move_s > act.end_s - 2.0:
            break
        near_corner = any(time - 1.5 < corner < time + move_s + 1.5 for corner in corners)
        quick = any(
            (s.onset_s < 60.0 and s.start_s <= time < s.start_s + s.onset_s) for s in act.slumps
        )
        if not near_corner and not quick:
            moves.append((time, move_s))
            time += move_s
    settled = frames[-1].time
    events = sorted([(corner, 0.0) for corner in corners if settled < corner < act.end_s] + moves)
    for event, move_s in events:
        frames.append(Keyframe(event, posture(event), Activity.SITTING))
        if move_s > 0.0:
            fidget()
            frames.append(Keyframe(event + move_s, posture(event + move_s), Activity.SITTING))
    return _ended(stage, frames)


def _standing_frames(stage: _Stage) -> tuple[Keyframe, ...]:
    """Stands, shifts weight and turns a little."""
    anatomy, act, draw = stage.anatomy, stage.act, stage.draw
    posture = standing(anatomy, anatomy.stand_lean_deg)
    frames = _entry(stage, posture)
    time = frames[-1].time
    while not act.still and (time := time + float(draw.uniform(12.0, 60.0))) < act.end_s - 4.0:
        frames.append(Keyframe(time, posture, Activity.STANDING))
        posture = standing(
            anatomy,
            anatomy.stand_lean_deg + float(np.clip(draw.normal(0.0, 2.0), -4.0, 5.0)),
            float(draw.uniform(-4.0, 4.0)),
            float(draw.uniform(-30.0, 30.0)),
        )
        time += float(draw.uniform(1.0, 2.0))
        frames.append(Keyframe(time, posture, Activity.STANDING))
    return _ended(stage, frames)


def _walking_frames(stage: _Stage) -> tuple[Keyframe, ...]:
    """Walks in straight lines with turns between them; stands still at the start and the end."""
    anatomy, act, draw = stage.anatomy, stage.act, stage.draw
    cadence_hz = anatomy.cadence_hz * float(draw.uniform(0.97, 1.03))
    upright = standing(anatomy, anatomy.stand_lean_deg)
    walking = standing(anatomy, anatomy.walk_lean_deg)._replace(gait=1.0, sway=0.6)
    frames = [f._replace(cadence_hz=cadence_hz) for f in _entry(stage, upright)]
    time = frames[-1].time + 1.5
    last = act.end_s - 1.5
    frames.append(Keyframe(time, walking, Activity.MOVING, cadence_hz))
    while (time := time + float(draw.uniform(6.0, 25.0))) < last - 3.0:
        frames.append(Keyframe(time, walking, Activity.MOVING, cadence_hz))
        walking = walking._replace(heading=float(draw.uniform(-170.0, 170.0)))
        time += float(draw.uniform(1.6, 2.6))
        frames.append(Keyframe(time, walking, Activity.MOVING, cadence_hz))
    frames.append(Keyframe(last, walking, Activity.MOVING, cadence_hz))
    frames.append(Keyframe(act.end_s, upright._replace(heading=walking.heading), Activity.STANDING))
    return tuple(frames)


def _bending_frames(stage: _Stage) -> tuple[Keyframe, ...]:
    """Bends to the floor again and again, sometimes turned to a side."""
    anatomy, act, draw = stage.anatomy, stage.act, stage.draw
    upright = standing(anatomy, anatomy.stand_lean_deg)
    frames = _entry(stage, upright)
    time = frames[-1].time
    while (time := time + float(draw.uniform(4.0, 10.0))) < act.end_s - 9.0:
        lean = float(draw.uniform(40.0, 80.0))
        turn = float(draw.choice((0.0, 0.0, 1.0, -1.0))) * float(draw.uniform(12.0, 25.0))
        bent = upright._replace(
            lean=lean, side=0.5 * turn, twist=-turn, pelvis_lean=0.55 * lean, thigh_lean=-8.0
        )
        down_s, hold_s, up_s = (float(draw.uniform(*r)) for r in ((1.1, 1.8), (1, 4), (1.1, 1.8)))
        for after_s, posture in (
            (0.0, upright),
            (down_s, bent),
            (down_s + hold_s, bent),
            (down_s + hold_s + up_s, upright),
        ):
            frames.append(Keyframe(time + after_s, posture, Activity.STANDING))
        time = frames[-1].time
    return _ended(stage, frames)


def _holding_frames(stage: _Stage) -> tuple[Keyframe, ...]:
    """Goes forward or to a side, stays there and comes back before the end."""
    anatomy, act = stage.anatomy, stage.act
    upright = standing(anatomy, anatomy.stand_lean_deg)
    if act.kind is ActKind.STOOPING:
        held = upright._replace(lean=act.angle_deg, pelvis_lean=0.4 * act.angle_deg)
    else:
        held = upright._replace(side=act.angle_deg)
    frames = _entry(stage, upright)
    times = (frames[-1].time + 1.6, act.end_s - 2.0, act.end_s - 0.4)
    for time, posture in zip(times, (held, held, upright), strict=True):
        frames.append(Keyframe(time, posture, Activity.STANDING))
    return _ended(stage, frames)


def _twisting_frames(stage: _Stage) -> tuple[Keyframe, ...]:
    """Sits and turns the trunk to things beside the desk; holds it now and then."""
    anatomy, act, draw = stage.anatomy, stage.act, stage.draw
    ahead = sitting(anatomy, anatomy.sit_lean_deg)
    frames = _entry(stage, ahead)
    time = frames[-1].time
    while (time := time + float(draw.uniform(4.0, 12.0))) < act.end_s - 6.0:
        twist = float(draw.choice((1.0, -1.0))) * float(draw.uniform(22.0, 42.0))
        turned = sitting(anatomy, anatomy.sit_lean_deg + 2.0, -0.12 * twist, 0.0, twist)
        turn_s = float(draw.uniform(0.9, 1.6))
        hold_s = float(draw.uniform(30.0, 45.0) if draw.random() < 0.15 else draw.uniform(2, 7))
        if time + 2.0 * turn_s + hold_s > act.end_s - 1.0:
            break
        for after_s, posture in (
            (0.0, ahead),
            (turn_s, turned),
            (turn_s + hold_s, turned),
            (2.0 * turn_s + hold_s, ahead),
        ):
            frames.append(Keyframe(time + after_s, posture, Activity.SITTING))
        time = frames[-1].time
    return _ended(stage, frames)


def _not_worn_frames(stage: _Stage) -> tuple[Keyframe, ...]:
    return _ended(stage, _entry(stage, ON_DESK))


def _ended(stage: _Stage, frames: list[Keyframe]) -> tuple[Keyframe, ...]:
    """`frames` with the last posture held to the end of the act."""
    if frames[-1].time < stage.act.end_s:
        frames.append(frames[-1]._replace(time=stage.act.end_s, cadence_hz=0.0))
    return tuple(frames)
