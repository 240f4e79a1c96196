"""Invariants over everything we ship: a new driver is covered by being in the registry."""

import json
import pickle
import re
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.drivers import DRIVERS, WEARABLES
from collector.drivers.contract import (
    BATTERY_LEVEL,
    INFORMATION,
    Advertisement,
    Driver,
    Guide,
    Halted,
    Read,
    Repeat,
    Started,
    Write,
)
from collector.drivers.registry import ENCODERS, driver_for, driver_named
from domain.errors import HandshakeError, PayloadError
from domain.samples import BatteryReading, DeviceBlock
from tests.collector.drivers.conftest import answer

# The same examples everywhere, and no clock: other work may share the machine.
STEADY = settings(deadline=None, derandomize=True)

#: Floats of both sizes that are none or beyond all measure, and integers at their ends.
EXTREMES = [
    struct.pack(form, value)
    for form in ("<f", ">f", "<d")
    for value in (np.inf, -np.inf, np.nan, 3e38, -3e38)
] + [bytes.fromhex(word) for word in ("0000a07f", "00000080", "ffffffff", "00000000", "ff7f0080")]
SHORT = ("fcd2", "feaa", "fe9a", "ffe1", "fe8d", "aa80", "fdf3", "fee1")

everything = pytest.mark.parametrize("name", list(ENCODERS))
EVENTS = (DeviceBlock, BatteryReading, Write, Read, Started, Halted)

seeds = st.integers(0, 2**32 - 1)
any_bytes = st.one_of(
    st.binary(max_size=300),
    # Bytes that begin as real ones do get deeper than bytes out of nowhere.
    st.tuples(
        st.sampled_from(
            [
                "f0010200", "f0020200", "f00102", "f0010500", "f0030200", "0f", "0f05", "0f24", "01", "0102",
                "020000000000000000" + "01", "020000000000000000" + "80", "050000000000000000" + "81",
                "5561", "5571", "557103", "05", "03",
            ]
        ).map(bytes.fromhex),
        st.binary(max_size=60),
    ).map(b"".join),
)  # fmt: skip


def signal(seed, n, scale):
    rng = np.random.default_rng(seed)
    drift = np.clip(np.cumsum(rng.normal(0, 0.05, (n, 3)), axis=0), -1, 1)
    drift[:, 2] = 0.4 + 0.6 * drift[:, 2]  # never without a direction for long
    return drift * scale


def channels(driver):
    return (*driver.subscriptions(), BATTERY_LEVEL, "nobody-knows")


def heard_as(name, acc_g):
    """What a driver can tell of `acc_g`: its direction alone where the scale is unknown."""
    if "direction" not in driver_named(ENCODERS[name].driver).measures:
        return acc_g
    return acc_g / np.linalg.norm(acc_g, axis=1, keepdims=True)


def tolerance_g(encoder):
    return max(0.002, encoder.resolution_g)


def held_back(vectors, name):
    """How many of the newest samples a driver may still be waiting with, as its vectors say."""
    return vectors(ENCODERS[name].driver).get("held_back_samples", 0)


def feed_garbage(driver, characteristic, payload, now):
    """The invariant in a sentence: any bytes give events or a typed device error, nothing else; and
    what is in a block can be reckoned with."""
    try:
        events = driver.feed(characteristic, payload, now)
    except (PayloadError, HandshakeError):
        return ()
    assert isinstance(events, tuple)
    assert all(isinstance(event, EVENTS) for event in events)
    for block in (event for event in events if isinstance(event, DeviceBlock)):
        check_block(block)
    return events


def check_block(block):
    """What the pipeline relies on: no infinity, and times that increase."""
    assert not np.isinf(block.acc_g).any()
    assert block.gyro_dps is None or not np.isinf(block.gyro_dps).any()
    assert 0.001 <= block.rate_hz <= 10_000
    if block.device_times is not None:
        assert np.isfinite(block.device_times).all()
        assert (np.diff(block.device_times) > 0).all()
    if block.sequence is not None and block.sequence_modulus:
        assert 0 <= block.sequence < block.sequence_modulus


