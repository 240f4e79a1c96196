"""Line protocol: what InfluxDB is told of a second, a minute, an hour and an episode."""

import functools
import math
import re
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st
from influxdb_client import Point, WritePrecision

from domain.episodes import Asymmetry, Episode, EpisodeKind
from storage.frames import METRICS
from storage.influx.lines import (
    ALWAYS,
    FIELD_TYPES,
    FRAMES_QUERY,
    METRIC_NAMES,
    ROLLUP_COLUMNS,
    ROLLUP_QUERIES,
    beginning,
    check_sum,
    episode_line,
)
from storage.rollups import ADDITIVE
from storage.schema import migrate

T0 = 1_790_035_200
STEPS = st.none() | st.integers(-(2**31) + 1, 2**31 - 1)
WEARERS = st.from_regex(r"\A[a-z0-9][a-z0-9_%-]{0,8}\Z") | st.sampled_from(
    ["a b", "a,b", "a=b", "ä", 'q"', "%d"]
)


def fields_of(line: bytes) -> tuple[str, dict[str, str], str]:
    """Measurement and tags, fields by name, time."""
    head, body, time = re.fullmatch(
        r"((?:\\.|[^ ])+) (.+) (-?\d+)", line.decode(), re.DOTALL
    ).groups()  # type: ignore[union-attr]
    return head, dict(re.findall(r'(\w+)=("(?:\\.|[^"])*"|[^,]+)', body)), time


@functools.cache
def _tables() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    migrate(connection)
    return connection


def put(table: str, rows: list[dict[str, int | None]]) -> apsw.Connection:
    """The tables of a store with nothing but these rows, of the wearer whose key is 1."""
    connection = _tables()
    connection.execute(f"DELETE FROM {table}")
    for row in rows:
        places = ", ".join("?" * (1 + len(row)))
        connection.execute(
            f"INSERT INTO {table} (wearer, {', '.join(row)}) VALUES ({places})", (1, *row.values())
        )
    return connection


def frame_lines(wearer: str, rows: list[dict[str, int | None]]) -> list[bytes]:
    values = (beginning("frames", wearer), 1, T0, T0 + 3600, 3600)
    found = put("frames", rows).execute(FRAMES_QUERY, values).fetchall()
    ((count, last, text),) = found
    lines = text.split(b"\n") if text else []
    assert count == len(lines) == len(rows)
    assert last == max((row["time"] for row in rows), default=None)
    return lines


def frame_row(**known: int | None) -> dict[str, int | None]:
    return {"time": T0, "activity": 2, "quality": 0, "source": 3} | known


def test_a_frame_is_a_line_of_whole_steps_at_its_second() -> None:
    (line,) = frame_lines("ada", [frame_row(p_sitting=987, lean_deg=-1234)])
    assert line == (
        b"frames,wearer=ada activity=2i,quality=0i,source=3i,known=3i,p_sitting=987i,lean_deg=-1234i"
        b" 1790035200"
    )


def test_a_metric_that_is_unknown_is_left_out_and_its_bit_says_so() -> None:
    (line,) = frame_lines("ada", [frame_row(confidence=500)])
    _, fields, _ = fields_of(line)
    assert set(fields) == {*ALWAYS, "known", "confidence"}
    assert fields["known"] == f"{1 << METRIC_NAMES.index('confidence')}i"


@given(wearer=WEARERS, rows=st.lists(st.lists(STEPS, min_size=len(METRICS), max_size=len(METRICS))))
def test_frames_say_what_the_serializer_of_influxdb_client_says(
    wearer: str, rows: list[list[int | None]]
) -> None:
    table = [
        frame_row(time=T0 + i, **dict(zip(METRIC_NAMES, row, strict=True)))
        for i, row in enumerate(rows)
    ]
    for line, row in zip(frame_lines(wearer, table), table, strict=True):
        named = dict(row)
        point = Point("frames").tag("wearer", wearer).time(named.pop("time"), WritePrecision.S)
        known = sum(1 << i for i, name in enumerate(METRIC_NAMES) if named[name] is not None)
        for name, value in {**named, "known": known}.items():
            if value is not None:
                point.field(name, value)
        assert fields_of(line) == fields_of(point.to_line_protocol().encode())


