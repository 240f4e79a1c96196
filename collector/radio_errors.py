"""What bleak, bleak-retry-connector and D-Bus raise, said in our own words, once."""

import asyncio
from collections.abc import Iterator
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
from bleak_retry_connector import BleakNotFoundError, BleakOutOfConnectionSlotsError

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
            return HandshakeError(who, f"{what} was refused: {error.args[1]}", code=code)
        case BleakCharacteristicNotFoundError():
            return HandshakeError(who, f"has no characteristic {error.char_specifier}")
        case BleakDeviceNotFoundError() | BleakNotFoundError():
            return PeerNotFoundError(f"{who} does not answer: out of range, switched off or in use")
        case BleakOutOfConnectionSlotsError():
            return LinkTimeoutError(f"{who}: the adapter has no free connection")
        case TimeoutError():
            return LinkTimeoutError(f"{who}: {what} took too long")
        case PermissionError():
            return RadioUnavailableError("permission_denied", _DENIED)
        case FileNotFoundError() | ConnectionRefusedError():
            return RadioUnavailableError("no_service", _NO_SERVICE)
        case BleakDBusError():
            return _from_dbus(error, who, what)
    return PeerLostError(f"{who} was lost while {what}: {_words(error)}")


def _from_dbus(error: BleakDBusError, who: str, what: str) -> LinkError:
    name = error.dbus_error
    if name.endswith(_NO_SERVICE_ERRORS) or ".Spawn." in name:
        return RadioUnavailableError("no_service", _NO_SERVICE)
    if name.endswith(("AccessDenied", "NotPermitted", "NotAuthorized")):
        return RadioUnavailableError("permission_denied", _DENIED)
    if name.endswith("NotReady"):
        return RadioUnavailableError(*_UNAVAILABLE[_Reason.POWERED_OFF])
    if name.endswith("InProgress"):
        return LinkTimeoutError(f"{who}: the adapter is busy")
    if name.endswith(("UnknownObject", "DoesNotExist")):
        return PeerNotFoundError(f"{who} does not answer: out of range, switched off or in use")
    return PeerLostError(f"{who} was lost while {what}: {_words(error)}")


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {first_line(error)}" if str(error) else type(error).__name__
