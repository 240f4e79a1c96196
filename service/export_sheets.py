"""The tables of an export: what their columns mean, and their rows, a stretch at a time."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from domain.placement import Placement
from domain.posture import Activity, FrameBlock
from storage.contract import StoreReader
from storage.frames import METRICS, STEPS
from storage.rollup_block import RollupBlock
from storage.rollups import SECONDS

DAY_S: Final = 86_400
ALL: Final = 2**40


@dataclass(frozen=True, slots=True)
class Column:
    """kind: integer, number, boolean or string, as JSON Schema calls them; words: what it means."""

    name: str
    kind: str
    words: str
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A column of a few words: `numbers` (n,) says which of `words` stands in each row."""

    numbers: NDArray[Any]
    words: tuple[str, ...]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.numbers)


Cells: TypeAlias = "NDArray[Any] | Words | Sequence[Any]"
#: Columns by name, all of one length; NaN and None are "not known".
Part: TypeAlias = Mapping[str, Cells]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One table. parts: its rows, in order, a day at most at a time where there are many."""

    name: str
    words: str
    columns: tuple[Column, ...]
    parts: Callable[[], Iterator[Part]]


_TIME = Column("time", "integer", "when it begins, seconds since 1970-01-01 in UTC", "s")
_UNITS: Final = {
    "p_sitting": ("probability of sitting", ""),
    "lean_deg": ("lean forward from the wearer's upright", "deg"),
    "side_deg": ("lean to the left", "deg"),
    "twist_deg": ("twist of the trunk against pelvis or seat, to the left", "deg"),
    "turn_dps": ("turning speed of the trunk, to the left", "deg/s"),
    "mad_mg": ("mean amplitude deviation of the acceleration", "mg"),
    "enmo_mg": ("Euclidean norm minus one", "mg"),
    "cadence_spm": ("steps a minute", "1/min"),
    "confidence": ("how sure the activity is, 0 to 1", ""),
}
_ACTIVITIES: Final = tuple(activity.word for activity in Activity)
_PLACES: Final = ("", *(place.value for place in sorted(Placement, key=lambda p: p.number)))

FRAMES: Final = (
    _TIME,
    Column("activity", "string", f"one of {', '.join(_ACTIVITIES)}"),
    *(Column(m.name, "number", *_UNITS[m.name]) for m in METRICS),
    Column("quality", "integer", "flags, a bit each; 0 is good"),
    Column("source", "string", "where the sensor was worn that decided, empty when none did"),
)
_ROLLUPS: Final = (
    _TIME,
    Column("time_local", "string", "the same in the wearer's time zone"),
    *(Column(name, "integer", f"seconds {name[:-2].replace('_', ' ')}", "s") for name in SECONDS),
    *(
        Column(m.name, "number", f"mean over the seconds it is known in: {_UNITS[m.name][0]}",
               _UNITS[m.name][1])
        for m in METRICS
    ),
    Column("lean_min_deg", "number", "least lean of a second", "deg"),
    Column("lean_max_deg", "number", "greatest lean of a second", "deg"),
)  # fmt: skip
_EPISODES: Final = (
    Column("id", "string", "stable"),
    Column("kind", "string", "sitting, break, slouch, not_worn, shift, bend, ..."),
    Column("start", "integer", "seconds since 1970-01-01 in UTC", "s"),
    Column("end", "integer", "the same; empty while it goes on", "s"),
    Column("start_local", "string", "its start in the wearer's time zone"),
    *(
        Column(name, "number", words)
        for name, words in (
            ("peak", "of the kind's figure"), ("mean", "of the kind's figure"),
            ("dose", "seconds or degree-minutes, by kind"), ("limit", "what it was held against"),
            ("confidence", "0 to 1"),
        )
    ),
    Column("placement", "string", "where the sensor was worn"),
    Column("censored", "boolean", "whether its true start or end is not known"),
    Column("asymmetry", "integer", "flags: 1 to the side, 2 turned"),
)  # fmt: skip
_ALERTS: Final = (
    Column("id", "string", "stable"),
    Column("kind", "string", "sitting, slouch, low_battery, sensor_lost"),
    Column("severity", "string", "nudge or notice"),
    Column("opened_at", "number", "seconds since 1970-01-01 in UTC", "s"),
    Column("closed_at", "number", "the same; empty while it is open", "s"),
    Column("opened_local", "string", "in the wearer's time zone"),
    Column("message", "string", "what was said"),
    Column("measured", "string", "what figure it is about"),
    Column("value", "number", "the figure"),
    Column("limit", "number", "its limit"),
    Column("unit", "string", "of both"),
    Column("outcome", "string", "what became of it: taken, partial, ignored, false_alarm, ..."),
    Column("response_s", "number", "seconds until the wearer answered it", "s"),
    Column("said", "integer", "how often"),
    Column("episode", "string", "the id of the episode it is about"),
)
_DIARY: Final = (
    Column("id", "string", "stable"),
    Column("at", "number", "seconds since 1970-01-01 in UTC", "s"),
    Column("at_local", "string", "in the wearer's time zone"),
    Column("pain", "integer", "0 to 10"),
    Column("text", "string", "the wearer's words"),
    Column("answers", "string", "JSON, by question"),
)
_WEARERS: Final = (
    Column("id", "string", "a short word; the name of the folder"),
    Column("name", "string", "for people"),
    Column("timezone", "string", "IANA name"),
)
_SENSORS: Final = (
    Column("sensor", "string", "its address"),
    Column("name", "string", "for people; empty of one that is not paired any more"),
    Column("driver", "string", "what reads it"),
    Column("wearer", "string", "whose it was"),
    Column("placement", "string", "where it was worn"),
    Column("since", "number", "seconds since 1970-01-01 in UTC", "s"),
    Column("until", "number", "the same; empty when it is still so", "s"),
)
_CALIBRATIONS: Final = (
    Column("sensor", "string", "its address"),
    Column("made_at", "number", "seconds since 1970-01-01 in UTC", "s"),
    Column("placement", "string", "where it was worn"),
    Column("method", "string", "two_poses, one_pose, automatic, assumed, none"),
    Column("rotation", "string", "JSON, 3 x 3: forward, left and up in the sensor's axes"),
    Column("slouch_deg", "number", "how far the wearer's own slouch leans", "deg"),
    Column("sigma_deg", "number", "standard error of the reference", "deg"),
)


def wearer_sheets(
    store: StoreReader, wearer: str, zone: str, start: int, end: int
) -> tuple[Sheet, ...]:
    """What was measured of a wearer in [start, end), told to them and written by them."""
    spans = range(start - start % DAY_S, end, DAY_S)

    def frames() -> Iterator[Part]:
        for day in spans:
            yield _frames(store.frames(wearer, max(day, start), min(day + DAY_S, end)))

    def rollups(width_s: int, stretch_s: int) -> Callable[[], Iterator[Part]]:
        def parts() -> Iterator[Part]:
            for begin in range(spans.start, end, stretch_s):
                first, last = max(begin, start), min(begin + stretch_s, end)
                yield _rollups(store.rollups(wearer, first, last, width_s), zone)

        return parts

    return (
        Sheet("frames", "one row a second", FRAMES, frames),
        Sheet("minutes", "one row a minute", _ROLLUPS, rollups(60, 30 * DAY_S)),
        Sheet("hours", "one row an hour", _ROLLUPS, rollups(3600, 400 * DAY_S)),
        Sheet(
            "episodes",
            "one row an episode that overlaps the range",
            _EPISODES,
            lambda: iter((_episodes(store, wearer, zone, start, end),)),
        ),
        Sheet(
            "alerts",
            "one row an alert that opened in the range",
            _ALERTS,
            lambda: iter((_alerts(store, wearer, zone, start, end),)),
        ),
        Sheet(
            "diary",
            "one row an entry about the range",
            _DIARY,
            lambda: iter((_diary(store, wearer, zone, start, end),)),
        ),
    )


def record_sheets(store: StoreReader, wearers: Sequence[str]) -> tuple[Sheet, ...]:
    """The wearers and their sensors; keys of sensors are secrets and stay here."""
    return (
        Sheet("wearers", "one row a wearer", _WEARERS, lambda: iter((_wearers(store, wearers),))),
        Sheet(
            "sensors",
            "one row for each time a sensor was somebody's and somewhere",
            _SENSORS,
            lambda: iter((_sensors(store, wearers),)),
        ),
        Sheet(
            "calibrations",
            "one row a calibration of these sensors",
            _CALIBRATIONS,
            lambda: iter((_calibrations(store, wearers),)),
        ),
    )


def _frames(frames: FrameBlock) -> Part:
    return {
        "time": frames.times,
        "activity": Words(frames.activity, _ACTIVITIES),
        **{metric.name: getattr(frames, metric.name) for metric in METRICS},
        "quality": frames.quality,
        "source": Words(frames.source, _PLACES),
    }


def _rollups(rollups: RollupBlock, zone: str) -> Part:
    sums = dict(zip(rollups.names, rollups.sums.T, strict=True))
    means = {}
    for metric in METRICS:
        n = sums[f"{metric.name}_n"]
        with np.errstate(invalid="ignore", divide="ignore"):
            means[metric.name] = sums[f"{metric.name}_sum"] / (n * metric.steps)
    return {
        "time": rollups.times,
        "time_local": [local(at, zone) for at in rollups.times.tolist()],
        **{name: sums[name] for name in SECONDS},
        **means,
        "lean_min_deg": rollups.lean_min / STEPS["lean_deg"],
        "lean_max_deg": rollups.lean_max / STEPS["lean_deg"],
    }


def _episodes(store: StoreReader, wearer: str, zone: str, start: int, end: int) -> Part:
    found = store.episodes(wearer, start, end)
    return {
        "id": [e.id for e in found],
        "kind": [e.kind.value for e in found],
        "start": [e.start for e in found],
        "end": [e.end for e in found],
        "start_local": [local(e.start, zone) for e in found],
        **{
            name: [_known(getattr(e, name)) for e in found]
            for name in ("peak", "mean", "dose", "limit", "confidence")
        },
        "placement": [e.placement for e in found],
        "censored": [e.censored for e in found],
        "asymmetry": [int(e.asymmetry) for e in found],
    }


def _alerts(store: StoreReader, wearer: str, zone: str, start: int, end: int) -> Part:
    found = store.alerts(wearer, start=start, end=end, limit=ALL)[::-1]
    return {
        "id": [a.id for a in found],
        "kind": [a.kind.value for a in found],
        "severity": [a.severity.value for a in found],
        "opened_at": [a.opened_at for a in found],
        "closed_at": [a.closed_at for a in found],
        "opened_local": [local(a.opened_at, zone) for a in found],
        "message": [a.message for a in found],
        "measured": [a.explanation.measured for a in found],
        "value": [_known(a.explanation.value) for a in found],
        "limit": [_known(a.explanation.limit) for a in found],
        "unit": [a.explanation.unit for a in found],
        "outcome": [None if a.outcome is None else a.outcome.value for a in found],
        "response_s": [a.response_s for a in found],
        "said": [a.said for a in found],
        "episode": [a.episode for a in found],
    }


def _diary(store: StoreReader, wearer: str, zone: str, start: int, end: int) -> Part:
    found = store.diary(wearer, start, end)
    return {
        "id": [e.id for e in found],
        "at": [e.at for e in found],
        "at_local": [local(e.at, zone) for e in found],
        "pain": [e.pain for e in found],
        "text": [e.text for e in found],
        "answers": [json.dumps(dict(e.answers), ensure_ascii=False) for e in found],
    }


def _wearers(store: StoreReader, wearers: Sequence[str]) -> Part:
    known = {each.id: each for each in store.wearers()}
    return {
        "id": [*wearers],
        "name": [known[each].name if each in known else None for each in wearers],
        "timezone": [known[each].timezone if each in known else None for each in wearers],
    }


def _sensors(store: StoreReader, wearers: Sequence[str]) -> Part:
    paired = {each.id: each for each in store.sensors()}
    found = [each for each in store.assignments() if each.wearer in wearers][::-1]
    return {
        "sensor": [a.sensor for a in found],
        "name": [paired[a.sensor].name if a.sensor in paired else None for a in found],
        "driver": [paired[a.sensor].driver if a.sensor in paired else None for a in found],
        "wearer": [a.wearer for a in found],
        "placement": [a.placement.value for a in found],
        "since": [a.since for a in found],
        "until": [a.until for a in found],
    }


def _calibrations(store: StoreReader, wearers: Sequence[str]) -> Part:
    theirs = {each.sensor for each in store.assignments() if each.wearer in wearers}
    found = [each for each in store.calibrations() if each.sensor in theirs][::-1]
    return {
        "sensor": [c.sensor for c in found],
        "made_at": [c.made_at for c in found],
        "placement": [c.placement.value for c in found],
        "method": [c.method.value for c in found],
        "rotation": [json.dumps(c.rotation) for c in found],
        "slouch_deg": [c.slouch_deg for c in found],
        "sigma_deg": [_known(c.sigma_deg) for c in found],
    }


def local(at: float, zone: str) -> str:
    """A moment in the zone, with its offset, to the second."""
    moment = datetime.fromtimestamp(math.floor(at), ZoneInfo(zone) if zone else UTC)
    return moment.isoformat()


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
