import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.placement import Placement
from simulators.body import ScriptedBody
from simulators.script import Act, ActKind, Script
from simulators.sensor import SensorModel, calibration_poses, random_mounting, typical_sensor

START = 1_795_305_600.0


def office_body(seed: int = 2) -> ScriptedBody:
    kinds = (ActKind.SITTING, ActKind.WALKING, ActKind.NOT_WORN, ActKind.SITTING)
    acts = [Act(k, START + 60.0 * i, START + 60.0 * (i + 1)) for i, k in enumerate(kinds)]
    return ScriptedBody.of(seed, Script(tuple(acts)))


def ideal_sensor(**changes) -> SensorModel:
    plain = SensorModel(office_body(), Placement.UPPER_BACK, rate_hz=50.0, power_on=START)
    return replace(plain, **changes)


REAL = typical_sensor(
    5,
    office_body(),
    Placement.UPPER_BACK,
    rate_hz=52.0,
    power_on=START,
    gyro_full_scale_dps=2000.0,
    loss=0.05,
)
REAL_SAMPLES = REAL.samples(0, 12_000)


@given(first=st.integers(0, 11_999), n=st.integers(0, 3000))
@settings(deadline=None, max_examples=60)
def test_any_chunk_gives_the_same_bits(first, n):
    n = min(n, 12_000 - first)
    part = REAL.samples(first, n)
    for column, whole in zip(part, REAL_SAMPLES, strict=True):
        assert np.array_equal(column, whole[first : first + n])


def test_an_ideal_sensor_shows_the_body_itself():
    model = ideal_sensor()
    times, acc, gyro = model.samples(100, 500)
    assert times == pytest.approx((100 + np.arange(500)) / 50.0)
    true_acc, true_gyro = model.body.motion(model.placement, START + times)
    assert acc == pytest.approx(true_acc, abs=1e-9)
    assert gyro == pytest.approx(true_gyro, abs=1e-6)


def test_a_sensor_without_a_gyro_gives_none():
    assert ideal_sensor(gyro_full_scale_dps=None).samples(0, 10)[2] is None


@given(seed=st.integers(0, 10_000))
@settings(deadline=None)
def test_a_mounting_is_a_rotation_within_30_deg_of_a_right_angled_one(seed):
    matrix = np.array(random_mounting(seed))
    assert matrix @ matrix.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(matrix) == pytest.approx(1.0)
    cosines = [
        (np.trace((np.eye(3)[list(order)] * np.array(signs)[:, None]).T @ matrix) - 1.0) / 2.0
        for order in itertools.permutations(range(3))
        for signs in itertools.product((-1.0, 1.0), repeat=3)
    ]
    assert np.degrees(np.arccos(min(1.0, max(cosines)))) <= 30.0 + 1e-6


def test_mountings_reach_every_side_of_the_case():
    sides = {
        (int(np.argmax(np.abs(up))), bool(up[np.argmax(np.abs(up))] > 0))
        for up in (np.array(random_mounting(seed))[:, 2] for seed in range(200))
    }
    assert len(sides) == 6


@pytest.mark.parametrize("seed", range(5))
def test_turning_back_by_the_transpose_of_the_mounting_gives_the_body_again(seed):
    mounting = random_mounting(seed)
    _, acc, gyro = ideal_sensor(mounting=mounting).samples(0, 6000)
    _, true_acc, true_gyro = ideal_sensor().samples(0, 6000)
    assert acc @ np.array(mounting) == pytest.approx(true_acc, abs=1e-9)
    assert gyro @ np.array(mounting) == pytest.approx(true_gyro, abs=1e-6)


def test_a_case_on_the_desk_lies_square_however_tilted_it_was_worn():
    for seed in range(8):
        model = ideal_sensor(mounting=random_mounting(seed))
        _, acc, gyro = model.samples(50 * 130, 50 * 45)
        assert np.sort(np.abs(acc), axis=1) == pytest.approx(
            np.tile([0.0, 0.0, 1.0], (len(acc), 1)), abs=1e-9
        )
        assert np.abs(gyro).max() < 1e-9


def test_the_gyro_agrees_with_the_accelerometer_while_the_case_is_taken_off():
    model = ideal_sensor(mounting=random_mounting(3), rate_hz=200.0)
    first, last = 200 * 120, 200 * 140
    _, acc, _ = model.samples(first, last - first)
    _, _, gyro = replace(model, power_on=START + 0.0025).samples(first, last - first - 1)
    u = acc[0] / np.linalg.norm(acc[0])
    for omega in np.radians(gyro) / 200.0:
        angle = np.linalg.norm(omega)
        if angle > 0.0:
            k = omega / angle
            cross = np.array(
                [k[1] * u[2] - k[2] * u[1], k[2] * u[0] - k[0] * u[2], k[0] * u[1] - k[1] * u[0]]
            )
            u = u * np.cos(angle) - cross * np.sin(angle) + k * (k @ u) * (1 - np.cos(angle))
    assert np.degrees(np.arccos(min(1.0, u @ acc[-1]))) < 1.0


def test_gain_and_offset_and_bias_act_on_the_sensors_own_axes():
    gain, offset, bias = (1.02, 0.98, 1.0), (0.01, -0.02, 0.03), (1.0, -2.0, 0.5)
    _, acc, gyro = ideal_sensor(gain=gain, offset_g=offset, gyro_bias_dps=bias).samples(0, 100)
    _, plain_acc, plain_gyro = ideal_sensor().samples(0, 100)
    assert acc == pytest.approx(plain_acc * gain + offset)
    assert gyro == pytest.approx(plain_gyro + bias)


