"""Paired sensors as rows, and the history of whom each belonged to and where it was worn."""

from collections.abc import Iterable, Sequence
from typing import Any

import apsw

from domain.errors import NotFoundError
from domain.people import Assignment, Sensor
from domain.placement import Placement
from storage.record_tables import check_revision, next_revision

_COLUMNS = "id, driver, name, wearer, placement, paired_at, simulated, key_hex, revision"
_ASSIGNMENT = "sensor, wearer, placement, since, until"


def put_sensor(
    connection: apsw.Connection, sensor: Sensor, since: float, expected: int | None = None
) -> int:
    """Add or replace by id; its assignment changes at `since`, Unix s, when it is another one.

    A time before the newest change is taken for that change's: a clock was set back. Returns the new
    revision. Raises ConflictError.
    """
    check_revision(connection, "sensors", "sensor", {"id": sensor.id}, expected)
    revision = next_revision(connection)
    connection.execute(
        f"INSERT OR REPLACE INTO sensors ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sensor.id,
            sensor.driver,
            sensor.name,
            sensor.wearer,
            sensor.placement.value,
            sensor.paired_at,
            sensor.simulated,
            sensor.key_hex,
            revision,
        ),
    )
    newest = next(iter(read_assignments(connection, sensor.id)), None)
    if newest is not None:
        if newest.open and (newest.wearer, newest.placement) == (sensor.wearer, sensor.placement):
            return revision
        since = max(since, newest.since if newest.until is None else newest.until)
        _end(connection, sensor.id, since)
    # One of no length never was, and makes room for the one that begins where it did.
    connection.execute(
        f"INSERT OR REPLACE INTO assignments ({_ASSIGNMENT}) VALUES (?, ?, ?, ?, NULL)",
        (sensor.id, sensor.wearer, sensor.placement.value, since),
    )
    return revision


def put_assignments(connection: apsw.Connection, assignments: Iterable[Assignment]) -> None:
    """Add or replace by sensor and `since`, as they are."""
    connection.executemany(
        f"INSERT OR REPLACE INTO assignments ({_ASSIGNMENT}) VALUES (?, ?, ?, ?, ?)",
        ((a.sensor, a.wearer, a.placement.value, a.since, a.until) for a in assignments),
    )


def read_sensors(connection: apsw.Connection) -> list[Sensor]:
    """All paired sensors by id."""
    return [
        Sensor(
            id=sensor_id,
            driver=driver,
            name=name,
            wearer=wearer,
            placement=Placement(placement),
            paired_at=paired_at,
            simulated=bool(simulated),
            key_hex=key_hex,
            revision=revision,
        )
        for sensor_id, driver, name, wearer, placement, paired_at, simulated, key_hex, revision in (
            connection.execute(f"SELECT {_COLUMNS} FROM sensors ORDER BY id")
        )
    ]


def remove_sensor(
    connection: apsw.Connection, sensor_id: str, now: float, expected: int | None = None
) -> None:
    """Unpair: its assignment ends at `now`, its history stays. Raises NotFoundError, ConflictError."""
    check_revision(connection, "sensors", "sensor", {"id": sensor_id}, expected)
    connection.execute("DELETE FROM sensors WHERE id = ?", (sensor_id,))
    if not connection.changes():
        raise NotFoundError("sensor", sensor_id)
    _end(connection, sensor_id, now)


def read_assignments(connection: apsw.Connection, sensor_id: str | None) -> list[Assignment]:
    """The history of one sensor, or of all, newest first."""
    rows = connection.execute(
        f"SELECT {_ASSIGNMENT} FROM assignments WHERE sensor = coalesce(?, sensor)"
        " ORDER BY since DESC, sensor",
        (sensor_id,),
    )
    return [_assignment(row) for row in rows]


def _end(connection: apsw.Connection, sensor_id: str, until: float) -> None:
    connection.execute(
        "UPDATE assignments SET until = max(since, ?) WHERE sensor = ? AND until IS NULL",
        (until, sensor_id),
    )


def _assignment(row: Sequence[Any]) -> Assignment:
    sensor, wearer, placement, since, until = row
    return Assignment(sensor, wearer, Placement(placement), since, until)


def sensor_key(connection: apsw.Connection, sensor: str) -> int | None:
    """The integer that stands for `sensor` in its rows, None before anything was stored of it."""
    key = connection.execute("SELECT key FROM sensor_keys WHERE sensor = ?", (sensor,)).get
    return key if isinstance(key, int) else None


def make_sensor_key(connection: apsw.Connection, sensor: str) -> int:
    """The same, made when there is none."""
    key = sensor_key(connection, sensor)
    if key is None:
        connection.execute("INSERT INTO sensor_keys (sensor) VALUES (?)", (sensor,))
        key = connection.last_insert_rowid()
    return key
