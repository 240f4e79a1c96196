"""Secrets of channels: from the environment, or from a file that only its owner reads; never told."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from domain.errors import ConfigError

#: What no secret is longer than, bytes.
MOST_BYTES = 16 * 1024


def read_secret(
    path: str, variable: str, file: str, environ: Mapping[str, str] = os.environ
) -> str:
    """The secret from the environment variable `variable`, else from `file`; empty without either.

    path: the dotted key of `file` in the configuration. Raises ConfigError, which never tells the secret.
    """
    secret = environ.get(variable, "").strip()
    return secret or (read_private(path, Path(file).expanduser()) if file else "")


def read_private(path: str, place: Path) -> str:
    """What is in the file `place`, without blanks around it. path: the key or option that names it.

    Raises ConfigError when others may read it, when it cannot be read, and when it is too large for a secret.
    """
    try:
        with place.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise ConfigError(path, f"{place} can be read by others; chmod 600 {place}")
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(path, f"{place} cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise ConfigError(path, f"{place} is too large to be a secret")
    return content.decode("utf-8", errors="replace").strip()


def variable_of(channel: str, what: str) -> str:
    """The variable that a channel's secret is taken from: `SITWELL_<CHANNEL>_<WHAT>`."""
    return f"SITWELL_{channel.upper().replace('-', '_')}_{what}"
