"""Where the InfluxDB server is and how it may be spoken to."""

import ipaddress
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from domain.errors import ConfigError

#: The variable that the token is taken from first.
TOKEN_VARIABLE: Final = "SITWELL_INFLUX_TOKEN"

DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class InfluxSettings:
    """url: http or https, without credentials. database: of 1.x and 3, the bucket of 2.x; made when it
    may be. org: of 2.x alone. username: of 1.x with logins; the token is then the password.
    retention_days: what a database that is made here keeps, 0: for ever. local_days: how long the local
    file keeps frames that the server has. outbox_mb, outbox_days: what may be owed while the server is away.
    """

    url: str
    database: str = "sitwell"
    org: str = ""
    username: str = ""
    token: str = field(default="", repr=False)
    allow_http: bool = False
    retention_days: int = 0
    local_days: int = 30
    outbox_mb: int = 2048
    outbox_days: int = 60

    def __post_init__(self) -> None:
        check_url(self.url, allow_http=self.allow_http)

    @property
    def most_bytes(self) -> int:
        """How many bytes may be owed."""
        return self.outbox_mb * 1_000_000

    @property
    def on_this_machine(self) -> bool:
        """Whether the server is reached without a network."""
        return _is_loopback(urlsplit(self.url).hostname or "")

    @property
    def most_age_s(self) -> float:
        """How long something may be owed, s."""
        return float(self.outbox_days * DAY_S)


def check_url(url: str, *, allow_http: bool) -> None:
    """Raise ConfigError for an address that would show the token or the measurements to others."""
    path = "storage.influx.url"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(path, f"is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ConfigError(path, "wants an address like https://influx.example:8086")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(
            path, f"carries more than an address; a token belongs into {TOKEN_VARIABLE} or a file"
        )
    if parts.scheme == "http" and not allow_http and not _is_loopback(parts.hostname):
        raise ConfigError(
            path,
            "would send the token and what is measured over the network unencrypted; use https, or set "
            "storage.influx.allow_http = true",
        )


def read_token(token_file: str, environ: Mapping[str, str] = os.environ) -> str:
    """The token from the environment, else from a file that only its owner reads; empty without either.

    Raises ConfigError, which never tells the token.
    """
    token = environ.get(TOKEN_VARIABLE, "").strip()
    if not token and token_file:
        token = _read_private(Path(token_file).expanduser())
    if any(ord(character) < 33 or ord(character) > 126 for character in token):
        raise ConfigError(
            "storage.influx.token_file", "the token has characters no header can carry"
        )
    return token


def _read_private(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise ConfigError(
                    "storage.influx.token_file",
                    f"{path} can be read by others; chmod 600 {path}",
                )
            return file.read(4096).decode("ascii", errors="replace").strip()
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}"
        raise ConfigError("storage.influx.token_file", problem) from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
