from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.calibration import FLOOR_DEG, HINTED_DEG, calibrate
from domain.errors import CalibrationRefused, InputError
from domain.people import ReferenceMethod
from domain.placement import KNOWLEDGE, Placement
from domain.samples import Recording

# The same examples everywhere, and no clock: other work may share the machine.
STEADY = settings(deadline=None, derandomize=True)

FLIPS = [
    matrix
    for order in permutations(range(3))
    for signs in product((1.0, -1.0), repeat=3)
    if np.linalg.det(matrix := np.eye(3)[list(order)] * np.array(signs)[:, None]) > 0
]
TRUNK = [placement for placement in Placement if KNOWLEDGE[placement].trunk]
ELSEWHERE = [placement for placement in Placement if not KNOWLEDGE[placement].trunk]


def turned(seed):
    """A rotation from the body to the sensor, all equally likely (QR of a normal matrix)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q *= np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else -q


def up(lean_deg, side_deg=0.0):
    """The up direction in the body frame of a trunk leaning forward and to the right."""
    lean, side = np.radians(lean_deg), np.radians(side_deg)
    # Leaning right, the head goes right and up is found to the left of the trunk's own up.
    return np.array([-np.sin(lean) * np.cos(side), np.sin(side), np.cos(lean) * np.cos(side)])


def held(
    direction,
    mounting=None,
    *,
    seconds=8.0,
    rate_hz=50.0,
    noise_g=0.002,
    gain=1.0,
    start=1e9,
    seed=1,
):
    n = round(seconds * rate_hz)
    noise = np.random.default_rng(seed).normal(0, noise_g, (n, 3))
    mounting = np.eye(3) if mounting is None else mounting
    return Recording(start + np.arange(n) / rate_hz, gain * (mounting @ direction) + noise)


def of(upright, slouch=None, placement=Placement.UPPER_BACK, **more):
    return calibrate(upright, slouch, sensor="s", placement=placement, made_at=5.0, **more)


def lean_deg(calibration, direction):
    x, _, z = calibration.matrix() @ direction
    return np.degrees(np.arctan2(-x, z))


def side_deg(calibration, direction):
    return np.degrees(np.arcsin((calibration.matrix() @ direction)[1]))


def refusal(*args, **more):
    with pytest.raises(CalibrationRefused) as caught:
        of(*args, **more)
    return caught.value


def test_a_pose_that_is_no_recording_or_runs_backward_is_refused_with_what_is_wanted():
    level = np.tile([0.0, 0.0, 1.0], (300, 1))
    with pytest.raises(InputError, match="Recording"):
        calibrate((np.arange(300) / 50.0, level), placement="waist")
    for clips in (False, True):
        with pytest.raises(InputError, match="go back"):
            calibrate(Recording(np.arange(300)[::-1] / 50.0, level), placement="waist", clips=clips)


def test_there_are_24_ways_to_put_a_box_down():
    assert len(FLIPS) == 24


@pytest.mark.parametrize("mounting", FLIPS)
def test_any_of_the_24_mountings_gives_the_same_angles(mounting):
    calibration = of(held(up(0), mounting), held(up(15), mounting))
    for lean, side in ((0, 0), (10, 0), (-20, 0), (45, 0), (0, 12), (0, -12), (30, 8)):
        direction = mounting @ up(lean, side)
        assert lean_deg(calibration, direction) == pytest.approx(lean, abs=0.1)
        assert side_deg(calibration, direction) == pytest.approx(side, abs=0.3)
    assert calibration.slouch_deg == pytest.approx(15, abs=0.1)


@STEADY
@given(
    seed=st.integers(0, 2**32 - 1),
    upright_lean=st.floats(-40, 40),
    slouch=st.floats(9, 100),
    lean=st.floats(-60, 80),
)
def test_any_mounting_and_any_upright_lean_measure_from_the_wearers_own_upright(
    seed, upright_lean, slouch, lean
):
    mounting = turned(seed)
    calibration = of(
        held(up(upright_lean), mounting, noise_g=1e-4),
        held(up(upright_lean + slouch), mounting, noise_g=1e-4),
    )
    assert calibration.slouch_deg == pytest.approx(slouch, abs=0.02)
    assert lean_deg(calibration, mounting @ up(upright_lean + lean)) == pytest.approx(
        lean, abs=0.05
    )


@STEADY
@given(seed=st.integers(0, 2**32 - 1), slouch=st.floats(9, 100))
def test_the_rotation_is_right_handed_and_turns_the_mounting_back(seed, slouch):
    mounting = turned(seed)
    matrix = of(
        held(up(0), mounting, noise_g=1e-5), held(up(slouch), mounting, noise_g=1e-5)
    ).matrix()
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(matrix) == pytest.approx(1)
    np.testing.assert_allclose(matrix, mounting.T, atol=1e-3)


def test_forward_is_positive_and_so_is_right():
    mounting = turned(4)
    calibration = of(held(up(0), mounting), held(up(20), mounting))
    assert lean_deg(calibration, mounting @ up(10)) == pytest.approx(10, abs=0.1)
    assert lean_deg(calibration, mounting @ up(-10)) == pytest.approx(-10, abs=0.1)
    assert side_deg(calibration, mounting @ up(0, 10)) == pytest.approx(10, abs=0.1)
    assert side_deg(calibration, mounting @ up(0, -10)) == pytest.approx(-10, abs=0.1)


@pytest.mark.parametrize("placement", TRUNK)
def test_two_poses_on_the_trunk_give_the_two_pose_method(placement):
    calibration = of(held(up(0)), held(up(15)), placement)
    assert calibration.method is ReferenceMethod.TWO_POSES
    assert calibration.placement is placement
    assert (calibration.sensor, calibration.made_at) == ("s", 5.0)
    assert calibration.sigma_deg == pytest.approx(FLOOR_DEG[ReferenceMethod.TWO_POSES], abs=0.01)


@pytest.mark.parametrize("placement", list(Placement))
def test_one_pose_gives_the_vertical_and_says_that_it_is_less_sure(placement):
    mounting = turned(8)
    calibration = of(held(up(0), mounting), placement=placement)
    assert calibration.method is ReferenceMethod.ONE_POSE
    assert calibration.slouch_deg is None
    assert calibration.sigma_deg >= FLOOR_DEG[ReferenceMethod.ONE_POSE]
    np.testing.assert_allclose(calibration.matrix()[2], mounting @ up(0), atol=1e-3)
    assert np.linalg.det(calibration.matrix()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("placement", "face_looks"),
    [
        (Placement.UPPER_BACK, "backward"),
        (Placement.LOWER_BACK, "backward"),
        (Placement.STERNUM, "forward"),
        (Placement.WAIST, "forward"),
        (Placement.THIGH, "forward"),
    ],
)
def test_with_one_pose_the_face_of_a_flat_sensor_says_where_forward_is(placement, face_looks):
    # Body to sensor: the sensor's z along the body's x (or against it), its y up.
    face = 1.0 if face_looks == "forward" else -1.0
    mounting = np.array([[0, face, 0], [0, 0, 1], [face, 0, 0]])
    assert np.linalg.det(mounting) == pytest.approx(1)
    calibration = of(held(up(0), mounting), placement=placement)
    assert lean_deg(calibration, mounting @ up(25)) == pytest.approx(25, abs=0.3)
    assert side_deg(calibration, mounting @ up(0, 10)) == pytest.approx(10, abs=0.3)


def test_with_one_pose_and_a_face_that_looks_up_the_sensors_x_axis_is_taken():
    calibration = of(held(up(0)), placement=Placement.UPPER_BACK)
    np.testing.assert_allclose(calibration.matrix(), np.eye(3), atol=1e-3)


def test_a_direction_given_as_forward_replaces_the_convention():
    mounting = turned(3)
    hint = tuple(mounting @ np.array([0.9, 0.0, 0.3]))  # forward, and a little up
    calibration = of(held(up(0), mounting), forward_hint=hint)
    assert lean_deg(calibration, mounting @ up(25)) == pytest.approx(25, abs=0.3)


def test_a_direction_given_as_forward_that_points_up_or_nowhere_is_refused():
    for hint in ((0.0, 0.1, 1.0), (0.0, 0.0, 0.0), (float("nan"), 0.0, 0.0)):
        assert refusal(held(up(0)), forward_hint=hint).reason == "hint_vertical"


def test_a_second_pose_against_the_direction_given_as_forward_is_refused():
    error = refusal(held(up(0)), held(up(-20)), forward_hint=(1.0, 0.0, 0.0))
    assert (error.reason, error.pose) == ("leaned_back", "slouch")
    of(held(up(0)), held(up(20)), forward_hint=(1.0, 0.0, 0.0))


@pytest.mark.parametrize("placement", ELSEWHERE)
def test_a_slouch_is_refused_where_a_sensor_cannot_show_it(placement):
    error = refusal(held(up(0)), held(up(20)), placement)
    assert (error.reason, error.pose) == ("no_slouch_here", "slouch")
    assert placement.words in str(error)


@pytest.mark.parametrize("pose", ["upright", "slouch"])
@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"seconds": 4.5}, "too_short"),
        ({"seconds": 0.02}, "too_short"),
        ({"seconds": 0.0}, "too_short"),
        ({"noise_g": 0.025}, "moved"),
        ({"gain": 1.06}, "not_1_g"),
        ({"gain": 0.94}, "not_1_g"),
        ({"gain": 0.25}, "not_1_g"),
    ],
)
def test_a_pose_with_a_flaw_is_refused_by_name(pose, flaw, reason):
    poses = {"upright": held(up(0)), "slouch": held(up(20))}
    poses[pose] = held(up(0 if pose == "upright" else 20), **flaw)
    error = refusal(poses["upright"], poses["slouch"])
    assert (error.reason, error.pose) == (reason, pose)
    assert str(error).endswith((".", "faulty."))


@pytest.mark.parametrize(("gain", "noise_g"), [(1.04, 0.002), (0.96, 0.002), (1.0, 0.017)])
def test_what_is_within_the_limits_is_accepted(gain, noise_g):
    of(held(up(0), gain=gain, noise_g=noise_g), held(up(20), gain=gain, noise_g=noise_g))


def test_five_seconds_of_samples_are_long_enough_at_any_rate():
    for rate_hz in (12.5, 25.0, 50.0, 200.0):
        of(held(up(0), seconds=5.0, rate_hz=rate_hz), held(up(20), seconds=5.0, rate_hz=rate_hz))


def test_a_beacon_with_a_sample_every_second_or_so_can_be_calibrated():
    of(held(up(0), seconds=10.0, rate_hz=1 / 1.285), held(up(20), seconds=10.0, rate_hz=1 / 1.285))


def test_poses_that_are_alike_or_too_far_apart_are_refused():
    assert refusal(held(up(0)), held(up(7.5))).reason == "poses_alike"
    assert refusal(held(up(0)), held(up(-7.5))).reason == "poses_alike"
    assert refusal(held(up(0)), held(up(112))).reason == "poses_far_apart"
    assert of(held(up(0)), held(up(8.5))).slouch_deg == pytest.approx(8.5, abs=0.1)
    assert of(held(up(0)), held(up(109))).slouch_deg == pytest.approx(109, abs=0.1)


def test_a_slow_sway_within_a_pose_is_a_movement():
    sway = held(up(0), noise_g=0.0)
    leans = np.linspace(-3, 3, len(sway.times))
    moved = Recording(sway.times, np.array([up(lean) for lean in leans]))
    assert refusal(moved).reason == "moved"


def test_a_pose_with_a_hole_in_it_is_refused():
    whole = held(up(0))
    kept = (whole.times < whole.times[0] + 3) | (whole.times > whole.times[0] + 4.5)
    assert refusal(Recording(whole.times[kept], whole.acc_g[kept])).reason == "gaps"


def test_samples_that_are_no_numbers_count_as_missing():
    whole = held(up(0))
    few = whole.acc_g.copy()
    few[::7] = np.nan
    of(Recording(whole.times, few))
    assert refusal(Recording(whole.times, np.full_like(few, np.nan))).reason == "too_short"


def test_of_a_long_recording_the_last_ten_seconds_count():
    restless = held(up(30), seconds=5.0, noise_g=0.2)
    calm = held(up(0), seconds=10.0, start=restless.times[-1] + 0.02)
    both = Recording(
        np.concatenate((restless.times, calm.times)), np.concatenate((restless.acc_g, calm.acc_g))
    )
    np.testing.assert_array_equal(of(both).matrix(), of(calm).matrix())


def test_the_uncertainty_grows_with_the_sway_between_seconds_and_not_with_noise_within_them():
    calm, noisy = held(up(0), noise_g=0.0005), held(up(0), noise_g=0.015)
    second = np.floor(calm.times - calm.times[0])
    leans = np.where(second % 2 == 0, -1.0, 1.0)
    swaying = Recording(calm.times, np.array([up(lean) for lean in leans]))
    floor = FLOOR_DEG[ReferenceMethod.ONE_POSE]
    # Eight blocks 1 deg off their mean: se = sqrt(8 / (8 * 7)).
    assert of(swaying).sigma_deg == pytest.approx(np.hypot(floor, np.sqrt(1 / 7)), abs=0.001)
    assert of(calm).sigma_deg == pytest.approx(floor, abs=0.001)
    assert of(noisy).sigma_deg < of(swaying).sigma_deg


def test_one_pose_is_surer_when_somebody_says_where_forward_is():
    told = of(held(up(0)), forward_hint=(1.0, 0.0, 0.0))
    assert told.sigma_deg == pytest.approx(HINTED_DEG, abs=0.001)
    assert told.sigma_deg < of(held(up(0))).sigma_deg


def test_takes_of_a_pose_give_their_mean_and_are_surer_of_it_than_one_that_sways():
    takes = [held(up(lean), start=1e9 + 60.0 * k) for k, lean in enumerate((-1.0, 1.0))]
    found = of(takes, held(up(20.0), start=1e9 + 120.0))
    assert np.allclose(found.rotation[2], up(0.0), atol=2e-3)
    assert found.slouch_deg == pytest.approx(20.0, abs=0.1)
    one = of(takes[1], held(up(20.0)))
    assert one.sigma_deg == pytest.approx(FLOOR_DEG[ReferenceMethod.TWO_POSES], abs=0.01)
    assert found.sigma_deg == pytest.approx(np.hypot(1.0, 1.0), abs=0.01), "they are 1 deg from it"
    assert calibrate(takes, placement="upper_back").made_at == takes[1].times[-1]
    assert of([takes[0]], [held(up(20.0))]) == of(takes[0], held(up(20.0)))


@pytest.mark.parametrize("pose", ["upright", "slouch"])
def test_takes_that_are_not_one_pose_are_refused(pose):
    base = 0.0 if pose == "upright" else 25.0
    for apart, refused in ((2.8, False), (3.2, True)):
        takes = [held(up(base)), held(up(base + 0.5)), held(up(base + apart))]
        poses = (takes, held(up(25.0))) if pose == "upright" else (held(up(0.0)), takes)
        if not refused:
            of(*poses)
            continue
        with pytest.raises(CalibrationRefused, match=r"3\.2 deg apart, at most 3") as found:
            of(*poses)
        assert (found.value.reason, found.value.pose) == ("takes_differ", pose)
        assert of(*poses, clips=True).sigma_deg > 1.0
    with pytest.raises(
        InputError, match=f"no take of the {'upright pose' if pose == 'upright' else pose}"
    ):
        of(*([], None) if pose == "upright" else (held(up(0.0)), []))
