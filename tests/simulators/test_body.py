import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.placement import Placement
from domain.posture import Activity
from simulators.anatomy import Anatomy
from simulators.body import SLOUCH_SHARE, Pose, ScriptedBody
from simulators.script import Act, ActKind, Script, Slump

START = 1_795_305_600.0
TRUNK = (Placement.UPPER_BACK, Placement.STERNUM)
PLAN = (
    (ActKind.LYING, 120.0),
    (ActKind.STANDING, 40.0),
    (ActKind.SITTING, 400.0),
    (ActKind.WALKING, 120.0),
    (ActKind.TWISTING, 90.0),
    (ActKind.BENDING, 60.0),
    (ActKind.SITTING, 60.0),
    (ActKind.NOT_WORN, 60.0),
    (ActKind.STANDING, 20.0),
    (ActKind.LYING, 30.0),
)


def varied_script() -> Script:
    acts, now = [], START
    for kind, duration_s in PLAN:
        slumps = (Slump(now + 200.0, 15.0, 60.0, 2.0, 1.0),) if duration_s == 400.0 else ()
        acts.append(Act(kind, now, now + duration_s, slumps))
        now += duration_s
    return Script(tuple(acts), 1)


def varied_body(seed: int = 7) -> ScriptedBody:
    return ScriptedBody.of(seed, varied_script())


def within(kind: ActKind, *, settle_s: float = 8.0, rate_hz: float = 50.0, nth: int = 0):
    act = [act for act in varied_script().acts if act.kind is kind][nth]
    return np.arange(act.start_s + settle_s, act.end_s - 2.0, 1.0 / rate_hz)


def up_of(acc):
    return acc / np.linalg.norm(acc, axis=1)[:, None]


def lean_deg(acc):
    u = up_of(acc)
    return np.degrees(np.arctan2(-u[:, 0], u[:, 2]))


def side_deg(acc):
    return np.degrees(np.arcsin(up_of(acc)[:, 1]))


WHOLE = START + np.arange(0.0, 1100.0, 0.04)


@given(data=st.data(), placement=st.sampled_from(list(Placement)))
@settings(deadline=None, max_examples=40)
def test_any_chunk_in_any_order_gives_the_same_bits(data, placement):
    body = varied_body()
    acc, gyro = body.motion(placement, WHOLE)
    first = data.draw(st.integers(0, len(WHOLE) - 1))
    n = data.draw(st.integers(1, 3000))
    rows = np.arange(first, min(first + n, len(WHOLE)))
    if data.draw(st.booleans()):
        rows = np.random.default_rng(first).permutation(rows)
    part_acc, part_gyro = varied_body().motion(placement, WHOLE[rows])
    assert np.array_equal(part_acc, acc[rows])
    assert np.array_equal(part_gyro, gyro[rows])


def test_leaving_out_the_gyro_does_not_change_the_accelerometer():
    acc, _ = varied_body().motion(Placement.THIGH, WHOLE)
    alone, none = varied_body().motion(Placement.THIGH, WHOLE, gyro=False)
    assert none is None
    assert np.array_equal(acc, alone)


def test_more_samples_than_are_worked_on_at_once_join_without_a_seam():
    times = START + np.arange(60_000) / 50.0
    acc, _ = varied_body().motion(Placement.UPPER_BACK, times)
    middle, _ = varied_body().motion(Placement.UPPER_BACK, times[16_000:33_000])
    assert np.array_equal(acc[16_000:33_000], middle)


def test_no_times_give_no_samples():
    acc, gyro = varied_body().motion(Placement.UPPER_BACK, np.empty(0))
    assert acc.shape == (0, 3) and gyro.shape == (0, 3)


@pytest.mark.parametrize("placement", list(Placement))
def test_gravity_is_one_g_at_rest(placement):
    for kind in (ActKind.LYING, ActKind.NOT_WORN):
        acc, _ = varied_body().motion(placement, within(kind))
        assert np.abs(np.linalg.norm(acc, axis=1) - 1.0).max() < 0.01


