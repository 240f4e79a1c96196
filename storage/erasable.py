"""What an erasure would take away, counted without taking anything."""

import apsw

from storage.erased import Erasable
from storage.erasing import theirs
from storage.frames import wearer_key
from storage.sensors import sensor_key


def read_erasable(connection: apsw.Connection, wearer: str, first: int, last: int) -> Erasable:
    """Of `wearer` in [first, last)."""
    calibrations, samples = 0, 0.0
    for sensor, spans, _ in theirs(connection, wearer, first, last):
        key = sensor_key(connection, sensor)
        for since, until in spans:
            calibrations += _count(
                connection,
                "SELECT count(*) FROM calibrations WHERE sensor = ? AND made_at >= ? AND made_at < ?",
                sensor, since, until,
            )  # fmt: skip
            samples += 0.0 if key is None else _samples(connection, key, since, until)
    key = wearer_key(connection, wearer)
    return Erasable(
        episodes=0
        if key is None
        else _count(
            connection,
            "SELECT count(*) FROM episodes WHERE wearer = ? AND start < ?"
            ' AND ("end" IS NULL OR max("end", start + 1) > ?)',
            key, last, first,
        ),
        alerts=_count(
            connection,
            "SELECT count(*) FROM alerts WHERE wearer = ? AND opened_at >= ? AND opened_at < ?",
            wearer, first, last,
        ),
        samples=round(samples),
        calibrations=calibrations,
    )  # fmt: skip


def _samples(connection: apsw.Connection, key: int, since: float, until: float) -> float:
    shares: list[float] = [
        count * (min(end, until) - max(start, since)) / (end - start) if end > start else count
        for start, end, count in connection.execute(
            'SELECT start, "end", count FROM samples WHERE sensor = ? AND start < ? AND "end" >= ?',
            (key, until, since),
        )
    ]
    return sum(shares)


def _count(connection: apsw.Connection, statement: str, *values: object) -> int:
    (n,) = connection.execute(statement, tuple(values)).fetchone() or (0,)
    return int(n)
