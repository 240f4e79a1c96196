"""Frames, rollups and episodes as line protocol: docs/storage.md says what each field means.

A line is the same bytes whenever it is made, and its time is the second it is about, so that sending
it again overwrites it. InfluxDB keeps the fields of an older point that a newer one does not have, and
has no NaN: `known` is therefore always written, one bit a metric, and a metric counts only with its bit.
Metrics are integers in the steps of the tables: floats take six times the space there.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter, mul
from typing import Any, Final

from domain.episodes import Episode
from domain.posture import COLUMNS
from storage.frames import METRICS, STEPS
from storage.rollups import ADDITIVE

FRAMES, MINUTES, HOURS, EPISODES = "frames", "minutes", "hours", "episodes"
MEASUREMENTS: Final = (FRAMES, MINUTES, HOURS, EPISODES)

#: The columns of a frame that are always known.
ALWAYS: Final = tuple(name for name in COLUMNS[1:] if name not in STEPS)

#: Bit i of `known` in a frame is of the i-th.
METRIC_NAMES: Final = tuple(metric.name for metric in METRICS)

#: What `frame_lines` and `rollup_lines` want of a row, as columns of the tables of that name.
FRAME_COLUMNS: Final = ("time", *ALWAYS, *METRIC_NAMES)
ROLLUP_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    MINUTES: ("time", "seen", *ADDITIVE, "lean_min", "lean_max"),
    HOURS: ("time", *ADDITIVE, "lean_min", "lean_max"),
}

#: Different for each, so that what one field lacks another cannot make up for.
_WEIGHTS: Final = range(3, 3 + len(ADDITIVE))

#: Bit i of `known` in an episode is of the i-th.
EPISODE_FLOATS: Final = ("peak", "mean", "dose", "confidence", "limit")

#: `reaches` of an episode that is still open: later than any range that is asked for.
FOREVER: Final = 2**62

#: The type of every field, as `SHOW FIELD KEYS` words it.
FIELD_TYPES: Final[dict[str, dict[str, str]]] = {
    FRAMES: dict.fromkeys((*ALWAYS, "known", *METRIC_NAMES), "integer"),
    **{
        name: dict.fromkeys(("check", *columns[1:]), "integer")
        for name, columns in ROLLUP_COLUMNS.items()
    },
    EPISODES: {
        **dict.fromkeys(("end", "reaches", "known", "asymmetry"), "integer"),
        **dict.fromkeys(("open", "censored"), "boolean"),
        **dict.fromkeys(("id", "placement"), "string"),
        **dict.fromkeys(EPISODE_FLOATS, "float"),
    },
}

Row = Sequence[Any]


def escape_tag(value: str) -> str:
    """`value` as it stands in a tag. Raises ValueError for one that no line can carry."""
    if not value or value.endswith("\\") or re.search(r"[\x00-\x1f]", value):
        raise ValueError(f"{value!r} cannot be a tag of InfluxDB's")
    return re.sub(r"([,= ])", r"\\\1", value)


def frame_lines(wearer: str, rows: Iterable[Row]) -> list[bytes]:
    """A line a row of FRAME_COLUMNS; whole steps, None where nothing is known."""
    start = _start(FRAMES, wearer)
    first = 1 + len(ALWAYS)
    forms: dict[tuple[bool, ...], tuple[str, Callable[[Row], Any]]] = {}
    lines = []
    for row in rows:
        unknown = tuple([value is None for value in row[first:]])
        found = forms.get(unknown)
        if found is None:
            found = forms[unknown] = _frame_form(start, unknown)
        form, values = found
        lines.append((form % values(row)).encode())
    return lines


def _frame_form(start: str, unknown: tuple[bool, ...]) -> tuple[str, Callable[[Row], Any]]:
    known = [place for place, absent in enumerate(unknown) if not absent]
    fields = [f"{name}=%di" for name in ALWAYS]
    fields.append(f"known={sum(1 << place for place in known)}i")
    fields += [f"{METRIC_NAMES[place]}=%di" for place in known]
    first = 1 + len(ALWAYS)
    places = (*range(1, first), *(first + place for place in known), 0)
    return f"{start}{','.join(fields)} %d", itemgetter(*places)


def rollup_lines(measurement: str, wearer: str, rows: Iterable[Row]) -> list[bytes]:
    """A line a row of ROLLUP_COLUMNS of `minutes` or `hours`; integers, in the steps of the tables.

    The extremes are of the seconds in `lean_deg_n`, and left out where that is 0. `check`: see `check_sum`.
    """
    names = ROLLUP_COLUMNS[measurement][1:]
    start = _start(measurement, wearer) + "check=%di,"
    whole = start + ",".join(f"{name}=%di" for name in names) + " %d"
    without = start + ",".join(f"{name}=%di" for name in names[:-2]) + " %d"
    lines = []
    for time, *values in rows:
        check = check_sum(values[-2 - len(ADDITIVE) : -2])
        if values[-1] is None:
            lines.append((without % (check, *values[:-2], time)).encode())
        else:
            lines.append((whole % (check, *values, time)).encode())
    return lines


def check_sum(additive: Sequence[int]) -> int:
    """One number over the values of ADDITIVE, which adds up as they do: of buckets that were summed it is
    the sum of theirs.

    InfluxDB stores each field by itself, and shows a reader the new value of one and the old one of
    another while a point is being overwritten. A row whose `check` is not this is asked for again.
    """
    return sum(map(mul, _WEIGHTS, additive))


def episode_line(episode: Episode) -> bytes:
    """The line of an episode; its time is its start, so that it overwrites its open self."""
    floats = [getattr(episode, name) for name in EPISODE_FLOATS]
    known = [place for place, value in enumerate(floats) if math.isfinite(value)]
    end = episode.start if episode.end is None else episode.end
    reaches = FOREVER if episode.end is None else max(episode.end, episode.start + 1)
    fields = [
        f"id={_string(episode.id)}",
        f"placement={_string(episode.placement)}",
        f"open={'true' if episode.open else 'false'}",
        f"censored={'true' if episode.censored else 'false'}",
        f"end={end}i",
        f"reaches={reaches}i",
        f"asymmetry={int(episode.asymmetry)}i",
        f"known={sum(1 << place for place in known)}i",
        *(f"{EPISODE_FLOATS[place]}={float(floats[place])!r}" for place in known),
    ]
    tags = f"kind={episode.kind.value},wearer={escape_tag(episode.wearer)}"
    return f"{EPISODES},{tags} {','.join(fields)} {episode.start}".encode()


def _start(measurement: str, wearer: str) -> str:
    """The beginning of a format of lines."""
    return f"{measurement},wearer={escape_tag(wearer)} ".replace("%", "%%")


def _string(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
