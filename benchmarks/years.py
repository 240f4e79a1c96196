"""Five years of one wearer at 1 Hz, as a store holds them that kept seconds for ninety days.

Every second of every day is generated, 158 million of them, and measured into minutes: those of the last
weeks by the store itself, from frames that are committed and the oldest of which are pruned; those of before
by numpy, which is the fast path, a day of which is held against the store's own minutes first. Hours and days
are the store's. Bouts of sitting are one every half hour from seven to eleven.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.days import DAY_S, T0, day_of_frames, ms, say
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, FrameBlock
from storage.contract import Batch
from storage.frames import METRICS, stored
from storage.rollup_block import RollupBlock
from storage.rollups import ADDITIVE, MINUTE_S
from storage.sqlite import SqliteStore

FRAMES_DAYS = 90
PRUNED_DAYS = 7
#: Every second of a minute.
_ALL_SEEN = 2**60 - 1


def minutes_of(block: FrameBlock) -> RollupBlock:
    """The minutes of whole hours of frames, as the store makes them."""
    shape = (-1, MINUTE_S)
    activity = block.activity.reshape(shape)
    columns = {f"{each.word}_s": (activity == each).sum(axis=1) for each in Activity}
    for metric in METRICS:
        steps = stored(getattr(block, metric.name), metric.steps).reshape(shape)
        known = ~np.isnan(steps)
        columns[f"{metric.name}_sum"] = np.where(known, steps, 0.0).sum(axis=1)
        columns[f"{metric.name}_n"] = known.sum(axis=1)
        if metric.name == "lean_deg":
            upright = known & (activity != Activity.LYING) & (activity != Activity.NOT_WORN)
            columns["upright_lean_sum"] = np.where(upright, steps, 0.0).sum(axis=1)
            columns["upright_lean_n"] = upright.sum(axis=1)
            lean_min, lean_max = steps.min(axis=1), steps.max(axis=1)
    times = block.times[::MINUTE_S]
    return RollupBlock(
        wearer=block.wearer,
        width_s=MINUTE_S,
        times=times,
        names=ADDITIVE,
        sums=np.stack([columns[name] for name in ADDITIVE], axis=1).astype(np.int64),
        lean_min=lean_min,
        lean_max=lean_max,
        seen=np.full(len(times), _ALL_SEEN),
    )


def bouts(start: int) -> tuple[Episode, ...]:
    """The day's sitting."""
    return tuple(
        Episode(EpisodeKind.SITTING, "ada", at, at + 60 * (i % 50 + 1), 1, 1, 1, 1, 1, "thigh")
        for i, at in enumerate(range(start + 7 * 3600, start + 23 * 3600, 1800))
    )


def check_fast_path(folder: Path) -> None:
    """Raise AssertionError where minutes made by numpy are not those of the store."""
    day = day_of_frames("ada", T0, seed=1)
    made = minutes_of(day)
    with SqliteStore(folder / "checked.db") as store:
        store.write(Batch(frames=(day,)), now=0.0)
        kept = store.rollups("ada", T0, T0 + DAY_S, MINUTE_S)
    for name in ("times", "sums", "lean_min", "lean_max", "seen"):
        np.testing.assert_array_equal(getattr(made, name), getattr(kept, name), err_msg=name)


def generate(store: SqliteStore, days: int, start: int = T0) -> float:
    """Write them, from the midnight `start`; seconds that it took."""
    begun = time.perf_counter()
    for day in range(days):
        midnight = start + day * DAY_S
        frames = day_of_frames("ada", midnight, seed=day)
        if day >= days - FRAMES_DAYS - PRUNED_DAYS:
            batch = Batch(frames=(frames,), episodes=bouts(midnight))
        else:
            batch = Batch(minutes=(minutes_of(frames),), episodes=bouts(midnight))
        store.write(batch, now=0.0)
    return time.perf_counter() - begun


def long_history(folder: Path, years: int) -> None:
    """Generate, and tell what reading costs."""
    days = 365 * years
    end = T0 + days * DAY_S
    check_fast_path(folder)
    path = folder / "years.db"
    with SqliteStore(path) as store:
        took_s = generate(store, days)
        say(f"{years} years, {days * DAY_S:,} seconds, generated in", f"{took_s:.0f} s")
        begun = time.perf_counter()
        removed = store.prune(frames_before=end - FRAMES_DAYS * DAY_S)
        say(f"prune {removed:,} frames", f"{time.perf_counter() - begun:.1f} s")
        ranges = (
            ("hour", 1 / 24, 1),
            ("day", 1, 300),
            ("week", 7, 3600),
            ("month", 31, 21_600),
            ("year", 365, 86_400),
            (f"{years} years", days, 86_400),
        )
        for word, length, resolution_s in ranges:
            taken = ms(
                lambda n=length, r=resolution_s: store.series("ada", end - int(n * DAY_S), end, r)
            )
            say(f"of {years} years, read the last {word} at {resolution_s} s", f"{taken:.1f} ms")
        middle = T0 + days // 2 * DAY_S
        say("the newest second", f"{ms(lambda: store.latest('ada')):.2f} ms")
        say(
            "a day in the middle at 60 s",
            f"{ms(lambda: store.series('ada', middle, middle + DAY_S, 60)):.1f} ms",
        )
        say(
            "episodes of a day in the middle",
            f"{ms(lambda: store.episodes('ada', middle, middle + DAY_S)):.1f} ms",
        )
        day = datetime.fromtimestamp(middle, UTC).date() + timedelta(days=1)
        for zone in ("Europe/Berlin", "Asia/Kolkata"):
            say(
                f"summary of a day in the middle, {zone}",
                f"{ms(lambda z=zone: store.day_summary('ada', day, z)):.1f} ms",
            )
    size_mb = path.stat().st_size / 1e6
    say(f"size of {years} years, {FRAMES_DAYS} days of them in seconds", f"{size_mb:.0f} MB")
    say("  a year", f"{size_mb / years:.0f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.years", description=__doc__)
    parser.add_argument("--years", type=int, default=5, help="how many (default 5)")
    parser.add_argument("--folder", type=Path, help="where (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        long_history(Path(name), options.years)


if __name__ == "__main__":
    main()
