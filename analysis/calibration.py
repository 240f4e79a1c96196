"""How a sensor sits on a body, from one or two poses held still (evidence, section 3; analysis, section 2).

Upright gives the vertical. The wearer's own slouch gives the forward direction and how far they slouch.
Body frame: x forward, y left, z up, right-handed. An accelerometer at rest shows the direction up, so
when the trunk leans forward its x component turns negative: lean = atan2(-u_x, u_z).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np

from analysis.given import expect
from domain.errors import CalibrationRefused, InputError, RefusalReason
from domain.gains import Gains
from domain.people import Calibration, ReferenceMethod, Rotation
from domain.placement import KNOWLEDGE, Placement
from domain.samples import Floats, Recording

Vector: TypeAlias = tuple[float, float, float]

#: Seconds of a pose; of a longer recording the last LONGEST_S count, when the wearer has settled.
#: 5 to 10 s: evidence, section 3. A tenth is allowed for what lies between samples.
SHORTEST_S: Final = 4.9
LONGEST_S: Final = 10.0
#: A pause between samples beyond this, and beyond three usual ones, leaves a pose half unseen.
LONGEST_GAP_S: Final = 1.0
STILL_SD_G: Final = 0.020  # of every axis: analysis, section 2
GRAVITY_TOLERANCE: Final = 0.05  # of | |a| - 1 |: evidence, section 3
MOST_SPREAD_DEG: Final = 3.0  # between takes of one pose: analysis, section 2
LEAST_ANGLE_DEG: Final = 8.0  # between the poses: analysis, section 2
MOST_ANGLE_DEG: Final = 110.0
#: What holding the poses anew would change, added to what is seen of one holding. With two poses 1 deg [J];
#: with one 6, for its forward is a convention: a sensor turned 25 deg about the vertical, as they were found
#: on real backs, shows a lean of 20 deg 2 deg too small and 8 deg of it to the side [J].
FLOOR_DEG: Final = {ReferenceMethod.TWO_POSES: 1.0, ReferenceMethod.ONE_POSE: 6.0}
#: The same with one pose whose forward was given: half the 6 deg by which the zero is uncertain without a
#: calibration (analysis, section 9).
HINTED_DEG: Final = 3.0

_BLOCK_S = 1.0
#: A direction whose horizontal part is shorter than this does not tell where forward is (60 deg steep).
_LEAST_HORIZONTAL = 0.5
#: Where the face of a flat sensor (its z axis) looks: backward on the back, else forward.
_FACES_BACKWARD = (Placement.UPPER_BACK, Placement.LOWER_BACK)
_WORDS = {"upright": "upright pose", "slouch": "slouch"}


def calibrate(
    upright: Recording | Sequence[Recording],
    slouch: Recording | Sequence[Recording] | None = None,
    *,
    placement: Placement | str,
    sensor: str = "",
    made_at: float | None = None,
    forward_hint: Vector | None = None,
    clips: bool = False,
) -> Calibration:
    """The calibration that these poses give; for a thigh, `upright` means standing. A pose that was held
    several times is given as all of its takes: their mean counts.

    placement: or its name. sensor: by default the placement's name; made_at: by default when the last pose
    ends. clips: the poses are cut from recordings that were made for something else: they may be shorter,
    restless, with holes, or of a length other than 1 g, which shows in sigma_deg alone.

    Two poses (trunk placements): z is the mean up direction when upright, the horizontal part of
    the slouch points backward of x, `slouch_deg` is the angle between the two.

    One pose: the forward direction is not in the data. It is `forward_hint`, a direction in the sensor's
    axes, or else a convention: the sensor's z axis is taken to look backward on the upper and
    lower back and forward elsewhere; where z is within 30 deg of vertical its x axis is taken. A lean
    from such a reference has the right size only if the convention holds, hence a larger sigma.

    sigma_deg = sqrt(floor^2 + se^2), where se is the standard error of the mean over the directions of
    1-s blocks of the upright pose, and of its takes, and the floor is that of the method (FLOOR_DEG), or
    HINTED_DEG.

    Raises CalibrationRefused, with `pose` where one is meant; InputError for an unknown placement, for
    what is no Recording, and for times that go back.
    """
    try:
        placement = Placement(placement)
    except ValueError:
        raise InputError(f"no placement {placement!r}; there are {', '.join(Placement)}") from None
    if slouch is not None and not KNOWLEDGE[placement].trunk:
        raise CalibrationRefused(
            RefusalReason.NO_SLOUCH_HERE,
            f"A sensor at the {placement.words} cannot show a slouch. Leave the second pose out.",
            pose="slouch",
        )
    uprights, slouches = _takes(upright), () if slouch is None else _takes(slouch)
    up, se_deg = _mean_held(uprights, "upright", clips=clips)
    if slouch is None:
        method, slouch_deg = ReferenceMethod.ONE_POSE, None
        floor_deg = FLOOR_DEG[method] if forward_hint is None else HINTED_DEG
        forward = conventional_forward(up, placement, forward_hint)
    else:
        method = ReferenceMethod.TWO_POSES
        floor_deg = FLOOR_DEG[method]
        down_the_slouch, _ = _mean_held(slouches, "slouch", clips=clips)
        slouch_deg = _angle_deg(up, down_the_slouch)
        _check_angle(slouch_deg)
        forward = -_horizontal(down_the_slouch, up)
        if forward_hint is not None and np.dot(forward, forward_hint) < 0:
            raise CalibrationRefused(
                RefusalReason.LEANED_BACK,
                "The second pose leans backward. Sit upright, then let yourself sink forward "
                "into the slouch you know.",
                pose="slouch",
            )
    return Calibration(
        sensor=sensor or placement.value,
        placement=placement,
        made_at=float((slouches or uprights)[-1].times[-1]) if made_at is None else made_at,
        method=method,
        rotation=rotation_of(forward, up),
        slouch_deg=slouch_deg,
        sigma_deg=float(np.hypot(floor_deg, se_deg)),
    )


def check_pose(recording: Recording, pose: str) -> None:
    """Raises CalibrationRefused when `recording` of `pose`, upright or slouch, cannot be a reference by
    itself: too_short, gaps, moved or not_1_g of `calibrate`, which finds the same. So a wearer is told before
    they hold the next one."""
    _held(recording, pose, clips=False)


def with_gains(calibration: Calibration, gains: Gains) -> Calibration:
    """`calibration`, whose poses were held without `gains`, as they would have given it with them.

    A direction at rest stands for the one acceleration along it that the gains make 1 g long.
    """
    _, _, up = (np.array(row) for row in calibration.rotation)
    forward = np.array(calibration.rotation[0])
    slouch_deg = calibration.slouch_deg
    # One pose alone has no second direction: forward is a horizontal, and is kept as one.
    lean = np.radians(90.0 if slouch_deg is None else slouch_deg)
    new_up = _regained(up, gains)
    leaning = _regained(np.cos(lean) * up - np.sin(lean) * forward, gains)
    return replace(
        calibration,
        rotation=rotation_of(-_horizontal(leaning, new_up), new_up),
        slouch_deg=None if slouch_deg is None else _angle_deg(new_up, leaning),
    )


def _regained(direction: Floats, gains: Gains) -> Floats:
    """Unit vector along gain * m * direction + offset, with m such that this is 1 g."""
    scaled, offset = np.array(gains.gain) * direction, np.array(gains.offset_g)
    a, b = float(np.sum(scaled * scaled)), float(np.sum(scaled * offset))
    c = float(np.sum(offset * offset)) - 1.0
    out = scaled * ((np.sqrt(b * b - a * c) - b) / a) + offset
    unit: Floats = out / np.sqrt(np.sum(out * out))
    return unit


def _takes(pose: Recording | Sequence[Recording]) -> Sequence[Recording]:
    return (pose,) if isinstance(pose, Recording) else pose


def _mean_held(takes: Sequence[Recording], pose: str, *, clips: bool) -> tuple[Floats, float]:
    """As `_held`, over all takes of the pose."""
    expect(takes, Sequence, f"the {_WORDS[pose]}", "wrap it as Recording(times, acc_g)")
    if not len(takes):
        raise InputError(f"no take of the {_WORDS[pose]}: give at least one")
    held = [_held(take, pose, clips=clips) for take in takes]
    if len(held) == 1:
        return held[0]
    ups = np.array([up for up, _ in held])
    spread_deg = max(_angle_deg(a, b) for a, b in combinations(ups, 2))
    if spread_deg > MOST_SPREAD_DEG and not clips:
        raise CalibrationRefused(
            RefusalReason.TAKES_DIFFER,
            f"The takes of the {_WORDS[pose]} are up to {spread_deg:.1f} deg apart, at most "
            f"{MOST_SPREAD_DEG:.0f} are one pose. Take all of them again.",
            pose=pose,
        )
    n, mean = len(held), np.mean(ups, axis=0)
    centre = mean / np.linalg.norm(mean)
    within = sum(se_deg**2 for _, se_deg in held) / n**2
    between = sum(_angle_deg(up, centre) ** 2 for up in ups) / (n * (n - 1))
    return centre, float(np.sqrt(within + between))


def _held(recording: Recording, pose: str, *, clips: bool) -> tuple[Floats, float]:
    """Mean up direction (3,) of a pose held still, and its standard error in deg."""
    expect(recording, Recording, f"the {_WORDS[pose]}", "wrap it as Recording(times, acc_g)")
    known = np.all(np.isfinite(recording.acc_g), axis=1)
    times, acc_g = recording.times[known], recording.acc_g[known]
    if np.count_nonzero(np.diff(times) < 0.0):
        raise InputError(
            f"the times of the {_WORDS[pose]} go back: give its samples in their order"
        )
    if len(times):
        recent = times > times[-1] - LONGEST_S
        times, acc_g = times[recent], acc_g[recent]
    if clips and len(times):
        mean = np.mean(acc_g, axis=0)
        if np.linalg.norm(mean) > 0:
            return mean / np.linalg.norm(mean), _standard_error_deg(times, acc_g)
    _check_length(times, pose)
    spread_g = float(np.max(np.std(acc_g, axis=0)))
    if spread_g > STILL_SD_G:
        raise CalibrationRefused(
            RefusalReason.MOVED,
            f"You moved during the {_WORDS[pose]} ({spread_g * 1000:.0f} mg, at most "
            f"{STILL_SD_G * 1000:.0f}). Breathe calmly, keep still and try again.",
            pose=pose,
        )
    mean = np.mean(acc_g, axis=0)
    length = float(np.linalg.norm(mean))
    if abs(length - 1) > GRAVITY_TOLERANCE:
        raise CalibrationRefused(
            RefusalReason.NOT_1_G,
            f"At rest the sensor shows {length:.2f} g instead of 1. Take it off, lay it on a table for "
            "a moment and try again; if it stays so, the sensor is faulty.",
            pose=pose,
        )
    return mean / length, _standard_error_deg(times, acc_g)


def _check_length(times: Floats, pose: str) -> None:
    steps = np.diff(times)
    usual_s = float(np.median(steps)) if len(steps) else 0.0
    lasted_s = float(times[-1] - times[0]) + usual_s if len(steps) else 0.0
    if lasted_s < SHORTEST_S:
        raise CalibrationRefused(
            RefusalReason.TOO_SHORT,
            f"The {_WORDS[pose]} was seen for {lasted_s:.1f} s. Hold it for 5 to 10 s.",
            pose=pose,
        )
    longest_s = float(np.max(steps))
    if longest_s > max(LONGEST_GAP_S, 3 * usual_s):
        raise CalibrationRefused(
            RefusalReason.GAPS,
            f"The sensor was not heard for {longest_s:.1f} s of the {_WORDS[pose]}. Come nearer to the "
            "receiver and try again.",
            pose=pose,
        )


def _check_angle(slouch_deg: float) -> None:
    if slouch_deg < LEAST_ANGLE_DEG:
        raise CalibrationRefused(
            RefusalReason.POSES_ALIKE,
            f"Your slouch is only {slouch_deg:.1f} deg from upright. Sit up tall for the first pose, and "
            "let yourself sink for the second.",
            pose="slouch",
        )
    if slouch_deg > MOST_ANGLE_DEG:
        raise CalibrationRefused(
            RefusalReason.POSES_FAR_APART,
            f"The poses are {slouch_deg:.0f} deg apart; no slouch is that deep. Check that the sensor "
            "sits fast and was not turned, and take both poses again.",
            pose="slouch",
        )


def _standard_error_deg(times: Floats, acc_g: Floats) -> float:
    """Standard error of the mean direction, from the directions of 1-s blocks about it.

    Blocks, because sway and breath make neighbouring samples far from independent.
    """
    block = np.floor((times - times[0]) / _BLOCK_S).astype(np.intp)
    counts = np.bincount(block)
    sums = np.stack([np.bincount(block, weights=acc_g[:, axis]) for axis in range(3)], axis=1)
    means = sums[counts > 0] / counts[counts > 0, None]
    centre = np.mean(means, axis=0)
    angles = np.array([_angle_deg(mean, centre) for mean in means])
    n = len(means)
    if n < 2:  # a clip: its samples stand for blocks, and are one
        angles = np.array([_angle_deg(row, centre) for row in acc_g])
        return float(np.sqrt(np.mean(angles**2)))
    return float(np.sqrt(np.sum(angles**2) / (n * (n - 1))))


def conventional_forward(up: Floats, placement: Placement, hint: Vector | None) -> Floats:
    """What `calibrate` says of one pose: `hint`, or the convention; in the sensor's axes."""
    if hint is not None:
        given = np.asarray(hint, dtype=np.float64)
        length = float(np.linalg.norm(given))
        if not length > 0 or np.linalg.norm(_horizontal(given / length, up)) < _LEAST_HORIZONTAL:
            raise CalibrationRefused(
                RefusalReason.HINT_VERTICAL,
                "The direction given as forward is nearly vertical. Give another.",
            )
        return given
    face = np.array([0.0, 0.0, -1.0 if placement in _FACES_BACKWARD else 1.0])
    if np.linalg.norm(_horizontal(face, up)) >= _LEAST_HORIZONTAL:
        return face
    return np.array([1.0, 0.0, 0.0])


def rotation_of(forward: Floats, up: Floats) -> Rotation:
    """Rows forward, left, up: `forward` made horizontal, left so that the three are right-handed."""
    left = np.cross(up, forward)
    left /= np.linalg.norm(left)
    rows = (np.cross(left, up), left, up)
    x, y, z = ((float(row[0]), float(row[1]), float(row[2])) for row in rows)
    return (x, y, z)


def _horizontal(vector: Floats, up: Floats) -> Floats:
    """The part of `vector` at right angles to the unit vector `up`."""
    part: Floats = vector - np.dot(vector, up) * up
    return part


def _angle_deg(a: Floats, b: Floats) -> float:
    """Angle between two vectors, exact for small ones too."""
    across = np.linalg.norm(np.cross(a, b))
    return float(np.degrees(np.arctan2(across, np.dot(a, b))))