def turned_by(u, gyro_dps, period_s):
    """The up direction after turning at `gyro_dps` (n, 3), `period_s` each: du/dt = -omega x u."""
    x, y, z = u
    for wx, wy, wz in (np.radians(gyro_dps) * period_s).tolist():
        angle = math.sqrt(wx * wx + wy * wy + wz * wz) or 1e-12
        kx, ky, kz = wx / angle, wy / angle, wz / angle
        cos, sin = math.cos(angle), math.sin(angle)
        along = (kx * x + ky * y + kz * z) * (1.0 - cos)
        x, y, z = (
            x * cos - (ky * z - kz * y) * sin + kx * along,
            y * cos - (kz * x - kx * z) * sin + ky * along,
            z * cos - (kx * y - ky * x) * sin + kz * along,
        )
    return np.array([x, y, z])


@pytest.mark.parametrize("placement", list(Placement))
@pytest.mark.parametrize(
    ("from_s", "to_s"),
    [(50, 110), (110, 170), (340, 400), (395, 455), (553, 692), (760, 875)],
    ids=["turning in bed", "getting up", "slumping", "coming back", "a walk", "bending"],
)
def test_integrating_the_gyro_from_rest_to_rest_reproduces_the_attitude(placement, from_s, to_s):
    body = varied_body(1)
    times = START + np.arange(from_s, to_s, 0.01)
    _, gyro = body.motion(placement, (times[:-1] + times[1:]) / 2.0)
    acc, _ = body.motion(placement, times[[0, -1]])
    assert np.linalg.norm(acc, axis=1) == pytest.approx([1.0, 1.0], abs=0.01)
    first, last = up_of(acc)
    assert np.degrees(np.arccos(min(1.0, turned_by(first, gyro, 0.01) @ last))) < 1.0


def test_leaning_forward_is_positive_and_up_then_leaves_the_forward_axis_negative():
    acc, _ = varied_body().held(Pose.SLOUCH).motion(Placement.UPPER_BACK, np.arange(0, 9, 0.02))
    assert acc[:, 0].mean() < -0.15
    assert lean_deg(acc).mean() == pytest.approx(varied_body().slouch_deg, abs=1.0)


def test_truth_agrees_with_what_an_accelerometer_at_rest_reads_in_lean_and_side():
    body = varied_body()
    times = within(ActKind.LYING)
    acc, _ = body.motion(Placement.UPPER_BACK, times)
    truth = body.truth(times[0], times[-1])
    assert np.median(side_deg(acc)) == pytest.approx(np.median(truth.side_deg), abs=0.5)
    sitting = within(ActKind.SITTING)
    acc, _ = body.motion(Placement.UPPER_BACK, sitting[: 300 * 50])
    truth = body.truth(sitting[0], sitting[0] + 300.0)
    assert np.abs(lean_deg(acc.reshape(300, 50, 3).mean(1)) - truth.lean_deg).max() < 1.5
    assert np.abs(side_deg(acc.reshape(300, 50, 3).mean(1)) - truth.side_deg).max() < 1.5


def test_a_lean_to_the_right_lifts_the_left_axis():
    truths, measured = [], []
    for seed in range(4):
        body = varied_body(seed)
        times = within(ActKind.SITTING)
        acc, _ = body.motion(Placement.UPPER_BACK, times)
        truths.append(body.truth(times[0], times[0] + 300).side_deg)
        measured.append(acc[: 300 * 50, 1].reshape(300, 50).mean(1))
    truth, left_axis_g = np.concatenate(truths), np.concatenate(measured)
    assert left_axis_g[truth > 3.0].min() > 0.0 > left_axis_g[truth < -3.0].max()


def test_a_turn_to_the_left_is_a_positive_rate_about_up_and_a_positive_twist():
    body = varied_body()
    times = within(ActKind.TWISTING, settle_s=3.0, rate_hz=100.0)
    _, trunk = body.motion(Placement.UPPER_BACK, times)
    _, pelvis = body.motion(Placement.LOWER_BACK, times)
    twist = body.truth(times[0], times[-1]).twist_deg
    assert np.ptp(twist) > 20.0
    relative = np.cumsum(trunk[:, 2] - pelvis[:, 2]) / 100.0
    sampled = relative[50 : 50 + 100 * len(twist) : 100][: len(twist)]
    assert np.corrcoef(sampled, twist[: len(sampled)])[0, 1] > 0.95