@everything
@settings(STEADY, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=seeds, chunks=st.integers(2, 12))
def test_what_the_encoder_sends_the_driver_reads_back_within_a_quantum(
    connect, vectors, name, seed, chunks
):
    link = connect(name).start()
    encoder = link.encoder
    n = chunks * encoder.chunk
    acc = signal(seed, n, encoder.full_scale_g)
    full = encoder.gyro_full_scale_dps
    gyro = None if full is None else signal(seed + 1, n, full)
    link.stream(acc, gyro)
    assert encoder.streaming
    held = held_back(vectors, name)
    if not link.blocks:
        assert n <= held
        return
    got = link.acc_g()
    assert n - held <= len(got) <= n
    half = encoder.resolution_g * 0.51
    within = np.clip(acc[: len(got)], None, encoder.full_scale_g - encoder.resolution_g)
    np.testing.assert_allclose(got, heard_as(name, within), atol=half * 2)
    if gyro is not None:
        rotation = np.concatenate([block.gyro_dps for block in link.blocks])
        np.testing.assert_allclose(rotation, gyro[: len(got)], atol=full / 2**15 * 1.02)
    assert {block.rate_hz for block in link.blocks} == {encoder.rate_hz}


@everything
@settings(STEADY, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stage=st.integers(0, 6),
    garbage=st.lists(st.tuples(st.integers(0, 9), any_bytes), min_size=1, max_size=12),
)
def test_any_bytes_in_any_state_give_events_or_a_device_error_and_good_frames_are_read_after(
    connect, name, stage, garbage
):
    link = connect(name)
    driver, encoder = link.driver, link.encoder
    if stage > 0:
        # Up to `stage` steps of the handshake, then the garbage; the rest is never answered.
        queue = list(driver.start())
        for _ in range(stage):
            if not queue:
                break
            command = queue.pop(0)
            if isinstance(command, Repeat):
                command = command.command
            if isinstance(command, Write):
                for sent in encoder.written(command.characteristic, command.payload):
                    queue += [
                        e
                        for e in driver.feed(sent.characteristic, sent.payload, 0.0)
                        if isinstance(e, Read | Write)
                    ]
            elif command.characteristic != BATTERY_LEVEL:
                value = answer(encoder, command)
                queue += [
                    e
                    for e in driver.feed(command.characteristic, value, 0.0)
                    if isinstance(e, Read | Write)
                ]
    where = channels(driver)
    for i, (channel, payload) in enumerate(garbage):
        feed_garbage(driver, where[channel % len(where)], payload, float(i))

    encoder.disconnected()
    link.start()
    link.stream(signal(1, 6 * encoder.chunk, 1.0), signal(2, 6 * encoder.chunk, 1.0))
    assert len(link.blocks) >= 1
    got = link.acc_g()
    wanted = heard_as(name, signal(1, 6 * encoder.chunk, 1.0)[: len(got)])
    np.testing.assert_allclose(got, wanted, atol=tolerance_g(encoder))


@everything
@settings(STEADY, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.lists(st.tuples(st.integers(0, 9), any_bytes), min_size=1, max_size=8))
def test_a_stream_goes_on_through_garbage_unless_the_sensor_says_stop(
    connect, vectors, name, garbage
):
    link = connect(name).start()
    encoder = link.encoder
    link.stream(signal(3, 4 * encoder.chunk, 1.0), signal(4, 4 * encoder.chunk, 1.0))
    where = channels(link.driver)
    for channel, payload in garbage:
        events = feed_garbage(link.driver, where[channel % len(where)], payload, link.now)
        if any(isinstance(event, Halted) for event in events):
            return
    link.events.clear()
    held = held_back(vectors, name)
    n = 6 * encoder.chunk + held
    acc = signal(5, n, 1.0)
    link.stream(acc, signal(6, n, 1.0))
    got = link.acc_g()
    # The end of what was sent is there to the last sample that can be; garbage costs at most its
    # neighbours.
    tail = heard_as(name, acc[n - held - 4 : n - held])
    found = [np.abs(got - row).max(axis=1).min() for row in tail]
    assert max(found) < tolerance_g(encoder)


@everything
def test_numbers_that_are_none_or_beyond_measure_never_reach_a_block(connect, name):
    link = connect(name).start()
    encoder = link.encoder
    for i in range(2):
        times = np.arange(i * encoder.chunk + 1, (i + 1) * encoder.chunk + 1) / encoder.rate_hz
        for sent in encoder.samples(times, signal(7, encoder.chunk, 1.0), None):
            for at in range(len(sent.payload)):
                for extreme in EXTREMES:
                    payload = sent.payload[:at] + extreme + sent.payload[at + len(extreme) :]
                    feed_garbage(link.driver, sent.characteristic, payload, link.now)


