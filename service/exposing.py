"""How far the service can be reached, as the configuration says."""

import os
import ssl
from pathlib import Path

from api.exposure import Exposure
from domain.errors import ConfigError
from service.config import Config

DAY_S = 86_400.0


def exposure_of(config: Config) -> Exposure:
    """What `[service]` and `[api]` say. Raises ConfigError for a certificate that cannot be used."""
    api = config.api
    certificate = Path(api.tls_certificate).expanduser() if api.tls_certificate else None
    key = Path(api.tls_key).expanduser() if api.tls_key else None
    check_certificate(certificate, key)
    return Exposure(
        host=config.service.host,
        require_token=api.require_token,
        hosts=tuple(api.hosts),
        trusted_proxies=tuple(api.trusted_proxies),
        certificate=certificate,
        key=key,
        streams=api.streams,
        streams_per_client=min(api.streams_per_client, api.streams),
        writes_per_min=api.writes_per_min,
        session_s=api.session_days * DAY_S,
    )


def check_certificate(certificate: Path | None, key: Path | None) -> None:
    """Raise ConfigError for files that are missing, do not belong together, or that others may read."""
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise ConfigError("api.tls_certificate", "goes together with api.tls_key: give both")
    try:
        if os.name == "posix" and key.stat().st_mode & 0o007:
            raise ConfigError("api.tls_key", f"others may read it: chmod o-rwx {key}")
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, _no_password)
    except ssl.SSLError as error:
        raise ConfigError(
            "api.tls_certificate",
            "and api.tls_key are no certificate and its key in PEM, without a password"
            f" ({error.reason or 'unreadable'})",
        ) from error
    except OSError as error:
        where = "api.tls_key" if certificate.exists() else "api.tls_certificate"
        raise ConfigError(where, f"cannot be read: {error.strerror}") from error


def _no_password() -> str:
    return ""


def base_url(config: Config) -> str:
    """Where the page is, as far as the configuration knows, with a slash at its end."""
    api = config.api
    if api.trusted_proxies and api.hosts:
        return f"https://{api.hosts[0]}/"  # a proxy is there for TLS
    scheme = "https" if api.tls_certificate else "http"
    host = api.hosts[0] if api.hosts else config.service.host
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{config.service.port}/"