def test_walking_shakes_thigh_and_trunk_as_much_as_real_walks_do():
    for seed in range(6):
        body = varied_body(seed)
        times = within(ActKind.WALKING)
        thigh, _ = body.motion(Placement.THIGH, times)
        trunk, _ = body.motion(Placement.UPPER_BACK, times)
        assert 0.15 < thigh[:, 2].std() < 0.5
        assert 0.1 < trunk[:, 2].std() < 0.3
        truth = body.truth(times[0], times[-1])
        assert set(truth.activity.tolist()) == {Activity.MOVING}
        assert 2.5 < truth.lean_deg.mean() < 8.5


@pytest.mark.parametrize("place", [*TRUNK, Placement.WAIST, Placement.LOWER_BACK])
def test_a_walker_is_slowed_while_rising_and_sped_up_while_falling(place):
    for seed in range(4):
        acc, _ = varied_body(seed).motion(place, within(ActKind.WALKING))
        steady = acc - acc.mean(axis=0)
        velocity = np.cumsum(steady[:, 2])
        falling = -(velocity - np.convolve(velocity, np.ones(50) / 50, "same"))
        assert np.corrcoef(steady[50:-50, 0], falling[50:-50])[0, 1] > 0.3


def test_steps_come_at_the_cadence_of_the_body():
    for seed in range(4):
        body = varied_body(seed)
        times = within(ActKind.WALKING)
        acc, _ = body.motion(Placement.UPPER_BACK, times)
        spectrum = np.abs(np.fft.rfft(acc[:, 2] - acc[:, 2].mean()))
        peak_hz = np.fft.rfftfreq(len(times), 0.02)[spectrum.argmax()]
        assert 1.55 <= peak_hz <= 2.15
        assert peak_hz == pytest.approx(body.anatomy.cadence_hz, rel=0.05)


def test_the_thigh_lies_on_the_chair_and_hangs_when_standing():
    body = varied_body()
    sitting, _ = body.motion(Placement.THIGH, within(ActKind.SITTING))
    standing, _ = body.motion(Placement.THIGH, within(ActKind.STANDING))
    assert -92.0 < lean_deg(sitting).mean() < -76.0
    assert np.abs(lean_deg(standing)).mean() < 9.0


def up_and_down_body(seed: int) -> ScriptedBody:
    sit, stand = ActKind.SITTING, ActKind.STANDING
    acts = [
        Act(k, START + 60.0 * i, START + 60.0 * (i + 1)) for i, k in enumerate((sit, stand, sit))
    ]
    return ScriptedBody.of(seed, Script(tuple(acts)))


@pytest.mark.parametrize("seed", range(8))
def test_standing_up_bows_the_trunk_and_turns_the_thigh_within_three_seconds(seed):
    body = up_and_down_body(seed)
    times = START + 60.0 + np.arange(-1.0, 4.0, 0.01)
    _, gyro = body.motion(Placement.UPPER_BACK, times)
    thigh_acc, _ = body.motion(Placement.THIGH, times)
    bow = body.truth(START + 40, START + 59).lean_deg.mean() + np.cumsum(gyro[:, 1]) * 0.01
    assert 28.0 < bow.max() < 47.0
    assert gyro[:, 1].max() > 40.0
    thigh = lean_deg(thigh_acc)
    assert thigh[0] < -75.0 and thigh[-1] > -9.0
    moving = times[np.abs(gyro[:, 1]) > 8.0]
    assert 1.0 < np.ptp(moving) < 3.0
    assert 1.5 <= body.anatomy.rise_s <= 3.0


@pytest.mark.parametrize("seed", range(4))
def test_rising_lifts_the_pelvis_and_sitting_down_lowers_it(seed):
    body = up_and_down_body(seed)
    for start_s, sign in ((60.0, 1.0), (120.0, -1.0)):
        acc, _ = body.motion(Placement.LOWER_BACK, START + start_s + np.arange(0.0, 3.5, 0.01))
        excess_ms2 = (np.linalg.norm(acc, axis=1) - 1.0) * 9.81
        moved_m = np.sum(np.cumsum(excess_ms2)) * 1e-4
        assert sign * moved_m == pytest.approx(body.anatomy.rise_m, abs=0.15)


def test_quiet_sitting_is_still_enough_to_judge_a_slouch():
    for seed in range(6):
        body = varied_body(seed)
        acc, _ = body.held(Pose.UPRIGHT).motion(Placement.UPPER_BACK, np.arange(0.0, 60.0, 0.02))
        assert 0.0005 < acc.std(axis=0).max() < 0.02
        assert lean_deg(acc).mean() == pytest.approx(0.0, abs=0.5)


