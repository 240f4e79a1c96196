"""Real processes, killed while they write: nothing acknowledged is lost, nothing is doubled."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import StoreUnavailableError
from storage.contract import Batch
from storage.sqlite import SqliteStore

WRITER = Path(__file__).with_name("crashing_writer.py")
#: SITWELL_CRASHES=50 for the long run.
ROUNDS = int(os.environ.get("SITWELL_CRASHES", "8"))


@pytest.fixture
def start_writer(root: Path, tmp_path: Path):
    """Starts the writer on the store of this test; every one is gone afterwards."""
    started: list[subprocess.Popen[str]] = []

    def start(*batches: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(WRITER), str(tmp_path / "sitwell.db"), *batches],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=20)


def acknowledged(process: subprocess.Popen[str]) -> int:
    """The next batch the writer says it has committed."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the writer ended by itself"
    return int(line)


def whole_batches(store: SqliteStore, assert_series: Callable[..., None]) -> int:
    """How many batches a store has, each of them whole and once."""
    done = int(store.state("next") or b"0")
    frames = store.frames("ada", 0, 2**40)
    assert frames.times.tolist() == list(range(7 * done))
    assert frames.lean_deg.tolist() == [t % 90 for t in range(7 * done)]
    for resolution_s in (60, 3600):
        assert_series(store.series("ada", 0, 2**33, resolution_s), list(frames))
    assert len(store.episodes("ada", 0, 2**40)) == done
    return done


def test_a_writer_killed_again_and_again_loses_nothing_and_doubles_nothing(
    start_writer, tmp_path: Path, assert_series: Callable[..., None]
) -> None:
    chance = random.Random(20261122)
    for _ in range(ROUNDS):
        writer = start_writer()
        last = [acknowledged(writer) for _ in range(chance.randint(1, 60))][-1]
        time.sleep(chance.uniform(0, 0.01))
        writer.kill()
        writer.wait(timeout=20)
        assert writer.stdout is not None
        rest = (
            writer.stdout.read()
        )  # what was said is partly read ahead, which communicate overlooks
        last = max([last, *map(int, rest.split())])

        with SqliteStore(tmp_path / "sitwell.db") as store:
            done = whole_batches(store, assert_series)
            assert last + 1 <= done <= last + 2  # one more may be committed and not yet said


def test_a_second_service_is_told_which_process_holds_the_store_until_that_is_dead(
    start_writer, tmp_path: Path
) -> None:
    writer = start_writer()
    acknowledged(writer)
    with pytest.raises(StoreUnavailableError, match=rf"held by process {writer.pid} on "):
        SqliteStore(tmp_path / "sitwell.db")
    acknowledged(writer)  # and that one goes on undisturbed
    os.kill(writer.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    writer.wait(timeout=20)
    with SqliteStore(tmp_path / "sitwell.db") as store:
        assert store.latest("ada") is not None


@pytest.mark.parametrize("torn", ["cut short", "filled with zeros", "with a wrong bit"])
def test_a_torn_log_costs_what_was_torn_and_nothing_before(
    start_writer, tmp_path: Path, assert_series: Callable[..., None], torn: str
) -> None:
    chance = random.Random(f"{torn} 20261130")
    writer = start_writer("40")  # and no more: with some hundred the log begins anew
    last = [acknowledged(writer) for _ in range(40)][-1]
    writer.kill()
    writer.wait(timeout=20)
    path = tmp_path / "sitwell.db"
    log = (tmp_path / "sitwell.db-wal").read_bytes()
    assert len(log) > 100_000, "else nothing is tested"
    found = []
    for number, place in enumerate(sorted(chance.randrange(32, len(log)) for _ in range(8))):
        folder = tmp_path / f"torn-{number}"
        folder.mkdir()
        shutil.copy(path, folder)
        if torn == "cut short":
            bad = log[:place]
        elif torn == "filled with zeros":
            bad = log[:place] + bytes(len(log) - place)
        else:
            bad = log[:place] + bytes([log[place] ^ 1]) + log[place + 1 :]
        (folder / "sitwell.db-wal").write_bytes(bad)
        with SqliteStore(folder / "sitwell.db") as store:
            found.append(whole_batches(store, assert_series))
            store.write(Batch(states={"more": b"1"}), now=0.0)
    assert found == sorted(found), "the later it is torn, the more there is"
    assert found[-1] > found[0]
    assert found[-1] <= last + 1


@pytest.mark.skipif(sys.platform != "linux", reason="mounts of one's own are Linux's")
def test_a_read_only_file_system_is_said_and_nothing_is_harmed(root: Path, tmp_path: Path) -> None:
    SqliteStore(tmp_path / "sitwell.db").close()
    before = (tmp_path / "sitwell.db").read_bytes()
    mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"'
    words = (mount, "sh", str(tmp_path), sys.executable, OPENS, str(root))
    if subprocess.run(["unshare", "-m", "sh", "-c", *words[:3]], check=False).returncode:
        pytest.skip("nothing can be mounted here (root can)")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f'{mount} && cd "$4" && "$2" -c "$3" "$1"', *words[1:]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "read-only for this user" in done.stdout
    assert (tmp_path / "sitwell.db").read_bytes() == before


OPENS = """
import sys
from pathlib import Path
sys.path.insert(0, ".")
from domain.errors import StoreUnavailableError
from storage.sqlite import SqliteStore
try:
    SqliteStore(Path(sys.argv[1]) / "sitwell.db")
except StoreUnavailableError as error:
    print(error)
"""
