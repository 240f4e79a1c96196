"""Sizes and times of the SQLite store: `python -m benchmarks.storage [--days 7] [--years 5]`.

Prints the figures of docs/storage.md; `benchmarks/years.py` says what the history of years is.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import apsw
import numpy as np

from benchmarks.days import DAY_S, T0, day_of_frames, ms, say
from benchmarks.years import long_history
from domain.posture import FrameBlock
from domain.readings import LinkReading
from service.exporting import export
from storage.contract import Batch
from storage.sqlite import SqliteStore

STATE_BYTES = 8_000  # about what a pipeline of two sensors saves


def history(folder: Path, days: int) -> None:
    path = folder / "days.db"
    with SqliteStore(path) as store:
        taken = []
        for day in range(days):
            batch = Batch(frames=(day_of_frames("ada", T0 + day * DAY_S, seed=day),))
            begun = time.perf_counter()
            store.write(batch, now=0.0)
            taken.append(time.perf_counter() - begun)
        say(
            "commit a day of 1 Hz frames, rollups included, median",
            f"{statistics.median(taken):.2f} s",
        )
        start = T0 + days * DAY_S
        live = day_of_frames("ada", start, seed=99)
        commits = []
        for second in range(1200):
            batch = Batch(
                frames=(live.select(slice(second, second + 1)),),
                states={"pipeline": bytes(STATE_BYTES)},
            )
            begun = time.perf_counter()
            store.write(batch, now=0.0)
            commits.append((time.perf_counter() - begun) * 1e3)
        say(
            f"commit one second (a frame, {STATE_BYTES} B of state), median",
            f"{np.median(commits):.2f} ms",
        )
        say(
            "  99th percentile / longest",
            f"{np.percentile(commits, 99):.1f} / {max(commits):.1f} ms",
        )
        today = datetime.fromtimestamp(T0 + DAY_S, UTC).date()
        last = start - DAY_S
        say(
            "read an hour at 1 s", f"{ms(lambda: store.series('ada', last, last + 3600, 1)):.1f} ms"
        )
        say(
            "read a day at 300 s",
            f"{ms(lambda: store.series('ada', last, last + DAY_S, 300)):.1f} ms",
        )
        for zone in ("Europe/Berlin", "Asia/Kolkata"):
            say(
                f"summary of a day, {zone}",
                f"{ms(lambda z=zone: store.day_summary('ada', today, z)):.1f} ms",
            )
        store.prune(frames_before=0)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    size_mb = path.stat().st_size / 1e6
    for table, rows in (("frames", DAY_S), ("minutes", 1440), ("hours", 24)):
        total = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name = ?", (table,)).get
        count = connection.execute(f"SELECT count(*) FROM {table}").get
        say(
            f"size of a day of {table}",
            f"{total / count * rows / 1e3:.1f} kB ({total / count:.0f} B a row)",
        )
    checked = ms(lambda: connection.execute("PRAGMA quick_check").fetchall(), 3)
    say(
        f"check after an unclean stop, per 100 MB (of {size_mb:.0f})",
        f"{checked / size_mb * 100:.0f} ms",
    )
    connection.close()


def reading_of(sensor: str, minute: int, rng: np.random.Generator) -> LinkReading:
    """Worn 16 hours a day, a battery that is charged every night."""
    worn = minute % 1440 < 960
    return LinkReading(
        sensor=sensor,
        time=T0 + minute * 60,
        battery_percent=95.0 - minute % 1440 / 15 if worn else None,
        rssi_dbm=int(rng.normal(-65, 6)) if worn else None,
        nominal_hz=52.0 if worn else None,
        received=int(rng.normal(3117, 4)) if worn else 0,
        lost=int(rng.integers(0, 9)) if worn else 0,
        reconnects=0,
        streaming_s=60 if worn else 0,
        observed_s=60,
    )


def links(folder: Path, sensors: int) -> None:
    """A year of readings of `sensors`, minute by minute in turn, as a service writes them."""
    path = folder / "links.db"
    rng = np.random.default_rng(0)
    minutes = 365 * 1440
    names = [f"A0:9E:1A:00:00:{number:02X}" for number in range(sensors)]
    with SqliteStore(path) as store:
        before = path.stat().st_size
        for begin in range(0, minutes, 1440):
            day = tuple(
                reading_of(name, minute, rng)
                for minute in range(begin, begin + 1440)
                for name in names
            )
            store.write(Batch(readings=day), now=0.0)
        end = T0 + minutes * 60
        for word, length, width_s in (
            ("day", 1, 300),
            ("month", 31, 21_600),
            ("year", 365, 86_400),
        ):
            taken = ms(
                lambda n=length, w=width_s: store.readings(names[0], end - n * DAY_S, end, w)
            )
            say(f"read the last {word} of a sensor at {width_s} s", f"{taken:.1f} ms")
    size = path.stat().st_size - before
    say(
        f"size of a year of readings, each of {sensors} sensors",
        f"{size / sensors / 1e6:.1f} MB ({size / sensors / minutes:.0f} B a row)",
    )


def crowd(folder: Path, wearers: int) -> None:
    days = [day_of_frames(f"w{i}", T0, every_s=60, seed=i) for i in range(wearers)]
    with SqliteStore(folder / "crowd.db") as store:
        commits, cpus = [], []
        for second in range(60):
            rows = [day.select(slice(0, 1)) for day in days]
            blocks = tuple(
                FrameBlock(
                    wearer=row.wearer,
                    times=row.times + second,
                    **{name: getattr(row, name) for name in FrameBlock.__slots__[2:]},
                )
                for row in rows
            )
            begun, cpu = time.perf_counter(), time.process_time()
            store.write(Batch(frames=blocks), now=0.0)
            commits.append((time.perf_counter() - begun) * 1e3)
            cpus.append((time.process_time() - cpu) * 1e3)
    say(
        f"commit one second of {wearers} wearers, median / longest",
        f"{np.median(commits):.0f} / {max(commits):.0f} ms",
    )
    say("  of it CPU, median", f"{np.median(cpus):.0f} ms")


def export_of_a_year(folder: Path, frame_days: int) -> None:
    """A year with `frame_days` of seconds, as a store keeps it, into one zip; how much a day costs."""
    end = T0 + 365 * DAY_S
    with SqliteStore(folder / "year.db") as store:
        for day in range(365):
            every_s = 1 if day >= 365 - frame_days else 60
            block = day_of_frames("ada", T0 + day * DAY_S, every_s=every_s, seed=day)
            store.write(Batch(frames=(block,)), now=0.0)
        store.prune(frames_before=end - frame_days * DAY_S)
        begun, cpu = time.perf_counter(), time.process_time()
        done = export(store, folder / "year.zip")
        taken, cpu = time.perf_counter() - begun, time.process_time() - cpu
    rows = sum(done.rows.values())
    say(
        f"export a year, {frame_days} days of seconds ({rows / 1e6:.1f} million rows)",
        f"{taken:.0f} s ({cpu:.0f} s CPU), {(folder / 'year.zip').stat().st_size / 1e6:.0f} MB",
    )
    say("size of that year", f"{(folder / 'year.db').stat().st_size / 1e6:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storage", description=__doc__)
    parser.add_argument("--days", type=int, default=7, help="days of full history (default 7)")
    parser.add_argument(
        "--years", type=int, default=5, help="years of long history, 0 for none (default 5)"
    )
    parser.add_argument(
        "--wearers", type=int, default=1000, help="wearers in the crowd (default 1000)"
    )
    parser.add_argument(
        "--export-days", type=int, default=90, help="days of seconds in the export, 0 for none"
    )
    parser.add_argument(
        "--folder", type=Path, help="where to make the files (default: a temporary folder)"
    )
    options = parser.parse_args()
    say("SQLite", apsw.sqlite_lib_version())
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        history(Path(name), options.days)
        links(Path(name), 2)
        crowd(Path(name), options.wearers)
        if options.years:
            long_history(Path(name), options.years)
        if options.export_days:
            export_of_a_year(Path(name), options.export_days)


if __name__ == "__main__":
    main()
