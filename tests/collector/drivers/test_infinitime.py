import numpy as np
import pytest

from collector.drivers.contract import (
    ALERT_LEVEL,
    FIRMWARE_REVISION,
    Advertisement,
    Identifies,
    Read,
    Repeat,
    Started,
)
from collector.drivers.infinitime import (
    HEARTBEAT_S,
    MOTION,
    STEPS,
    InfiniTimeDriver,
    InfiniTimeEncoder,
    is_scaled,
)
from domain.errors import PayloadError
from domain.samples import DeviceBlock
from tests.collector.drivers.conftest import Link

BEAT = bytes(4)


def motion(x, y, z):
    return np.array([x, y, z], "<i2").tobytes()


def begun(firmware=b"1.15.0", now=0.0):
    """A driver that knows the firmware."""
    driver = InfiniTimeDriver()
    driver.start()
    driver.feed(FIRMWARE_REVISION, firmware, now)
    return driver


def values(events):
    """The counts along x of all samples."""
    blocks = [event.acc_g for event in events if isinstance(event, DeviceBlock)]
    return np.rint(np.concatenate(blocks)[:, 0] * 1024).astype(int).tolist()


def count(events):
    return sum(len(e) for e in events if isinstance(e, DeviceBlock))


def test_it_is_known_by_its_name():
    def heard(name):
        return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0)

    assert InfiniTimeDriver.matches(heard("InfiniTime"))
    assert not InfiniTimeDriver.matches(heard("PineTime"))


@pytest.mark.parametrize(
    "firmware", [b"1.15.0", b"1.15", b"1.16.0", b"v1.15.1", b"2.0.0", b"1.15.0\0"]
)
def test_from_1_15_on_1024_counts_are_1_g(firmware):
    assert is_scaled(firmware)
    block = begun(firmware).feed(MOTION, motion(0, 512, 2048), 0.1)[-1]
    np.testing.assert_allclose(block.acc_g, [[0, 0.5, 2]])


@pytest.mark.parametrize(
    "firmware",
    [
        b"1.14.0",
        b"1.9.0",
        b"0.15.0",
        b"",
        b"develop",
        b"1",
        b"1.x",
        b"\xff\xfe",
        b"1.15beta",
        b"1,15",
    ],
)
def test_before_1_15_and_whenever_it_cannot_be_told_there_is_a_direction_alone(firmware):
    assert not is_scaled(firmware)
    block = begun(firmware).feed(MOTION, motion(0, 512, 0), 0.1)[-1]
    np.testing.assert_allclose(block.acc_g, [[0, 1, 0]])


def test_counts_of_an_old_firmware_that_are_all_zero_have_no_direction():
    block = begun(b"1.14.0").feed(MOTION, motion(0, 0, 0), 0.1)[-1]
    assert np.isnan(block.acc_g).all()


def test_an_old_watch_of_any_scale_tells_the_direction():
    link = Link(InfiniTimeDriver(), InfiniTimeEncoder(b"1.13.0", counts_per_g=256)).start()
    wanted = np.array([[0.1, 0.2, 0.9], [0.5, -0.5, 0.5]])
    link.stream(wanted)
    expected = wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(link.acc_g(), expected, atol=0.01)


def test_nothing_is_passed_on_before_the_firmware_is_known():
    driver = InfiniTimeDriver()
    driver.start()
    assert driver.feed(MOTION, motion(0, 0, 1024), 0.0) == ()
    assert driver.feed(MOTION, motion(0, 0, 1020), 0.1) == ()


def test_it_asks_for_the_firmware_first_and_for_a_sign_of_life_every_second():
    assert InfiniTimeDriver().start() == (
        Read(FIRMWARE_REVISION),
        Repeat(Read(STEPS), HEARTBEAT_S),
    )


def test_a_watch_that_lies_still_goes_on_by_its_heartbeat_at_10_hz():
    driver = begun()
    assert count(driver.feed(MOTION, motion(0, 0, 1024), 0.1)) == 1
    fed = [driver.feed(STEPS, BEAT, t + 0.05) for t in range(1, 6)]
    # The latest silence is not filled in: a link that is disturbed delivers after half a second.
    assert [count(events) for events in fed] == [3, 10, 10, 10, 10]
    np.testing.assert_allclose(fed[-1][0].acc_g, np.tile([0, 0, 1], (10, 1)))


def test_a_watch_that_lay_still_from_the_start_is_asked_for_its_value():
    driver = begun()
    assert driver.feed(STEPS, BEAT, 0.0) == ()  # it has had no time yet
    assert driver.feed(STEPS, BEAT, 1.0) == (Read(MOTION),)
    assert count(driver.feed(MOTION, motion(0, 0, 1024), 1.0)) == 1
    assert [count(driver.feed(STEPS, BEAT, t + 0.05)) for t in (2, 3)] == [4, 10]


