"""Why a stored frame or episode says what it says, by what was in force when it was decided.

Pure: the caller brings the frame or the episode, the contexts of its time and the readings of the
links. What was not kept is said to be unknown; settings of today never stand in for those of then.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from analysis.episode_rules import TELLERS, place
from analysis.facts import Facts, row
from analysis.frame_rules import step_of
from analysis.phrases import DID, certainty, duration, joined, plain, quality_words
from analysis.slouch import entry_of
from analysis.unknowns import NOT_KEPT, unknowns
from domain.context import AnalysisContext, SensorInForce
from domain.episodes import Episode
from domain.explanation import Explanation, Row, UsedReference, UsedSensor
from domain.placement import Placement
from domain.posture import Activity, PostureFrame
from domain.readings import LinkReading
from domain.said import NOTHING, Said

_CENSORED = Said(
    "It ends where the data ended, not where you did: how long it really lasted is not known."
)
#: Readings of the links, by sensor, of the time that is explained.
Links = Mapping[str, Sequence[LinkReading]]


def explain_frame(
    frame: PostureFrame, context: AnalysisContext | None, links: Links | None = None
) -> Explanation:
    """Why this second is what it is. context: what held in it, None when that was not kept."""
    facts = Facts(context)
    step = step_of(frame, facts)
    rows = (*step.rows, *_measured(frame, facts, {each.name for each in step.rows}))
    return Explanation(
        about="frame",
        wearer=frame.wearer,
        id="",
        start=frame.time,
        end=frame.time + 1,
        headline=DID[frame.activity],
        because=joined(step.because, _how_sure(frame.confidence)),
        rows=rows,
        sensors=_sensors(facts, frame.source, frame.time, links),
        quality=quality_words(frame.quality),
        confidence=frame.confidence,
        confidence_from=step.confidence_from,
        unknown=unknowns(frame, facts),
        settings=dict(facts.used),
        algorithm_version="" if context is None else context.algorithm_version,
        in_force_since=None if context is None else context.since,
    )


def explain_episode(
    episode: Episode,
    contexts: Sequence[AnalysisContext],
    links: Links | None = None,
    *,
    now: int,
) -> Explanation:
    """Why this is an episode. contexts: of its time, in order; now: Unix s, for one that goes on."""
    context = contexts[0] if contexts and contexts[0].since <= episode.start else None
    facts = Facts(context)
    told = TELLERS[episode.kind](episode, facts, float(episode.lasted_s(now)))
    unknown = list(_changes(contexts, episode.start, facts))
    if context is None:
        unknown.insert(0, NOT_KEPT)
    if episode.censored:
        unknown.append(_CENSORED)
    return Explanation(
        about=episode.kind.value,
        wearer=episode.wearer,
        id=episode.id,
        start=episode.start,
        end=episode.end,
        headline=told.headline,
        because=told.because if context is not None else Said("The limits of then were not kept."),
        rows=told.rows,
        sensors=_sensors(facts, place(episode), episode.start, links),
        quality={},
        confidence=episode.confidence,
        confidence_from=told.confidence_from,
        unknown=tuple(unknown),
        settings=dict(facts.used),
        algorithm_version="" if context is None else context.algorithm_version,
        in_force_since=None if context is None else context.since,
    )


def _how_sure(confidence: float) -> Said:
    if not math.isfinite(confidence) or confidence <= 0.0:
        return NOTHING
    return Said("That is {p} certain.", p=certainty(confidence))


def _measured(frame: PostureFrame, facts: Facts, told: set[str]) -> tuple[Row, ...]:
    """What else was measured in the second; only what is known."""
    entry, note = _entry_deg(frame, facts)
    rows = (
        row("lean_deg", Said("lean, forward is positive"), frame.lean_deg, "deg", entry, note),
        row("side_deg", Said("lean to the right"), frame.side_deg, "deg"),
        row("twist_deg", Said("twist, left is positive"), frame.twist_deg, "deg"),
        row("turn_dps", Said("turning, left is positive"), frame.turn_dps, "deg/s"),
        row("mad_mg", Said("movement (MAD)"), frame.mad_mg, "mg"),
        row("enmo_mg", Said("movement (ENMO)"), frame.enmo_mg, "mg"),
        row("cadence_spm", Said("steps a minute"), frame.cadence_spm, "1/min"),
    )
    return tuple(each for each in rows if math.isfinite(each.value) and each.name not in told)


def _entry_deg(frame: PostureFrame, facts: Facts) -> tuple[float, Said]:
    """The slouch entry, where a slouch may be judged."""
    if not math.isfinite(frame.lean_deg):
        return math.nan, NOTHING
    order = (Placement.UPPER_BACK, Placement.STERNUM, Placement.LOWER_BACK, Placement.WAIST)
    known = (r for at in order if (r := facts.reference(at)) is not None and r.method.posed)
    reference = next(known, None)
    if frame.activity not in (Activity.SITTING, Activity.UNKNOWN) or reference is None:
        return math.nan, NOTHING
    share, fallback = facts.setting("slouch_share"), facts.setting("slouch_fallback_deg")
    delay = duration(facts.setting("slouch_delay_s"))
    note = Said("a slouch when it stays over it for {delay}", delay=delay)
    return entry_of(reference.slouch_deg, share, fallback), note


def _sensors(
    facts: Facts, decided: Placement | None, at: int, links: Links | None
) -> tuple[UsedSensor, ...]:
    return tuple(
        _sensor(sensor, sensor.placement is decided, at, (links or {}).get(sensor.sensor, ()))
        for sensor in facts.sensors
    )


def _sensor(
    sensor: SensorInForce, decided: bool, at: int, readings: Sequence[LinkReading]
) -> UsedSensor:
    received, lost = sum(r.received for r in readings), sum(r.lost for r in readings)
    seen_s = sum(r.observed_s for r in readings)
    nominal = [r.nominal_hz for r in readings if r.nominal_hz is not None]
    of = sensor.reference
    return UsedSensor(
        sensor=sensor.sensor,
        name=sensor.name,
        driver=sensor.driver,
        placement=sensor.placement,
        decided=decided,
        nominal_hz=nominal[-1] if nominal else None,
        received_hz=received / seen_s if seen_s else None,
        lost_share=lost / (received + lost) if received + lost else None,
        reference=None
        if of is None
        else UsedReference(
            of.method.value, of.made_at, at - of.made_at, of.sigma_deg, of.slouch_deg
        ),
    )


def _changes(contexts: Sequence[AnalysisContext], start: int, facts: Facts) -> tuple[Said, ...]:
    """A sentence for each time that something of it was set otherwise while it went on."""
    out = []
    for before, after in pairwise(contexts):
        if after.since <= start:
            continue
        told = [
            Said(
                "{setting} from {before} to {after}",
                setting=name,
                before=plain(before.settings.get(name, math.nan)),
                after=plain(value),
            )
            for name, value in after.settings.items()
            if name in facts.used and before.settings.get(name) != value
        ]
        if before.sensors != after.sensors:
            told.append(Said("the sensors or their calibration"))
        if before.algorithm_version != after.algorithm_version:
            versions = {"before": before.algorithm_version, "after": after.algorithm_version}
            told.append(Said("the rules, {before} to {after}", **versions))
        if told:
            at = datetime.fromtimestamp(after.since, UTC).isoformat(timespec="seconds")
            out.append(
                Said(
                    "While it went on, at {time}, this changed: {changes}. What is shown is what held when "
                    "it began.",
                    time=f"{at.removesuffix('+00:00')}Z",
                    changes=joined(*told, by=", "),
                )
            )
    return tuple(out)
