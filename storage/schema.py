"""The tables of the SQLite store, and how older files become today's.

Every migration is frozen once released: it takes a file from `user_version` i to i + 1. Numbers in
`frames` and the rollups are integers in the steps of `storage.frames.METRICS`, so that sums
are exact whatever the order they were made in.
"""

from collections.abc import Sequence

import apsw

from domain.errors import StoreUnavailableError, StoreVersionError
from storage.first_tables import FIRST_TABLES
from storage.touched_days import TABLE as KEPT_DAYS

#: "SITW": tells a Sitwell store from any other SQLite file (SQLite file format, section 1.3.15).
APPLICATION_ID = 0x53495457

#: What an older file says of a sensor began when it was paired. One that is named in the configuration
#: alone has no such time: it is known from its first calibration on, else from now on.
_V2 = """
ALTER TABLE sensors ADD COLUMN key_hex TEXT NOT NULL DEFAULT '';

CREATE TABLE assignments (
    sensor TEXT NOT NULL,
    since REAL NOT NULL,
    wearer TEXT NOT NULL,
    placement TEXT NOT NULL,
    until REAL,
    PRIMARY KEY (sensor, since)
) STRICT, WITHOUT ROWID;
INSERT INTO assignments (sensor, since, wearer, placement)
SELECT id, CASE
        WHEN paired_at > 0 THEN paired_at
        ELSE coalesce((SELECT min(made_at) FROM calibrations WHERE sensor = id), unixepoch())
    END, wearer, placement
FROM sensors;
"""

_V3 = """
CREATE TABLE sensor_keys (
    key INTEGER PRIMARY KEY,
    sensor TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE readings (
    sensor INTEGER NOT NULL,
    time INTEGER NOT NULL,
    battery INTEGER,
    rssi_dbm INTEGER,
    nominal INTEGER,
    received INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    reconnects INTEGER NOT NULL,
    streaming_s INTEGER NOT NULL,
    observed_s INTEGER NOT NULL,
    PRIMARY KEY (sensor, time)
) STRICT, WITHOUT ROWID;
"""

_V4 = "ALTER TABLE episodes ADD COLUMN asymmetry INTEGER NOT NULL DEFAULT 0;"

#: Frames of before were decided by somebody, of whom nothing was kept: 0.
_V5 = """
ALTER TABLE frames ADD COLUMN source INTEGER NOT NULL DEFAULT 0;

CREATE TABLE contexts (
    wearer TEXT NOT NULL,
    since INTEGER NOT NULL,
    algorithm_version TEXT NOT NULL,
    settings TEXT NOT NULL,
    sensors TEXT NOT NULL,
    PRIMARY KEY (wearer, since)
) STRICT, WITHOUT ROWID;
"""

#: Blobs lie better in a table with row ids: its tree then has rows alone, not bodies.
_V6 = """
CREATE TABLE samples (
    sensor INTEGER NOT NULL,
    start REAL NOT NULL,
    "end" REAL NOT NULL,
    count INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (sensor, start)
) STRICT;
CREATE INDEX samples_loose ON samples (sensor, start) WHERE joined = 0;
"""

#: One count for all revisions, so that a record that is removed and made anew never has an old one.
_V7 = """
CREATE TABLE revisions (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO revisions VALUES (1, 1);
ALTER TABLE wearers ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sensors ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE calibrations ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

CREATE TABLE diary (
    id TEXT PRIMARY KEY,
    wearer TEXT NOT NULL,
    at REAL NOT NULL,
    text TEXT NOT NULL,
    pain INTEGER,
    answers TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX diary_by_time ON diary (wearer, at);

CREATE TABLE settings (
    wearer TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (wearer, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    rights TEXT NOT NULL,
    made_at REAL NOT NULL,
    expires_at REAL,
    revoked_at REAL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    wearer TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
"""

#: Numbers in `outbox` are never given twice: a row is settled by the number it was read with.
_V8 = """
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    wearer INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    points INTEGER NOT NULL,
    owed_at REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_single ON outbox (kind, wearer, start) WHERE kind IN (2, 3, 4);
CREATE INDEX outbox_frames ON outbox (wearer, seq) WHERE kind IN (1, -1);

CREATE TABLE owing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    since REAL NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    pruned_before INTEGER NOT NULL DEFAULT 0,
    history_before INTEGER
) STRICT;

CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    kind INTEGER NOT NULL,
    wearer INTEGER NOT NULL,
    time INTEGER NOT NULL,
    status INTEGER NOT NULL,
    words TEXT NOT NULL,
    line TEXT NOT NULL
) STRICT;
"""

