"""The tables of the first schema, frozen: `storage.schema` takes a file on from here."""

_ROLLUP_COLUMNS = """
    wearer INTEGER NOT NULL,
    time INTEGER NOT NULL,
    unknown_s INTEGER NOT NULL,
    lying_s INTEGER NOT NULL,
    sitting_s INTEGER NOT NULL,
    standing_s INTEGER NOT NULL,
    moving_s INTEGER NOT NULL,
    not_worn_s INTEGER NOT NULL,
    p_sitting_sum INTEGER NOT NULL, p_sitting_n INTEGER NOT NULL,
    lean_deg_sum INTEGER NOT NULL, lean_deg_n INTEGER NOT NULL,
    side_deg_sum INTEGER NOT NULL, side_deg_n INTEGER NOT NULL,
    twist_deg_sum INTEGER NOT NULL, twist_deg_n INTEGER NOT NULL,
    turn_dps_sum INTEGER NOT NULL, turn_dps_n INTEGER NOT NULL,
    mad_mg_sum INTEGER NOT NULL, mad_mg_n INTEGER NOT NULL,
    enmo_mg_sum INTEGER NOT NULL, enmo_mg_n INTEGER NOT NULL,
    cadence_spm_sum INTEGER NOT NULL, cadence_spm_n INTEGER NOT NULL,
    confidence_sum INTEGER NOT NULL, confidence_n INTEGER NOT NULL,
    lean_min INTEGER,
    lean_max INTEGER,
    upright_lean_sum INTEGER NOT NULL,
    upright_lean_n INTEGER NOT NULL,
"""

FIRST_TABLES = f"""
CREATE TABLE wearer_keys (
    key INTEGER PRIMARY KEY,
    wearer TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE frames (
    wearer INTEGER NOT NULL,
    time INTEGER NOT NULL,
    activity INTEGER NOT NULL,
    p_sitting INTEGER,
    lean_deg INTEGER,
    side_deg INTEGER,
    twist_deg INTEGER,
    turn_dps INTEGER,
    mad_mg INTEGER,
    enmo_mg INTEGER,
    cadence_spm INTEGER,
    quality INTEGER NOT NULL,
    confidence INTEGER,
    PRIMARY KEY (wearer, time)
) STRICT, WITHOUT ROWID;

CREATE TABLE minutes ({_ROLLUP_COLUMNS}
    seen INTEGER NOT NULL,
    PRIMARY KEY (wearer, time)
) STRICT, WITHOUT ROWID;

CREATE TABLE hours ({_ROLLUP_COLUMNS}
    PRIMARY KEY (wearer, time)
) STRICT, WITHOUT ROWID;

CREATE TABLE utc_days ({_ROLLUP_COLUMNS}
    PRIMARY KEY (wearer, time)
) STRICT, WITHOUT ROWID;

CREATE TABLE episodes (
    id TEXT PRIMARY KEY,
    wearer INTEGER NOT NULL REFERENCES wearer_keys (key),
    kind TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER,
    peak REAL,
    mean REAL,
    dose REAL,
    confidence REAL,
    "limit" REAL,
    placement TEXT NOT NULL,
    censored INTEGER NOT NULL,
    span INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX episodes_by_span ON episodes (wearer, span, start);

CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    wearer TEXT NOT NULL,
    episode TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    opened_at REAL NOT NULL,
    message TEXT NOT NULL,
    measured TEXT NOT NULL,
    value REAL,
    "limit" REAL,
    unit TEXT NOT NULL,
    lasted_s INTEGER NOT NULL,
    placement TEXT NOT NULL,
    confidence REAL,
    said INTEGER NOT NULL,
    last_said_at REAL NOT NULL,
    acknowledged_at REAL,
    snoozed_until REAL,
    closed_at REAL,
    outcome TEXT,
    response_s REAL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_by_opening ON alerts (opened_at);
CREATE INDEX alerts_by_wearer ON alerts (wearer, opened_at);
CREATE INDEX alerts_open ON alerts (opened_at) WHERE closed_at IS NULL;

CREATE TABLE states (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE wearers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sensors (
    id TEXT PRIMARY KEY,
    driver TEXT NOT NULL,
    name TEXT NOT NULL,
    wearer TEXT NOT NULL,
    placement TEXT NOT NULL,
    paired_at REAL NOT NULL,
    simulated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE calibrations (
    sensor TEXT NOT NULL,
    made_at REAL NOT NULL,
    placement TEXT NOT NULL,
    method TEXT NOT NULL,
    rotation TEXT NOT NULL,
    slouch_deg REAL,
    sigma_deg REAL,
    PRIMARY KEY (sensor, made_at)
) STRICT, WITHOUT ROWID;
"""
