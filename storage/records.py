"""Records as rows: calibrations with their history, saved states."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from domain.people import Calibration, ReferenceMethod, Rotation
from domain.placement import Placement
from storage.episodes import known
from storage.record_tables import check_revision, next_revision


def put_states(connection: apsw.Connection, states: Mapping[str, bytes | None]) -> None:
    """Replace by key; None removes the key."""
    for key, value in states.items():
        if value is None:
            connection.execute("DELETE FROM states WHERE key = ?", (key,))
        else:
            connection.execute("INSERT OR REPLACE INTO states VALUES (?, ?)", (key, value))


def read_state(connection: apsw.Connection, key: str) -> bytes | None:
    """What was last written under `key`."""
    value = connection.execute("SELECT value FROM states WHERE key = ?", (key,)).get
    return value if isinstance(value, bytes) else None


def read_states(connection: apsw.Connection) -> dict[str, bytes]:
    """All there are, by key."""
    return {
        str(key): value
        for key, value in connection.execute("SELECT key, value FROM states ORDER BY key")
    }


def add_calibration(
    connection: apsw.Connection, calibration: Calibration, expected: int | None = None
) -> int:
    """Append to the sensor's history; the same sensor and `made_at` again is the same entry.

    Returns the new revision. Raises ConflictError.
    """
    key: dict[str, str | float] = {
        "sensor": calibration.sensor,
        "made_at": calibration.made_at,
    }
    check_revision(connection, "calibrations", "calibration", key, expected)
    revision = next_revision(connection)
    connection.execute(
        "INSERT OR REPLACE INTO calibrations"
        " (sensor, made_at, placement, method, rotation, slouch_deg, sigma_deg,"
        " revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            calibration.sensor,
            calibration.made_at,
            calibration.placement.value,
            calibration.method.value,
            json.dumps(calibration.rotation),
            calibration.slouch_deg,
            calibration.sigma_deg,
            revision,
        ),
    )
    return revision


def read_calibrations(connection: apsw.Connection, sensor_id: str | None) -> list[Calibration]:
    """The version history of one sensor, or of all, newest first."""
    rows = connection.execute(
        "SELECT sensor, placement, made_at, method, rotation, slouch_deg, sigma_deg, revision"
        " FROM calibrations WHERE sensor = coalesce(?, sensor) ORDER BY made_at DESC, sensor",
        (sensor_id,),
    )
    return [_calibration(row) for row in rows]


def _calibration(row: Sequence[Any]) -> Calibration:
    sensor, placement, made_at, method, rotation, slouch_deg, sigma_deg, revision = row
    return Calibration(
        sensor=sensor,
        placement=Placement(placement),
        made_at=made_at,
        method=ReferenceMethod(method),
        rotation=_rotation(json.loads(rotation)),
        slouch_deg=slouch_deg,
        sigma_deg=known(sigma_deg),
        revision=revision,
    )


def _rotation(rows: list[list[float]]) -> Rotation:
    forward, left, up = ((x, y, z) for x, y, z in rows)
    return forward, left, up