@pytest.mark.parametrize("wearer", ["", "a\\", "a\nb", "\0"])
def test_a_name_that_no_line_can_carry_is_refused(wearer: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        beginning("frames", wearer)


@pytest.mark.parametrize("table", ["minutes", "hours"])
@pytest.mark.parametrize("extremes", [(-5, 7), (None, None)])
def test_a_rollup_is_every_sum_and_count_and_the_extremes_where_there_are_any(
    table: str, extremes: tuple[int | None, int | None]
) -> None:
    values: dict[str, int | None] = {name: 2**40 - i for i, name in enumerate(ADDITIVE)}
    more: dict[str, int | None] = {"time": T0, "lean_min": extremes[0], "lean_max": extremes[1]}
    more |= {"seen": 2**60 - 1} if table == "minutes" else {}
    connection = put(table, [values | more])
    line = connection.execute(ROLLUP_QUERIES[table], (beginning(table, "ada"), 1, T0)).get
    assert isinstance(line, bytes)
    head, fields, time = fields_of(line)
    assert (head, time) == (f"{table},wearer=ada", str(T0))
    assert [fields[name] for name in ADDITIVE] == [f"{value}i" for value in values.values()]
    assert fields["check"] == f"{check_sum([2**40 - i for i in range(len(ADDITIVE))])}i"
    assert fields.get("lean_min") == (None if extremes[0] is None else "-5i")
    assert set(fields) | {"lean_min", "lean_max"} == set(FIELD_TYPES[table])
    assert set(FIELD_TYPES[table]) == {"check", *ROLLUP_COLUMNS[table][1:]}


@given(
    st.lists(
        st.lists(st.integers(-(2**40), 2**40), min_size=len(ADDITIVE), max_size=len(ADDITIVE)),
        min_size=1,
        max_size=5,
    )
)
def test_the_checks_of_buckets_add_up_to_the_check_of_their_sum(buckets: list[list[int]]) -> None:
    together = [sum(column) for column in zip(*buckets, strict=True)]
    assert check_sum(together) == sum(map(check_sum, buckets))


@given(
    st.lists(st.integers(0, 3600), min_size=len(ADDITIVE), max_size=len(ADDITIVE)),
    st.integers(0, len(ADDITIVE) - 1),
    st.integers(1, 3600),
)
def test_a_check_tells_a_row_of_which_one_field_is_of_another_time(
    values: list[int], place: int, other: int
) -> None:
    torn = [value + other * (i == place) for i, value in enumerate(values)]
    assert check_sum(torn) != check_sum(values)


def an_episode(**more: Any) -> Episode:
    values: dict[str, Any] = {
        "kind": EpisodeKind.SLOUCH, "wearer": "ada", "start": T0, "end": T0 + 60, "peak": 21.5,
        "mean": 1 / 3, "dose": math.nan, "confidence": 0.7, "limit": 8.0, "placement": "upper_back",
    }  # fmt: skip
    return Episode(**(values | more))


def test_an_episode_is_overwritten_by_its_closed_self() -> None:
    opened, closed = (fields_of(episode_line(an_episode(end=end))) for end in (None, T0 + 60))
    assert (
        (opened[0], opened[2])
        == (closed[0], closed[2])
        == (
            "episodes,kind=slouch,wearer=ada",
            str(T0),
        )
    )
    assert set(opened[1]) == set(closed[1]), "no field of the open one outlives it"
    assert (opened[1]["open"], closed[1]["open"]) == ("true", "false")
    assert closed[1]["end"] == closed[1]["reaches"] == f"{T0 + 60}i"


def test_the_floats_of_an_episode_are_whole_and_the_unknown_left_out() -> None:
    _, fields, _ = fields_of(episode_line(an_episode(asymmetry=Asymmetry.TURN)))
    assert float(fields["mean"]) == 1 / 3
    assert "dose" not in fields
    assert fields["known"] == f"{0b11011}i"
    assert fields["asymmetry"] == "2i"


def test_a_placement_with_quotes_stays_one_field() -> None:
    _, fields, _ = fields_of(episode_line(an_episode(placement='a "b" \\ c, d=e')))
    assert fields["placement"] == '"a \\"b\\" \\\\ c, d=e"'
    assert set(fields) <= set(FIELD_TYPES["episodes"])
