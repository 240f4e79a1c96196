"""What any released Sitwell wrote is read by this one, row by row, and goes on from there."""

from pathlib import Path

import apsw
import pytest

from domain.alerts import Outcome
from domain.episodes import Asymmetry, EpisodeKind
from domain.people import ReferenceMethod
from domain.placement import Placement
from domain.posture import Activity
from storage import schema
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.storage.conftest import _make_frames
from tests.storage.write_released import FOLDER, SENSOR, T0, tables

SCHEMA = "SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%'"
#: Goes when no server is asked for any more, which is so in these tests.
OWED = ("outbox", "owing", "dead_letters")
RELEASED = sorted(int(path.stem.split("_")[1]) for path in FOLDER.glob("schema_*.sql"))


@pytest.fixture(params=RELEASED)
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def path(version: int, tmp_path: Path) -> Path:
    """A store as the Sitwell of that schema left it."""
    path = tmp_path / "sitwell.db"
    connection = apsw.Connection(str(path))
    connection.execute((FOLDER / f"schema_{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


def test_every_schema_before_the_newest_has_its_file() -> None:
    """`python -m tests.storage.write_released` writes the one that is missing."""
    assert set(range(1, schema.SCHEMA_VERSION)) <= set(RELEASED)


def test_a_released_migration_is_never_edited(version: int, path: Path) -> None:
    made = apsw.Connection(":memory:")
    schema.migrate(made, schema.MIGRATIONS[:version])
    released = apsw.Connection(str(path))
    texts = [sorted(str(sql) for (sql,) in each.execute(SCHEMA)) for each in (made, released)]
    released.close()
    assert texts[0] == texts[1]


def test_every_row_survives(path: Path) -> None:
    connection = apsw.Connection(str(path))
    before = {
        table: connection.execute(f"SELECT count(*) FROM {table}").get
        for table in tables(connection)
    }
    connection.close()
    assert all(before.values()), "else nothing is tested"
    for table in OWED:
        before.pop(table, None)
    SqliteStore(path).close()
    connection = apsw.Connection(str(path))
    assert connection.pragma("user_version") == schema.SCHEMA_VERSION
    after = {table: connection.execute(f"SELECT count(*) FROM {table}").get for table in before}
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()
    assert after == before


def test_all_is_read_as_it_was_meant(version: int, path: Path) -> None:
    with SqliteStore(path) as store:
        (wearer,) = store.wearers()
        assert (wearer.id, wearer.name, wearer.timezone) == ("ada", "Ada", "Europe/Berlin")
        (frame,) = store.frames("ada", T0, T0 + 60)
        assert (frame.activity, frame.lean_deg) == (Activity.SITTING, 12.5)
        assert frame.source is (Placement.of_number(6) if version >= 5 else None)
        for width_s in (60, 3600, 86_400):
            series = store.series("ada", T0, T0 + 60, width_s)
            assert series.seconds.tolist() == [[7] * 6]
        (episode,) = store.episodes("ada", T0, T0 + 60)
        assert (episode.kind, episode.end) == (EpisodeKind.SLOUCH, T0 + 40)
        assert episode.asymmetry == (Asymmetry(1) if version >= 4 else Asymmetry.NONE)
        alert = store.alert("a1")
        assert (alert.outcome, alert.revision, alert.closed_at) == (Outcome.TAKEN, 3, T0 + 9.5)
        assert store.state("pipeline/ada") == b"\x00\xff"
        (sensor,) = store.sensors()
        assert (sensor.id, sensor.name, sensor.placement) == (SENSOR, "Clip", Placement.THIGH)
        (worn,) = store.assignments()
        assert (worn.sensor, worn.wearer, worn.open) == (SENSOR, "ada", True)
        assert worn.since == T0 - 60.5
        (calibration,) = store.calibrations(SENSOR)
        assert calibration.method is ReferenceMethod.TWO_POSES
        assert calibration.made_at == T0 - 30.25
        if version >= 3:
            (reading,) = store.readings(SENSOR, T0, T0 + 60)
            assert (reading.received, reading.battery_percent) == (7, 0.7)
        if version >= 5:
            (context,) = store.contexts("ada", T0, T0 + 1)
            assert context.settings == {"slouch_delay_s": 30.0}
        if version >= 6:
            (block,) = store.samples(SENSOR, T0, T0 + 1)
            assert block.acc_g[3].tolist() == [-0.25, -0.25, -0.25]
        if version >= 7:
            assert [entry.pain for entry in store.diary("ada", T0, T0 + 61)] == [4]
            assert [setting.value for setting in store.settings("ada")] == [2.5]
            assert [token.rights for token in store.tokens()] == [("read",)]
            assert [entry.wearer for entry in store.audit()] == ["ada"]


def test_it_goes_on_from_there(path: Path) -> None:
    with SqliteStore(path) as store:
        (sensor,) = store.sensors()
        store.put_sensor(sensor, expected=sensor.revision)
        store.write(Batch(frames=(_make_frames("ada", range(T0, T0 + 120)),)), now=T0)
        assert store.series("ada", T0, T0 + 120, 60).seconds.sum(axis=1).tolist() == [60, 60]
    with SqliteStore(path) as store:
        assert len(store.frames("ada", T0, T0 + 120)) == 120
