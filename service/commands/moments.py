"""Moments as they are said on a command line."""

import contextlib
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.errors import ConfigError


def moment(option: str, word: str | None, zone: str) -> float | None:
    """Unix s of a day, a moment or a number of seconds; without an offset it is of the zone.

    Raises ConfigError, which names `option`.
    """
    if word is None:
        return None
    with contextlib.suppress(ValueError):
        return float(word)
    try:
        said = datetime.fromisoformat(word)
    except ValueError:
        raise ConfigError(
            option, f"{word!r} is no moment as 2026-11-30 or 2026-11-30T09:00"
        ) from None
    return (said if said.tzinfo else said.replace(tzinfo=ZoneInfo(zone))).timestamp()


def minute(at: float, zone: str) -> str:
    """A moment to the minute in the zone, for people."""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
