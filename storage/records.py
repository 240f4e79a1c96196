"""Records as rows: wearers, calibrations with their history, saved states."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from domain.people import Calibration, ReferenceMethod, Rotation, Wearer
from domain.placement import Placement
from storage.episodes import known


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


def put_wearer(connection: apsw.Connection, wearer: Wearer) -> None:
    """Add or replace by id."""
    connection.execute(
        "INSERT OR REPLACE INTO wearers (id, name, timezone) VALUES (?, ?, ?)",
        (wearer.id, wearer.name, wearer.timezone),
    )


def read_wearers(connection: apsw.Connection) -> list[Wearer]:
    """All wearers by id."""
    return [
        Wearer(*row)
        for row in connection.execute("SELECT id, name, timezone FROM wearers ORDER BY id")
    ]


def add_calibration(connection: apsw.Connection, calibration: Calibration) -> None:
    """Append to the sensor's history; the same sensor and `made_at` again is the same entry."""
    connection.execute(
        "INSERT OR REPLACE INTO calibrations"
        " (sensor, made_at, placement, method, rotation, slouch_deg, sigma_deg)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            calibration.sensor,
            calibration.made_at,
            calibration.placement.value,
            calibration.method.value,
            json.dumps(calibration.rotation),
            calibration.slouch_deg,
            calibration.sigma_deg,
        ),
    )


def read_calibrations(connection: apsw.Connection, sensor_id: str) -> list[Calibration]:
    """The version history of one sensor, newest first."""
    rows = connection.execute(
        "SELECT sensor, placement, made_at, method, rotation, slouch_deg, sigma_deg"
        " FROM calibrations WHERE sensor = ? ORDER BY made_at DESC",
        (sensor_id,),
    )
    return [_calibration(row) for row in rows]


def _calibration(row: Sequence[Any]) -> Calibration:
    sensor, placement, made_at, method, rotation, slouch_deg, sigma_deg = row
    return Calibration(
        sensor=sensor,
        placement=Placement(placement),
        made_at=made_at,
        method=ReferenceMethod(method),
        rotation=_rotation(json.loads(rotation)),
        slouch_deg=slouch_deg,
        sigma_deg=known(sigma_deg),
    )


def _rotation(rows: list[list[float]]) -> Rotation:
    forward, left, up = ((x, y, z) for x, y, z in rows)
    return forward, left, up
