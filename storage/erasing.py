"""Erasing a wearer, or a range of their time: what was measured and all that was made of it.

What a sensor delivered is the wearer's while the sensor is assigned to them; of a sensor that was
never another's it is theirs at any time. Rows that are deleted stay readable in free pages and in the
log until `wipe` has written the file anew.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import apsw

from domain.errors import StoreUnavailableError
from storage import outbox, readings, record_tables, samples, touched_days
from storage.contract import LASTING
from storage.erased import Erased
from storage.frames import wearer_key
from storage.rollups import TABLES, sum_up
from storage.sensors import sensor_key

#: Every table, and how an erasure comes to its rows; a test holds it against the schema.
REACHED: dict[str, str] = {
    **dict.fromkeys(("frames", *TABLES, "episodes"), "the key of the wearer"),
    "wearer_keys": "the wearer, when all of them goes",
    "wearers": "the wearer, when all of them goes",
    "alerts": "the wearer",
    "kept_days": "the wearer; days with a part of a range go as a whole, and are summed up again",
    "deliveries": "the wearer",
    "decisions": "the wearer",
    "adjustments": "the wearer",
    "contexts": "the wearer",
    "states": "keys that end with /wearer",
    "sensors": "sensors of the wearer, when all of them goes",
    "assignments": "the wearer, when all of them goes",
    "calibrations": "what was made while the sensor was theirs",
    **dict.fromkeys(("readings", "reading_hours"), "what was heard while the sensor was theirs"),
    "samples": "what was felt while the sensor was theirs",
    "diary": "the wearer",
    "settings": "the wearer, when all of them goes",
    "audit": "forgets whom it was about, when all of them goes",
    "tokens": "those of the wearer, when all of them goes",
    "revisions": "a number",
    "sensor_keys": "sensors that were only theirs, when all of them goes",
    "outbox": "the key of the wearer, when all of them goes; of a range it says what is to be removed",
    "dead_letters": "the key of the wearer",
    **dict.fromkeys(("owing", "sqlite_sequence"), "counts alone, of nobody"),
}

_EVER = (-(2.0**60), 2.0**60)


def erase(
    connection: apsw.Connection,
    wearer: str,
    start: int | None = None,
    end: int | None = None,
    *,
    owed_at: float | None = None,
) -> Erased:
    """Remove what there is of `wearer`, or what lies in [start, end); see Store.erase.

    owed_at: the time, when a server is owed what is stored: of a range it is then owed the removal.
    """
    whole = start is None and end is None
    first = int(_EVER[0]) if start is None else start
    last = int(_EVER[1]) if end is None else end
    erased = Erased()
    if first >= last:
        return erased
    for sensor, spans, own in [*theirs(connection, wearer, first, last)]:
        erased += _of_sensor(connection, sensor, spans)
        if own and whole:
            connection.execute("DELETE FROM sensor_keys WHERE sensor = ?", (sensor,))
    key = wearer_key(connection, wearer)
    if key is not None:
        if owed_at is not None and not whole:
            outbox.owe_erasure(connection, key, first, last, owed_at)
        erased += _measured(connection, key, first, last)
        outbox.forget(connection, key, first, last, whole=whole)
    erased += _told(connection, wearer, first, last)
    touched_days.forget(connection, wearer, first, last)
    if whole:
        record_tables.forget_wearer(connection, wearer)
        erased += Erased(
            sensors=_gone(connection, "DELETE FROM sensors WHERE wearer = ?", wearer),
        )
        for table in ("assignments", "wearers", "wearer_keys"):
            column = "id" if table == "wearers" else "wearer"
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (wearer,))
    return erased


def wipe(connection: apsw.Connection, path: Path) -> None:
    """Write the file anew without what was deleted, and empty the log.

    Raises StoreUnavailableError while another program reads an older moment of the file, which keeps
    the log as it is.
    """
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
    if busy:
        raise StoreUnavailableError(
            f"{path}: everything is erased, but another program is reading the store and so keeps traces of "
            "it in the log; close that program and erase once more"
        )


def _gone(connection: apsw.Connection, statement: str, *values: object) -> int:
    connection.execute(statement, tuple(values))
    return connection.changes()


def theirs(
    connection: apsw.Connection, wearer: str, first: int, last: int
) -> Iterator[tuple[str, list[tuple[float, float]], bool]]:
    """Sensors that were the wearer's: id, the spans of [first, last) in which they were, and whether
    they never were another's."""
    rows = connection.execute("SELECT sensor, wearer, since, until FROM assignments").fetchall()
    rows += connection.execute(
        "SELECT json_extract(s.value, '$.sensor'), wearer, NULL, NULL"
        " FROM contexts, json_each(contexts.sensors) AS s GROUP BY 1, 2"
    ).fetchall()
    rows += connection.execute("SELECT id, wearer, NULL, NULL FROM sensors").fetchall()
    for sensor in sorted({str(row[0]) for row in rows if row[1] == wearer}):
        worn = [row for row in rows if row[0] == sensor]
        own = all(row[1] == wearer for row in worn)
        spans = [_EVER] if own else [
            (float(since), math.inf if until is None else float(until))
            for _, whose, since, until in worn
            if whose == wearer and since is not None
        ]  # fmt: skip
        cut = [(max(since, first), min(until, last)) for since, until in spans]
        yield sensor, [(since, until) for since, until in cut if since < until], own


