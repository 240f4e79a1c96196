"""A Bumble GATT server made of the services that an encoder declares."""

from collections.abc import Callable, Iterable

from bumble import att, gatt
from bumble.device import Connection

from collector.drivers.contract import (
    BATTERY_LEVEL,
    BATTERY_SERVICE,
    GattCharacteristic,
    GattService,
)
from domain.errors import SitwellError

_PROPERTIES = {
    "read": gatt.Characteristic.Properties.READ,
    "write": gatt.Characteristic.Properties.WRITE,
    "write_without_response": gatt.Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": gatt.Characteristic.Properties.NOTIFY,
    "indicate": gatt.Characteristic.Properties.INDICATE,
}

BATTERY = GattService(BATTERY_SERVICE, (GattCharacteristic(BATTERY_LEVEL, ("read", "notify")),))

Reading = Callable[[str], bytes]
Writing = Callable[[str, bytes], None]


def build(
    services: Iterable[GattService], read: Reading, write: Writing
) -> tuple[list[gatt.Service], dict[str, gatt.Characteristic[bytes]]]:
    """Bumble's services, and their characteristics by UUID.

    `read` and `write` serve the host; a typed error of theirs becomes an ATT error, as does an access
    that a characteristic's properties do not allow.
    """
    built: list[gatt.Service] = []
    characteristics: dict[str, gatt.Characteristic[bytes]] = {}
    for service in services:
        members = [_characteristic(member, read, write) for member in service.characteristics]
        characteristics |= {
            member.uuid: one for member, one in zip(service.characteristics, members, strict=True)
        }
        built.append(gatt.Service(service.uuid, members))
    return built, characteristics


def _characteristic(
    declared: GattCharacteristic, read: Reading, write: Writing
) -> gatt.Characteristic[bytes]:
    readable = "read" in declared.properties
    writable = bool({"write", "write_without_response"} & set(declared.properties))

    def on_read(_connection: Connection) -> bytes:
        if not readable:
            raise att.ATT_Error(att.ATT_READ_NOT_PERMITTED_ERROR)
        try:
            return read(declared.uuid)
        except SitwellError as error:
            raise att.ATT_Error(att.ATT_UNLIKELY_ERROR_ERROR) from error

    def on_write(_connection: Connection, payload: bytes) -> None:
        if not writable:
            raise att.ATT_Error(att.ATT_WRITE_NOT_PERMITTED_ERROR)
        try:
            write(declared.uuid, payload)
        except SitwellError as error:
            raise att.ATT_Error(att.ATT_UNLIKELY_ERROR_ERROR) from error

    properties = gatt.Characteristic.Properties(0)
    for name in declared.properties:
        properties |= _PROPERTIES[name]
    permissions = att.Attribute.Permissions(0)
    if readable:
        permissions |= att.Attribute.Permissions.READABLE
    if writable:
        permissions |= att.Attribute.Permissions.WRITEABLE
    return gatt.Characteristic(
        declared.uuid, properties, permissions, att.AttributeValue(on_read, on_write)
    )
