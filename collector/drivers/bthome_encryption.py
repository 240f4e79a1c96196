"""Encrypted BTHome v2 frames: AES-CCM with a nonce that no two frames share.

A frame is the info byte, the ciphertext of the objects, a counter u32 (little-endian) and 4 octets of
message integrity code. The nonce is the address, the UUID, the info byte and the counter; there is no
associated data. Source: bthome.io, "Encryption", with its worked example.
"""

import re
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from domain.errors import InputError

KEY_OCTETS: Final = 16
_COUNTER_OCTETS = _CODE_OCTETS = 4
_UUID = bytes.fromhex("d2fc")  # as it goes over the air
_ADDRESS = re.compile(r"[0-9A-F]{2}(?::[0-9A-F]{2}){5}")


class Seal:
    """Opens and closes the frames of one sensor.

    Raises InputError for a key that is not 16 octets, and for what is no Bluetooth address: the nonce
    contains it, and macOS keeps it to itself.
    """

    def __init__(self, address: str, key: bytes) -> None:
        if len(key) != KEY_OCTETS:
            raise InputError(f"a key of BTHome has {KEY_OCTETS} bytes, this one has {len(key)}")
        if not _ADDRESS.fullmatch(address.upper()):
            raise InputError(
                f"an encrypted sensor needs its Bluetooth address, and {address} is none; "
                "macOS does not tell it"
            )
        self._cipher = AESCCM(key, tag_length=_CODE_OCTETS)
        self._address = bytes.fromhex(address.replace(":", ""))

    def opened(self, frame: bytes) -> tuple[bytes, int] | None:
        """The objects and the counter of an authentic frame; None when it is none of this sensor's."""
        if len(frame) <= 1 + _COUNTER_OCTETS + _CODE_OCTETS:
            return None
        counter = frame[-_COUNTER_OCTETS - _CODE_OCTETS : -_CODE_OCTETS]
        sealed = frame[1 : -_COUNTER_OCTETS - _CODE_OCTETS] + frame[-_CODE_OCTETS:]
        try:
            objects = self._cipher.decrypt(self._nonce(frame[0], counter), sealed, None)
        except InvalidTag:
            return None
        return objects, int.from_bytes(counter, "little")

    def closed(self, info: int, objects: bytes, counter: int) -> bytes:
        """The frame that carries `objects` under the info byte `info`."""
        octets = counter.to_bytes(_COUNTER_OCTETS, "little")
        sealed = self._cipher.encrypt(self._nonce(info, octets), objects, None)
        return bytes((info,)) + sealed[:-_CODE_OCTETS] + octets + sealed[-_CODE_OCTETS:]

    def _nonce(self, info: int, counter: bytes) -> bytes:
        return self._address + _UUID + bytes((info,)) + counter


class Freshness:
    """Whether a counter is new: it never goes back while a sensor keeps its batteries.

    A counter that goes back is a frame played again, or a sensor that began anew: RESTART_FRAMES of
    them, each above the one before, are taken for the second. Limit: so many frames recorded in a
    row and played again are believed.
    """

    RESTART_FRAMES: Final = 5

    def __init__(self) -> None:
        self._newest: int | None = None
        self._lower: int | None = None
        self._rising = 0

    def is_repeat(self, counter: int) -> bool:
        """Whether it is the frame that was just heard."""
        return counter in (self._newest, self._lower)

    def accepts(self, counter: int) -> bool:
        """Take in a counter that is no repeat; False for one that went back."""
        if self._newest is not None and counter < self._newest:
            rises = self._lower is not None and counter > self._lower
            self._rising = self._rising + 1 if rises else 1
            self._lower = counter
            if self._rising < self.RESTART_FRAMES:
                return False
        self._newest, self._lower, self._rising = counter, None, 0
        return True
