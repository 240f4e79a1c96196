import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.joining import JOIN_S, BlockJoiner
from domain.samples import DeviceBlock


def block(first, n=1, *, rate_hz=100.0, kind="counter", gyro=True, modulus=256):
    numbers = np.arange(first, first + n)
    acc_g = np.stack([numbers, numbers, numbers], axis=1).astype(float)
    return DeviceBlock(
        numbers / rate_hz if kind == "clock" else None,
        acc_g,
        acc_g * 2 if gyro else None,
        rate_hz,
        first % modulus if kind == "counter" else None,
        modulus if kind == "counter" else 0,
    )


def numbers(arrived):
    return [one.block.acc_g[:, 0].astype(int).tolist() for one in arrived]


@pytest.mark.parametrize("kind", ["counter", "clock", "arrivals"])
def test_samples_that_come_one_by_one_are_passed_on_five_at_a_time(kind):
    joiner = BlockJoiner()
    out = [one for i in range(10) for one in joiner.add(block(i, kind=kind), 7.0 + i / 100)]
    assert numbers(out) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert [one.at for one in out] == [7.04, 7.09]  # when the last of them came
    joined = out[1].block
    np.testing.assert_array_equal(joined.gyro_dps, joined.acc_g * 2)
    if kind == "counter":
        assert (joined.sequence, joined.sequence_modulus) == (5, 256)
    if kind == "clock":
        np.testing.assert_array_equal(joined.device_times, np.arange(5, 10) / 100)


def test_a_block_that_is_long_enough_is_passed_on_as_it_is():
    whole = block(0, 5)
    ((one,),) = [BlockJoiner().add(whole, 1.0)]
    assert one.block is whole and one.at == 1.0


@pytest.mark.parametrize(
    "later",
    [
        block(3),  # number 2 is missing
        block(2, rate_hz=50.0),
        block(2, gyro=False),
        block(2, kind="arrivals"),
        block(2, kind="clock"),
        block(2, modulus=128),
        block(1),  # it comes again
    ],
)
def test_what_does_not_follow_on_is_not_joined(later):
    joiner = BlockJoiner()
    assert joiner.add(block(0, 2), 1.0) == ()
    assert numbers(joiner.add(later, 2.0)) == [[0, 1]]
    assert len(joiner.flush()) == 1


@pytest.mark.parametrize("first", [3, 1, 0])
def test_a_gap_or_a_step_back_of_the_sensors_clock_is_not_joined_over(first):
    joiner = BlockJoiner()
    joiner.add(block(0, 2, kind="clock"), 1.0)
    assert numbers(joiner.add(block(first, kind="clock"), 2.0)) == [[0, 1]]


def test_a_number_that_wraps_follows_on():
    joiner = BlockJoiner()
    joiner.add(block(255), 1.0)
    assert joiner.add(block(256), 2.0) == ()


def test_what_waits_can_be_had_when_the_connection_ends_and_only_once():
    joiner = BlockJoiner()
    joiner.add(block(0, 2), 1.0)
    assert numbers(joiner.flush()) == [[0, 1]]
    assert joiner.flush() == ()


def test_a_block_without_samples_changes_nothing():
    joiner = BlockJoiner()
    joiner.add(block(0), 1.0)
    assert joiner.add(block(1, 0), 2.0) == ()
    assert numbers(joiner.flush()) == [[0]]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), max_size=40),
    st.sampled_from(["counter", "clock", "arrivals"]),
    st.sampled_from([10.0, 50.0, 100.0, 416.0]),
)
def test_no_sample_is_lost_doubled_or_moved_and_none_waits_longer_than_it_may(sizes, kind, rate_hz):
    joiner, at, sent, out = BlockJoiner(), 0, [], []
    for n, gap in sizes:
        at += gap
        sent += range(at, at + n)
        out += joiner.add(block(at, n, rate_hz=rate_hz, kind=kind, modulus=65536), float(at))
        at += n
        waiting = len(sent) - sum(len(one.block) for one in out)
        assert waiting / rate_hz < JOIN_S
    out += joiner.flush()
    assert [number for part in numbers(out) for number in part] == sent
    if kind != "arrivals":  # a gap is always between blocks
        assert all(part == list(range(part[0], part[-1] + 1)) for part in numbers(out))
