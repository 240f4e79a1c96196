"""How long something is to last, as it is said on a command line."""

import re

from domain.errors import ConfigError

_UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "": 60}
_PART = re.compile(r"(\d{1,6})\s*(s|min|m|h|d|)", re.IGNORECASE)


def lasting_s(option: str, word: str) -> int:
    """Seconds of `10m`, `1h`, `1h30m` or `90` (minutes). Raises ConfigError, which names `option`."""
    text = word.strip()
    at, total_s = 0, 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or (not found[2] and total_s):
            break
        total_s += int(found[1]) * _UNITS_S[found[2].lower()]
        at = found.end()
    if at < len(text) or not total_s:
        raise ConfigError(option, f"{word!r} is no length of time such as 10m, 1h or 1h30m")
    return total_s
