"""How far the service can be reached, and what it asks of those who do."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from api.tokens import TOKEN, is_good
from domain.errors import ConfigError
from domain.records import Token

#: A browser's session, s: a month [J].
SESSION_S = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """host: what is listened on. hosts: names it answers to besides those of this machine. require_token:
    whether also somebody at this machine has to show one. trusted_proxies: addresses whose word is taken
    for whom they ask for, and how. certificate, key: files for TLS, both or none.

    streams, streams_per_client: how many live streams are open at once. writes_per_min: of one client.
    """

    host: str = "127.0.0.1"
    require_token: bool = False
    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    streams: int = 256
    streams_per_client: int = 32
    writes_per_min: int = 120
    session_s: float = SESSION_S

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def open(self) -> bool:
        """Whether somebody at this machine is let in without a token: nothing says that others ask too."""
        foreign = [name for name in self.hosts if not is_loopback(name)]
        return self.loopback and not self.require_token and not self.trusted_proxies and not foreign

    @property
    def scheme(self) -> str:
        """http or https."""
        return "http" if self.certificate is None else "https"


@lru_cache(maxsize=64)  # of every request's Host
def is_loopback(name: str) -> bool:
    """Whether a name or address, IPv6 with or without its brackets, is this machine: localhost,
    *.localhost (RFC 6761), 127/8, ::1."""
    name = name.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def check_exposed(exposure: Exposure, tokens: Sequence[Token], now: float) -> None:
    """Refuse to serve where others can ask and nobody could log in. now: Unix s. Raises ConfigError."""
    if exposure.open or any(each.kind == TOKEN and is_good(each, now) for each in tokens):
        return
    if not exposure.loopback:
        why = f"{exposure.host} can be reached from other machines"
    elif exposure.require_token:
        why = "api.require_token is set"
    else:
        why = "others reach it through a proxy (api.hosts, api.trusted_proxies)"
    raise ConfigError(
        "service.host" if not exposure.loopback else "api",
        f"{why}, and there is no token that is good, so nobody could log in safely. Make one with "
        "`sitwell token create NAME --scope admin`, then start again",
    )
