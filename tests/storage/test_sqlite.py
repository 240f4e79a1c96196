"""What is true of the SQLite file: who may open it, what it refuses, how it survives a bad disk."""

import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.errors import NotFoundError, StoreUnavailableError, StoreVersionError
from domain.placement import Placement
from domain.posture import FrameBlock
from domain.readings import LinkReading
from storage import schema, sqlite
from storage.contract import Batch
from storage.episodes import read_episodes
from storage.sqlite import SqliteStore
from storage.sqlite_reader import SqliteReader

T0 = 1_790_035_200
POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions and limits of POSIX")

MakeFrames = Callable[..., FrameBlock]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sitwell.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path, busy_timeout_s=0.05) as store:
        yield store


def scratch(path: Path, *statements: str) -> None:
    """Do something to a closed file behind Sitwell's back."""
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement).fetchall()
    connection.close()


class TestOpening:
    @POSIX
    def test_keeps_folder_and_files_from_other_users(self, store: SqliteStore, path: Path) -> None:
        store.write(Batch(states={"a": b"1"}), now=T0)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert set(modes) >= {"sitwell.db", "sitwell.db-wal", "sitwell.db.lock"}
        assert set(modes.values()) == {0o600}

    @POSIX
    def test_narrows_a_file_that_others_could_read_and_leaves_a_folder_it_did_not_make(
        self, tmp_path: Path
    ) -> None:
        tmp_path.chmod(0o755)
        path = tmp_path / "sitwell.db"
        SqliteStore(path).close()
        path.chmod(0o644)
        SqliteStore(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755

    def test_writes_durably_through_a_log(self, store: SqliteStore) -> None:
        connection = store._writer
        assert connection is not None
        values = {
            name: connection.pragma(name)
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}

    def test_keeps_what_a_second_adds_to_the_log_small(
        self, store: SqliteStore, path: Path, make_frames: MakeFrames
    ) -> None:
        wal = path.with_name(path.name + "-wal")
        store.write(Batch(frames=(make_frames("me", [T0]),), states={"p": b"0"}), now=T0)
        before = wal.stat().st_size
        for second in range(1, 51):
            state = os.urandom(5300 + second)  # what a pipeline of two sensors saves
            batch = Batch(frames=(make_frames("me", [T0 + second]),), states={"p": state})
            store.write(batch, now=T0 + second)
        assert (wal.stat().st_size - before) / 50 < 20_000  # 1.7 GB a day; 33 kB with large pages

    def test_gives_readers_that_cannot_write(self, store: SqliteStore) -> None:
        with pytest.raises(StoreUnavailableError), store._snapshot() as connection:
            connection.execute("DELETE FROM frames")

    def test_gives_a_reader_one_moment_whatever_is_written_meanwhile(
        self, store: SqliteStore
    ) -> None:
        with store._snapshot() as connection:
            before = connection.execute("SELECT count(*) FROM states").get
            store.write(Batch(states={"a": b"1"}), now=T0)
            assert connection.execute("SELECT count(*) FROM states").get == before == 0
        assert store.state("a") == b"1"

    def test_prunes_more_readings_than_one_transaction_takes(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "PRUNED_AT_ONCE", 7)
        minutes = [
            LinkReading(sensor, T0 + 60 * i, None, None, None, 0, 0, 0, 0, 60)
            for sensor in ("AA", "BB")
            for i in range(50)
        ]
        store.write(Batch(readings=tuple(minutes)), now=T0)
        store.prune(frames_before=T0, readings_before=T0 + 45 * 60)
        left = [len(store.readings(sensor, T0, T0 + 3600)) for sensor in ("AA", "BB")]
        assert left == [5, 5]

    def test_refuses_a_second_service_and_says_who_holds_it(
        self, store: SqliteStore, path: Path
    ) -> None:
        with pytest.raises(StoreUnavailableError, match=f"held by process {os.getpid()} on "):
            SqliteStore(path)
        store.close()
        SqliteStore(path).close()

    @pytest.mark.parametrize(
        ("version", "fits"), [("3.51.2", False), ("3.9.9", False), ("3.51.3", True)]
    )
    def test_refuses_a_library_that_can_damage_a_log(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, version: str, fits: bool
    ) -> None:
        monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)
        if fits:
            SqliteStore(path).close()
        else:
            with pytest.raises(StoreVersionError, match=rf"{version}.*3\.51\.3"):
                SqliteStore(path)
            assert not path.parent.exists()

    def test_refuses_the_file_of_a_newer_sitwell_and_does_not_touch_it(self, path: Path) -> None:
        SqliteStore(path).close()
        scratch(path, f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
        before = path.read_bytes()
        with pytest.raises(StoreVersionError, match="newer Sitwell"):
            SqliteStore(path)
        assert path.read_bytes() == before

    def test_refuses_the_database_of_another_program_and_does_not_touch_it(
        self, path: Path
    ) -> None:
        path.parent.mkdir()
        scratch(path, "CREATE TABLE history (url TEXT)")
        before = path.read_bytes()
        with pytest.raises(StoreUnavailableError, match="another program"):
            SqliteStore(path)
        assert path.read_bytes() == before

    def test_refuses_what_is_no_database(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"not a database, " * 500)
        with pytest.raises(StoreUnavailableError, match="damaged or no database"):
            SqliteStore(path)

    def test_lets_go_of_the_lock_when_it_refuses(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"not a database, " * 500)
        with pytest.raises(StoreUnavailableError):
            SqliteStore(path)
        path.unlink()
        SqliteStore(path).close()

    def test_takes_a_folder_where_a_file_should_be_for_unusable(self, tmp_path: Path) -> None:
        (tmp_path / "sitwell.db").mkdir()
        with pytest.raises(StoreUnavailableError, match="cannot be opened"):
            SqliteStore(tmp_path / "sitwell.db")

    def test_finds_damage_after_an_unclean_stop(self, path: Path, make_frames: MakeFrames) -> None:
        with SqliteStore(path) as store:
            store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 4000)),)), now=T0)
        damage_middle(path)
        path.with_name("sitwell.db.lock").write_text("process 1 on a machine that lost power")
        with pytest.raises(StoreUnavailableError, match="damaged"):
            SqliteStore(path)

    def test_gives_the_sensors_of_an_older_file_a_history(self, path: Path) -> None:
        path.parent.mkdir()
        connection = apsw.Connection(str(path))
        schema.migrate(connection, schema.MIGRATIONS[:1])
        for sensor_id, paired_at in (("AA", T0 + 0.5), ("BB", 0.0), ("CC", 0.0)):
            connection.execute(
                "INSERT INTO sensors VALUES (?, 'polar', 'Clip', 'ada', 'thigh', ?, 0)",
                (sensor_id, paired_at),
            )
        for made_at in (T0 + 8.0, T0 + 3.0):
            connection.execute(
                "INSERT INTO calibrations VALUES ('BB', ?, 'thigh', 'none', '[]', NULL, 0.1)",
                (made_at,),
            )
        connection.close()
        with SqliteStore(path) as store:
            assert [sensor.key_hex for sensor in store.sensors()] == ["", "", ""]
            since = {a.sensor: a.since for a in store.assignments()}
            assert {(a.wearer, a.placement, a.until) for a in store.assignments()} == {
                ("ada", Placement.THIGH, None)
            }
        assert (since["AA"], since["BB"]) == (T0 + 0.5, T0 + 3.0)
        assert since["CC"] == pytest.approx(time.time(), abs=60), "known from now on"

    def test_takes_the_episodes_of_an_older_file_for_symmetric(self, path: Path) -> None:
        path.parent.mkdir()
        connection = apsw.Connection(str(path))
        schema.migrate(connection, schema.MIGRATIONS[:3])
        connection.execute("INSERT INTO wearer_keys VALUES (1, 'ada')")
        connection.execute(
            "INSERT INTO episodes VALUES ('e', 1, 'slouch', 5, 9, 1, 1, 1, 1, 1, 'sternum', 0, 2)"
        )
        connection.close()
        with SqliteStore(path) as store:
            (found,) = store.episodes("ada", 0, 10)
        assert (found.kind, found.asymmetry) == (EpisodeKind.SLOUCH, Asymmetry.NONE)

    def test_knows_of_frames_of_an_older_file_that_nobody_said_who_decided(
        self, path: Path
    ) -> None:
        path.parent.mkdir()
        connection = apsw.Connection(str(path))
        schema.migrate(connection, schema.MIGRATIONS[:4])
        connection.execute("INSERT INTO wearer_keys VALUES (1, 'ada')")
        connection.execute(
            "INSERT INTO frames (wearer, time, activity, lean_deg, quality) VALUES (1, ?, 2, 1250, 0)",
            (T0,),
        )
        connection.close()
        with SqliteStore(path) as store:
            (frame,) = store.frames("ada", T0, T0 + 1)
            assert (frame.lean_deg, frame.source) == (12.5, None)
            assert store.contexts("ada", T0, T0 + 1) == []

    def test_is_read_while_a_service_writes_and_never_made_or_migrated_by_a_reader(
        self, path: Path, make_frames: MakeFrames
    ) -> None:
        with pytest.raises(NotFoundError, match="no store at"):
            SqliteReader.of(path)
        assert not path.parent.exists()
        with SqliteStore(path) as store, SqliteReader.of(path) as reader:
            store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
            assert len(reader.frames("ada", T0, T0 + 1)) == 1
        scratch(path, "PRAGMA user_version = 3")
        with pytest.raises(StoreVersionError, match="older Sitwell"):
            SqliteReader.of(path)

    def test_migrates_step_by_step_and_leaves_a_failed_step_undone(self, path: Path) -> None:
        SqliteStore(path).close()
        connection = apsw.Connection(str(path))
        steps = (
            *schema.MIGRATIONS,
            "CREATE TABLE one (a)",
            "CREATE TABLE two (a); CREATE TABLE one (a)",
        )
        with pytest.raises(apsw.SQLError, match="already exists"):
            schema.migrate(connection, steps)
        assert connection.pragma("user_version") == len(schema.MIGRATIONS) + 1
        assert connection.table_exists(None, "one") and not connection.table_exists(None, "two")
        connection.close()


