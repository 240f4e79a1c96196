"""`python -m benchmarks.forwarding`: how many points a second go from the outbox to a real InfluxDB.

Starts Debian's influxd 1.6.7 on loopback, on a folder of its own and with the settings of the tests, writes
days of one wearer at 1 Hz into a store, and sends all that is owed: what the forwarder of the service does
after an outage, from the first row of the outbox read to the last one taken off. A point is one line with all
its fields: of a frame thirteen, of a minute or an hour some thirty. The server runs on the same cores, so the
CPU of both is told too. The bare server is told beside it: lines made before, sent by a plain client with the
same number of requests under way.
"""

import argparse
import asyncio
import math
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from influxdb_client import Point, WritePrecision

from benchmarks.days import DAY_S, T0, day_of_frames, say
from domain.posture import COLUMNS
from storage.contract import Batch
from storage.frames import STEPS
from storage.influx.asking import Asker
from storage.influx.delivery import AT_ONCE
from storage.influx.forwarder import Forwarder
from storage.influx.local import LocalStore
from storage.influx.parcels import MOST_LINES
from storage.influx.server import Server
from storage.influx.settings import InfluxSettings
from storage.influx.wire import open_wire
from tests.influx.real_servers import RealServer, influxd

WEARER = "ada"


@dataclass(frozen=True, slots=True)
class Taken:
    """points in wall seconds, with own and the server's CPU seconds."""

    points: int
    wall_s: float
    own_s: float
    server_s: float


def measured(server: RealServer, send: Callable[[], Awaitable[int]]) -> Taken:
    """What sending takes."""

    async def timed() -> Taken:
        theirs, own, begun = server.cpu_s(), time.process_time(), time.perf_counter()
        points = await send()
        wall_s = time.perf_counter() - begun
        return Taken(points, wall_s, time.process_time() - own, server.cpu_s() - theirs)

    return asyncio.run(timed())


def settings_for(server: RealServer, database: str) -> InfluxSettings:
    """Of a database of its own."""
    return InfluxSettings(url=server.url, database=database, outbox_days=36_500)


def forward(server: RealServer, store: LocalStore, database: str) -> Taken:
    """All that the store owes."""
    settings = settings_for(server, database)
    asker = Asker(settings)
    forwarder = Forwarder(store, Server(settings, asker), settings)

    async def send() -> int:
        try:
            return await forwarder.drain(now=math.inf)
        finally:
            await forwarder.close()

    taken = measured(server, send)
    asker.close()
    return taken


def send_bare(server: RealServer, texts: list[bytes], points: int, database: str) -> Taken:
    """Lines that are there, by as many requests at once as the forwarder has under way."""
    settings = settings_for(server, database)
    asker = Asker(settings)
    found = Server(settings, asker).check()
    asker.close()

    async def send() -> int:
        wire = await open_wire(settings, found.version)
        waiting = iter(texts)

        async def work() -> None:
            for text in waiting:
                await wire.write(text)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        await wire.close()
        return points

    return measured(server, send)


def texts_of(store: LocalStore) -> tuple[list[bytes], int, float]:
    """All that is owed as the lines of a request each, how many, and the CPU seconds of making them."""
    texts, points, made_s = list[bytes](), 0, 0.0
    begun = time.process_time()
    while (parcel := store.parcel(now=math.inf)) is not None:
        texts += [parcel.text(start, end) for start, end in parcel.requests(MOST_LINES)]
        points += parcel.count
        made_s += time.process_time() - begun
        store.settle(parcel)
        begun = time.process_time()
    store.owe_all()
    return texts, points, made_s


def serializer_of_the_client(days: int) -> float:
    """CPU seconds that influxdb-client takes for the lines of the same frames, values at hand."""
    block = day_of_frames(WEARER, T0)
    rows = list(zip(*(getattr(block, name).tolist() for name in COLUMNS), strict=True))[:20_000]
    begun = time.process_time()
    for row in rows:
        point = Point("frames").tag("wearer", WEARER).time(row[0], WritePrecision.S)
        for name, value in zip(COLUMNS[1:], row[1:], strict=True):
            if value == value:
                point.field(name, round(value * STEPS.get(name, 1)))
        point.field("known", 511).to_line_protocol()
    return (time.process_time() - begun) / len(rows) * days * DAY_S


def tell(what: str, taken: Taken) -> None:
    """Wall and CPU."""
    say(f"{what}, points a second", f"{taken.points / taken.wall_s:,.0f}")
    say("  CPU of a point, Sitwell's", f"{taken.own_s / taken.points * 1e6:.1f} us")
    say("  CPU of a point, the server's", f"{taken.server_s / taken.points * 1e6:.1f} us")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forwarding", description=__doc__)
    parser.add_argument("--days", type=int, default=4, help="days of one wearer (default 4)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (default 3; the median)")
    options = parser.parse_args()
    if not shutil.which("influxd", path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/sbin"):
        sys.exit("No influxd is installed (Debian: apt install influxdb): nothing was measured.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with LocalStore(folder / "sitwell.db") as store:
            for day in range(options.days):
                frames = day_of_frames(WEARER, T0 + day * DAY_S, seed=day)
                store.write(Batch(frames=(frames,)), now=0.0)
            say("load before (1 min), cores", f"{os.getloadavg()[0]:.1f}, {os.cpu_count()}")
            texts, points, made_s = texts_of(store)
            say("points", f"{points:,}")
            size_bytes = sum(map(len, texts))
            say("  bytes of a point", f"{size_bytes / points:.0f}")
            say("lines a second of CPU, read from the tables", f"{points / made_s:,.0f}")
            client_s = serializer_of_the_client(options.days)
            say(
                "  influxdb-client's serializer, values at hand",
                f"{options.days * DAY_S / client_s:,.0f}",
            )
            server = influxd(folder)
            server.start()
            try:
                sent, bare = [], []
                for turn in range(options.rounds):
                    bare.append(send_bare(server, texts, points, f"bare{turn}"))
                    sent.append(forward(server, store, f"sent{turn}"))
                    store.owe_all()
            finally:
                server.stop()
    for what, all_taken in (("forwarding", sent), ("the bare server", bare)):
        walls = [taken.wall_s for taken in all_taken]
        median = statistics.median_low(walls)
        tell(what, next(taken for taken in all_taken if taken.wall_s == median))
        rates = np.array([taken.points / taken.wall_s for taken in all_taken])
        say("  least and greatest", f"{rates.min():,.0f}, {rates.max():,.0f}")


if __name__ == "__main__":
    main()
