PRAGMA application_id = 1397314647;
PRAGMA user_version = 12;
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
    confidence INTEGER, source INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (wearer, time)
) STRICT, WITHOUT ROWID;
CREATE TABLE minutes (
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

    seen INTEGER NOT NULL,
    PRIMARY KEY (wearer, time)
) STRICT, WITHOUT ROWID;
CREATE TABLE hours (
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

    PRIMARY KEY (wearer, time)
) STRICT, WITHOUT ROWID;
CREATE TABLE utc_days (
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
, asymmetry INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
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
, revision INTEGER NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID;
CREATE TABLE sensors (
    id TEXT PRIMARY KEY,
    driver TEXT NOT NULL,
    name TEXT NOT NULL,
    wearer TEXT NOT NULL,
    placement TEXT NOT NULL,
    paired_at REAL NOT NULL,
    simulated INTEGER NOT NULL
, key_hex TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID;
CREATE TABLE calibrations (
    sensor TEXT NOT NULL,
    made_at REAL NOT NULL,
    placement TEXT NOT NULL,
    method TEXT NOT NULL,
    rotation TEXT NOT NULL,
    slouch_deg REAL,
    sigma_deg REAL, revision INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (sensor, made_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE assignments (
    sensor TEXT NOT NULL,
    since REAL NOT NULL,
    wearer TEXT NOT NULL,
    placement TEXT NOT NULL,
    until REAL,
    PRIMARY KEY (sensor, since)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE contexts (
    wearer TEXT NOT NULL,
    since INTEGER NOT NULL,
    algorithm_version TEXT NOT NULL,
    settings TEXT NOT NULL,
    sensors TEXT NOT NULL,
    PRIMARY KEY (wearer, since)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE revisions (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
) STRICT;
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
, wearer TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT 'token', parent TEXT NOT NULL DEFAULT '', last_used_at REAL) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    wearer TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
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
INSERT INTO wearer_keys VALUES (1, 'ada');
INSERT INTO frames VALUES (1, 1790035200, 2, 7, 1250, 7, NULL, 7, 7, 7, 7, 7, 7, 6);
INSERT INTO minutes VALUES (1, 1790035200, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 1);
INSERT INTO hours VALUES (1, 1790035200, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7);
INSERT INTO utc_days VALUES (1, 1790035200, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7);
INSERT INTO episodes VALUES ('e1', 1, 'slouch', 1790035200, 1790035240, 1.5, 1.5, 1.5, 1.5, 1.5, 'thigh', 7, 6, 1);
INSERT INTO alerts VALUES ('a1', 'ada', 'word', 'slouch', 'nudge', 1790035205.5, 'word', 'word', 1.5, 1.5, 'word', 7, 'thigh', 1.5, 7, 1.5, 1.5, 1.5, 1790035209.5, 'taken', 1.5, 3);
INSERT INTO states VALUES ('pipeline/ada', X'00FF');
INSERT INTO wearers VALUES ('ada', 'Ada', 'Europe/Berlin', 2);
INSERT INTO sensors VALUES ('A0:9E:1A:00:00:01', 'polar', 'Clip', 'ada', 'thigh', 1790035139.5, 0, '', 2);
INSERT INTO calibrations VALUES ('A0:9E:1A:00:00:01', 1790035169.75, 'thigh', 'two_poses', '[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]', 1.5, 1.5, 2);
INSERT INTO assignments VALUES ('A0:9E:1A:00:00:01', 1790035139.5, 'ada', 'thigh', NULL);
INSERT INTO sensor_keys VALUES (1, 'A0:9E:1A:00:00:01');
INSERT INTO readings VALUES (1, 1790035200, 7, 7, 7, 7, 7, 7, 7, 7);
INSERT INTO contexts VALUES ('ada', 1790035200, 'word', '{"slouch_delay_s": 30.0}', '[]');
INSERT INTO samples VALUES (1, 1790035200.0, 1790035200.75, 4, 0, X'789C6361800301070664202000162804E235407C0B881D81988901155C90D8DFC0F81FC8F88F5D8E012A89550E2A0900E1CA0F75');
INSERT INTO revisions VALUES (1, 9);
INSERT INTO diary VALUES ('word', 'ada', 1790035260.0, 'word', 4, '{}', 2);
INSERT INTO settings VALUES ('ada', 'word', '2.5', 2);
INSERT INTO tokens VALUES ('word', 'word', 'word', '["read"]', 1.5, 1.5, 1.5, 2, 'ada', 'token', '', 1.5);
INSERT INTO audit VALUES (1, 1.5, 'word', 'word', 'ada', 'word');
INSERT INTO outbox VALUES (7, 7, 1, 7, 7, 7, 1.5);
INSERT INTO owing VALUES (1, 1.5, 7, 7, 7, 7, 7);
INSERT INTO dead_letters VALUES (7, 1.5, 7, 1, 1790035200, 7, 'word', 'word');
INSERT INTO reading_hours VALUES (1, 1790035200, 7, 1, 7, 7, 7, 7, 7, 7, 7, 7);
INSERT INTO deliveries VALUES ('word', 'word', 'ada', 'word', 'word', 1790035205.5, 1.5, 1.5, 1.5, 'waiting', 7, 'word');
INSERT INTO decisions VALUES ('word', 'ada', 1790035205.5, 'slouch', 'word', 'said', 'word', 1.5, 1.5, 'word', 'word');
INSERT INTO adjustments VALUES ('word', 'ada', 'word', 'word', 1.5, 1790035205.5, 1.5, 2);
