"""A heading is the turn about the vertical, whatever the trunk does besides, and however it is mounted."""

import math

import numpy as np
import pytest

from analysis import Pipeline
from analysis.cut import Rows, cut, with_up
from analysis.fusion import GravityFusion
from analysis.heading import HeadingRule, heading_deg
from analysis.yaw import reduce_yaw
from domain.placement import Placement
from domain.samples import SampleBlock

START = 1_700_000_000


def rotated(
    yaw_deg, lean_deg=0.0, side_deg=0.0, rate_hz=50.0, noise=1.0, bias=(0.0, 0.0, 0.0), seed=0
):
    """Samples of a sensor in body axes whose attitude is Rz(yaw) Rx(-side) Ry(lean), angles (n,) in deg.

    times, acc_g (n, 3), gyro_dps (n, 3).
    """
    draw = np.random.default_rng(seed)
    n = len(yaw_deg)
    yaw, lean, side = (np.radians(np.broadcast_to(a, n)) for a in (yaw_deg, lean_deg, side_deg))
    sy, cy, sp, cp, sr, cr = (f(a) for a in (yaw, lean, side) for f in (np.sin, np.cos))
    # rows of the matrix from the body to the earth, of shape (n, 3, 3); side to the right is a roll of +side
    rz = np.stack([cy, -sy, 0 * cy, sy, cy, 0 * cy, 0 * cy, 0 * cy, 0 * cy + 1], 1).reshape(n, 3, 3)
    ry = np.stack([cp, 0 * cp, sp, 0 * cp, 0 * cp + 1, 0 * cp, -sp, 0 * cp, cp], 1).reshape(n, 3, 3)
    rx = np.stack([0 * cr + 1, 0 * cr, 0 * cr, 0 * cr, cr, -sr, 0 * cr, sr, cr], 1).reshape(n, 3, 3)
    attitude = rz @ rx @ ry
    acc = attitude[:, 2, :] + draw.normal(0.0, 0.003 * noise, (n, 3))
    step = np.einsum(
        "nij,nik->njk", attitude[:-1], attitude[1:]
    )  # from one sample to the next, body axes
    angle = np.arccos(np.clip((np.trace(step, axis1=1, axis2=2) - 1.0) / 2.0, -1.0, 1.0))
    axis = np.stack(
        [
            step[:, 2, 1] - step[:, 1, 2],
            step[:, 0, 2] - step[:, 2, 0],
            step[:, 1, 0] - step[:, 0, 1],
        ],
        1,
    )
    size = np.linalg.norm(axis, axis=1, keepdims=True)
    rates = np.degrees(angle)[:, None] * rate_hz * axis / np.maximum(size, 1e-12)
    gyro = np.empty((n, 3))
    gyro[0], gyro[-1], gyro[1:-1] = rates[0], rates[-1], 0.5 * (rates[1:] + rates[:-1])
    gyro += draw.normal(0.0, 0.05 * noise, (n, 3)) + np.array(bias)
    return START + np.arange(n) / rate_hz, acc, gyro


def up_of(times, acc, gyro, rate_hz):
    rows = Rows(
        times,
        np.ascontiguousarray(acc.T),
        np.ascontiguousarray(gyro.T),
        np.full(len(times), rate_hz),
    )
    return rows, GravityFusion(3.0, 2.0).up(rows)


def by_second(times, acc, gyro, rate_hz=50.0, upright=None, gap_s=2.0):
    rows, up = up_of(times, acc, gyro, rate_hz)
    whole = with_up(cut(rows), up)
    rest = np.full(len(whole.second), 0.001)
    rule = HeadingRule(gap_s, upright)
    return rule.judge(whole.second.astype(np.int64), reduce_yaw(whole), rest)


def eased(n, rate_hz, *steps):
    """(n,) that goes by each (second, change) within 2 s."""
    t = np.arange(n) / rate_hz
    out = np.zeros(n)
    for at, change in steps:
        x = np.clip((t - at) / 2.0, 0.0, 1.0)
        out += change * x * x * (3.0 - 2.0 * x)
    return out


