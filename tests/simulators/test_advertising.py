import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.drivers.contract import (
    AdvertisedData,
    manufacturer_channel,
    service_data_channel,
)
from simulators.advertising import LEGACY_OCTETS, carrying, compose, parse

ASSIGNED = "0000180f-0000-1000-8000-00805f9b34fb"
OWN = "9a000000-1111-4222-8333-444455556666"


def structures(octets: bytes) -> list[tuple[int, bytes]]:
    """A second, obvious reading of the format: length, type, payload."""
    found = []
    while octets:
        size = octets[0]
        found.append((octets[1], octets[2 : size + 1]))
        octets = octets[size + 1 :]
    return found


@given(
    name=st.none() | st.text(min_size=1, max_size=3),
    uuids=st.lists(st.sampled_from([ASSIGNED, OWN]), unique=True),
    manufacturer=st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=5), max_size=2),
    service=st.dictionaries(st.just(ASSIGNED), st.binary(max_size=4)),
)
def test_what_is_composed_is_what_is_parsed(
    name: str | None,
    uuids: list[str],
    manufacturer: dict[int, bytes],
    service: dict[str, bytes],
) -> None:
    data = AdvertisedData(name, tuple(uuids), manufacturer, service)
    fields = parse(structures(compose(data)))
    assert fields.name == name
    assert sorted(fields.service_uuids) == sorted(uuids)
    assert fields.manufacturer_data == manufacturer
    assert fields.service_data == service


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=31))))
def test_any_structures_can_be_parsed(found: list[tuple[int, bytes]]) -> None:
    parse(found)


def test_octets_are_those_of_the_specification() -> None:
    octets = compose(AdvertisedData("Ab", (ASSIGNED,), {0x0499: b"\x05"}))
    assert octets.hex() == "020106" + "04ff990405" + "03030f18" + "03094162"


def test_tx_power_is_signed_and_32_bit_uuids_are_widened() -> None:
    fields = parse([(0x0A, b"\xf4"), (0x05, b"\x0f\x18\x00\x00"), (0x20, b"\x01\x02\x03\x04\x99")])
    assert fields.tx_power_dbm == -12
    assert fields.service_uuids == [ASSIGNED]
    assert fields.service_data == {"04030201-0000-1000-8000-00805f9b34fb": b"\x99"}


def test_an_advertisement_that_does_not_fit_is_refused() -> None:
    room = LEGACY_OCTETS - 3 - 4
    compose(AdvertisedData(manufacturer_data={1: bytes(room)}))
    with pytest.raises(ValueError, match="63 octets"):
        compose(AdvertisedData(manufacturer_data={1: bytes(room + 1)}))


def test_a_pseudo_characteristic_replaces_its_part_of_the_advertisement() -> None:
    data = AdvertisedData("A", (), {1: b"old", 2: b"kept"})
    assert carrying(data, manufacturer_channel(1), b"new").manufacturer_data == {
        1: b"new",
        2: b"kept",
    }
    assert carrying(data, service_data_channel(OWN), b"x").service_data == {OWN: b"x"}
    with pytest.raises(ValueError, match="no part"):
        carrying(data, OWN, b"x")