@everything
def test_the_start_is_told_once_a_connection_and_not_after_the_first_sample(connect, name):
    link = connect(name)
    for _ in range(2):
        link.events.clear()
        link.encoder.disconnected()
        link.start()
        n = 12 * link.encoder.chunk
        link.stream(signal(1, n, 1.0), signal(2, n, 1.0))
        told = [type(e) for e in link.events if isinstance(e, Started | DeviceBlock)]
        assert told.count(Started) == (1 if link.encoder.connects else 0)
        assert told.count(DeviceBlock) > 1
        if link.encoder.connects:
            assert told[0] is Started
            assert {event.rate_hz for event in link.of(Started)} == {link.encoder.rate_hz}


def state_of(driver):
    """What it remembers, but for a cipher, which cannot be pickled and does not grow."""
    return {key: value for key, value in vars(driver).items() if type(value).__name__ != "Seal"}


@everything
def test_what_a_driver_remembers_does_not_grow_on_garbage(connect, name):
    link = connect(name).start()
    encoder = link.encoder
    times = np.arange(1, encoder.chunk + 1) / encoder.rate_hz
    good = encoder.samples(times, signal(8, encoder.chunk, 1.0), None)
    rng = np.random.default_rng(6)
    where = channels(link.driver)
    for i in range(1500):
        payload = rng.integers(0, 256, rng.integers(1, 240), dtype=np.uint8).tobytes()
        channel = where[i % len(where)]
        if good and i % 2:
            channel, whole = good[i % len(good)].characteristic, good[i % len(good)].payload
            kept = int(rng.integers(0, len(whole) + 1))
            payload = whole[:kept] + payload[: len(whole) - kept]
        feed_garbage(link.driver, channel, payload, link.now + i / 50)
    assert len(pickle.dumps(state_of(link.driver))) < 64_000


def heard_of(name):
    data = ENCODERS[name]().advertisement()
    return Advertisement(
        "AA:BB:CC:DD:EE:FF",
        data.name,
        -50,
        0.0,
        data.manufacturer_data,
        data.service_data,
        data.service_uuids,
    )


@everything
def test_every_simulated_sensor_is_recognised_by_its_own_driver(name):
    found = driver_for(heard_of(name))
    assert found is not None
    assert found.name == ENCODERS[name].driver
    assert driver_named(ENCODERS[name].driver) is found


@everything
def test_no_simulated_sensor_is_recognised_by_another_driver_too(name):
    assert [driver.name for driver in DRIVERS if driver.matches(heard_of(name))] == [
        ENCODERS[name].driver
    ]


@pytest.mark.parametrize(
    "name",
    [
        "WTF phone", "WT-1200 headset", "HWTech", "BWTV", "NEWTON", "Muse", "Muse alarm clock",
        "Muse-Alarm", "Thingy:53", "Thingy:91", "Polar H100", "Polar Sensei", "Polar Vantage V3",
        "Movesensei", "MetaWearables", "Mi Band 20", "Mi Band 4", "Mi Smart Band 5", "eSense-TV",
        "Sensorium", "CC1350 SensorTag", "Posture", "", "InfiniTimer", "BangleBand", "Thunderbird",
        "OpenEar", "BBC iPlayer", "Puck", "UprightPiano", "Ruuvi",
    ],
)  # fmt: skip
def test_things_with_similar_names_are_nobodys_sensor(name):
    heard = Advertisement("AA:BB:CC:DD:EE:FF", name, -50, 0.0)
    assert [driver.name for driver in DRIVERS if driver.matches(heard)] == []


@pytest.mark.parametrize(
    ("company", "data"),
    [
        (0x004C, "0215fda50693a4e24fb1afcfc6eb0764782527114dc5c5"),  # iBeacon
        (0x004C, "10063b1e6a1b2c3d"),
        (0x0006, "0109200258a1c8e1b2d3f4a5968778695a4b3c2d1e0f1122334455"),
        (0x0075, "42040180a0b827ebe8c7d2b827ebe8c7d101000000000000"),
        (0x0001, "0900800000aabbccddeeff"),
        (0x0601, "00800000"),
        (0x0499, "06170c5668c79e007000c90501d900cd004c884f"),  # Ruuvi's air quality
        (0x094F, "0201"),
        (0x0030, "01060c000000"),
    ],
)
def test_manufacturer_data_of_others_are_nobodys_sensor(company, data):
    heard = Advertisement("AA:BB:CC:DD:EE:FF", None, -50, 0.0, {company: bytes.fromhex(data)})
    assert [driver.name for driver in DRIVERS if driver.matches(heard)] == []


