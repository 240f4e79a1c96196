"""`python -m benchmarks.load`: requests on series and live at a fixed pace, and what they take.

Asks a real service (`benchmarks/subject.py`: a process of its own, one sensor streaming, three weeks of
history) 500 times a second for a minute: half of it series, of an hour to all there is, half of it what is so
now, open alerts, and openings of the live stream. No two series need be of the same range: each is drawn
anew, and a third of them reach the present, which changes every second. The pace is kept whatever becomes of
the answers, and a request's time counts from when it was due (`benchmarks/asking.py`). The generator runs on
the same cores.
"""

import argparse
import asyncio
import os
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

import numpy as np

from benchmarks.analysing import loop_ns
from benchmarks.asking import Ask, Connections, Taken, at_pace
from benchmarks.days import DAY_S, say
from benchmarks.subject import WEARER, Subject, subject

BAR_MS = 100.0
#: Later than this at one of twenty, and the pace was not kept by the generator itself.
LATE_MS = 20.0
#: Of a hundred requests.
SHARES = {
    "series, an hour by the minute": 15,
    "series, a day by 5 min (300 points)": 15,
    "series, a week by the hour (300 points)": 10,
    "series, all by 6 h (300 points)": 5,
    "series, 5 min by the second": 5,
    "now": 30,
    "open alerts": 16,
    "live, its opening": 4,
}

#: Of each kind of series: how long (0: all there is) and from which multiples on, s; what else is asked.
SERIES: dict[str, tuple[int, int, str]] = {
    "series, an hour by the minute": (3600, 60, "points=300"),
    "series, a day by 5 min (300 points)": (DAY_S, 3600, "points=300"),
    "series, a week by the hour (300 points)": (7 * DAY_S, DAY_S, "points=300"),
    "series, all by 6 h (300 points)": (0, DAY_S, "points=300"),
    "series, 5 min by the second": (300, 60, "resolution_s=1"),
}


@dataclass(frozen=True, slots=True)
class Asks:
    """Makes the request of each kind. Of three series one reaches the present, the others begin at any whole
    minute, hour or day of the history, as long as they lie in it."""

    connections: Connections
    days: int
    rng: random.Random

    def make(self, name: str) -> Ask:
        """One of this kind, of a range that is drawn."""
        get, of_wearer = self.connections.get, f"/api/v1/wearers/{WEARER}"
        match name:
            case "now":
                return partial(get, f"{of_wearer}/now")
            case "open alerts":
                return partial(get, "/api/v1/alerts?state=open")
            case "live, its opening":
                return partial(self.connections.opening, "/api/v1/live")
        length_s, step_s, more = SERIES[name]
        length_s = length_s or self.days * DAY_S
        now = time.time()
        latest = int(now) - length_s
        first = int(now) - int(now) % DAY_S - self.days * DAY_S
        if self.rng.random() < 1 / 3 or latest <= first:
            start, end = now - length_s, now
        else:
            start = self.rng.randrange(first, latest, step_s)
            end = start + length_s
        begin, until = (quote(datetime.fromtimestamp(t, UTC).isoformat()) for t in (start, end))
        return partial(get, f"{of_wearer}/series?start={begin}&end={until}&{more}")


async def measured(running: Subject, days: int, rate_hz: float, seconds: float) -> None:
    """Ask, and print."""
    connections = Connections(running.host, running.port)
    rng = random.Random(7)
    asks = Asks(connections, days, rng)
    for name in SHARES:
        status, size = await asks.make(name)()
        say(f"{name}: status, bytes", f"{status}, {size:,}")
    names = rng.choices(list(SHARES), list(SHARES.values()), k=int(rate_hz * seconds))
    await at_pace(names[: int(rate_hz * 3)], asks.make, rate_hz)  # warm
    theirs, own, begun = running.cpu_s(), time.process_time(), time.monotonic()
    taken = await at_pace(names, asks.make, rate_hz)
    wall_s = time.monotonic() - begun
    theirs, own = running.cpu_s() - theirs, time.process_time() - own
    connections.close()
    print()
    for name, each in taken.items():
        tell(name, each)
    every = Taken(
        [s for each in taken.values() for s in each.took_s],
        [s for each in taken.values() for s in each.late_s],
    )
    tell("all of them", every)
    failed = {name: each.errors for name, each in taken.items() if each.errors}
    print()
    say("an empty Python loop, a turn", f"{loop_ns():.0f} ns")
    say("asked, answered a second", f"{rate_hz:g}, {len(every.took_s) / wall_s:.0f}")
    say("without an answer of 200", str(failed or "none"))
    say("the service's CPU of a request", f"{theirs / len(names) * 1e3:.2f} ms")
    say("  share of a core", f"{theirs / wall_s:.0%}")
    say("the generator's share of a core", f"{own / wall_s:.0%}")
    late_ms = float(np.percentile(every.late_s, 95)) * 1e3
    say("the generator was late, p95", f"{late_ms:.1f} ms")
    if late_ms > LATE_MS:
        print("The generator could not keep the pace itself: the times above say little.")
    p95_ms = float(np.percentile(every.took_s, 95)) * 1e3
    say(f"p95 <= {BAR_MS:g} ms", "yes" if p95_ms <= BAR_MS and not failed else "MISSED")


def tell(name: str, taken: Taken) -> None:
    """Three percentiles."""
    if taken.took_s:
        p50, p95, p99 = np.percentile(taken.took_s, (50, 95, 99)) * 1e3
        say(f"{name}, ms: p50, p95, p99", f"{p50:.1f}, {p95:.1f}, {p99:.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--rate", type=float, default=500.0, help="requests a second (default 500)")
    parser.add_argument("--seconds", type=float, default=60.0, help="for so long (default 60)")
    parser.add_argument("--days", type=int, default=21, help="days of history (default 21)")
    options = parser.parse_args()
    say("load before (1 min), cores", f"{os.getloadavg()[0]:.1f}, {os.cpu_count()}")
    with subject(days=options.days) as running:
        asyncio.run(measured(running, options.days, options.rate, options.seconds))
        say("the service holds", f"{running.rss_mb():.0f} MB")
    say(
        "its loop was late, p95, at most",
        "{late_p95_ms:.1f}, {late_max_ms:.0f} ms".format(**running.told),
    )


if __name__ == "__main__":
    main()
