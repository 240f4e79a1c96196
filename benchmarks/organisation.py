"""`python -m benchmarks.organisation`: the averages of an organisation of 2,000, a day and a month of them.

Everybody is measured in eight hours of every day, for nine minutes of each of them (an answer reads sums of
days, so minutes would make the store larger and nothing slower), with a bout, a break and a slouch an hour.
The month is made first, which takes some minutes; `--store FILE` keeps it, and takes one that was made
before.
"""

import argparse
import resource
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from api.organisation import organisation_days
from benchmarks.days import DAY_S, day_of_frames, ms, say
from benchmarks.years import minutes_of
from domain.episodes import Episode, EpisodeKind
from domain.people import Wearer
from storage.contract import Batch
from storage.rollup_block import RollupBlock
from storage.sqlite import SqliteStore

ZONE = "Europe/Berlin"
FIRST = date(2026, 10, 1)
HOURS = range(8, 16)
#: Wearers whose day is written at once.
TOGETHER = 200


def measured(wearer: str, whole: RollupBlock) -> RollupBlock:
    """Some minutes of each hour of `whole`, a day, as this wearer's."""
    pick = np.array([hour * 60 + minute for hour in HOURS for minute in range(0, 60, 7)])
    return RollupBlock(
        wearer=wearer,
        width_s=whole.width_s,
        times=whole.times[pick],
        names=whole.names,
        sums=whole.sums[pick],
        lean_min=whole.lean_min[pick],
        lean_max=whole.lean_max[pick],
        seen=whole.seen[pick],
    )


def happened(wearer: str, midnight: int) -> Iterator[Episode]:
    """What the day had."""
    for hour in HOURS:
        at = midnight + hour * 3600
        for kind, start, end in (
            (EpisodeKind.SITTING, at, at + 2400),
            (EpisodeKind.BREAK, at + 2400, at + 2700),
            (EpisodeKind.SLOUCH, at + 100, at + 200),
        ):
            yield Episode(kind, wearer, start, end, 1, 1, 1, 1, 1, "thigh")


def make(store: SqliteStore, wearers: int, days: int) -> None:
    """Write `days` from FIRST on, and have them kept as the service does."""
    everybody = [f"w{k}" for k in range(wearers)]
    for wearer in everybody:
        store.put_wearer(Wearer(wearer, wearer.upper(), ZONE))
    begin = int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp())
    for midnight in range(begin, begin + days * DAY_S, DAY_S):
        whole = minutes_of(day_of_frames("all", midnight, seed=midnight))
        for first in range(0, wearers, TOGETHER):
            some = everybody[first : first + TOGETHER]
            minutes = tuple(measured(wearer, whole) for wearer in some)
            episodes = tuple(each for wearer in some for each in happened(wearer, midnight))
            store.write(Batch(minutes=minutes, episodes=episodes), now=0.0)
    for wearer in everybody:
        store.keep_days(wearer, ZONE, now=float(begin + (days + 1) * DAY_S), most=days)


def main() -> None:
    """Make the month unless there is one, and tell what answers take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wearers", type=int, default=2000)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.store or Path(folder) / "organisation.db"
        there = path.exists()
        with SqliteStore(path) as store:
            if not there:
                make(store, asked.wearers, asked.days)
            before_mb = _peak_mb()
            for days in (1, asked.days):
                last = FIRST + timedelta(days=days - 1)
                (row, *_) = organisation_days(store, FIRST, last).items
                assert row.averages is not None, row.reason
                taken = ms(lambda last=last: organisation_days(store, FIRST, last))
                say(f"{row.averages.wearers_at_least} wearers, {days} days", f"{taken:.0f} ms")
            say("more memory than before", f"{_peak_mb() - before_mb:.0f} MB")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
