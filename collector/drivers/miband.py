"""Mi Band 2, 3 and HRX: raw acceleration of unknown scale, behind the band's own authentication.

Service FEE1, characteristics 000000XX-0000-3512-2118-0009AF100700. 01 (control): 01 01 19 and 02 arm the
stream, which has to be armed again every 12 s; 03 ends it. 02 (data): counter u16, then one to three
3 x i16, little-endian. 09 (authentication): 02 00 asks for 16 random bytes (10 02 01 ...), which go back
encrypted with the band's key (AES, one block) after 03 00; 10 03 01 is yes, an answer ending in 04 is no.
The key is the one that the band was paired with; every band that is described asks for it.
Source: 4lhc/MiBand-HRX, its README and code. Nothing is said there of scale and rate.
"""

import re
from typing import ClassVar, Final, Self

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from collector.drivers.contract import (
    ALERT_LEVEL,
    IMMEDIATE_ALERT_SERVICE,
    AdvertisedData,
    Advertisement,
    Command,
    Event,
    GattCharacteristic,
    GattService,
    Guide,
    Repeat,
    Sent,
    Started,
    Write,
)
from collector.drivers.counted_rate import CountedRate
from collector.drivers.counts import directions, to_counts, triplets
from collector.drivers.twins import SimpleTwin
from domain.errors import HandshakeError, InputError, PayloadError
from domain.link import LinkReason
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

SERVICE: Final = "0000fee1-0000-1000-8000-00805f9b34fb"
CONTROL: Final = "00000001-0000-3512-2118-0009af100700"
DATA: Final = "00000002-0000-3512-2118-0009af100700"
AUTHENTICATION: Final = "00000009-0000-3512-2118-0009af100700"

_NAME = re.compile(r"mi band (?:2|3|hrx)\b", re.IGNORECASE)
_ARM: Final = (b"\x01\x01\x19", b"\x02")
_STOP = b"\x03"
_ARM_EVERY_S: Final = 12.0
_ASK, _ANSWER = b"\x02\x00", b"\x03\x00"
_CHALLENGE, _ACCEPTED = b"\x10\x02\x01", b"\x10\x03\x01"
_REPLY, _NO = b"\x10", 0x04
_KEY_SIZE = 16

#: 0x19 of the arming may be the first; 25 to 50 have been seen, so it is counted on every connection.
RATES_HZ: Final = (25.0, 50.0)
_MOST = 3
_COUNTERS = 2**16
#: More packets than this missing at once, 80 s: the counter began anew.
_LONGEST_GAP = 1000

_TWIN_PER_G = 128  # about the length of the one packet that is published


class MiBandDriver:
    """The host's side of one connection; `with_key` where the band asks for authentication."""

    name: ClassVar[str] = "miband"
    title: ClassVar[str] = "Mi Band 2, 3 or HRX"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("direction",)
    guide: ClassVar[Guide] = Guide(
        models=("Mi Band 2", "Mi Band 3", "Mi Band HRX"),
        placements=(Placement.UPPER_BACK, Placement.WRIST),
        wear="The capsule without its strap under body tape between the shoulder blades; on the wrist it "
        "tells nothing of how you sit.",
        limits=(
            "All that are known ask for the 16-byte key they were paired with; without it they refuse.",
            "Sitwell does not make or fetch a key: it is in the app that paired the band.",
            "Its scale is not published: it tells directions, never how strongly you move.",
            "From the Mi Band 4 on the handshake is another one, and they are not read.",
            "Measuring without a pause empties it in days; tried with a simulated band alone.",
        ),
        source="4lhc/MiBand-HRX",
    )

    def __init__(self) -> None:
        self._key: bytes | None = None
        self._forget()

    def _forget(self) -> None:
        self._counter: int | None = None
        self._samples = 0
        self._packets = CountedRate(*(rate_hz / _MOST for rate_hz in RATES_HZ))

    @classmethod
    def with_key(cls, address: str, key: bytes) -> Self:
        """The driver for a band that knows `key`; raises InputError unless it has 16 bytes."""
        if len(key) != _KEY_SIZE:
            raise InputError(f"a Mi Band's key has {_KEY_SIZE} bytes")
        driver = cls()
        driver._key = key
        return driver

    def opened(self, characteristic: str, payload: bytes) -> bytes:
        """Samples are never encrypted; of the authentication only that it was passed is kept."""
        return _ACCEPTED if characteristic == AUTHENTICATION else payload

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the names of the generations whose handshake this is."""
        return _NAME.match(advertisement.name or "") is not None

    def subscriptions(self) -> tuple[str, ...]:
        """The answers, then the samples."""
        return (AUTHENTICATION, DATA)

    def start(self) -> tuple[Command, ...]:
        """Arm it, for a band that asks for nothing, and ask it for the challenge of one that does."""
        self._forget()
        arming = tuple(Repeat(command, _ARM_EVERY_S) for command in _arming())
        return (*arming, Write(AUTHENTICATION, _ASK, response=False))

    def stop(self) -> tuple[Command, ...]:
        """End the stream."""
        return (Write(CONTROL, _STOP, response=False),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. Raises HandshakeError when the band wants a key, or another one."""
        if characteristic == AUTHENTICATION:
            return self._authenticate(payload)
        if characteristic != DATA:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        n, rest = divmod(len(payload) - 2, 6)
        if rest or not 1 <= n <= _MOST:
            raise PayloadError(self.name, "a counter and one to three triplets wanted", payload)
        counter = int.from_bytes(payload[:2], "little")
        if counter == self._counter:
            return ()
        started = self._counter is not None
        rate_hz = _MOST * self._packets.count(now)
        if self._counter is None:
            self._samples = _MOST * counter
        else:
            missing = (counter - self._counter - 1) % _COUNTERS
            self._samples += _MOST * (missing if missing <= _LONGEST_GAP else 0)
        block = DeviceBlock(
            device_times=None,
            acc_g=directions(triplets(payload, "<i2", offset=2)),
            gyro_dps=None,
            rate_hz=rate_hz,
            sequence=self._samples % (_MOST * _COUNTERS),
            sequence_modulus=_MOST * _COUNTERS,
        )
        self._counter = counter
        self._samples += n
        return (block,) if started else (Started(rate_hz), block)

    def _authenticate(self, payload: bytes) -> tuple[Event, ...]:
        if len(payload) < 3 or payload[:1] != _REPLY:
            raise PayloadError(self.name, "no answer to an authentication", payload)
        if payload.startswith(_ACCEPTED):
            return _arming()
        challenge = payload.startswith(_CHALLENGE) and payload[3:]
        if self._key is None:
            if challenge and self._counter is None:
                raise HandshakeError(
                    self.name,
                    "the band asks for authentication: pair it with its key",
                    link_reason=LinkReason.ENCRYPTED,
                )
            return ()
        if challenge and len(challenge) == _KEY_SIZE:
            answer = _ANSWER + encrypted(self._key, challenge)
            return (Write(AUTHENTICATION, answer, response=False),)
        if payload[2] == _NO:
            raise HandshakeError(
                self.name,
                "authentication failed: the band was paired with another key",
                code=_NO,
                link_reason=LinkReason.ENCRYPTED,
            )
        raise PayloadError(self.name, "no answer to an authentication", payload)


