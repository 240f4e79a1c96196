"""Every error Sitwell raises on purpose.

SitwellError
├── InputError            the caller or the user gave something that cannot be used
│   ├── ConfigError           a configuration key, with its path
│   ├── CalibrationRefused    a pose that cannot be a reference, with the reason
│   ├── RecordingError        a recording file, with its line
│   ├── NotFoundError         no such wearer, sensor, alert, ...
│   ├── ConflictError         the request does not fit the present state
│   └── UnsupportedError      the sensor has nothing to do it with
├── DeviceError           a sensor sent nonsense or refused
│   ├── PayloadError          bytes that are no valid frame
│   └── HandshakeError        the start sequence failed
├── LinkError             the radio or the peer went away; trying again may help
│   ├── RadioUnavailableError no adapter, switched off, not permitted
│   ├── PeerNotFoundError     the sensor is not in range
│   ├── PeerLostError         it was connected and is gone
│   └── LinkTimeoutError      an answer did not come in time
├── StoreError            the store could not do what was asked
│   ├── StoreUnavailableError cannot be opened or written, disk full
│   │   ├── StoreHeldError        another service has it open
│   │   └── ServerError           the server of the measurements did not take or give something
│   └── StoreVersionError     written by a newer Sitwell, or the library is too old
├── RemoteError           a running service did not do what it was asked
│   ├── RemoteAwayError       it does not answer
│   └── RemoteDeniedError     it wants a token, or another one
└── StateError            saved state that cannot be loaded
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from domain.link import LinkReason


class SitwellError(Exception):
    """Root of the tree; never raised itself."""


class InputError(SitwellError):
    """The caller or the user gave something that cannot be used."""


class ConfigError(InputError):
    """A configuration value is wrong; `path` is its dotted key, for example `alerts.sitting.after_min`."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class RefusalReason(StrEnum):
    """Stable words for why a pose is no reference; the sentence beside it is for the wearer.

    moved: the wearer did. not_1_g: the sensor shows another pull of the earth. too_short: held for less
    than it takes. gaps: samples are missing amid it. link_lost: they stopped coming. takes_differ: a pose
    that was held several times was not the same. poses_alike, poses_far_apart, leaned_back: the second
    pose is no slouch from the first. no_slouch_here: the place cannot show one. hint_vertical: the
    direction given as forward is none.
    """

    MOVED = "moved"
    NOT_1_G = "not_1_g"
    TOO_SHORT = "too_short"
    GAPS = "gaps"
    LINK_LOST = "link_lost"
    TAKES_DIFFER = "takes_differ"
    POSES_ALIKE = "poses_alike"
    POSES_FAR_APART = "poses_far_apart"
    LEANED_BACK = "leaned_back"
    NO_SLOUCH_HERE = "no_slouch_here"
    HINT_VERTICAL = "hint_vertical"


class CalibrationRefused(InputError):  # noqa: N818 - the wearer reads it; it is a refusal, not a failure
    """A pose cannot be a reference; the message tells the wearer what to do."""

    def __init__(self, reason: RefusalReason, message: str, *, pose: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.pose = pose


class RecordingError(InputError):
    """A recording cannot be read; `line` counts from 1, None when the whole file is meant."""

    def __init__(self, path: str, problem: str, *, line: int | None = None) -> None:
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {problem}")
        self.path = path
        self.problem = problem
        self.line = line


class NotFoundError(InputError):
    """There is no such thing; `what` names its kind, `key` what was asked for."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"no {what} {key!r}")
        self.what = what
        self.key = key


class ConflictError(InputError):
    """The request is well formed and does not fit the present state."""


class UnsupportedError(InputError):
    """The sensor has nothing to do it with, now or later."""


class DeviceError(SitwellError):
    """A sensor sent nonsense or refused a command. `link_reason`: what that makes of its link."""

    link_reason: LinkReason = LinkReason.HANDSHAKE


class PayloadError(DeviceError):
    """Bytes that are no valid frame of this driver; the caller counts it and goes on."""

    def __init__(self, driver: str, problem: str, payload: bytes) -> None:
        shown = payload[:24].hex() + ("…" if len(payload) > 24 else "")
        super().__init__(f"{driver}: {problem} (payload {shown or 'empty'})")
        self.driver = driver
        self.problem = problem
        self.payload = payload


class HandshakeError(DeviceError):
    """The sensor refused to start; `code` is its own status code where it gave one."""

    def __init__(
        self,
        driver: str,
        problem: str,
        *,
        code: int | None = None,
        link_reason: LinkReason = LinkReason.HANDSHAKE,
    ) -> None:
        super().__init__(f"{driver}: {problem}")
        self.driver = driver
        self.problem = problem
        self.code = code
        self.link_reason = link_reason


class LinkError(SitwellError):
    """The radio or the peer went away; trying again may help. `link_reason`: why, as a word."""

    usual_reason: ClassVar[LinkReason] = LinkReason.PEER_LOST

    def __init__(self, message: str, *, link_reason: LinkReason | None = None) -> None:
        super().__init__(message)
        self.link_reason = link_reason or self.usual_reason


class RadioUnavailableError(LinkError):
    """There is no usable Bluetooth adapter; `reason` is a stable word."""

    usual_reason = LinkReason.RADIO

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, link_reason=_RADIO_REASONS.get(reason))
        self.reason = reason


class PeerNotFoundError(LinkError):
    """The sensor is not in range or does not advertise."""

    usual_reason = LinkReason.NOT_HEARD


class PeerLostError(LinkError):
    """The sensor was connected and is gone."""


class LinkTimeoutError(LinkError):
    """An answer did not come in time."""

    usual_reason = LinkReason.NO_ANSWER


_RADIO_REASONS = {
    "no_adapter": LinkReason.NO_ADAPTER,
    "powered_off": LinkReason.RADIO_OFF,
    "permission_denied": LinkReason.NO_PERMISSION,
    "no_service": LinkReason.NO_SERVICE,
}


class StoreError(SitwellError):
    """The store could not do what was asked."""


class StoreUnavailableError(StoreError):
    """The store cannot be opened or written: held, disk full, read-only, damaged."""


class StoreHeldError(StoreUnavailableError):
    """Another service has the store open; the message names its process."""


class ServerError(StoreUnavailableError):
    """The server of the measurements did not take or give something.

    status: its HTTP status, None when there was no answer. words: what it said, shortened. retry_after_s:
    how long it wants to be left alone, when it said so.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        words: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.words = words
        self.retry_after_s = retry_after_s


class StoreVersionError(StoreError):
    """The file was written by a newer Sitwell, or the SQLite library is too old to be trusted."""


class RemoteError(SitwellError):
    """A running service did not do what it was asked. status: its HTTP status, None without an answer."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RemoteAwayError(RemoteError):
    """No service answers at the address."""


class RemoteDeniedError(RemoteError):
    """The service wants a token, or one that may do more."""


class StateError(SitwellError):
    """Saved state that cannot be loaded: damaged, or of another version."""


def first_line(error: BaseException) -> str:
    """The one sentence of an error that is fit for a log line or a status field."""
    lines: Sequence[str] = str(error).splitlines() or [type(error).__name__]
    return lines[0]
