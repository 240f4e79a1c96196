"""Storing and sending, and the server, killed at random moments under load: afterwards both have the same.

SITWELL_KILLS says how often each of them is.
"""

import asyncio
import math
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from storage.influx.forwarder import Forwarder
from storage.influx.settings import InfluxSettings
from storage.influx.store import InfluxStore
from tests.influx.real_servers import RealServer, influxd

PROCESS = Path(__file__).with_name("forwarding_process.py")
KILLS = int(os.environ.get("SITWELL_KILLS", "50"))
T0 = 1_790_035_200


class Sender:
    """The process, and the end of what it said is committed."""

    def __init__(self, root: Path, path: Path, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(PROCESS), str(path), url, "killed"],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.committed = T0
        self.alive = threading.Event()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                self.committed = int(line)
                self.alive.set()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(20)
        self._reading.join(20)
        if self._process.stdout is not None:
            self._process.stdout.close()


async def drained(path: Path, settings: InfluxSettings) -> None:
    """What is still owed goes out; then local rows are the server's, their sums too, and no more."""
    with InfluxStore(path, settings) as store:
        forwarder = Forwarder(store, store.server, settings)
        await forwarder.drain(now=math.inf)
        await forwarder.close()
        assert store.debt().points == 0
        assert store.dead_letters() == []
        local = store.frames("ada", T0, T0 + 10**8)
        remote = store._remote.frames("ada", T0, T0 + 10**8)
        assert remote.times.tolist() == local.times.tolist()
        assert remote.times.tolist() == list(range(T0, T0 + len(local))), "no hole, nothing twice"
        assert remote.lean_deg.tolist() == local.lean_deg.tolist()
        assert remote.activity.tolist() == local.activity.tolist()
        end = T0 + len(local)
        for resolution_s in (60, 3600):
            here = store.series("ada", T0, end, resolution_s)
            there = store._remote.series("ada", T0, end, resolution_s)
            assert there.times.tolist() == here.times.tolist()
            assert there.seconds.tolist() == here.seconds.tolist()
            assert there.means["lean_deg"].tolist() == here.means["lean_deg"].tolist()


@pytest.mark.slow
@pytest.mark.timeout(300 + 12 * KILLS)
def test_killed_over_and_over_nothing_is_lost_and_nothing_doubled(
    root: Path, tmp_path: Path
) -> None:
    rng = random.Random(7)
    server: RealServer = influxd(tmp_path)
    server.start()
    path = tmp_path / "sitwell.db"
    settings = InfluxSettings(url=server.url, database="killed", local_days=36500, outbox_days=3650)
    committed = T0
    sender = None
    try:
        for _ in range(KILLS):
            sender = Sender(root, path, server.url)
            assert sender.alive.wait(60), "it writes, whatever was killed before"
            time.sleep(rng.uniform(0.0, 0.3))
            server.kill()
            before = sender.committed
            time.sleep(rng.uniform(0.0, 0.1))
            sender.alive.clear()
            assert sender.alive.wait(60), "it writes on while the server is away"
            assert sender.committed > before
            server.start()
            time.sleep(rng.uniform(0.0, 0.3))
            sender.kill()
            committed = max(committed, sender.committed)
        asyncio.run(drained(path, settings))
        with InfluxStore(path, settings) as store:
            latest = store.latest("ada")
            assert latest is not None
            assert latest.time + 1 >= committed, "what was said to be committed is there"
    finally:
        if sender is not None:
            sender.kill()
        server.kill()
