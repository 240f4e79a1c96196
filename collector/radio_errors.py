"""What bleak, bleak-retry-connector and D-Bus raise, said in our own words, once."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak_retry_connector import (
    BleakAbortedError,
    BleakConnectionError,
    BleakNotFoundError,
    BleakOutOfConnectionSlotsError,
)

from domain.errors import (
    HandshakeError,
    LinkError,
    LinkTimeoutError,
    PeerLostError,
    PeerNotFoundError,
    RadioUnavailableError,
    SitwellError,
    first_line,
)
from domain.link import LinkReason

try:
    from dbus_fast.errors import DBusFastError
except ImportError:  # only BlueZ speaks D-Bus

    class DBusFastError(Exception):  # type: ignore[no-redef]  # stands in where there is none
        """Never raised."""


#: EOFError, OSError: the D-Bus socket went away; KeyError, AttributeError, AssertionError: bleak's BlueZ
#: backend while services or the bus change under it (bleak-retry-connector catches the same).
FOREIGN: tuple[type[Exception], ...] = (
    BleakError,
    DBusFastError,
    asyncio.TimeoutError,
    OSError,
    EOFError,
    KeyError,
    AttributeError,
    AssertionError,
)

_Reason = BleakBluetoothNotAvailableReason
_DENIED = "This program may not use Bluetooth. Allow it in the system's privacy settings."
#: reason word and sentence for the user
_UNAVAILABLE: dict[BleakBluetoothNotAvailableReason, tuple[str, str]] = {
    _Reason.NO_BLUETOOTH: (
        "no_adapter",
        "There is no Bluetooth adapter. Plug one in, or check its driver and the Bluetooth service.",
    ),
    _Reason.NO_BLE_CENTRAL_ROLE: (
        "no_adapter",
        "The Bluetooth adapter cannot do Bluetooth Low Energy. Another adapter is needed.",
    ),
    _Reason.POWERED_OFF: ("powered_off", "Bluetooth is switched off. Switch it on."),
    _Reason.DENIED_BY_USER: ("permission_denied", _DENIED),
    _Reason.DENIED_BY_SYSTEM: ("permission_denied", _DENIED),
    _Reason.DENIED_BY_UNKNOWN: ("permission_denied", _DENIED),
}
_NO_SERVICE = (
    "There is no Bluetooth service on this machine (no D-Bus system bus, or no bluetoothd)."
)
#: ATT error codes, Core 5.4, vol 3 F 3.4.1.1: invalid handle, attribute not found, database out of sync
#: tell of services that are no more; insufficient authentication, authorisation, key size and
#: encryption of a sensor that wants to be paired.
_ATT_REASONS = {
    **dict.fromkeys((0x01, 0x0A, 0x12), LinkReason.MISSING),
    **dict.fromkeys((0x05, 0x08, 0x0C, 0x0F), LinkReason.NEEDS_PAIRING),
}
# what bluetoothd says of them (BlueZ, src/gatt-client.c), and of a full adapter (src/error.h)
_NOT_PAIRED = "Not paired"
_TOO_MANY_LINKS = "le-connection-concurrent-connection-limit"
_WANTS_PAIRING = "the sensor wants to be paired with this computer"
_NO_SERVICE_ERRORS = ("ServiceUnknown", "NameHasNoOwner", "Spawn")


@contextmanager
def translated(who: str, what: str) -> Iterator[None]:
    """Turn every foreign exception of the block into one of ours; `who` and `what` go into its words."""
    try:
        yield
    except SitwellError:
        raise
    except FOREIGN as error:
        raise translate(error, who, what) from error


def translate(error: Exception, who: str, what: str) -> LinkError | HandshakeError:
    """Our error for a foreign one that came up while `what` was done with `who`."""
    match error:
        case BleakBluetoothNotAvailableError():
            known = _UNAVAILABLE.get(error.reason)
            reason, sentence = known or (
                "unavailable",
                f"Bluetooth is not available: {error.args[0]}",
            )
            return RadioUnavailableError(reason, sentence)
        case BleakGATTProtocolError():
            code = int(error.code)
            return HandshakeError(
                who,
                f"{what} was refused: {error.args[1]}",
                code=code,
                link_reason=_ATT_REASONS.get(code, LinkReason.REFUSED),
            )
        case BleakCharacteristicNotFoundError():
            problem = f"has no characteristic {error.char_specifier}"
            return HandshakeError(who, problem, link_reason=LinkReason.MISSING)
        case BleakDeviceNotFoundError() | BleakNotFoundError():
            return PeerNotFoundError(f"{who} does not answer: out of range, switched off or in use")
        case BleakOutOfConnectionSlotsError():
            return no_slots(who)
        case BleakAbortedError() | BleakConnectionError() if isinstance(error.__cause__, FOREIGN):
            return translate(error.__cause__, who, what)
        case TimeoutError():
            return LinkTimeoutError(f"{who}: {what} took too long")
        case PermissionError():
            return RadioUnavailableError("permission_denied", _DENIED)
        case FileNotFoundError() | ConnectionRefusedError():
            return no_service()
        case BleakDBusError():
            return _from_dbus(error, who, what)
    return PeerLostError(f"{who} was lost while {what}: {_words(error)}")


def no_slots(who: str, *, links: int | None = None) -> LinkTimeoutError:
    """The error for an adapter that carries no more connections.

    links: how many it carries, where that is all that speaks for it.
    """
    if links is None:
        how = "no free connection slot. The Bluetooth adapter carries no more sensors"
    else:
        how = f"likely no free connection slot. The Bluetooth adapter carries {links} sensors"
    return LinkTimeoutError(
        f"{who}: {how}: disconnect one, or plug in a second adapter",
        link_reason=LinkReason.NO_SLOTS,
    )


def no_service() -> RadioUnavailableError:
    """The error for a machine without D-Bus or bluetoothd."""
    return RadioUnavailableError("no_service", _NO_SERVICE)


def switched_off() -> RadioUnavailableError:
    """The error for an adapter that is switched off."""
    return RadioUnavailableError(*_UNAVAILABLE[_Reason.POWERED_OFF])


def no_adapter(named: Sequence[str] = ()) -> RadioUnavailableError:
    """The error for a machine without adapters, or without those `named` in the configuration."""
    reason, sentence = _UNAVAILABLE[_Reason.NO_BLUETOOTH]
    if named:
        sentence = (
            f"There is no Bluetooth adapter {' or '.join(named)}. Plug it in, or name another."
        )
    return RadioUnavailableError(reason, sentence)


def _from_dbus(error: BleakDBusError, who: str, what: str) -> LinkError | HandshakeError:
    name = error.dbus_error
    details = str(error.dbus_error_details or "")
    if name.endswith("NotPermitted") and details == _NOT_PAIRED:
        return HandshakeError(who, _WANTS_PAIRING, link_reason=LinkReason.NEEDS_PAIRING)
    if ".Error.Authentication" in name:
        problem = f"{what} was refused: {_words(error)}"
        return HandshakeError(who, problem, link_reason=LinkReason.NEEDS_PAIRING)
    if details == _TOO_MANY_LINKS:
        return no_slots(who)
    if name.endswith(_NO_SERVICE_ERRORS) or ".Spawn." in name:
        return no_service()
    if name.endswith(("AccessDenied", "NotPermitted", "NotAuthorized")):
        return RadioUnavailableError("permission_denied", _DENIED)
    if name.endswith("NotReady"):
        return switched_off()
    if name.endswith("InProgress"):
        return LinkTimeoutError(
            f"{who}: Bluetooth is busy with something else", link_reason=LinkReason.ADAPTER_BUSY
        )
    if name.endswith(("UnknownObject", "DoesNotExist")):
        return PeerNotFoundError(f"{who} does not answer: out of range, switched off or in use")
    return PeerLostError(f"{who} was lost while {what}: {_words(error)}")


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {first_line(error)}" if str(error) else type(error).__name__