#: A year of a sensor is 525,600 minutes, and is looked at whole: hours of readings, made with them.
_V9 = """
CREATE TABLE reading_hours (
    sensor INTEGER NOT NULL,
    time INTEGER NOT NULL,
    battery_sum INTEGER NOT NULL,
    battery_n INTEGER NOT NULL,
    rssi_sum INTEGER NOT NULL,
    rssi_n INTEGER NOT NULL,
    nominal INTEGER,
    received INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    reconnects INTEGER NOT NULL,
    streaming_s INTEGER NOT NULL,
    observed_s INTEGER NOT NULL,
    PRIMARY KEY (sensor, time)
) STRICT, WITHOUT ROWID;
INSERT INTO reading_hours
SELECT sensor, time - time % 3600, coalesce(sum(battery), 0), count(battery),
    coalesce(sum(rssi_dbm), 0), count(rssi_dbm), max(nominal), sum(received), sum(lost),
    sum(reconnects), sum(streaming_s), sum(observed_s)
FROM readings GROUP BY 1, 2;
"""

#: Tokens of one wearer, the sessions they become in a browser, and when each was used last.
_V10 = """
ALTER TABLE tokens ADD COLUMN wearer TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'token';
ALTER TABLE tokens ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN last_used_at REAL;
"""

#: What is still to be done is asked for at every start.
_V11 = """
CREATE TABLE deliveries (
    announcement TEXT NOT NULL,
    channel TEXT NOT NULL,
    wearer TEXT NOT NULL,
    alert TEXT NOT NULL,
    kind TEXT NOT NULL,
    made_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    due_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (announcement, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_time ON deliveries (made_at, announcement, channel);
CREATE INDEX deliveries_pending ON deliveries (made_at) WHERE state IN ('waiting', 'sending');
"""

_V12 = """
CREATE TABLE decisions (
    id TEXT PRIMARY KEY,
    wearer TEXT NOT NULL,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    measured TEXT NOT NULL,
    value REAL,
    "limit" REAL,
    unit TEXT NOT NULL,
    alert TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_by_wearer ON decisions (wearer, at, id);
CREATE INDEX decisions_by_time ON decisions (at);

CREATE TABLE adjustments (
    id TEXT PRIMARY KEY,
    wearer TEXT NOT NULL,
    alert TEXT NOT NULL,
    setting TEXT NOT NULL,
    change REAL NOT NULL,
    made_at REAL NOT NULL,
    undone_at REAL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX adjustments_by_wearer ON adjustments (wearer, made_at);
"""

MIGRATIONS: tuple[str, ...] = (
    FIRST_TABLES, _V2, _V3, _V4, _V5, _V6, _V7, _V8, _V9, _V10, _V11, _V12, KEPT_DAYS,
)  # fmt: skip
SCHEMA_VERSION = len(MIGRATIONS)


def check_schema(connection: apsw.Connection) -> None:
    """Refuse a file that is not ours to touch; reads only.

    Raises StoreVersionError for the file of a newer Sitwell, StoreUnavailableError for a database
    that some other program made.
    """
    version = _number(connection, "PRAGMA user_version")
    application = _number(connection, "PRAGMA application_id")
    tables = _number(connection, "SELECT count(*) FROM sqlite_schema")
    if application != APPLICATION_ID and (tables or version):
        raise StoreUnavailableError(
            f"{connection.filename} is a database of another program; name another file"
        )
    if version > SCHEMA_VERSION:
        raise StoreVersionError(
            f"{connection.filename} was written by a newer Sitwell (schema {version}, this one knows"
            f" {SCHEMA_VERSION}); update Sitwell, or name another file"
        )


def migrate(connection: apsw.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the file to the newest schema, each step a transaction of its own."""
    for version in range(_number(connection, "PRAGMA user_version"), len(migrations)):
        with connection:
            connection.execute(migrations[version])
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {version + 1}")


def _number(connection: apsw.Connection, query: str) -> int:
    value = connection.execute(query).get
    if not isinstance(value, int):
        raise TypeError(f"{query} gave {value!r}")
    return value
