"""Link readings as rows: one a sensor and minute, summed up to wider ones when they are read."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import apsw

from domain.readings import MINUTE_S, LinkReading
from storage.contract import RESOLUTIONS_S
from storage.sensors import make_sensor_key, sensor_key

#: Steps of one unit, finer than any sensor tells its battery or its rate.
BATTERY_STEPS, RATE_STEPS = 10, 100
HOUR_S = 3600

_COLUMNS = (
    "time", "battery", "rssi_dbm", "nominal", "received", "lost", "reconnects", "streaming_s",
    "observed_s",
)  # fmt: skip
_PUT = (
    f"INSERT OR REPLACE INTO readings (sensor, {', '.join(_COLUMNS)})"
    f" VALUES ({', '.join('?' * (len(_COLUMNS) + 1))})"
)
_REST = "max(nominal), sum(received), sum(lost), sum(reconnects), sum(streaming_s), sum(observed_s)"
_RANGE = "WHERE sensor = :sensor AND time >= :start AND time < :end GROUP BY bucket ORDER BY bucket"
_READ = f"""
    SELECT time - time % :width AS bucket, avg(battery), avg(rssi_dbm), {_REST} FROM readings {_RANGE}
"""
_READ_HOURS = f"""
    SELECT time - time % :width AS bucket, sum(battery_sum) * 1.0 / nullif(sum(battery_n), 0),
        sum(rssi_sum) * 1.0 / nullif(sum(rssi_n), 0), {_REST} FROM reading_hours {_RANGE}
"""
_SUM_HOUR = f"""
    INSERT INTO reading_hours
    SELECT sensor, :hour, coalesce(sum(battery), 0), count(battery), coalesce(sum(rssi_dbm), 0),
        count(rssi_dbm), {_REST}
    FROM readings WHERE sensor = :sensor AND time >= :hour AND time < :hour + {HOUR_S} GROUP BY sensor
"""


def put_readings(connection: apsw.Connection, readings: Sequence[LinkReading]) -> None:
    """Add or replace by sensor and minute; their hours follow."""
    rows: list[tuple[Any, ...]] = [_row(connection, reading) for reading in readings]
    connection.executemany(_PUT, rows)
    _sum_hours(connection, {(row[0], row[1] - row[1] % HOUR_S) for row in rows})


def remove_readings(connection: apsw.Connection, key: int, start: float, end: float) -> int:
    """Remove those of which a part lies in [start, end); their hours follow. How many."""
    connection.execute(
        "DELETE FROM readings WHERE sensor = ? AND time > ? AND time < ?",
        (key, start - MINUTE_S, end),
    )
    removed = connection.changes()
    span = (key, start - MINUTE_S - HOUR_S, end)
    connection.execute("DELETE FROM reading_hours WHERE sensor = ? AND time > ? AND time < ?", span)
    _sum_hours(
        connection,
        {
            (key, math.floor(edge / HOUR_S) * HOUR_S)
            for edge in (start - MINUTE_S, start, end)
            if abs(edge) < 2**40
        },
    )
    return removed


def _sum_hours(connection: apsw.Connection, hours: Iterable[tuple[int, int]]) -> None:
    """Make the hours (key of the sensor, time) anew from their minutes."""
    keyed = [{"sensor": key, "hour": hour} for key, hour in sorted(hours)]
    connection.executemany(
        "DELETE FROM reading_hours WHERE sensor = :sensor AND time = :hour", keyed
    )
    connection.executemany(_SUM_HOUR, keyed)


def check_readings(readings: Sequence[LinkReading]) -> None:
    """Raise ValueError for one that is not of a whole minute of Unix time."""
    for reading in readings:
        if reading.width_s != MINUTE_S or reading.time % MINUTE_S:
            raise ValueError(f"reading of {reading.sensor!r} at {reading.time} is of no minute")


def read_readings(
    connection: apsw.Connection, sensor: str, start: int, end: int, resolution_s: int
) -> list[LinkReading]:
    """Those that overlap [start, end), whole ones, in order.

    Raises ValueError for a resolution that is none of RESOLUTIONS_S, or finer than a minute.
    """
    if resolution_s not in RESOLUTIONS_S or resolution_s < MINUTE_S:
        raise ValueError(f"readings have no resolution of {resolution_s} s")
    key = sensor_key(connection, sensor)
    if key is None or end <= start:
        return []
    values = {"sensor": key, "width": resolution_s, "start": start - start % resolution_s}
    values["end"] = end + -end % resolution_s
    query = _READ if resolution_s % HOUR_S else _READ_HOURS
    rows = connection.execute(query, values)
    return [_reading(sensor, resolution_s, row) for row in rows]


def prune_readings(connection: apsw.Connection, before: int, limit: int) -> int:
    """Remove readings before `before`, of each sensor the oldest, some `limit` in all; how many."""
    removed = 0
    keys: list[tuple[Any, ...]] = connection.execute("SELECT key FROM sensor_keys").fetchall()
    for (key,) in keys:
        oldest = connection.execute("SELECT min(time) FROM readings WHERE sensor = ?", (key,)).get
        if isinstance(oldest, int) and oldest < before:
            end = min(before, oldest + (limit - removed) * MINUTE_S)
            connection.execute("DELETE FROM readings WHERE sensor = ? AND time < ?", (key, end))
            removed += connection.changes()
            connection.execute(
                "DELETE FROM reading_hours WHERE sensor = ? AND time < ?", (key, end)
            )
            _sum_hours(connection, {(key, end - end % HOUR_S)})
            if removed >= limit:
                break
    return removed


def _row(connection: apsw.Connection, reading: LinkReading) -> tuple[Any, ...]:
    return (
        make_sensor_key(connection, reading.sensor),
        reading.time,
        _steps(reading.battery_percent, BATTERY_STEPS),
        _steps(reading.rssi_dbm, 1),
        _steps(reading.nominal_hz, RATE_STEPS),
        reading.received,
        reading.lost,
        reading.reconnects,
        reading.streaming_s,
        reading.observed_s,
    )


def _reading(sensor: str, width_s: int, row: Sequence[Any]) -> LinkReading:
    time, battery, rssi_dbm, nominal, received, lost, reconnects, streaming_s, observed_s = row
    return LinkReading(
        sensor=sensor,
        time=time,
        battery_percent=None if battery is None else battery / BATTERY_STEPS,
        rssi_dbm=rssi_dbm,
        nominal_hz=None if nominal is None else nominal / RATE_STEPS,
        received=received,
        lost=lost,
        reconnects=reconnects,
        streaming_s=streaming_s,
        observed_s=observed_s,
        width_s=width_s,
    )


def _steps(value: float | None, steps: int) -> int | None:
    return None if value is None or not math.isfinite(value) else round(value * steps)
