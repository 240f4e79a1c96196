"""`sitwell demo` killed at random moments, as by a power cut: only the last second may be missing."""

import os
import random
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from storage.sqlite import SqliteStore
from tests.service.running import Running, Start

#: SITWELL_CRASHES=50 for the long run.
KILLS = int(os.environ.get("SITWELL_CRASHES", "2"))
SPEED = 10


def words(data_dir: Path) -> tuple[str, ...]:
    return (
        *("demo", "--no-browser", "--port", "0", "--days", "0", "--speed", str(SPEED)),
        *("--data-dir", str(data_dir)),
    )


def shown_until(running: Running, wait_s: float) -> tuple[float, list[tuple[float, int]]]:
    """Kills it after a while: before when all that was shown is stored; every second shown, and when."""
    stream = running.live()
    stream.wait_for(lambda event: event.name == "now", 60.0, "a second")
    time.sleep(wait_s)
    kept_until = running.kill()
    return kept_until, [
        (event.at, int(np.datetime64(event.data["time"].rstrip("Z"), "s").astype(int)))
        for event in list(stream.events)
        if event.name == "now" and event.data["time"] is not None
    ]


def assert_sound(data_dir: Path) -> set[int]:
    """Every second once, rollups that are their sum, at most one open episode of a kind; the seconds."""
    with SqliteStore(data_dir / "sitwell.db") as store:
        frames = store.frames("me", 0, 2**40)
        times = frames.times.tolist()
        assert times == sorted(set(times))
        minutes = store.series("me", 0, 2**33, 60)
        starts, counts = np.unique(frames.times - frames.times % 60, return_counts=True)
        assert minutes.times.tolist() == starts.tolist()
        assert minutes.seconds.sum(axis=1).tolist() == counts.tolist()
        assert store.series("me", 0, 2**33, 3600).seconds.sum() == len(times)
        episodes = store.episodes("me", 0, 2**40)
        assert len({episode.id for episode in episodes}) == len(episodes)
        opened = [episode.kind for episode in episodes if episode.open]
        assert len(opened) == len(set(opened))
        for kind in {episode.kind for episode in episodes}:
            for one, other in pairwise([e for e in episodes if e.kind is kind]):
                assert one.end is None or one.end <= other.start, "no bout twice"
    return set(times)


@pytest.mark.slow
@pytest.mark.timeout(180 + 60 * KILLS)
def test_a_service_killed_again_and_again_keeps_every_second_but_the_last(
    start: Start, tmp_path: Path
) -> None:
    chance = random.Random(20261130)
    data_dir = tmp_path / "data"
    before: set[int] = set()
    for _ in range(KILLS):
        running = start(*words(data_dir))
        kept_until, shown = shown_until(running, chance.uniform(0.0, 4.0))
        stored = assert_sound(data_dir)
        assert before <= stored, "what was stored once stays"
        missing = [second for at, second in shown if second not in stored]
        lost = [second for at, second in shown if second not in stored and at < kept_until]
        assert lost == [], f"shown long before the kill; missing in all: {missing}"
        before = stored
    # And one that is killed while it starts harms nothing.
    starting = Running(words(data_dir), tmp_path / "home", tmp_path / "starting.txt")
    time.sleep(chance.uniform(0.5, 2.5))
    starting.clean_up()
    starting._file.close()
    assert before <= assert_sound(data_dir)
