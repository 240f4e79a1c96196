"""Frames, rollups and episodes as line protocol: docs/storage.md says what each field means.

A line is the same bytes whenever it is made, and its time is the second it is about, so that sending
it again overwrites it. InfluxDB keeps the fields of an older point that a newer one does not have, and
has no NaN: `known` is therefore always written, one bit a metric, and a metric counts only with its bit.
Metrics are integers in the steps of the tables: floats take six times the space there.
"""

import math
import re
from collections.abc import Sequence
from operator import mul
from typing import Final

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

#: The columns of a rollup that are sent, in the tables of that name.
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


def escape_tag(value: str) -> str:
    """`value` as it stands in a tag. Raises ValueError for one that no line can carry."""
    if not value or value.endswith("\\") or re.search(r"[\x00-\x1f]", value):
        raise ValueError(f"{value!r} cannot be a tag of InfluxDB's")
    return re.sub(r"([,= ])", r"\\\1", value)


def beginning(measurement: str, wearer: str) -> str:
    """How every line of a wearer in `measurement` begins. Raises ValueError as `escape_tag`."""
    return f"{measurement},wearer={escape_tag(wearer)} "


def _known(name: str) -> str:
    return f"'{name}='||{name}||'i,'"


def _where_known(name: str) -> str:
    return f"coalesce(',{name}='||{name}||'i', '')"


def _line(*parts: str) -> str:
    return "||".join(("?1", *parts, "' '||time"))


def _frame_line() -> str:
    known = "+".join(f"(({name} IS NOT NULL)<<{bit})" for bit, name in enumerate(METRIC_NAMES))
    return _line(
        *map(_known, ALWAYS), f"'known='||({known})||'i'", *map(_where_known, METRIC_NAMES)
    )


def _rollup_line(measurement: str) -> str:
    check = "+".join(f"{weight}*{name}" for weight, name in zip(_WEIGHTS, ADDITIVE, strict=True))
    names = ROLLUP_COLUMNS[measurement][1:-2]
    return _line(
        *map(_known, names),
        f"'check='||({check})||'i'",
        *map(_where_known, ("lean_min", "lean_max")),
    )


#: How many frames of a wearer's key (?2) in [?3, ?4), at most ?5 and the oldest; the time of the last; they
#: as lines that begin with ?1. SQLite makes the text: that takes half of what Python takes to read the rows
#: and write them, and the service goes on meanwhile.
FRAMES_QUERY: Final = f"""
    SELECT count(*), max(time), CAST(group_concat(line, char(10)) AS BLOB) FROM (
        SELECT time, {_frame_line()} AS line FROM frames
        WHERE wearer = ?2 AND time >= ?3 AND time < ?4 ORDER BY time LIMIT ?5
    )
"""

#: The line, which begins with ?1, of the minute or hour of a wearer's key (?2) at ?3. The extremes are of the
#: seconds in `lean_deg_n`, and left out where that is 0. `check`: see `check_sum`.
ROLLUP_QUERIES: Final[dict[str, str]] = {
    table: f"SELECT CAST({_rollup_line(table)} AS BLOB) FROM {table} WHERE wearer = ?2 AND time = ?3"
    for table in ROLLUP_COLUMNS
}


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


def _string(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