def test_noise_has_the_size_asked_for_and_depends_on_the_seed():
    _, plain, plain_gyro = ideal_sensor().samples(0, 3000)
    _, noisy, noisy_gyro = ideal_sensor(noise_g=0.004, gyro_noise_dps=0.2).samples(0, 3000)
    assert np.std(noisy - plain, axis=0) == pytest.approx([0.004] * 3, rel=0.05)
    assert np.std(noisy_gyro - plain_gyro, axis=0) == pytest.approx([0.2] * 3, rel=0.05)
    _, other, _ = ideal_sensor(noise_g=0.004, seed=1).samples(0, 3000)
    assert abs(np.corrcoef((noisy - plain)[:, 0], (other - plain)[:, 0])[0, 1]) < 0.1


def test_values_beyond_the_range_are_clipped():
    _, acc, gyro = ideal_sensor(
        full_scale_g=0.5, resolution_g=0.004, gyro_full_scale_dps=20.0
    ).samples(0, 6000)
    assert np.abs(acc).max() == pytest.approx(0.5)
    assert np.abs(gyro).max() == 20.0
    assert np.mean(np.abs(acc[:, 2]) == np.abs(acc).max()) > 0.9


def test_values_are_whole_bits():
    _, acc, gyro = ideal_sensor(
        resolution_g=1 / 256, gyro_resolution_dps=1 / 16, noise_g=0.01
    ).samples(0, 2000)
    assert np.array_equal(acc * 256, np.rint(acc * 256))
    assert np.array_equal(gyro * 16, np.rint(gyro * 16))
    _, plain, _ = ideal_sensor(noise_g=0.01).samples(0, 2000)
    assert np.abs(acc - plain).max() <= 0.5 / 256 + 1e-12


def test_a_fast_clock_counts_more_seconds_and_sends_more_samples():
    model = ideal_sensor(clock_drift=0.007, clock_start_s=12.5)
    hour = model.index_at(START + 3600.0)
    assert hour == pytest.approx(3600 * 50 * 1.007, abs=1)
    assert model.true_time(hour) == pytest.approx(START + 3600.0, abs=0.02)
    device_times, acc, _ = model.samples(hour - 10, 10)
    assert device_times[-1] == pytest.approx(12.5 + 3600.0 * 1.007, abs=0.05)
    assert device_times[-1] == model.device_time(hour - 1)
    true_acc, _ = model.body.motion(
        model.placement, np.array([model.true_time(i) for i in range(hour - 10, hour)])
    )
    assert acc == pytest.approx(true_acc, abs=1e-9)


@given(
    index=st.integers(0, 10**9),
    drift=st.floats(-0.02, 0.02),
    rate=st.sampled_from((12.5, 50.0, 52.0, 200.0)),
)
def test_index_and_time_are_each_others_inverse(index, drift, rate):
    model = ideal_sensor(clock_drift=drift, rate_hz=rate)
    time = model.true_time(index)
    assert model.index_at(time) == index
    assert model.index_at(time + 0.5 / rate) == index
    assert model.index_at(time - 0.25 / rate) == index - 1


def test_the_share_of_lost_packets_is_as_asked_and_repeats():
    lost = [REAL.is_lost(packet) for packet in range(8000)]
    assert np.mean(lost) == pytest.approx(0.05, abs=0.01)
    assert lost[:500] == [REAL.is_lost(packet) for packet in range(500)]
    other = replace(REAL, seed=99)
    assert lost[:500] != [other.is_lost(packet) for packet in range(500)]
    assert not any(replace(REAL, loss=0.0).is_lost(packet) for packet in range(100))
    assert all(replace(REAL, loss=1.0).is_lost(packet) for packet in range(100))


@pytest.mark.parametrize("seed", range(6))
def test_calibration_poses_are_still_and_differ_by_the_own_slouch(seed):
    body = office_body(seed)
    model = typical_sensor(seed, body, Placement.UPPER_BACK, rate_hz=50.0, power_on=START)
    upright, slouch = calibration_poses(model, body)
    assert len(upright.times) == 450 and slouch is not None
    for pose in (upright, slouch):
        assert pose.acc_g.std(axis=0).max() < 0.02
        assert np.linalg.norm(pose.acc_g.mean(axis=0)) == pytest.approx(1.0, abs=0.05)
    u, v = (p.acc_g.mean(axis=0) / np.linalg.norm(p.acc_g.mean(axis=0)) for p in (upright, slouch))
    assert np.degrees(np.arccos(u @ v)) == pytest.approx(body.slouch_deg, abs=2.5)


@pytest.mark.parametrize("placement", [Placement.THIGH, Placement.WAIST, Placement.LOWER_BACK])
def test_thigh_and_belt_are_calibrated_standing(placement):
    body = office_body()
    model = typical_sensor(1, body, placement, rate_hz=50.0, power_on=START)
    standing, slouch = calibration_poses(model, body)
    assert slouch is None
    up = np.array(model.mounting).T @ standing.acc_g.mean(axis=0)
    assert np.degrees(np.arccos(up[2] / np.linalg.norm(up))) < 8.0


@pytest.mark.parametrize(
    "changes",
    [
        {"rate_hz": 0.0},
        {"loss": 1.5},
        {"clock_drift": 0.9},
        {"full_scale_g": 0.0},
        {"mounting": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_impossible_sensors_are_refused(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        ideal_sensor(**changes)


def test_there_are_no_samples_before_power_on():
    with pytest.raises(ValueError, match="power-on"):
        ideal_sensor().samples(-1, 5)