@pytest.mark.parametrize(
    ("uuid", "data"),
    [
        ("feaa", "00e7112233445566778899aabbccddeeff0000"),  # Eddystone: an identifier,
        ("feaa", "10ee037275752e76692f23416a7759414d4666"),  # an address on the web,
        ("feaa", "20000bb81580000000010000000a"),  # and how the beacon is
        ("feaa", "2101070e5b154f2169"),  # KKM without an accelerometer
        ("fcd2", "400002ca0903bf13"),  # a thermometer
        ("fcd2", "30000263000000"),
        ("ffe1", "a1016415000e2a"),  # Minew: temperature
        ("fe95", "5020aa01da6c5fa0e34c0d1004"),  # Xiaomi
        ("fd6f", "00112233445566778899aabbccddeeff00112233"),
        ("feed", "0200"),
    ],
)
def test_service_data_of_others_are_nobodys_sensor(uuid, data):
    long = f"0000{uuid}-0000-1000-8000-00805f9b34fb"
    heard = Advertisement("a", None, -50, 0.0, {}, {long: bytes.fromhex(data)}, (long,))
    assert [driver.name for driver in DRIVERS if driver.matches(heard)] == []


@pytest.mark.parametrize("driver", DRIVERS)
@given(
    company=st.integers(0, 2**16 - 1),
    data=st.binary(max_size=30),
    uuid=st.sampled_from([f"0000{short}-0000-1000-8000-00805f9b34fb" for short in SHORT]),
    name=st.one_of(st.none(), st.text(max_size=20)),
)
@settings(STEADY, max_examples=40)
def test_matching_answers_yes_or_no_whatever_is_advertised(driver, company, data, uuid, name):
    heard = Advertisement("a", name, None, 0.0, {company: data}, {uuid: data}, (uuid,))
    assert driver.matches(heard) in (True, False)


@everything
def test_every_simulated_sensor_has_the_characteristics_its_driver_asks_for(name):
    encoder = ENCODERS[name]()
    driver = driver_named(encoder.driver)()
    has = {c.uuid: c.properties for service in encoder.gatt() for c in service.characteristics}
    if not encoder.connects:
        assert not has
        assert not driver.connects
        return
    optional = getattr(driver, "optional", ())
    assert set(has) & set(driver.subscriptions())
    for uuid in driver.subscriptions():
        if uuid in optional and uuid not in has:
            continue
        assert uuid == BATTERY_LEVEL or {"notify", "indicate"} & set(has[uuid])
    for command in driver.start():
        if isinstance(command, Repeat):
            command = command.command
        if command.characteristic in optional and command.characteristic not in has:
            continue
        if isinstance(command, Write):
            assert ("write" if command.response else "write_without_response") in has[
                command.characteristic
            ]
        elif command.characteristic not in (BATTERY_LEVEL, *INFORMATION):
            assert "read" in has[command.characteristic]


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_driver_satisfies_the_contract(driver):
    instance = driver()
    assert isinstance(instance, Driver)
    assert re.fullmatch(r"[a-z][a-z0-9-]*", driver.name)
    assert set(driver.measures) <= {"acc", "direction", "gyro", "battery"}
    assert len({"acc", "direction"} & set(driver.measures)) == 1
    assert all(uuid == uuid.lower() for uuid in instance.subscriptions())
    assert driver.connects or not instance.start()


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_driver_tells_people_how_to_wear_its_sensor_and_what_it_cannot_do(driver):
    guide = driver.guide
    assert isinstance(guide, Guide)
    assert guide.models
    assert guide.placements
    assert guide.source
    assert guide.wear.endswith(".")
    assert all(limit.endswith(".") for limit in guide.limits)


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_driver_has_vectors_that_run_everywhere(driver, vectors):
    facts = vectors(driver.name)
    assert facts["source"]
    assert len(facts["frames"]) >= 2
    assert json.dumps(facts)


def test_names_are_told_apart():
    assert len({driver.name for driver in DRIVERS}) == len(DRIVERS)
    assert len(ENCODERS) == sum(len(twins) for _, twins in WEARABLES)


@pytest.mark.parametrize(("driver", "twins"), WEARABLES)
def test_the_twins_of_a_driver_speak_its_protocol(driver, twins):
    assert {twin.driver for twin in twins.values()} == {driver.name}
