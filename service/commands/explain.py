"""`sitwell explain`: why a second or an episode is what it is, for somebody who never saw it before."""

import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analysis.phrases import certainty, duration, percent
from analysis.settings import AnalysisSettings
from api.explanations import episode_explained, frame_explained, why
from api.ranges import checked_year
from domain.episodes import Episode
from domain.errors import InputError, NotFoundError
from domain.explanation import Comparison, Explanation, Row, UsedSensor
from domain.people import ReferenceMethod, Wearer
from service.commands.run import overridden
from service.config import load_config
from service.store_file import STORE_FILE
from storage.contract import StoreReader
from storage.sqlite_reader import SqliteReader

_EPISODE = re.compile(r"[0-9a-f]{16}")
_CLOCK = re.compile(r"\d\d?:\d\d(:\d\d)?")
#: How a reference was found, by ReferenceMethod.
_FOUND: dict[str, str] = {
    ReferenceMethod.TWO_POSES: "calibrated by two poses",
    ReferenceMethod.ONE_POSE: "calibrated by one pose",
    ReferenceMethod.AUTOMATIC: "not calibrated, how it sits learnt from how you walk and bend",
    ReferenceMethod.ASSUMED: "not calibrated, how it sits learnt from walking and assumed of its front",
}
_COMPARED = {Comparison.OVER: "over", Comparison.UNDER: "under", Comparison.NONE: ""}


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """What the command line said."""

    what: str
    wearer: str | None = None
    as_json: bool = False
    config: Path | None = None
    data_dir: Path | None = None


def run_explain(options: ExplainOptions) -> None:
    """Print why. Raises ConfigError, InputError (NotFoundError included), StoreError."""
    config = overridden(load_config(options.config), data_dir=options.data_dir)
    with SqliteReader.of(config.data_dir / STORE_FILE) as store:
        explanation, wearer, part_of = _explained(store, options)
    if options.as_json:
        print(why(explanation).model_dump_json(indent=2))
        return
    zone = ZoneInfo(wearer.timezone)
    for part in shown(explanation, zone, part_of):
        Console(soft_wrap=False, highlight=False).print(part)


def _explained(
    store: StoreReader, options: ExplainOptions
) -> tuple[Explanation, Wearer, Sequence[Episode]]:
    what = options.what.strip()
    if _EPISODE.fullmatch(what):
        explanation = episode_explained(store, what, time.time())
        return explanation, wearer_called(store, explanation.wearer), ()
    wearer = wearer_called(store, options.wearer)
    latest = store.latest(wearer.id)
    if latest is None:
        raise InputError(f"nothing was measured of {wearer.id} yet")
    second = latest.time if what == "last" else second_of(what, wearer, latest.time)
    return (
        frame_explained(store, wearer.id, second),
        wearer,
        store.episodes(wearer.id, second, second + 1),
    )


def wearer_called(store: StoreReader, said: str | None) -> Wearer:
    """The wearer of this id, or the only one. Raises NotFoundError, InputError when one has to be said."""
    known = {wearer.id: wearer for wearer in store.wearers()}
    if said is None and len(known) == 1:
        (said,) = known
    if said is None:
        raise InputError(f"say whose with --wearer; there are {', '.join(known) or 'none yet'}")
    if said not in known:
        raise NotFoundError("wearer", said)
    return known[said]


def second_of(said: str, wearer: Wearer, newest: int) -> int:
    """The Unix second that was meant; a time without a day is of the day of `newest`, and one without an
    offset of the wearer's clock. Raises InputError."""
    zone = ZoneInfo(wearer.timezone)
    try:
        if _CLOCK.fullmatch(said):
            at = clock.fromisoformat(said.zfill(5) if said.count(":") == 1 else said.zfill(8))
            moment = datetime.combine(datetime.fromtimestamp(newest, zone).date(), at, zone)
        else:
            moment = datetime.fromisoformat(said)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        checked_year(moment)
        return math.floor(moment.timestamp())
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{said!r} is no time (14:05, 2026-11-22 14:05, 2026-11-22T14:05:00Z), no id of an episode, and "
            "not `last`"
        ) from error