def test_a_turn_to_the_left_is_positive():
    n = 50 * 20
    headings = by_second(*rotated(eased(n, 50.0, (8, 70.0))))
    assert headings.heading_deg[-1] - headings.heading_deg[5] == pytest.approx(70.0, abs=0.5)
    assert headings.rate_dps[8] > 20.0


@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 100.0, 200.0])
def test_a_turn_is_as_large_at_any_rate(rate_hz):
    n = int(rate_hz * 20)
    headings = by_second(*rotated(eased(n, rate_hz, (8, -90.0)), rate_hz=rate_hz), rate_hz)
    assert headings.heading_deg[-1] - headings.heading_deg[5] == pytest.approx(-90.0, abs=1.0)


@pytest.mark.parametrize("circles", [1, -2])
def test_a_trunk_that_circles_has_not_turned(circles):
    """The integral of omega.u alone would say 2 pi (1 - cos 35 deg), 65 deg, a circle."""
    n = 50 * 40
    t = np.arange(n) / 50.0
    x = np.clip((t - 8.0) / 20.0, 0.0, 1.0)
    phase = 2 * math.pi * circles * x * x * (3.0 - 2.0 * x)
    tilt = 35.0 * np.clip((t - 3.0) / 3.0, 0.0, 1.0) * np.clip((36.0 - t) / 3.0, 0.0, 1.0)
    lean, side = tilt * np.cos(phase), tilt * np.sin(phase)
    headings = by_second(*rotated(0.0 * t, lean, side), upright=(0.0, 0.0, 1.0))
    assert headings.heading_deg[-1] - headings.heading_deg[1] == pytest.approx(0.0, abs=2.5)


def test_the_bias_is_taken_off_after_a_rest():
    n = 50 * 700
    samples = rotated(np.zeros(n), bias=(0.8, -0.5, 1.1))
    headings = by_second(*samples)
    drift = headings.heading_deg - headings.heading_deg[5]
    for seconds, aim_deg in ((10, 0.3), (60, 0.8), (600, 3.3)):
        assert abs(drift[5 + seconds]) < aim_deg


def test_a_bias_that_is_learnt_soon_is_made_up_for_and_a_late_one_said():
    for rest_s, epochs in ((30, 0), (90, 1)):
        n = 50 * 150
        t, acc, gyro = rotated(np.zeros(n), bias=(0.8, -0.5, 1.1))
        gyro[: 50 * rest_s, 0] += 5.0 * np.sin(40.0 * t[: 50 * rest_s])  # no rest
        headings = by_second(t, acc, gyro)
        assert headings.epoch[-1] == epochs
        if not epochs:
            assert abs(headings.heading_deg[rest_s + 10] - headings.heading_deg[0]) < 2.0


def test_24_ways_to_mount_it_and_30_degrees_off_change_nothing(flips):
    n = 50 * 30
    t, acc, gyro = rotated(eased(n, 50.0, (8, 50.0), (20, -30.0)), eased(n, 50.0, (12, 15.0)))
    tilt = math.radians(30.0)
    off = np.array(
        [[1, 0, 0], [0, math.cos(tilt), -math.sin(tilt)], [0, math.sin(tilt), math.cos(tilt)]]
    )
    plain = by_second(t, acc, gyro)
    for flip in flips:
        for matrix in (flip, flip @ off):
            other = by_second(t, acc @ matrix.T, gyro @ matrix.T)
            np.testing.assert_allclose(other.heading_deg, plain.heading_deg, atol=0.05)
            np.testing.assert_allclose(other.rate_dps, plain.rate_dps, atol=0.05)


def test_lost_samples_cost_next_to_nothing():
    n = 100 * 60
    yaw = 40.0 * np.sin(2 * np.pi * 0.3 * np.arange(n) / 100.0)
    t, acc, gyro = rotated(yaw, rate_hz=100.0)
    keep = np.random.default_rng(3).random(n) > 0.1
    whole, holed = (by_second(t[k], acc[k], gyro[k], 100.0) for k in (np.ones(n, bool), keep))
    apart = holed.heading_deg - whole.heading_deg  # the first sample may be lost too
    np.testing.assert_allclose(apart, np.median(apart), atol=0.7)
    assert holed.epoch[-1] == whole.epoch[-1]


