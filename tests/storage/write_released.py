"""Write tests/storage/released/schema_N.sql of every schema that has no file yet:

    python -m tests.storage.write_released

A file holds a store as that schema's Sitwell left it, with rows in every table. It is never written
anew: what was released once has to be readable for ever.
"""

from pathlib import Path
from typing import Any

import apsw
import numpy as np

from domain.samples import SampleBlock
from storage.samples import packed
from storage.schema import MIGRATIONS, migrate

FOLDER = Path(__file__).with_name("released")
T0 = 1_790_035_200  # a midnight in UTC
SENSOR = "A0:9E:1A:00:00:01"
#: What a column holds, where its type does not say it: by table and column, then by column.
VALUES: dict[str, Any] = {
    "wearers.id": "ada", "wearers.name": "Ada", "wearers.timezone": "Europe/Berlin",
    "wearer_keys.key": 1, "wearer_keys.wearer": "ada", "sensor_keys.key": 1,
    "sensor_keys.sensor": SENSOR, "sensors.id": SENSOR, "sensors.driver": "polar",
    "sensors.name": "Clip", "sensors.simulated": 0, "sensors.key_hex": "",
    "sensors.paired_at": T0 - 60.5, "assignments.since": T0 - 60.5, "assignments.until": None,
    "calibrations.made_at": T0 - 30.25, "calibrations.method": "two_poses",
    "calibrations.rotation": "[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]",
    "sensors.wearer": "ada",
    "assignments.wearer": "ada",
    "readings.sensor": 1, "samples.sensor": 1, "frames.activity": 2, "frames.lean_deg": 1250,
    "frames.twist_deg": None, "minutes.seen": 1, "episodes.kind": "slouch", "episodes.id": "e1",
    "episodes.end": T0 + 40, "episodes.span": 6, "episodes.start": T0, "alerts.id": "a1",
    "alerts.kind": "slouch", "alerts.severity": "nudge", "alerts.outcome": "taken",
    "alerts.wearer": "ada", "alerts.opened_at": T0 + 5.5, "alerts.closed_at": T0 + 9.5,
    "alerts.revision": 3, "deliveries.state": "waiting", "deliveries.wearer": "ada",
    "deliveries.made_at": T0 + 5.5, "decisions.wearer": "ada", "decisions.at": T0 + 5.5,
    "decisions.kind": "slouch", "decisions.reason": "said", "adjustments.wearer": "ada",
    "adjustments.made_at": T0 + 5.5, "states.key": "pipeline/ada", "contexts.wearer": "ada",
    "contexts.since": T0, "contexts.settings": '{"slouch_delay_s": 30.0}', "contexts.sensors": "[]",
    "samples.start": T0 + 0.0, "samples.end": T0 + 0.75, "samples.count": 4, "samples.joined": 0,
    "samples.data": packed([
        SampleBlock(SENSOR, T0 + np.arange(4) / 4, np.eye(4, 3) - 0.25, None, 4.0)
    ]),
    "diary.wearer": "ada", "diary.at": T0 + 60.0, "diary.pain": 4, "diary.answers": "{}",
    "owing.one": 1, "reading_hours.sensor": 1, "reading_hours.battery_n": 1,
    "settings.wearer": "ada", "settings.value": "2.5", "tokens.rights": '["read"]',
    "tokens.wearer": "ada", "tokens.kind": "token", "tokens.parent": "",
    "revisions.one": 1, "revisions.last": 9, "audit.wearer": "ada", "audit.number": 1,
    "wearer": 1, "sensor": SENSOR, "placement": "thigh", "time": T0, "asymmetry": 1, "source": 6,
    "revision": 2,
}  # fmt: skip
_BY_TYPE: dict[str, Any] = {"INTEGER": 7, "REAL": 1.5, "TEXT": "word", "BLOB": b"\x00\xff"}


def fill(connection: apsw.Connection) -> None:
    """A row into every table that has none."""
    for table in tables(connection):
        if connection.execute(f"SELECT count(*) FROM {table}").get:
            connection.execute(f"DELETE FROM {table}")
        row = {
            str(name): VALUES.get(f"{table}.{name}", VALUES.get(str(name), _BY_TYPE[str(kind)]))
            for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})")
        }
        if table in ("episodes", "frames"):
            row["wearer"] = 1
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(row.values()))


def tables(connection: apsw.Connection) -> list[str]:
    """Their names, in the order they were made."""
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    return [str(name) for (name,) in rows]


def dump(connection: apsw.Connection) -> str:
    """The file as statements that make it anew."""
    lines = []
    for name in ("application_id", "user_version"):
        lines.append(f"PRAGMA {name} = {connection.pragma(name)};")
    schema = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    lines += [f"{sql};" for (sql,) in schema]
    for table in tables(connection):
        for row in connection.execute(f"SELECT * FROM {table}"):
            values = ", ".join(apsw.format_sql_value(value) for value in row)
            lines.append(f"INSERT INTO {table} VALUES ({values});")
    return "\n".join(lines) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for version in range(1, len(MIGRATIONS) + 1):
        path = FOLDER / f"schema_{version}.sql"
        if path.exists():
            continue
        connection = apsw.Connection(":memory:")
        migrate(connection, MIGRATIONS[:version])
        fill(connection)
        path.write_text(dump(connection), encoding="utf-8")
        print(path.name)


if __name__ == "__main__":
    main()