def damage_middle(path: Path) -> None:
    """Overwrite the headers of some pages in the middle of the file."""
    content = bytearray(path.read_bytes())
    for page in range(len(content) // 4096 // 2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xa5" * 64
    path.write_bytes(content)


class TestBadDisk:
    def test_full_refuses_the_batch_whole_and_takes_it_again_later(
        self, store: SqliteStore, make_frames: MakeFrames, assert_series: Callable[..., None]
    ) -> None:
        first = Batch(frames=(make_frames("ada", range(T0, T0 + 3000), 1),), states={"next": b"1"})
        second = Batch(frames=(make_frames("bob", range(T0, T0 + 9000), 2),), states={"next": b"2"})
        store.write(first, now=T0)
        assert store._writer is not None
        store._writer.pragma("max_page_count", store._writer.pragma("page_count") + 20)
        with pytest.raises(StoreUnavailableError, match="free some space"):
            store.write(second, now=T0 + 1)
        health = store.health()
        assert (health.ok, health.last_commit_at) == (False, T0)
        assert "full" in health.detail
        assert store.state("next") == b"1"
        assert store.latest("bob") is None
        store._writer.pragma("max_page_count", 2**30)
        store.write(second, now=T0 + 2)
        assert store.health().ok
        for batch in (first, second):
            (block,) = batch.frames
            assert_series(store.series(block.wearer, T0, T0 + 9000, 60), list(block))

    @POSIX
    def test_that_stops_taking_bytes_loses_nothing_that_was_acknowledged(
        self, path: Path, root: Path, assert_series: Callable[..., None]
    ) -> None:
        last = int(run_script(root, FILLS_THE_DISK, str(path)))
        assert last > 3
        with SqliteStore(path) as store:
            frames = store.frames("ada", 0, 2**40)
            assert frames.times.tolist() == list(range(7 * (last + 1)))
            assert_series(store.series("ada", 0, 2**33, 60), list(frames))

    @POSIX
    @pytest.mark.parametrize("folder_mode", [0o555, 0o777])
    def test_that_is_read_only_is_said_so(self, root: Path, folder_mode: int) -> None:
        # Outside of pytest's own folder, which another user may not even enter.
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            path = folder / "sitwell.db"
            SqliteStore(path).close()
            path.with_name("sitwell.db.lock").unlink()
            path.chmod(0o444)
            folder.chmod(folder_mode)
            said = run_script(root, OPENS_AS_NOBODY, str(path))
            folder.chmod(0o700)
        assert "read-only for this user" in said

    def test_that_is_locked_by_another_program_is_said_so_and_passes(
        self, store: SqliteStore, path: Path
    ) -> None:
        browser = apsw.Connection(str(path))
        browser.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="another program keeps it locked"):
            store.write(Batch(states={"a": b"1"}), now=T0)
        assert store.state("a") is None  # readers go on
        browser.execute("ROLLBACK")
        browser.close()
        store.write(Batch(states={"a": b"1"}), now=T0)
        assert store.state("a") == b"1"

    def test_that_damages_pages_is_told_to_readers_by_type(
        self, path: Path, make_frames: MakeFrames
    ) -> None:
        with SqliteStore(path) as store:
            store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 9000)),)), now=T0)
        damage_middle(path)
        with (
            SqliteStore(path) as store,
            pytest.raises(StoreUnavailableError, match="damaged"),
        ):
            store.frames("ada", T0, T0 + 9000)