def test_a_turn_in_a_hole_is_lost_and_said_so():
    n = 50 * 20
    t, acc, gyro = rotated(eased(n, 50.0, (8, 70.0)))
    keep = (t < START + 8.5) | (t > START + 9.5)
    headings = by_second(t[keep], acc[keep], gyro[keep])
    assert headings.epoch[12] == headings.epoch[7] + 1


def test_a_hole_in_which_nobody_turned_is_bridged():
    n = 50 * 20
    t, acc, gyro = rotated(eased(n, 50.0, (14, 70.0)))
    keep = (t < START + 8.2) | (t > START + 9.7)
    headings = by_second(t[keep], acc[keep], gyro[keep])
    assert headings.epoch[12] == headings.epoch[7]
    assert headings.heading_deg[-1] - headings.heading_deg[5] == pytest.approx(70.0, abs=0.5)


def test_a_gyro_at_the_end_of_its_range_is_not_believed():
    n = 50 * 20
    t, acc, gyro = rotated(eased(n, 50.0, (8, 700.0)))
    headings = by_second(t, acc, np.clip(gyro, -250.0, 250.0))
    assert np.isnan(headings.rate_dps[8])
    assert headings.epoch[-1] > headings.epoch[7]
    assert np.isfinite(headings.rate_dps[12])


def test_the_heading_at_the_sensors_own_rate_is_that_of_the_seconds():
    n = 50 * 60
    t, acc, gyro = rotated(
        eased(n, 50.0, (20, 50.0)), eased(n, 50.0, (12, 15.0)), bias=(0.5, 0.2, 0.7)
    )
    _, up = up_of(t, acc, gyro, 50.0)
    fine = heading_deg(t, acc, gyro, np.ascontiguousarray(up.T))
    seconds = by_second(t, acc, gyro).heading_deg
    assert fine[0] == 0.0
    means = fine.reshape(-1, 50).mean(axis=1)
    np.testing.assert_allclose(means[10:] - means[10], seconds[10:] - seconds[10], atol=0.3)
    assert fine[-1] - fine[0] == pytest.approx(50.0, abs=1.0)


def test_the_heading_at_the_sensors_own_rate_is_unknown_where_the_gyro_is():
    n = 50 * 10
    t, acc, gyro = rotated(np.zeros(n))
    _, up = up_of(t, acc, gyro, 50.0)
    gyro[100:120] = np.nan
    fine = heading_deg(t, acc, gyro, np.ascontiguousarray(up.T))
    assert np.isnan(fine[100:120]).all()
    assert np.isfinite(np.delete(fine, range(100, 120))).all()


def test_broken_gyro_values_leave_a_hole_and_nothing_else(people):
    n = 50 * 60
    t, acc, gyro = rotated(eased(n, 50.0, (20, 50.0)))
    gyro[np.random.default_rng(5).integers(0, n, 40)] = np.nan
    worn = [people.mounted(Placement.UPPER_BACK)]
    frames = people.run(Pipeline("w", worn), SampleBlock("s", t, acc, gyro, 50.0)).frames
    assert frames.turn_dps[20:22].sum() == pytest.approx(50.0, abs=2.0)
    assert np.isfinite(frames.turn_dps).all()


def test_an_accelerometer_alone_knows_no_turn(people):
    samples = people.perform([people.Act(30, 5)])
    worn = [people.mounted(Placement.UPPER_BACK)]
    pipeline = Pipeline("w", worn)
    frames = people.run(pipeline, samples.block()).frames
    assert np.isnan(frames.turn_dps).all()
    assert np.isnan(frames.twist_deg).all()
    assert any("No gyroscope on the trunk" in reason for reason in pipeline.status().reasons)
