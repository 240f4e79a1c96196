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

# A stall of this process stalls sensor and watchdog alike: 3 s of a busy machine are no silence.
TIMINGS = Timings(silent_after_s=3.0, handshake_s=10.0, backoff_first_s=0.1, backoff_cap_s=0.4)


def resources():
    """Descriptors, tasks and megabytes."""
    gc.collect()
    process = psutil.Process()
    return process.num_fds(), len(asyncio.all_tasks()), process.memory_info().rss / 2**20


@pytest.mark.slow
async def test_an_hour_with_loss_drops_and_a_silence_is_accounted_to_the_sample_and_leaves_nothing():
    async with Bench(KINDS, speed=SPEED, loss=0.05, timings=TIMINGS) as bench:
        started = bench.clock()

        async def until(at_s):
            while bench.clock() < started + at_s:
                assert not bench.task.done(), bench.task.exception()
                await asyncio.sleep(0.05)
            await bench.until(
                lambda: all(bench.status(kind).state is LinkState.STREAMING for kind in KINDS)
            )

        async def polars(fault):
            for kind in KINDS[:2]:
                assert bench.peripherals[kind].connected, "a fault that strikes nobody is none"
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
        now = resources()
        await bench.stop()

        for kind in KINDS:
            account, peripheral = bench.accounts[kind], bench.peripherals[kind]
            status, rate_hz = bench.status(kind), bench.sources[bench.address(kind)].rate_hz
            tally = peripheral.ledger.between(account.first, account.last + 1)
            late_ms = np.percentile(account.errors_s, [50, 95]) / SPEED * 1e3
            print(kind, status, tally, "late by (p50, p95 of wall ms):", late_ms.round(1))
            assert account.misses == []
            assert account.received + account.lost == account.taken == tally.taken
            assert (status.received, status.lost) == (account.received, account.lost)
            in_flight = tally.sent - account.received  # on the air when a link broke
            assert 0 <= in_flight <= 4 * peripheral.encoder.chunk * (len(DROPS_AT_S) + 1)
            assert account.lost == tally.dropped + tally.withheld + in_flight
            assert 0.04 * account.taken < tally.dropped < 0.06 * account.taken
            assert account.taken > 0.95 * HOUR_S * rate_hz
            assert status.bad_payloads == 0
            if peripheral.encoder.connects:
                silent_s = TIMINGS.silent_after_s * SPEED
                assert tally.withheld > 0.9 * silent_s * rate_hz
                assert status.reconnects == len(DROPS_AT_S) + 1
                assert bench.states(kind).count("silent") == 1
        assert bench.collector.dropped == 0
        print("descriptors, tasks, MB:", warm, "->", now)
        assert now[0] <= warm[0] + 1
        assert now[1] <= warm[1] + 2  # a request may be under way
        assert now[2] <= warm[2] + 8.0  # the blocks of one sensor would be more
