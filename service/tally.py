"""What a store holds of one stretch of time, as counts and sums that two stores can be compared by."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np

from domain.episodes import Episode
from domain.posture import COLUMNS, FrameBlock
from domain.readings import LinkReading
from domain.samples import SampleBlock
from storage.contract import StoreReader
from storage.frames import STEPS
from storage.rollup_block import RollupBlock

DAY_S: Final = 86_400
ALL: Final = 2**40


@dataclass(frozen=True, slots=True)
class Tally:
    """count: rows. total: of frames and minutes the sum of all their numbers in stored steps; of
    everything else of a checksum of each row."""

    count: int = 0
    total: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(self.count + other.count, self.total + other.total)


#: By the kind of row.
Tallies: TypeAlias = Mapping[str, Tally]


@dataclass(frozen=True, slots=True, eq=False)
class WearerDay:
    """What was measured of a wearer and told to them in a UTC day; episodes are those that begin in it."""

    frames: FrameBlock
    minutes: RollupBlock
    episodes: Sequence[Episode]
    alerts: Sequence[Any]
    contexts: Sequence[Any]

    def tallies(self) -> Tallies:
        """Counts and sums of each kind."""
        return {
            "seconds": _of_frames(self.frames),
            "minutes": _of_minutes(self.minutes),
            "episodes": of_rows(self.episodes),
            "alerts": of_rows(self.alerts),
            "contexts": of_rows(self.contexts),
        }


@dataclass(frozen=True, slots=True, eq=False)
class SensorDay:
    """What a sensor delivered in a UTC day."""

    readings: Sequence[LinkReading]
    samples: Sequence[SampleBlock]

    def tallies(self) -> Tallies:
        """Counts and sums of each kind."""
        return {"readings": of_rows(self.readings), "raw samples": _of_samples(self.samples)}


def wearer_day(store: StoreReader, wearer: str, start: int) -> WearerDay:
    """The day that begins at `start`. Raises StoreError."""
    end = start + DAY_S
    contexts = store.contexts(wearer, start, end)
    return WearerDay(
        frames=store.frames(wearer, start, end),
        minutes=store.rollups(wearer, start, end, 60),
        episodes=[each for each in store.episodes(wearer, start, end) if each.start >= start],
        alerts=store.alerts(wearer, start=start, end=end, limit=ALL),
        contexts=[each for each in contexts if each.since >= start],
    )


def sensor_day(store: StoreReader, sensor: str, start: int) -> SensorDay:
    """The day that begins at `start`. Raises StoreError."""
    end = start + DAY_S
    return SensorDay(store.readings(sensor, start, end), store.samples(sensor, start, end))


def wearer_days(store: StoreReader) -> list[tuple[str, int]]:
    """Every wearer with every UTC day there may be something of them. Raises StoreError."""
    return [
        (wearer, day)
        for wearer, (start, end) in store.spans().items()
        for day in range(start - start % DAY_S, end, DAY_S)
    ]


def sensor_days(store: StoreReader) -> list[tuple[str, int]]:
    """Every sensor with every UTC day there is something of it. Raises StoreError."""
    found = []
    for sensor in store.known_sensors():
        days = {each.time for each in store.readings(sensor, 0, 2**33, DAY_S)}
        spans = store.sample_spans(sensor, -ALL, ALL)
        days |= {int(start // DAY_S) * DAY_S for start, _ in spans}
        found += [(sensor, day) for day in sorted(days)]
    return found


def record_tallies(store: StoreReader, wearers: Iterable[str]) -> Tallies:
    """Of the records: all there are, diaries of `wearers`. Raises StoreError."""
    told = [each for wearer in wearers for each in store.deliveries(wearer, limit=ALL)]
    decided = [d for wearer in wearers for d in store.decisions(wearer, -ALL, ALL, limit=ALL)]
    diary = [entry for wearer in wearers for entry in store.diary(wearer, -ALL, ALL)]
    return {
        "wearers": of_rows(store.wearers()),
        "sensors": of_rows(store.sensors()),
        "assignments": of_rows(store.assignments()),
        "calibrations": of_rows(store.calibrations()),
        "diary entries": of_rows(diary),
        "deliveries": of_rows(told),
        "decisions": of_rows(decided),
        "adjustments": of_rows(store.adjustments()),
        "settings": of_rows(store.settings()),
        "tokens": of_rows(store.tokens()),
        "audit entries": of_rows(store.audit(limit=ALL)),
        "saved states": of_rows(list(store.states().items())),
    }


def of_rows(rows: Sequence[Any]) -> Tally:
    """Of rows that are told by all their fields but a revision, which each store counts for itself."""
    return Tally(len(rows), sum(zlib.crc32(_words(row).encode()) for row in rows))


def _words(row: Any) -> str:
    plain = row.__dataclass_fields__ if hasattr(row, "__dataclass_fields__") else {}
    counted = "revision" in plain and not plain["revision"].compare
    words = repr(replace(row, revision=0) if counted else row)
    hidden = [name for name, each in plain.items() if not each.repr]
    return words + "".join(f" {name}={getattr(row, name)!r}" for name in hidden)


def _of_frames(frames: FrameBlock) -> Tally:
    total = 0
    for name in COLUMNS:
        values = getattr(frames, name)
        if name in STEPS:
            steps = np.rint(values * STEPS[name])
            values = np.where(np.isnan(steps), -7.0, steps).astype(np.int64)
        total += int(values.astype(np.int64).sum())
    return Tally(len(frames), total)


def _of_minutes(minutes: RollupBlock) -> Tally:
    extremes = np.nan_to_num(np.stack((minutes.lean_min, minutes.lean_max)), nan=-7.0)
    seen = sum(minutes.seen.tolist())
    whole = int(minutes.times.sum()) + int(minutes.sums.sum()) + int(extremes.sum()) + seen
    return Tally(len(minutes), whole)


def _of_samples(blocks: Sequence[SampleBlock]) -> Tally:
    count = total = 0
    for block in blocks:
        count += len(block)
        columns = [block.times, block.acc_g, *([] if block.gyro_dps is None else [block.gyro_dps])]
        total += block.lost_before
        for column in columns:
            bits = np.ascontiguousarray(column).view(np.uint64)
            total += int((bits & np.uint64(0xFFFFFFFF)).sum()) + int((bits >> np.uint64(32)).sum())
    return Tally(count, total)