def encrypted(key: bytes, block: bytes) -> bytes:
    """One block of 16 bytes under AES: what the band compares."""
    cipher = Cipher(AES(key), ECB()).encryptor()
    return cipher.update(block) + cipher.finalize()


def _arming() -> tuple[Write, ...]:
    return tuple(Write(CONTROL, payload, response=False) for payload in _ARM)


class MiBandEncoder(SimpleTwin):
    """A band's side. key: asked for; without one it streams to whoever arms it."""

    driver: ClassVar[str] = "miband"
    _CHALLENGE_BYTES: ClassVar[bytes] = bytes(range(0x30, 0x40))

    def __init__(self, key: bytes | None = None) -> None:
        self.rate_hz = RATES_HZ[0]
        self.chunk = _MOST
        self.full_scale_g = 8.0
        self.resolution_g = 1 / _TWIN_PER_G  # of the direction of 1 g
        self.gyro_full_scale_dps: float | None = None
        self._key = key
        self._trusted = key is None
        self._armed: set[bytes] = set()
        self._counter = 0

    def advertisement(self) -> AdvertisedData:
        """Its name and service."""
        return AdvertisedData(name="MI Band 2", service_uuids=(SERVICE,))

    def gatt(self) -> tuple[GattService, ...]:
        """What is used, and the standard service that makes it vibrate."""
        return (
            GattService(
                SERVICE,
                (
                    GattCharacteristic(CONTROL, ("write_without_response",)),
                    GattCharacteristic(DATA, ("notify",)),
                    GattCharacteristic(AUTHENTICATION, ("write_without_response", "notify")),
                ),
            ),
            GattService(
                IMMEDIATE_ALERT_SERVICE,
                (GattCharacteristic(ALERT_LEVEL, ("write_without_response",)),),
            ),
        )

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Arming counts once it trusts the host; raises InputError for what nobody writes there."""
        if characteristic == ALERT_LEVEL:
            return ()
        if characteristic == AUTHENTICATION:
            return (Sent(AUTHENTICATION, self._answer(payload)),)
        if characteristic != CONTROL or payload not in (*_ARM, _STOP):
            raise InputError(f"{payload.hex()} means nothing on {characteristic}")
        if payload == _STOP:
            self._armed.clear()
        elif self._trusted:
            self._armed.add(payload)
        return ()

    def _answer(self, payload: bytes) -> bytes:
        if self._key is None:
            return b"\x10\x02\x04"
        if payload == _ASK:
            return _CHALLENGE + self._CHALLENGE_BYTES
        self._trusted = payload == _ANSWER + encrypted(self._key, self._CHALLENGE_BYTES)
        return _ACCEPTED if self._trusted else b"\x10\x03\x04"

    @property
    def streaming(self) -> bool:
        """Whether it is armed."""
        return len(self._armed) == len(_ARM)

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One packet."""
        head = self._counter.to_bytes(2, "little")
        self._counter = (self._counter + 1) % _COUNTERS
        return (Sent(DATA, head + to_counts(acc_g, _TWIN_PER_G, "<i2").tobytes()),)

    def disconnected(self) -> None:
        """It wants to be asked and armed again."""
        self._armed.clear()
        self._trusted = self._key is None