def _of_sensor(
    connection: apsw.Connection, sensor: str, spans: list[tuple[float, float]]
) -> Erased:
    erased = Erased()
    key = sensor_key(connection, sensor)
    for since, until in spans:
        erased += Erased(
            calibrations=_gone(
                connection,
                "DELETE FROM calibrations WHERE sensor = ? AND made_at >= ? AND made_at < ?",
                sensor,
                since,
                until,
            )
        )
        if key is None:
            continue
        erased += Erased(
            # A minute that is theirs in part tells of them in part.
            readings=readings.remove_readings(connection, key, since, until),
            sample_blocks=samples.cut_out(connection, key, sensor, since, until),
        )
    return erased


def _measured(connection: apsw.Connection, key: int, first: int, last: int) -> Erased:
    """Frames, rollups and episodes. A bucket at an edge is made anew of what is left of its frames or
    finer buckets; a minute whose frames were pruned goes as a whole."""
    span = "wearer = ? AND time > ? AND time < ?"
    frames = _gone(connection, f"DELETE FROM frames WHERE {span}", key, first - 1, last)
    minutes = 0
    for table, width_s in TABLES.items():
        gone = _gone(connection, f"DELETE FROM {table} WHERE {span}", key, first - width_s, last)
        minutes = minutes or gone
    for edge in (first, last):
        if abs(edge) < _EVER[1]:
            sum_up(connection, key, edge, edge + 1)
    episodes = _gone(
        connection,
        "DELETE FROM episodes WHERE wearer = ? AND start < ?"
        ' AND ("end" IS NULL OR max("end", start + 1) > ?)',
        key,
        last,
        first,
    )
    return Erased(frames=frames, minutes=minutes, episodes=episodes)


def _told(connection: apsw.Connection, wearer: str, first: int, last: int) -> Erased:
    """Alerts, contexts and saved states. What held at the end of the range goes on from there."""
    span = (wearer, first, last)
    if last < _EVER[1]:
        connection.execute(
            "INSERT OR IGNORE INTO contexts SELECT wearer, ?3, algorithm_version, settings, sensors"
            " FROM contexts WHERE wearer = ?1 AND since >= ?2 AND since < ?3"
            " ORDER BY since DESC LIMIT 1",
            span,
        )
    for table, column in (("deliveries", "made_at"), ("decisions", "at")):
        _gone(
            connection,
            f"DELETE FROM {table} WHERE wearer = ? AND {column} >= ? AND {column} < ?",
            *span,
        )
    record_tables.erase_adjustments(connection, *span)
    return Erased(
        alerts=_gone(
            connection,
            "DELETE FROM alerts WHERE wearer = ? AND opened_at >= ? AND opened_at < ?",
            *span,
        ),
        diary=record_tables.erase_records(connection, *span),
        contexts=_gone(
            connection, "DELETE FROM contexts WHERE wearer = ? AND since >= ? AND since < ?", *span
        ),
        states=_gone(
            connection,
            "DELETE FROM states WHERE substr(key, -length(?1)) = ?1"
            " AND (?2 OR substr(key, 1, length(?3)) <> ?3)",
            f"/{wearer}",
            (first, last) == tuple(map(int, _EVER)),
            LASTING,
        ),
    )