FILLS_THE_DISK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, "tests/storage")
from crashing_writer import batch
from domain.errors import StoreUnavailableError
from storage.sqlite import SqliteStore

_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
store = SqliteStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
i = 0
while True:
    try:
        store.write(batch(i), now=0.0)
    except StoreUnavailableError:
        refused = i
        break
    i += 1
try:
    store.write(batch(refused), now=0.0)
except StoreUnavailableError:
    pass
else:
    sys.exit("a full disk took a batch")
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
store.write(batch(refused), now=0.0)
store.close()
print(refused)
"""

OPENS_AS_NOBODY = """
import os, sys
from pathlib import Path
from domain.errors import StoreUnavailableError
from storage.sqlite import SqliteStore

if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    SqliteStore(Path(sys.argv[1]))
except StoreUnavailableError as error:
    print(error)
"""


def run_script(root: Path, script: str, *arguments: str) -> str:
    """Run `script` in a process of its own and give back what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_overlaps_are_found_without_reading_years_of_episodes(store: SqliteStore) -> None:
    written = [
        Episode(EpisodeKind.SITTING, "ada", start, start + 30 * (i % 29), 1, 1, 1, 1, 1, "thigh")
        for i, start in enumerate(range(T0, T0 + 730 * 86400, 900))
    ]
    store.write(Batch(episodes=tuple(written)), now=T0)
    ticks = 0

    def tick() -> bool:
        nonlocal ticks
        ticks += 1
        return False

    with store._snapshot() as connection:
        connection.set_progress_handler(tick, 100)
        found = read_episodes(connection, "ada", 1, T0 + 700 * 86400, T0 + 701 * 86400)
        connection.set_progress_handler(None)
    assert 96 <= len(found) <= 98
    assert ticks * 100 < 20_000, (
        "looking at each of the 70,080 would take over half a million steps"
    )
