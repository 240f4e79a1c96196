import numpy as np

from collector.drivers.numbered import NumberPairing


def rows(number):
    return np.full((3, 3), float(number))


def told(paired):
    """(number, what the gyroscope frame carries or None) of each frame."""
    return [(p.number, None if p.gyro_dps is None else int(p.gyro_dps[0, 0])) for p in paired]


def pair(order):
    """Feed ("a" or "g", number, value) in order; answers what came out."""
    pairing, out = NumberPairing(), []
    for kind, number, value in order:
        push = pairing.push_acc if kind == "a" else pairing.push_gyro
        out += told(push(number, rows(value)))
    return out


def test_a_lost_rotation_costs_three_samples_their_gyroscope_and_nothing_else():
    order = [(kind, n, n) for n in range(9) for kind in "ag" if (kind, n) != ("g", 4)]
    assert pair(order) == [(n, None if n == 4 else n) for n in range(9)]


def test_a_lost_acceleration_takes_its_rotation_with_it():
    order = [(kind, n, n) for n in range(9) for kind in "ag" if (kind, n) != ("a", 4)]
    assert pair(order) == [(n, n) for n in range(9) if n != 4]


def test_rotations_may_come_first_or_late():
    first = [(kind, n, n) for n in range(6) for kind in "ga"]
    assert pair(first) == [(n, n) for n in range(6)]
    burst = [("a", 0, 0), ("g", 0, 0), ("a", 1, 1), ("a", 2, 2), ("g", 1, 1), ("g", 2, 2)]
    assert pair(burst) == [(0, 0), (1, 1), (2, 2)]


def test_without_a_gyroscope_accelerations_wait_for_two_frames_only():
    assert pair([("a", n, n) for n in range(10)]) == [(n, None) for n in range(8)]


def test_a_count_that_was_set_back_is_learnt_anew():
    order = [(kind, n, n) for n in range(5) for kind in "ag"]
    for n in range(5, 30):
        order += [("a", n, n), ("g", n + 5000, n)]
    out = pair(order)
    assert out[:5] == [(n, n) for n in range(5)]
    assert out[-10:] == [(n, n) for n in range(20, 30)]
    assert [n for n, _ in out] == list(range(30))
