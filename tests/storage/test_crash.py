"""Real processes, killed while they write: nothing acknowledged is lost, nothing is doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import StoreUnavailableError
from storage.sqlite import SqliteStore

WRITER = Path(__file__).with_name("crashing_writer.py")
ROUNDS = 6


@pytest.fixture
def start_writer(root: Path, tmp_path: Path):
    """Starts the writer on the store of this test; every one is gone afterwards."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(WRITER), str(tmp_path / "sitwell.db")],
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


def test_a_writer_killed_again_and_again_loses_nothing_and_doubles_nothing(
    start_writer, tmp_path: Path, assert_series: Callable[..., None]
) -> None:
    chance = random.Random(20261122)
    for _ in range(ROUNDS):
        writer = start_writer()
        last = [acknowledged(writer) for _ in range(chance.randint(1, 60))][-1]
        time.sleep(chance.uniform(0, 0.01))
        writer.kill()
        rest, _ = writer.communicate(timeout=20)
        last = max([last, *map(int, rest.split())])

        with SqliteStore(tmp_path / "sitwell.db") as store:
            done = int(store.state("next") or b"0")
            assert last + 1 <= done <= last + 2  # one more may be committed and not yet said
            frames = store.frames("ada", 0, 2**40)
            assert frames.times.tolist() == list(range(7 * done))
            assert frames.lean_deg.tolist() == [t % 90 for t in range(7 * done)]
            for resolution_s in (60, 3600):
                assert_series(store.series("ada", 0, 2**33, resolution_s), list(frames))
            assert len(store.episodes("ada", 0, 2**40)) == done


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
