"""A backup is one whole moment, also of a store that is written meanwhile; restoring loses nothing."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from domain.errors import (
    InputError,
    NotFoundError,
    StoreHeldError,
    StoreUnavailableError,
    StoreVersionError,
)
from domain.posture import FrameBlock
from storage import backups, schema
from storage.backups import back_up, restore
from storage.contract import Batch
from storage.sqlite import SqliteStore

T0 = 1_790_035_200  # a midnight in UTC
WRITER = Path(__file__).with_name("crashing_writer.py")
MakeFrames = Callable[..., FrameBlock]


@pytest.fixture
def path(tmp_path: Path, make_frames: MakeFrames) -> Path:
    """A store with an hour of ada."""
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.write(
            Batch(frames=(make_frames("ada", range(T0, T0 + 3600)),), states={"n": b"1"}), now=T0
        )
    return tmp_path / "sitwell.db"


@pytest.fixture
def writer(root: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that writes batch after batch into tmp_path / live.db."""
    process = subprocess.Popen(
        [sys.executable, str(WRITER), str(tmp_path / "live.db")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate(timeout=20)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def whole_batches(path: Path, assert_series: Callable[..., None]) -> int:
    """How many batches of the writer a store holds, every one of them whole."""
    with SqliteStore(path) as store:
        done = int(store.state("next") or b"0")
        frames = store.frames("ada", 0, 2**40)
        assert frames.times.tolist() == list(range(7 * done))
        assert_series(store.series("ada", 0, 2**33, 60), list(frames))
        assert len(store.episodes("ada", 0, 2**40)) == done
    return done


class TestABackup:
    def test_of_a_store_that_is_written_meanwhile_is_one_moment(
        self,
        writer: subprocess.Popen[str],
        tmp_path: Path,
        assert_series: Callable[..., None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(backups, "_PAGES_A_STEP", 3)
        assert writer.stdout is not None
        for _ in range(200):
            before = int(writer.stdout.readline())
        seen: list[tuple[int, int]] = []

        def told(done: int, of: int) -> None:
            seen.append((done, of))
            assert writer.stdout is not None
            if len(seen) % 10 == 0:
                writer.stdout.readline()  # the service goes on between two steps

        back_up(tmp_path / "live.db", tmp_path / "copy.db", told)
        assert writer.poll() is None
        assert len(seen) > 20
        assert seen[-1][0] == seen[-1][1]
        done = whole_batches(tmp_path / "copy.db", assert_series)
        assert done >= before

    def test_is_one_file_for_its_owner_alone(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        size = back_up(path, tmp_path / "out" / "b.db")
        assert names(tmp_path / "out") == ["b.db"]
        assert (tmp_path / "out" / "b.db").stat().st_size == size
        if os.name == "posix":
            assert stat.S_IMODE((tmp_path / "out" / "b.db").stat().st_mode) == 0o600

    def test_never_replaces_a_file_and_leaves_none_behind_when_it_fails(
        self, path: Path, tmp_path: Path
    ) -> None:
        there = tmp_path / "there.db"
        there.write_text("mine")
        with pytest.raises(InputError, match="is there already"):
            back_up(path, there)
        assert there.read_text() == "mine"
        with pytest.raises(NotFoundError, match="no store at"):
            back_up(tmp_path / "none.db", tmp_path / "b.db")
        with pytest.raises(StoreUnavailableError):
            back_up(path, tmp_path / "no folder" / "b.db")
        assert names(tmp_path) == ["sitwell.db", "sitwell.db.lock", "there.db"]

    def test_of_a_damaged_store_is_refused(self, path: Path, tmp_path: Path) -> None:
        damage(path)
        with pytest.raises(StoreUnavailableError, match="damaged"):
            back_up(path, tmp_path / "b.db")
        assert not (tmp_path / "b.db").exists()


class TestRestoring:
    def test_brings_back_the_moment_and_keeps_the_old_file(
        self, path: Path, tmp_path: Path, make_frames: MakeFrames
    ) -> None:
        back_up(path, tmp_path / "b.db")
        with SqliteStore(path) as store:
            store.write(Batch(frames=(make_frames("bob", [T0]),), states={"n": b"2"}), now=T0)
        kept = restore(path, tmp_path / "b.db", now=float(T0))
        assert kept is not None
        assert kept.name == "sitwell.db.before-restore-20260922T000000Z"
        with SqliteStore(path) as store:
            assert (store.state("n"), store.latest("bob")) == (b"1", None)
            assert len(store.frames("ada", T0, T0 + 3600)) == 3600
        with SqliteStore(kept) as store:
            assert store.state("n") == b"2"
            assert store.latest("bob") is not None
        assert (tmp_path / "b.db").exists()

    def test_works_where_there_was_no_store(self, path: Path, tmp_path: Path) -> None:
        back_up(path, tmp_path / "b.db")
        new = tmp_path / "new" / "sitwell.db"
        assert restore(new, tmp_path / "b.db", now=0.0) is None
        with SqliteStore(new) as store:
            assert store.state("n") == b"1"

    def test_is_refused_while_a_service_has_the_store(self, path: Path, tmp_path: Path) -> None:
        back_up(path, tmp_path / "b.db")
        with SqliteStore(path) as store:
            store.write(Batch(states={"n": b"2"}), now=T0)
            with pytest.raises(StoreHeldError, match=f"process {os.getpid()}"):
                restore(path, tmp_path / "b.db", now=0.0)
        with SqliteStore(path) as store:
            assert store.state("n") == b"2"

    @pytest.mark.parametrize("what", ["damaged", "of another program", "newer", "empty", "text"])
    def test_of_what_is_no_whole_store_leaves_the_old_one_as_it_was(
        self, path: Path, tmp_path: Path, what: str
    ) -> None:
        backup = tmp_path / "b.db"
        if what == "text":
            backup.write_text("not a database, " * 500)
        elif what == "empty":
            backup.touch()
        else:
            back_up(path, backup)
            connection = apsw.Connection(str(backup))
            if what == "newer":
                connection.pragma("user_version", schema.SCHEMA_VERSION + 1)
            if what == "of another program":
                connection.pragma("application_id", 7)
            connection.close()
        if what == "damaged":
            damage(backup)
        before = path.read_bytes()
        with pytest.raises((StoreUnavailableError, StoreVersionError)):
            restore(path, backup, now=0.0)
        assert path.read_bytes() == before
        assert not [name for name in names(tmp_path) if "partial" in name or "before" in name]
        SqliteStore(path).close()

    def test_takes_the_backup_of_an_older_sitwell(self, path: Path, tmp_path: Path) -> None:
        connection = apsw.Connection(str(tmp_path / "old.db"))
        schema.migrate(connection, schema.MIGRATIONS[:2])
        connection.execute("INSERT INTO states VALUES ('n', x'39')")
        connection.close()
        restore(path, tmp_path / "old.db", now=0.0)
        connection = apsw.Connection(str(path))
        assert connection.pragma("user_version") == 2, "the next start brings it up to date"
        connection.close()
        with SqliteStore(path) as store:
            assert store.state("n") == b"9"

    def test_never_leaves_the_log_of_the_old_one_beside_the_new_one(
        self, writer: subprocess.Popen[str], path: Path, tmp_path: Path
    ) -> None:
        assert writer.stdout is not None
        for _ in range(30):
            acknowledged = int(writer.stdout.readline())
        writer.kill()
        writer.wait(timeout=20)
        live = tmp_path / "live.db"
        assert live.with_name("live.db-wal").stat().st_size > 0, "else nothing is tested"
        kept = restore(live, path, now=0.0)
        assert kept is not None
        with SqliteStore(live) as store:
            assert (store.state("n"), store.state("next")) == (b"1", None)
        with SqliteStore(kept) as store:
            assert int(store.state("next") or b"0") > acknowledged

    def test_that_fails_at_the_last_step_leaves_the_old_one_in_its_place(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        back_up(path, tmp_path / "b.db")
        with SqliteStore(path) as store:
            store.write(Batch(states={"n": b"2"}), now=T0)

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(StoreUnavailableError, match="free some space"):
            restore(path, tmp_path / "b.db", now=0.0)
        with SqliteStore(path) as store:
            assert store.state("n") == b"2"


def damage(path: Path) -> None:
    """Overwrite the headers of the pages in the second half."""
    content = bytearray(path.read_bytes())
    for page in range(len(content) // 1024 // 2, len(content) // 1024):
        content[page * 1024 : page * 1024 + 64] = b"\xa5" * 64
    path.write_bytes(content)
