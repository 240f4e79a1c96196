"""Which column is which: by the names people give them, or as the caller says."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from domain.errors import InputError
from service.reading.table import Table, refused
from service.reading.units import unit_in

ROLES: Final = ("t", "ax", "ay", "az", "gx", "gy", "gz")
ACC: Final = ROLES[1:4]
GYRO: Final = ROLES[4:]

_TIMES: Final = (
    "t", "time", "times", "timestamp", "timestamps", "datetime", "date_time", "unix", "unixtime",
    "unix_time", "epoch", "seconds_elapsed", "elapsed",
)  # fmt: skip
_ACC_STEMS: Final = (
    "a", "acc", "accel", "accelerometer", "acceleration", "accelerometer_axis",
)  # fmt: skip
_GYRO_STEMS: Final = (
    "g",
    "gyr",
    "gyro",
    "gyroscope",
    "rotation",
    "rotation_rate",
    "angular_velocity",
    "w",
)
_BARE_ACC: Final = ("x", "y", "z")


def chosen(table: Table, given: Mapping[str, str]) -> dict[str, str]:
    """The column of each role, in the order of ROLES; t is left out when the file has no times, gx, gy
    and gz when it has no gyro. given: wins over what the names say.

    Raises RecordingError when a role has no column or several, InputError for a role that is none.
    """
    for role in given:
        if role not in ROLES:
            raise InputError(f"no column is called {role!r} here; there are {', '.join(ROLES)}")
    found = {role: _given(table, role, name) for role, name in given.items()}
    for role in ROLES:
        if role not in found and (name := _named(table, role, table.names)):
            found[role] = name
    missing = [role for role in ACC if role not in found]
    gyro = [role for role in GYRO if role in found]
    if gyro and len(gyro) < len(GYRO):
        missing += [role for role in GYRO if role not in found]
    if missing:
        listed = ", ".join(table.names)
        raise refused(
            table.path,
            f"no column for {', '.join(missing)} among {listed}; name it: --columns {missing[0]}=...",
        )
    if len(set(found.values())) < len(found):
        raise refused(table.path, f"one column has several meanings: {found}")
    return {role: found[role] for role in ROLES if role in found}


def _given(table: Table, role: str, name: str) -> str:
    if name in table.names:
        return name
    if name.isdigit() and 1 <= int(name) <= len(table.names):
        return table.names[int(name) - 1]
    raise refused(table.path, f"no column {name!r} for {role}; there are {', '.join(table.names)}")


def _named(table: Table, role: str, names: Sequence[str]) -> str | None:
    """The one column whose name says `role`: an exact word before one with a unit behind it."""
    exact = [name for name in names if name.strip() == role]
    found = exact or [name for name in names if _plain(name) in _WORDS[role]]
    if not found and role in ACC:
        found = [name for name in names if _plain(name) == _BARE_ACC[ACC.index(role)]]
    if len(found) > 1:
        said = ", ".join(repr(name) for name in found)
        raise refused(
            table.path, f"columns {said} could all be {role}; say which: --columns {role}=..."
        )
    return found[0] if found else None


def _plain(name: str) -> str:
    """The name without its unit, in small letters: `Acc X [m/s^2]` and `acc_x_mps2` are `acc_x`."""
    plain, _ = unit_in(name)
    return re.sub(r"[\s.\-_]+", "_", plain.strip().lower()).strip("_")


def _words() -> dict[str, frozenset[str]]:
    words = {"t": frozenset(_TIMES)}
    for roles, stems in ((ACC, _ACC_STEMS), (GYRO, _GYRO_STEMS)):
        for role in roles:
            axis = role[1]
            made = {f"{stem}{axis}" for stem in stems} | {f"{stem}_{axis}" for stem in stems}
            words[role] = frozenset(made | {f"{axis}_{stem}" for stem in stems if len(stem) > 1})
    return words


_WORDS: Final = _words()
