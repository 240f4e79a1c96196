"""An hour of three sensors on a bad day: every sample accounted for, nothing that grows."""

import asyncio
import gc
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "collector"))  # tests are not packages

from over_bumble import Bench

from collector.timings import Timings
from domain.link import LinkState

HOUR_S = 3600.0
SPEED = 50.0
KINDS = ("polar-h10", "polar-verity", "ruuvitag")
DROPS_AT_S = (400.0, 900.0, 1500.0, 2300.0, 3000.0)
SILENT_AT_S = 1900.0
WARM_S = 600.0  # what libraries keep once is there by then

TIMINGS = Timings(silent_after_s=1.0, handshake_s=5.0, backoff_first_s=0.1, backoff_cap_s=0.4)


def resources():
    gc.collect()
    process = psutil.Process()
    return process.num_fds(), process.memory_info().rss / 2**20


@pytest.mark.slow
async def test_an_hour_with_loss_drops_and_a_silence_is_accounted_to_the_sample_and_leaves_nothing():
    async with Bench(KINDS, speed=SPEED, loss=0.05, timings=TIMINGS) as bench:
        started = bench.clock()

        async def until(at_s):
            while bench.clock() < started + at_s:
                assert not bench.task.done(), bench.task.exception()
                await asyncio.sleep(0.05)

        async def polars(fault):
            for kind in KINDS[:2]:
                await fault(bench.peripherals[kind])

        events = [(at_s, lambda p: p.drop()) for at_s in DROPS_AT_S]
        events.append((SILENT_AT_S, lambda p: p.silence(1e6)))
        events.append((WARM_S, None))
        warm = None
        for at_s, fault in sorted(events, key=lambda event: event[0]):
            await until(at_s)
            if fault is None:
                warm = resources()
            else:
                await polars(fault)
        await until(HOUR_S)
        for kind in KINDS:
            assert bench.status(kind).state is LinkState.STREAMING
        now = resources()
        await bench.stop()

        for kind in KINDS:
            account, peripheral = bench.accounts[kind], bench.peripherals[kind]
            status = bench.status(kind)
            tally = peripheral.ledger.between(account.first, account.last + 1)
            late_ms = np.percentile(account.errors_s, [50, 95]) / SPEED * 1e3
            print(kind, status, tally, "late by (p50, p95 of wall ms):", late_ms.round(1))
            assert account.misses == []
            assert account.received + account.lost == account.taken
            assert (status.received, status.lost) == (account.received, account.lost)
            in_flight = tally.sent - account.received  # on the air when a link broke
            assert 0 <= in_flight <= 4 * peripheral.encoder.chunk * (len(DROPS_AT_S) + 1)
            assert account.lost == tally.dropped + tally.withheld + in_flight
            assert tally.dropped > 0.04 * account.taken
            assert account.taken > 0.95 * HOUR_S * bench.sources[bench.address(kind)].rate_hz
            assert status.bad_payloads == 0
        for kind in KINDS[:2]:
            assert bench.status(kind).reconnects == len(DROPS_AT_S) + 1
            assert "silent" in bench.states(kind)
        assert bench.collector.dropped == 0
        print("descriptors, MB:", warm, "->", now)
        assert now[0] <= warm[0] + 1
        assert now[1] <= warm[1] + 15.0
