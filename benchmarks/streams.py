"""`python -m benchmarks.streams`: 200 readers of the live stream for ten minutes, some slow, some vanishing.

Asks a real service (`benchmarks/subject.py`): 140 read all that comes, 40 take nothing at all, and 20 are
there for a few seconds, vanish with a reset and are replaced. Beside the sensor's events there are five more
a second, and the system is told to keep little of what is not read, so that the slow stall within half a
minute and stay so. Growth is what the service holds at the end beyond what it held after two minutes (or a
fifth of a shorter run). How long publishing takes, and how late the loop is, the service tells of itself.
"""

import argparse
import asyncio
import os
import random
import time

from benchmarks.analysing import loop_ns
from benchmarks.days import say
from benchmarks.readers import Reader, connected, vanish
from benchmarks.subject import Subject, subject

GOOD, SLOW, VANISHING = 140, 40, 20
STAYS_S = (1.0, 6.0)
LOOKED_S = 5.0
SETTLED_S = 120.0
MORE_HZ = 5.0
SEND_BYTES = 16_384


async def soaked(running: Subject, seconds: float) -> None:
    """Read, and print."""
    good = [Reader() for _ in range(GOOD)]
    reading = [asyncio.create_task(each.read(running.host, running.port)) for each in good]
    slow = [
        await asyncio.to_thread(connected, running.host, running.port, slow=True)
        for _ in range(SLOW)
    ]
    vanished = [0]
    vanishing = [
        asyncio.create_task(_come_and_go(running, vanished, random.Random(n)))
        for n in range(VANISHING)
    ]
    begun, cpu_s = time.monotonic(), running.cpu_s()
    settled_s = min(SETTLED_S, seconds / 5)
    held: list[tuple[float, float, int]] = []
    while (at := time.monotonic() - begun) < seconds:
        held.append((at, running.rss_mb(), running.process.num_fds()))
        await asyncio.sleep(min(LOOKED_S, seconds - at))
    wall_s, cpu_s = time.monotonic() - begun, running.cpu_s() - cpu_s
    ended = [each.ended for each in good if each.ended]
    for task in (*reading, *vanishing):
        task.cancel()
    await asyncio.gather(*reading, *vanishing, return_exceptions=True)
    for sock in slow:
        vanish(sock)
    after = [each for each in held if each[0] >= settled_s] or held
    say("an empty Python loop, a turn", f"{loop_ns():.0f} ns")
    say("readers: good, slow, vanishing", f"{GOOD}, {SLOW}, {VANISHING}")
    say("  for, s; vanished", f"{wall_s:.0f}; {vanished[0]}")
    say(
        "events a good reader got, least and most",
        f"{min(r.events for r in good)}, {max(r.events for r in good)}",
    )
    say(
        "  missed, openings beyond the first, ended",
        f"{sum(r.missed for r in good)}, {sum(r.openings - 1 for r in good)}, {len(ended)}",
    )
    say("  longest silence of any", f"{max(r.gap_s for r in good):.2f} s")
    say("the service holds, settled and at the end", f"{after[0][1]:.0f}, {after[-1][1]:.0f} MB")
    say(
        "  most; open files settled, at the end",
        f"{max(m for _, m, _ in held):.0f} MB; {after[0][2]}, {after[-1][2]}",
    )
    say("  share of a core", f"{cpu_s / wall_s:.0%}")
    sent = sum(each.events for each in good)
    say("  CPU of an event to a good reader, at most", f"{cpu_s / max(1, sent) * 1e6:.0f} us")


async def _come_and_go(running: Subject, vanished: list[int], rng: random.Random) -> None:
    while True:
        sock = await asyncio.to_thread(connected, running.host, running.port)
        try:
            await asyncio.sleep(rng.uniform(*STAYS_S))
        finally:
            vanish(sock)
        vanished[0] += 1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="for so long (default 600)")
    options = parser.parse_args()
    say("load before (1 min), cores", f"{os.getloadavg()[0]:.1f}, {os.cpu_count()}")
    with subject(days=1, more_hz=MORE_HZ, send_bytes=SEND_BYTES) as running:
        asyncio.run(soaked(running, options.seconds))
        time.sleep(2)  # what has vanished is noticed
    told = running.told
    say("published", f"{told['publishes']:.0f}")
    say(
        "  publishing takes, p95, at most",
        f"{told['publish_p95_ms']:.2f}, {told['publish_max_ms']:.1f} ms",
    )
    say("  lost to the slow", f"{told['dropped']:.0f}")
    say(
        "its loop was late, p95, at most",
        f"{told['late_p95_ms']:.1f}, {told['late_max_ms']:.0f} ms",
    )
    say("subscribed after all had left", f"{told['clients']:.0f}")


if __name__ == "__main__":
    main()