def test_samples_that_did_not_change_are_made_up_for_at_the_next_heartbeat():
    driver = begun()
    total = 0
    for i in range(1, 101):
        now = i / 10
        if i % 4:  # every fourth value is like the one before it
            total += count(driver.feed(MOTION, motion(i, 0, 1024), now))
        if i % 10 == 0:
            total += count(driver.feed(STEPS, BEAT, now + 0.01))
    assert 98 <= total <= 100


def test_a_heartbeat_in_a_lively_stream_adds_nothing():
    driver = begun()
    for i in range(1, 51):
        assert count(driver.feed(MOTION, motion(i, 0, 1024), i / 10 + 0.02 * (i % 3))) == 1
        assert count(driver.feed(STEPS, BEAT, i / 10 + 0.07)) == 0


def test_a_link_that_stood_still_is_not_papered_over():
    driver = begun()
    driver.feed(MOTION, motion(0, 0, 1024), 0.1)
    assert count(driver.feed(STEPS, BEAT, 60.0)) == 0
    assert count(driver.feed(STEPS, BEAT, 61.0)) == 10


def test_a_watch_that_runs_fast_owes_no_silence_later():
    driver = begun()
    for i in range(1, 1001):
        driver.feed(MOTION, motion(i, 0, 1024), i * 0.09)
    assert count(driver.feed(STEPS, BEAT, 91.0)) == pytest.approx(4, abs=1)
    assert count(driver.feed(STEPS, BEAT, 92.0)) == pytest.approx(10, abs=1)


def test_a_host_clock_that_was_set_back_fills_nothing_in():
    driver = begun(now=1000.0)
    driver.feed(MOTION, motion(0, 0, 1024), 1000.0)
    assert count(driver.feed(STEPS, BEAT, 500.0)) == 0
    driver.feed(MOTION, motion(0, 1, 1024), 500.1)
    assert count(driver.feed(STEPS, BEAT, 501.1)) == pytest.approx(4, abs=1)


def test_what_a_disturbed_link_held_up_belongs_to_the_looks_it_was_held_up_in():
    driver = begun()
    for i in range(30):
        driver.feed(MOTION, motion(i, 0, 1024), i / 10 + 0.02)
    events = []
    for i in range(30, 35):  # half a second's values come together at its end
        events += driver.feed(MOTION, motion(i, 0, 1024), 3.5)
    events += driver.feed(MOTION, motion(35, 0, 1024), 3.52)
    events += driver.feed(MOTION, motion(36, 0, 1024), 3.62)
    assert values(events) == list(range(30, 37))


def test_a_value_that_changes_after_silence_comes_after_as_many_that_were_alike():
    driver = begun()
    for i in range(30):
        driver.feed(MOTION, motion(i, 0, 1024), i / 10 + 0.02)
    events = driver.feed(MOTION, motion(99, 0, 1024), 3.52)  # 30 to 34 were like 29
    events += driver.feed(MOTION, motion(98, 0, 1024), 3.62)
    assert values(events) == [29] * 5 + [99, 98]


def test_after_a_link_that_stood_still_nothing_is_made_up():
    driver = begun()
    driver.feed(MOTION, motion(0, 0, 1024), 0.0)
    driver.feed(MOTION, motion(1, 0, 1024), 10.0)
    assert values(driver.feed(MOTION, motion(2, 0, 1024), 10.1)) == [1, 2]


def test_the_stream_starts_once_with_its_first_sample():
    driver = begun()
    events = [e for i in range(3) for e in driver.feed(MOTION, motion(i, 9, 9), 0.1 * i)]
    assert [type(e) for e in events[:2]] == [Started, DeviceBlock]
    assert len([e for e in events if isinstance(e, Started)]) == 1


@pytest.mark.parametrize("size", [0, 3, 5])
def test_a_step_count_has_4_bytes(size):
    with pytest.raises(PayloadError):
        begun().feed(STEPS, bytes(size), 0.0)


@pytest.mark.parametrize("size", [0, 4, 5, 7])
def test_a_motion_value_has_6_bytes(size):
    with pytest.raises(PayloadError):
        InfiniTimeDriver().feed(MOTION, bytes(size), 0.0)


def test_the_twin_notifies_only_what_has_changed():
    encoder = InfiniTimeEncoder()
    rows = np.array([[0.0, 0.0, 1.0], [0.0, 0.1, 1.0], [0.0, 0.1, 1.0], [0.0, 0.0, 1.0]])
    assert len(encoder.samples(np.arange(4) / 10, rows, None)) == 2


def test_it_buzzes_by_the_standard_alert_that_the_session_knows():
    encoder = InfiniTimeEncoder()
    has = {c.uuid: c.properties for service in encoder.gatt() for c in service.characteristics}
    assert has[ALERT_LEVEL] == ("write_without_response",)
    assert not isinstance(InfiniTimeDriver(), Identifies)
    encoder.written(ALERT_LEVEL, b"\x02")
    assert encoder.alerts == [2]
