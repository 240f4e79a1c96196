"""For how long the trunk was how far forward, to a side and twisted, counted where the seconds lie."""

from typing import Final

import apsw

from domain.posture import Activity
from storage.frames import STEPS

#: Degrees from which on it counts: analysis.exposure.FORWARD_DEG and SIDE_DEG, analysis.twist.TWIST_BINS_DEG.
FORWARD_DEG: Final = (20, 30, 45, 60, 90)
SIDE_DEG: Final = (10, 20)
TWIST_DEG: Final = (10, 20, 30)

_UP = f"activity NOT IN ({Activity.LYING.value}, {Activity.NOT_WORN.value})"


def _bins(metric: str, limits: tuple[int, ...], *, up: bool, either: bool) -> dict[str, str]:
    name, where = metric.removesuffix("_deg"), f"{_UP} AND " if up else ""
    angle = f"abs({metric})" if either else metric
    return {
        f"{name}_known_s": f"count(*) FILTER (WHERE {where}{metric} NOT NULL)",
        **{
            f"{name}_ge_{deg}_s": f"count(*) FILTER (WHERE {where}{angle} >= {deg * STEPS[metric]})"
            for deg in limits
        },
    }


_COUNTED: Final = {
    **_bins("lean_deg", FORWARD_DEG, up=True, either=False),
    **_bins("side_deg", SIDE_DEG, up=True, either=True),
    **_bins("twist_deg", TWIST_DEG, up=False, either=True),
}
#: Seconds in which each is known, and in which it is at or beyond each angle; side and twist to either side.
EXPOSED: Final[tuple[str, ...]] = tuple(_COUNTED)
_QUERY = (
    f"SELECT count(*), {', '.join(_COUNTED.values())} FROM frames"
    " WHERE wearer = ? AND time >= ? AND time < ?"
)


def count_exposed(
    connection: apsw.Connection, key: int | None, start: int, end: int
) -> tuple[int, ...]:
    """How many seconds of [start, end) are stored, and EXPOSED of them; lean and side of those in which one
    neither lies nor has the sensor off."""
    (row,) = connection.execute(_QUERY, (key, start, end)).fetchall()
    return tuple(int(str(count)) for count in row)
