"""Advertising data structures, both ways: Bluetooth Core Specification Supplement, part A, section 1."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from bleak.uuids import normalize_uuid_16, normalize_uuid_32

from collector.drivers.contract import (
    AdvertisedData,
    manufacturer_channel,
    service_data_channel,
)

LEGACY_OCTETS = 62  # an advertisement and its scan response, 31 each: Core 5.4, vol 6 B 2.3

_FLAGS = 0x01
_UUIDS_16 = (0x02, 0x03)
_UUIDS_32 = (0x04, 0x05)
_UUIDS_128 = (0x06, 0x07)
_NAMES = (0x08, 0x09)
_TX_POWER = 0x0A
_SERVICE_DATA_16 = 0x16
_SERVICE_DATA_32 = 0x20
_SERVICE_DATA_128 = 0x21
_MANUFACTURER = 0xFF

_GENERAL_DISCOVERABLE_LE_ONLY = 0x06
_MANUFACTURER_CHANNEL = manufacturer_channel(0).partition("/")[0]
_SERVICE_DATA_CHANNEL = service_data_channel("").partition("/")[0]
_BLUETOOTH_BASE = UUID("00000000-0000-1000-8000-00805f9b34fb").bytes[4:]


@dataclass(slots=True)
class AdvertisedFields:
    """What one advertisement says; UUIDs are lower-case 128-bit strings."""

    name: str | None = None
    tx_power_dbm: int | None = None
    service_uuids: list[str] = field(default_factory=list)
    service_data: dict[str, bytes] = field(default_factory=dict)
    manufacturer_data: dict[int, bytes] = field(default_factory=dict)


def compose(data: AdvertisedData) -> bytes:
    """The octets a sensor advertises, its scan response included.

    Raises ValueError when they do not fit a legacy advertisement and its scan response.
    """
    parts = [_structure(_FLAGS, bytes([_GENERAL_DISCOVERABLE_LE_ONLY]))]
    parts += [
        _structure(_MANUFACTURER, company.to_bytes(2, "little") + payload)
        for company, payload in data.manufacturer_data.items()
    ]
    for uuid, payload in data.service_data.items():
        octets = _uuid_octets(uuid)
        kind = _SERVICE_DATA_16 if len(octets) == 2 else _SERVICE_DATA_128
        parts.append(_structure(kind, octets + payload))
    octets_of = [_uuid_octets(uuid) for uuid in data.service_uuids]
    for kind, size in ((_UUIDS_16[1], 2), (_UUIDS_128[1], 16)):
        joined = b"".join(octets for octets in octets_of if len(octets) == size)
        if joined:
            parts.append(_structure(kind, joined))
    if data.name is not None:
        parts.append(_structure(_NAMES[1], data.name.encode()))
    octets = b"".join(parts)
    if len(octets) > LEGACY_OCTETS:
        raise ValueError(f"{len(octets)} octets of advertising data, {LEGACY_OCTETS} fit")
    return octets


def carrying(data: AdvertisedData, channel: str, payload: bytes) -> AdvertisedData:
    """`data` with the payload of one pseudo characteristic put in or replaced.

    Raises ValueError when `channel` is no pseudo characteristic.
    """
    kind, _, key = channel.partition("/")
    if kind == _MANUFACTURER_CHANNEL:
        manufacturer = {**data.manufacturer_data, int(key, 16): payload}
        return replace(data, manufacturer_data=manufacturer)
    if kind == _SERVICE_DATA_CHANNEL:
        return replace(data, service_data={**data.service_data, key: payload})
    raise ValueError(f"{channel} is no part of an advertisement")


def parse(structures: Iterable[tuple[int, bytes]]) -> AdvertisedFields:
    """The fields of (type, payload) structures; what is unknown or too short is passed over.

    A structure that comes twice counts once, as an advertisement and its scan response may repeat it.
    """
    fields = AdvertisedFields()
    uuids: dict[str, None] = {}
    for kind, octets in structures:
        if kind in _UUIDS_16:
            uuids |= dict.fromkeys(_uuid_list(octets, 2))
        elif kind in _UUIDS_32:
            uuids |= dict.fromkeys(_uuid_list(octets, 4))
        elif kind in _UUIDS_128:
            uuids |= dict.fromkeys(_uuid_list(octets, 16))
        elif kind in _NAMES:
            fields.name = octets.decode("utf-8", "replace")
        elif kind == _TX_POWER and len(octets) == 1:
            fields.tx_power_dbm = int.from_bytes(octets, "little", signed=True)
        elif kind == _MANUFACTURER and len(octets) >= 2:
            fields.manufacturer_data[int.from_bytes(octets[:2], "little")] = octets[2:]
        elif size := _SERVICE_DATA_SIZES.get(kind):
            for uuid in _uuid_list(octets[:size], size):
                fields.service_data[uuid] = octets[size:]
    fields.service_uuids = list(uuids)
    return fields


_SERVICE_DATA_SIZES = {_SERVICE_DATA_16: 2, _SERVICE_DATA_32: 4, _SERVICE_DATA_128: 16}


def _structure(kind: int, payload: bytes) -> bytes:
    return bytes([len(payload) + 1, kind]) + payload


def _uuid_octets(uuid: str) -> bytes:
    """Little-endian octets, two of them for UUIDs that the Bluetooth SIG assigned."""
    octets = UUID(uuid).bytes
    if octets[:2] == b"\0\0" and octets[4:] == _BLUETOOTH_BASE:
        return octets[2:4][::-1]
    return octets[::-1]


def _uuid_list(octets: bytes, size: int) -> list[str]:
    chunks = [octets[i : i + size][::-1] for i in range(0, len(octets) - size + 1, size)]
    if size == 16:
        return [str(UUID(bytes=chunk)) for chunk in chunks]
    normalize = normalize_uuid_16 if size == 2 else normalize_uuid_32
    return [normalize(int.from_bytes(chunk, "big")) for chunk in chunks]
