"""Secrets come from a file or a hidden prompt: arguments of a process are there for everybody to read."""

import getpass
from pathlib import Path

from domain.errors import InputError


def sensor_key(file: Path | None) -> str:
    """What is in `file`, or is typed for `-`, without blanks; empty without a file. Raises InputError."""
    if file is None:
        return ""
    if str(file) == "-":
        return getpass.getpass("The sensor's key, in hex digits: ").strip()
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read for the sensor's key") from error
