"""Units of acceleration, turning rate and time: said, written beside a name, or seen in the numbers."""

import re
from pathlib import Path
from typing import Final

import numpy as np

from domain.samples import Floats
from service.reading.table import refused

#: How many of the house's unit (g, deg/s, s) one is.
ACC_IN_G: Final[dict[str, float]] = {"g": 1.0, "mg": 1e-3, "m/s2": 1.0 / 9.80665}
GYRO_IN_DPS: Final[dict[str, float]] = {"deg/s": 1.0, "rad/s": 180.0 / np.pi}
TIME_IN_S: Final[dict[str, float]] = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
#: A time column may also hold words.
ISO: Final = "iso"

#: At rest the length is 1 g; a median between these, in the unit, can be no other one [J]. A body that
#: sits, walks and lies has a median length within 10 % of it.
_SEEN_AS: Final = {"g": (0.7, 1.4), "mg": (700.0, 1400.0), "m/s2": (7.0, 14.0)}
#: rad/s that no trunk, thigh or wrist passes for a thousandth of the time (690 deg/s) [J]; more is deg/s.
_MOST_RAD_S: Final = 12.0

_SPELLINGS: Final = {
    "g": "g", "gs": "g", "mg": "mg", "milli_g": "mg", "m/s2": "m/s2", "m/s^2": "m/s2", "m/s²": "m/s2",
    "mps2": "m/s2", "ms2": "m/s2", "m_s2": "m/s2", "ms-2": "m/s2", "deg/s": "deg/s", "dps": "deg/s",
    "°/s": "deg/s", "deg_s": "deg/s", "degs": "deg/s", "rad/s": "rad/s", "rads": "rad/s",
    "rad_s": "rad/s", "radps": "rad/s", "s": "s", "sec": "s", "seconds": "s", "ms": "ms", "millis": "ms",
    "us": "us", "µs": "us", "ns": "ns",
}  # fmt: skip
_BRACKETED: Final = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]+)[\])]\s*$")
_SUFFIXED: Final = re.compile(
    r"^(?P<name>.+?)_(?P<unit>g|mg|mps2|ms2|m_s2|dps|deg_s|rads|rad_s|radps|s|sec|ms|us|ns)$",
    re.IGNORECASE,
)


def unit_in(name: str) -> tuple[str, str | None]:
    """A column's name without the unit that stands behind it, and that unit, None without one."""
    for form in (_BRACKETED, _SUFFIXED):
        if (found := form.match(name.strip())) is not None:
            unit = _SPELLINGS.get(found["unit"].strip().lower().replace(" ", ""))
            if unit is not None:
                return found["name"], unit
    return name, None


def acc_unit(path: Path, acc: Floats) -> str:
    """The unit in which (n, 3) `acc` has the length of gravity. Raises RecordingError when in none."""
    lengths = np.sqrt(acc[:, 0] ** 2 + acc[:, 1] ** 2 + acc[:, 2] ** 2)
    lengths = lengths[np.isfinite(lengths)]
    if not len(lengths):
        raise refused(path, "its first rows hold no acceleration; give the unit with --acc-unit")
    middle = float(np.median(lengths))
    for unit, (least, most) in _SEEN_AS.items():
        if least <= middle <= most:
            return unit
    without = " (it looks as if gravity had been taken out)" if middle < 0.2 else ""
    raise refused(
        path,
        f"the acceleration is {middle:.3g} long in the middle, which is gravity in no unit{without}; "
        f"give it with --acc-unit {'|'.join(ACC_IN_G)}",
    )


def gyro_unit(path: Path, gyro: Floats) -> str:
    """deg/s when the numbers are too large for rad/s. Raises RecordingError when they could be both."""
    known = np.abs(gyro[np.isfinite(gyro)])
    if len(known) and float(np.quantile(known, 0.999)) > _MOST_RAD_S:
        return "deg/s"
    raise refused(
        path,
        "its turning rates could be deg/s or rad/s; say which with --gyro-unit, or write it behind the "
        "names, as in gx_dps or gx [rad/s]",
    )
