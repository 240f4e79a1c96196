import numpy as np
import pytest

from collector.drivers.turns import TurnPairing

FRAME_S = 0.06


def frame(number):
    return np.full((3, 3), float(number))


def numbers(pairs):
    """(acc number, gyro number or None) of each pair."""
    return [(int(a[0, 0]), None if g is None else int(g[0, 0])) for a, g in pairs]


def run(n, *, gyro_after_s, lose=(), jitter_s=0.0, seed=0):
    """Frames 0..n-1 of both kinds, the gyroscope's later by `gyro_after_s`; lose: (kind, k) each."""
    rng = np.random.default_rng(seed)
    events = []
    for k in range(n):
        for kind, shift_s in (("acc", 0.0), ("gyro", gyro_after_s)):
            if (kind, k) not in lose:
                events.append((k * FRAME_S + shift_s + rng.uniform(0, jitter_s), kind, k))
    pairing, pairs = TurnPairing(), []
    for now, kind, k in sorted(events):
        push = pairing.push_acc if kind == "acc" else pairing.push_gyro
        pairs += push(frame(k), now)
    return numbers(pairs)


def test_frames_that_alternate_are_paired_in_turn():
    assert run(5, gyro_after_s=0.001) == [(k, k) for k in range(5)]


def test_a_lost_rotation_leaves_its_acceleration_alone():
    pairs = run(6, gyro_after_s=0.001, lose={("gyro", 2)})
    assert pairs == [(0, 0), (1, 1), (2, None), (3, 3), (4, 4), (5, 5)]


def test_a_lost_acceleration_takes_its_rotation_with_it():
    pairs = run(6, gyro_after_s=0.001, lose={("acc", 2)})
    assert pairs == [(0, 0), (1, 1), (3, 3), (4, 4), (5, 5)]


def test_both_lost_together_disturb_nobody():
    pairs = run(6, gyro_after_s=0.001, lose={("acc", 2), ("gyro", 2)})
    assert pairs == [(k, k) for k in (0, 1, 3, 4, 5)]


def test_a_gyroscope_that_falls_silent_keeps_no_acceleration_back_for_long():
    pairs = run(30, gyro_after_s=0.001, lose={("gyro", k) for k in range(5, 30)})
    assert pairs == [(k, k) for k in range(5)] + [(k, None) for k in range(5, 29)]


def test_a_gyroscope_that_comes_just_before_is_found_out_within_seconds():
    # Each rotation comes 1 ms before the acceleration it belongs to.
    pairs = run(200, gyro_after_s=-0.001)
    assert pairs[:10] == [(k, k + 1) for k in range(10)]
    assert pairs[-100:] == [(k, k) for k in range(100, 200)]
    assert sum(g is None for _, g in pairs) <= 1


@pytest.mark.parametrize("gyro_after_s", [0.02, 0.03, 0.04])
def test_half_a_frame_apart_and_jittering_it_stays_with_one_neighbour(gyro_after_s):
    pairs = run(500, gyro_after_s=gyro_after_s, jitter_s=0.015)
    assert pairs == [(k, k) for k in range(500)]


def test_every_acceleration_comes_out_once_and_in_order_whatever_is_lost():
    rng = np.random.default_rng(3)
    lose = {(kind, k) for kind in ("acc", "gyro") for k in range(400) if rng.random() < 0.2}
    pairs = run(400, gyro_after_s=0.005, lose=lose, jitter_s=0.01)
    got = [a for a, _ in pairs]
    kept = [k for k in range(400) if ("acc", k) not in lose]
    assert got == kept[: len(got)]
    assert len(kept) - len(got) <= 1
    assert sum(g not in (None, a) for a, g in pairs) < 40


def test_a_clock_that_is_set_back_is_no_gap():
    pairing = TurnPairing()
    for k in range(100):
        pairing.push_acc(frame(k), 1000.0 - k)
        assert numbers(pairing.push_gyro(frame(k), 1000.0 - k)) == [(k, k)]
