"""What the analysis went by, as rows: one whenever it changed."""

import json
import math
from collections.abc import Sequence
from typing import Any

import apsw

from domain.context import AnalysisContext, ReferenceInForce, SensorInForce
from domain.people import ReferenceMethod
from domain.placement import Placement

_PUT = (
    "INSERT OR REPLACE INTO contexts (wearer, since, algorithm_version, settings, sensors)"
    " VALUES (?, ?, ?, ?, ?)"
)
#: The newest that began at or before the start holds there; those that began later follow.
_READ = """
    SELECT since, algorithm_version, settings, sensors FROM contexts
    WHERE wearer = :wearer AND since < :end AND since >= coalesce(
        (SELECT max(since) FROM contexts WHERE wearer = :wearer AND since <= :start), :start)
    ORDER BY since
"""


def put_contexts(connection: apsw.Connection, contexts: Sequence[AnalysisContext]) -> None:
    """Add or replace by wearer and time."""
    connection.executemany(_PUT, map(_row, contexts))


def read_contexts(
    connection: apsw.Connection, wearer: str, start: int, end: int
) -> list[AnalysisContext]:
    """What held in [start, end), in order; nothing of a time before the first."""
    rows = connection.execute(_READ, {"wearer": wearer, "start": start, "end": end})
    return [
        AnalysisContext(
            wearer, since, version, json.loads(settings), tuple(map(_sensor, json.loads(sensors)))
        )
        for since, version, settings, sensors in rows
    ]


def remove_contexts(connection: apsw.Connection, wearer: str, start: int, end: int) -> None:
    """Remove those that begin in [start, end)."""
    connection.execute(
        "DELETE FROM contexts WHERE wearer = ? AND since >= ? AND since < ?", (wearer, start, end)
    )


def _row(context: AnalysisContext) -> tuple[Any, ...]:
    return (
        context.wearer,
        context.since,
        context.algorithm_version,
        json.dumps(dict(context.settings)),
        json.dumps([_written(sensor) for sensor in context.sensors]),
    )


def _written(sensor: SensorInForce) -> dict[str, Any]:
    of = sensor.reference
    return {
        "sensor": sensor.sensor,
        "name": sensor.name,
        "driver": sensor.driver,
        "placement": sensor.placement.value,
        "measures": list(sensor.measures),
        "reference": None
        if of is None
        else {
            "made_at": of.made_at,
            "method": of.method.value,
            "sigma_deg": None if math.isnan(of.sigma_deg) else of.sigma_deg,
            "slouch_deg": of.slouch_deg,
        },
    }


def _sensor(row: dict[str, Any]) -> SensorInForce:
    of = row["reference"]
    reference = None
    if of is not None:
        sigma_deg = math.nan if of["sigma_deg"] is None else of["sigma_deg"]
        method = ReferenceMethod(of["method"])
        reference = ReferenceInForce(of["made_at"], method, sigma_deg, of["slouch_deg"])
    return SensorInForce(
        row["sensor"],
        row["name"],
        row["driver"],
        Placement(row["placement"]),
        reference,
        tuple(row["measures"]),
    )