def test_a_case_on_the_desk_does_not_move_and_lies_flat():
    acc, gyro = varied_body().motion(Placement.UPPER_BACK, within(ActKind.NOT_WORN))
    assert np.all(gyro == 0.0)
    assert acc == pytest.approx(np.tile([-1.0, 0.0, 0.0], (len(acc), 1)), abs=1e-12)


def test_truth_adds_up_to_the_acts():
    script = varied_script()
    truth = varied_body().truth(script.start_s, script.end_s)
    assert len(truth.times) == 1000
    seconds = np.bincount(truth.activity, minlength=6)
    planned = {kind: sum(d for k, d in PLAN if k is kind) for kind in ActKind}
    expected = {
        Activity.LYING: planned[ActKind.LYING],
        Activity.SITTING: planned[ActKind.SITTING] + planned[ActKind.TWISTING],
        Activity.STANDING: planned[ActKind.STANDING] + planned[ActKind.BENDING],
        Activity.MOVING: planned[ActKind.WALKING],
        Activity.NOT_WORN: planned[ActKind.NOT_WORN],
    }
    for activity, wanted in expected.items():
        # getting from one act into the next takes a few seconds
        assert abs(int(seconds[activity]) - wanted) <= 12
    assert seconds[Activity.UNKNOWN] == 0
    assert np.all(np.isnan(truth.lean_deg) == (truth.activity == Activity.NOT_WORN))


def test_truth_does_not_depend_on_the_range_asked_for():
    whole = varied_body().truth(START, START + 900)
    part = varied_body().truth(START + 123.4, START + 700.6)
    assert part.times[0] == START + 124 and part.times[-1] == START + 699
    rows = slice(124, 700)
    assert np.array_equal(whole.lean_deg[rows], part.lean_deg, equal_nan=True)
    assert np.array_equal(whole.activity[rows], part.activity)


@pytest.mark.parametrize("seed", range(8))
def test_a_scripted_slouch_passes_60_percent_of_the_own_range_for_more_than_30_seconds(seed):
    body = varied_body(seed)
    sit = varied_script().acts[2]
    truth = body.truth(sit.start_s + 10, sit.end_s)
    slouching = truth.times[truth.slouching] - sit.start_s
    assert len(slouching) > 55 and np.all(np.diff(slouching) == 1)
    assert 200 < slouching[0] < 217
    limit = SLOUCH_SHARE * body.slouch_deg
    assert np.all(truth.lean_deg[truth.slouching] > limit)
    # well below the exit of a slouch (0.7 of the entry) at all other times
    rest = (truth.times - sit.start_s < 199) | (truth.times - sit.start_s > 279)
    assert truth.lean_deg[rest].max() < 0.7 * limit


def test_bodies_of_different_seeds_differ_and_one_seed_is_one_body():
    people = [Anatomy.of(seed) for seed in range(20)]
    assert len({person.height_m for person in people}) == 20
    assert Anatomy.of(3) == Anatomy.of(3)
    assert min(p.slouch_deg for p in people) >= 13.0
    assert all(1.5 < p.cadence_hz < 2.1 for p in people)
    one, _ = varied_body(1).motion(Placement.UPPER_BACK, WHOLE[:100])
    two, _ = varied_body(2).motion(Placement.UPPER_BACK, WHOLE[:100])
    assert not np.allclose(one, two)


def test_a_repetition_is_the_same_acts_and_not_the_same_noise():
    body = varied_body()
    script = varied_script()
    period_s = script.end_s - script.acts[1].start_s
    first = body.truth(START + 130, START + 900)
    again = body.truth(START + 130 + period_s, START + 900 + period_s)
    assert np.mean(first.activity == again.activity) > 0.98
    assert not np.array_equal(first.lean_deg, again.lean_deg)


def test_angles_have_no_jumps_anywhere():
    """The most a joint turns in 20 ms is 5 deg (250 deg/s)."""
    body = varied_body()
    times = START + np.arange(0.0, 2000.0, 0.02)
    for placement in (Placement.UPPER_BACK, Placement.THIGH, Placement.WAIST):
        _, gyro = body.motion(placement, times)
        assert np.abs(np.diff(gyro, axis=0)).max() < 60.0
        assert np.abs(gyro).max() < 450.0