def shown(
    e: Explanation, zone: ZoneInfo, part_of: Sequence[Episode] = ()
) -> list[Text | Table | Padding]:
    """What is printed, from the top."""
    end = "goes on" if e.end is None else _clock(e.end, zone)
    when = f"{_clock(e.start, zone)} to {end}" if e.about != "frame" else _clock(e.start, zone)
    out: list[Text | Table | Padding] = [
        Text(e.headline, style="bold"),
        Text(f"{e.wearer}, {when} ({zone.key})", style="dim"),
        Padding(Text(e.because), (1, 0)),
        Padding(_values(e.rows), (0, 0, 1, 0)),
    ]
    if math.isfinite(e.confidence) and e.confidence > 0.0:
        out.append(_line("Confidence", f"{certainty(e.confidence)}: {e.confidence_from}."))
    out += [_line("Held against it", words) for words in e.quality.values()]
    out += [_line("Not known", words) for words in e.unknown]
    out += [_line("Sensor", _sensor_words(sensor, zone)) for sensor in e.sensors]
    if e.settings:
        out.append(Padding(_settings(e), (1, 0)))
    if e.algorithm_version and e.in_force_since is not None:
        since = _clock(e.in_force_since, zone)
        out.append(_line("In force", f"rules {e.algorithm_version}, as set since {since}."))
    out += [
        _line(
            "Part of",
            f"{episode.kind.value.replace('_', ' ')}; `sitwell explain {episode.id}` says why",
        )
        for episode in part_of
    ]
    return out


def _clock(second: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(second, zone).isoformat(" ", timespec="seconds")[:19]


def _line(head: str, words: str) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=16, style="dim")
    table.add_column(overflow="fold")
    table.add_row(head, words)
    return table


def _values(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for head in ("Measured", "Value", "", "Limit", ""):
        table.add_column(head, justify="right" if head in ("Value", "Limit") else "left")
    for row in rows:
        table.add_row(
            row.words,
            _figure(row.value, row),
            _COMPARED[row.comparison],
            _figure(row.limit, row),
            row.note,
        )
    return table


def _figure(value: float, row: Row) -> str:
    if not math.isfinite(value):
        return "-"
    if row.unit == "s":
        return duration(value)
    digits = 2 if row.unit in ("g", "") else 1
    return f"{value:z.{digits}f} {row.unit}".rstrip()  # z: what rounds to nothing has no sign


def _sensor_words(sensor: UsedSensor, zone: ZoneInfo) -> str:
    said = [f"{sensor.name}, {sensor.placement.words}, {sensor.driver} ({sensor.sensor})"]
    if sensor.decided:
        said.append("its word counted")
    if sensor.received_hz is not None:
        said.append(f"{sensor.received_hz:.0f} samples a second came")
    if sensor.lost_share:
        said.append(f"{percent(sensor.lost_share)} were lost")
    of = sensor.reference
    if of is None:
        said.append("not calibrated")
    else:
        how = _FOUND.get(of.method, of.method.replace("_", " "))
        sure = f", good to {of.sigma_deg:.1f} deg" if math.isfinite(of.sigma_deg) else ""
        said.append(f"{how} on {_clock(of.made_at, zone)}, {duration(of.age_s)} before{sure}")
    return "; ".join(said) + "."


def _settings(e: Explanation) -> Table:
    sentences = {
        name: knob.metadata["sentence"]
        for name, knob in AnalysisSettings.__dataclass_fields__.items()
    }
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for head in ("Setting then", "Value", "What it is"):
        table.add_column(head, overflow="fold")
    for name, value in e.settings.items():
        table.add_row(name, f"{value:g}", sentences.get(name, "(there is none of this name now)"))
    return table
