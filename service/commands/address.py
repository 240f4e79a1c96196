"""Where the running service is, and what opens it."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from alerts.channels.channel_secret import read_private
from api.client import Client
from api.exposure import is_loopback
from domain.errors import ConfigError, RemoteAwayError
from service.config import load_config
from service.whereabouts import found

TOKEN_VARIABLE = "SITWELL_TOKEN"


@dataclass(frozen=True, slots=True)
class Address:
    """A service, and a token where it wants one; the token is never shown. ca_file: certificates to trust
    instead of the system's."""

    url: str
    token: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def client(self) -> Client:
        """A client of it. Raises InputError for an address that is none, ConfigError for certificates that
        cannot be used."""
        return Client(self.url, self.token, tls=self._trusted())

    def _trusted(self) -> ssl.SSLContext | None:
        if self.ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file.expanduser())
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(
                "--ca-file", f"{self.ca_file} holds no certificates: {error}"
            ) from error


def address(
    url: str | None,
    token_file: Path | None,
    config: Path | None,
    environment: Mapping[str, str] = os.environ,
    *,
    data_dir: Path | None = None,
    ca_file: Path | None = None,
) -> Address:
    """What options, environment, the service that runs and the configuration say.

    data_dir: that of the service which is meant, whatever the others say. ca_file: see Address. Raises
    ConfigError, and RemoteAwayError when none is known to run there.
    """
    if data_dir is not None:
        url = _there(data_dir)
    elif url is None:
        url = _beside(config)
    token = environment.get(TOKEN_VARIABLE) or None
    if token_file is not None:
        token = token_of(token_file)
    if token is not None and url.startswith("http:") and not is_loopback(_host(url)):
        raise ConfigError(
            "--url",
            f"{url} is not encrypted, and a token would be there for all to read: use https",
        )
    return Address(url, token, ca_file)


def _beside(config: Path | None) -> str:
    loaded = load_config(config)
    service = loaded.service
    host = f"[{service.host}]" if ":" in service.host else service.host
    return found(loaded.data_dir) or f"http://{host}:{service.port}"


def _there(data_dir: Path) -> str:
    url = found(data_dir.expanduser())
    if url is None:
        raise RemoteAwayError(
            f"no service is known to run with its data in {data_dir}; one that uses TLS is named by --url"
        )
    return url


def _host(url: str) -> str:
    try:
        return httpx2.URL(url).host
    except httpx2.InvalidURL:
        return ""  # which the client refuses in its own words


def token_of(path: Path) -> str:
    """The token in a file that nobody else may read. Raises ConfigError."""
    text = read_private("--token-file", path)
    if not text.isascii() or len(text.split()) != 1:
        raise ConfigError("--token-file", f"{path} holds no token, or more than one")
    return text
