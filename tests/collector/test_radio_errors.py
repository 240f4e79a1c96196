"""Every foreign exception becomes one of ours, with words for a person."""

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak.exc import BleakBluetoothNotAvailableReason as Reason
from bleak_retry_connector import (
    BleakAbortedError,
    BleakConnectionError,
    BleakNotFoundError,
    BleakOutOfConnectionSlotsError,
)

from collector.radio_errors import translated
from domain.errors import (
    HandshakeError,
    LinkError,
    LinkTimeoutError,
    PeerLostError,
    PeerNotFoundError,
    RadioUnavailableError,
)
from domain.link import LinkReason

GONE = "org.freedesktop.DBus.Error."
BLUEZ = "org.bluez.Error."

CASES = [
    (
        BleakBluetoothNotAvailableError("x", Reason.NO_BLUETOOTH),
        RadioUnavailableError,
        "no_adapter",
    ),
    (
        BleakBluetoothNotAvailableError("x", Reason.POWERED_OFF),
        RadioUnavailableError,
        "powered_off",
    ),
    (
        BleakBluetoothNotAvailableError("x", Reason.DENIED_BY_SYSTEM),
        RadioUnavailableError,
        "permission_denied",
    ),
    (BleakBluetoothNotAvailableError("odd", Reason.UNKNOWN), RadioUnavailableError, "unavailable"),
    (FileNotFoundError(2, "No such file"), RadioUnavailableError, "no_service"),
    (PermissionError(13, "denied"), RadioUnavailableError, "permission_denied"),
    (BleakDBusError(GONE + "ServiceUnknown", []), RadioUnavailableError, "no_service"),
    (BleakDBusError(GONE + "AccessDenied", []), RadioUnavailableError, "permission_denied"),
    (BleakDBusError(BLUEZ + "NotReady", []), RadioUnavailableError, "powered_off"),
    (BleakDBusError(BLUEZ + "InProgress", []), LinkTimeoutError, None),
    (BleakDBusError(GONE + "UnknownObject", []), PeerNotFoundError, None),
    (BleakDBusError(BLUEZ + "Failed", ["le-connection-abort-by-local"]), PeerLostError, None),
    (BleakDeviceNotFoundError("AA"), PeerNotFoundError, None),
    (BleakNotFoundError("x"), PeerNotFoundError, None),
    (BleakOutOfConnectionSlotsError("x"), LinkTimeoutError, None),
    (BleakAbortedError("x"), PeerLostError, None),
    (BleakConnectionError("x"), PeerLostError, None),
    (BleakError("Not connected"), PeerLostError, None),
    (BleakCharacteristicNotFoundError("2a19"), HandshakeError, None),
    (TimeoutError(), LinkTimeoutError, None),
    (EOFError(), PeerLostError, None),
    (BrokenPipeError(32, "Broken pipe"), PeerLostError, None),
    (KeyError("org.bluez.GattService1"), PeerLostError, None),
]


@pytest.mark.parametrize(("foreign", "ours", "reason"), CASES, ids=lambda c: repr(c)[:60])
def test_a_foreign_error_becomes_one_of_ours_with_a_sentence(foreign, ours, reason):
    with pytest.raises(ours) as caught, translated("C0:FF:EE:00:00:01", "connecting"):
        raise foreign
    assert type(caught.value) is ours
    assert caught.value.__cause__ is foreign
    assert len(str(caught.value)) > 15
    if reason is not None:
        assert caught.value.reason == reason


def test_a_refusal_keeps_the_code_of_the_protocol():
    with pytest.raises(HandshakeError, match="Write Not Permitted") as caught:  # noqa: SIM117 - order
        with translated("C0", "writing"):
            raise BleakGATTProtocolError(0x03)
    assert caught.value.code == 3


def test_our_own_errors_and_unforeseen_ones_pass_as_they_are():
    for error in (PeerNotFoundError("x"), ZeroDivisionError()):
        with pytest.raises(type(error)) as caught, translated("C0", "connecting"):
            raise error
        assert caught.value is error


WORDS = [
    (BleakBluetoothNotAvailableError("x", Reason.NO_BLUETOOTH), LinkReason.NO_ADAPTER),
    (BleakBluetoothNotAvailableError("x", Reason.POWERED_OFF), LinkReason.RADIO_OFF),
    (BleakBluetoothNotAvailableError("x", Reason.DENIED_BY_USER), LinkReason.NO_PERMISSION),
    (BleakBluetoothNotAvailableError("odd", Reason.UNKNOWN), LinkReason.RADIO),
    (FileNotFoundError(2, "No such file"), LinkReason.NO_SERVICE),
    (BleakDBusError(BLUEZ + "InProgress", []), LinkReason.ADAPTER_BUSY),
    (BleakOutOfConnectionSlotsError("x"), LinkReason.NO_SLOTS),
    (
        BleakDBusError(BLUEZ + "Failed", ["le-connection-concurrent-connection-limit"]),
        LinkReason.NO_SLOTS,
    ),
    (BleakDBusError(BLUEZ + "NotPermitted", ["Not paired"]), LinkReason.NEEDS_PAIRING),
    (BleakDBusError(BLUEZ + "AuthenticationFailed", ["x"]), LinkReason.NEEDS_PAIRING),
    (BleakGATTProtocolError(0x05), LinkReason.NEEDS_PAIRING),
    (BleakGATTProtocolError(0x0F), LinkReason.NEEDS_PAIRING),
    (BleakGATTProtocolError(0x01), LinkReason.MISSING),
    (BleakCharacteristicNotFoundError("2a19"), LinkReason.MISSING),
    (BleakGATTProtocolError(0x03), LinkReason.REFUSED),
    (BleakDeviceNotFoundError("AA"), LinkReason.NOT_HEARD),
    (TimeoutError(), LinkReason.NO_ANSWER),
    (EOFError(), LinkReason.PEER_LOST),
]


@pytest.mark.parametrize(("foreign", "word"), WORDS, ids=lambda c: repr(c)[:60])
def test_a_foreign_error_says_why_in_one_word(foreign, word):
    with (
        pytest.raises((LinkError, HandshakeError)) as caught,
        translated("C0", "connecting"),
    ):
        raise foreign
    assert caught.value.link_reason is word


def test_what_a_retry_wrapped_up_is_unwrapped():
    wrapped = BleakConnectionError("Failed to connect after 2 attempt(s)")
    wrapped.__cause__ = BleakDBusError(BLUEZ + "InProgress", ["busy"])
    with pytest.raises(LinkTimeoutError) as caught, translated("C0", "connecting"):
        raise wrapped
    assert caught.value.link_reason is LinkReason.ADAPTER_BUSY
