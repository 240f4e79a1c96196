"""Services of a simulated sensor, as they stand in its attribute table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bleak.uuids import normalize_uuid_str
from bumble import att, gatt
from bumble.core import UUID

Reading = Callable[[], bytes]
Writing = Callable[[bytes], None]

_FLAGS = {
    gatt.Characteristic.Properties.READ: "read",
    gatt.Characteristic.Properties.WRITE: "write",
    gatt.Characteristic.Properties.WRITE_WITHOUT_RESPONSE: "write-without-response",
    gatt.Characteristic.Properties.NOTIFY: "notify",
    gatt.Characteristic.Properties.INDICATE: "indicate",
}


class AttError(Exception):
    """The sensor answers with this ATT error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error {code:#04x}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Attribute:
    """One characteristic: where it stands, and what a host can do with it."""

    handle: int
    uuid: str
    flags: tuple[str, ...]
    read: Reading
    write: Writing


@dataclass(frozen=True, slots=True)
class ServiceTable:
    """One service and its characteristics."""

    handle: int
    uuid: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class AttributeTable:
    """All services of one firmware."""

    services: tuple[ServiceTable, ...]

    def __iter__(self) -> Iterator[Attribute]:
        for service in self.services:
            yield from service.attributes

    def at(self, attribute: Attribute) -> Attribute:
        """The attribute that stands where `attribute` stood. Raises AttError when it is another."""
        for own in self:
            if own.handle == attribute.handle and own.uuid == attribute.uuid:
                return own
        raise AttError(att.ATT_INVALID_HANDLE_ERROR)


def table_of(services: Sequence[gatt.Service], first_handle: int) -> AttributeTable:
    """The table of Bumble's services, laid out from `first_handle` on."""
    handle, tables = first_handle, []
    for service in services:
        own, attributes = handle, []
        handle += 1
        for one in service.characteristics:
            attributes.append(_attribute(one, handle))
            handle += 3  # declaration, value, configuration
        tables.append(ServiceTable(own, _uuid(service.uuid), tuple(attributes)))
    return AttributeTable(tuple(tables))


def _attribute(one: gatt.Characteristic[bytes], handle: int) -> Attribute:
    def read() -> bytes:
        try:
            return bytes(one.value.read(None))
        except att.ATT_Error as error:
            raise AttError(error.error_code) from error

    def write(payload: bytes) -> None:
        try:
            one.value.write(None, payload)
        except att.ATT_Error as error:
            raise AttError(error.error_code) from error

    flags = tuple(name for flag, name in _FLAGS.items() if flag in one.properties)
    return Attribute(handle, _uuid(one.uuid), flags, read, write)


def _uuid(uuid: UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-").lower())
