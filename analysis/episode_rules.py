"""Why an episode is one: for each kind the sentences, the figures and the settings that decided."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from analysis.bends import BOW_CONFIDENCE
from analysis.facts import Facts, row
from analysis.phrases import degrees, duration, joined, left_or_right, percent, plain, right_or_left
from analysis.slouch import entry_of
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.explanation import Row
from domain.placement import KNOWLEDGE, Knowledge, Placement
from domain.said import NOTHING, Said


@dataclass(frozen=True, slots=True)
class Told:
    """headline: what was found, for the wearer; because: the rule; what the confidence is made of."""

    headline: Said
    because: Said
    rows: tuple[Row, ...]
    confidence_from: Said


#: An episode, what was in force, and for how long it has lasted, s.
Teller = Callable[[Episode, Facts, float], Told]

_BEYOND = Said("how far the mean is beyond the limit, against the errors of reference and sensor")
_BEYOND_BEND = Said(
    "how far the bend is beyond the limit, against the errors of reference and sensor"
)
_POSTURE = Said("the mean confidence of its seconds")


def _sitting(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    sat_s = episode.dose if episode.dose > 0 else lasted_s
    dwell, pause = facts.setting("sit_dwell_s"), facts.setting("partial_break_s")
    return Told(
        Said("You have sat for {time}.", time=duration(sat_s))
        if episode.open
        else Said("You sat for {time}.", time=duration(sat_s)),
        Said(
            "{dwell} of sitting open a sit, which then counts from where it began; {pause} on your feet or "
            "lying end it where they began. Less than that does not.",
            dwell=duration(dwell),
            pause=duration(pause),
        ),
        (
            row("sat_s", Said("time sat"), sat_s, "s"),
            row("lasted_s", Said("from start to end"), lasted_s, "s", dwell),
            row("p_sitting", Said("probability of sitting, mean"), episode.mean, ""),
        ),
        _POSTURE,
    )


def _break(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    up_s = episode.dose if episode.dose > 0 else lasted_s
    full = facts.setting("full_break_s")
    least = duration(episode.limit)
    if not math.isfinite(full):
        rule = Said("{time} upright are a break.", time=least)
    elif up_s >= full:
        rule = Said(
            "{time} upright are a break; a full break: the sitting clock starts again.", time=least
        )
    else:
        rule = Said("{time} upright are a break; the sitting clock paused.", time=least)
    return Told(
        Said("You have been on your feet for {time}.", time=duration(up_s))
        if episode.open
        else Said("You were on your feet for {time}.", time=duration(up_s)),
        rule,
        (
            row("upright_s", Said("time upright"), up_s, "s", episode.limit),
            row("full_break_s", Said("against a full break"), up_s, "s", full),
        ),
        _POSTURE,
    )


def _slouch(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    entry, mean = episode.limit, episode.mean
    leave = entry * facts.setting("slouch_exit_share")
    delay, exit_s = facts.setting("slouch_delay_s"), facts.setting("slouch_exit_s")
    return Told(
        Said(
            "You leaned {lean} forward of your upright for {time}.",
            lean=degrees(mean, entry),
            time=duration(lasted_s),
        ),
        Said(
            "Leaning over {entry} for {delay} while sitting still counts, from where it began; under {leave} "
            "for {exit} ends it.",
            entry=degrees(entry, mean),
            delay=duration(delay),
            leave=degrees(leave),
            exit=duration(exit_s),
        ),
        (
            row("mean_deg", Said("lean, mean"), mean, "deg", entry, _entry_note(episode, facts)),
            row("peak_deg", Said("lean, furthest"), episode.peak, "deg", entry),
            row("lasted_s", Said("how long"), lasted_s, "s", delay),
            row("dose_deg_min", Said("dose"), episode.dose, "deg min"),
        ),
        _BEYOND,
    )


def _entry_note(episode: Episode, facts: Facts) -> Said:
    """Where the limit comes from, when what was in force accounts for it."""
    reference = facts.reference(place(episode))
    if reference is None:
        return NOTHING
    share, fallback = facts.setting("slouch_share"), facts.setting("slouch_fallback_deg")
    entry = entry_of(reference.slouch_deg, share, fallback)
    if not math.isclose(entry, episode.limit, abs_tol=0.01):
        return NOTHING
    if reference.slouch_deg is None:
        return Said("the general limit: your own slouch was not known")
    own = share * reference.slouch_deg
    if not math.isclose(own, entry, abs_tol=0.01):
        return Said("the limit is kept to {entry}, whatever your own slouch", entry=degrees(entry))
    return Said(
        "the limit is {share} of your own slouch, {slouch}",
        share=percent(share),
        slouch=degrees(reference.slouch_deg),
    )


def _not_worn(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    long_s, flat_s = facts.setting("not_worn_s"), facts.setting("not_worn_flat_s")
    sd = facts.setting("not_worn_sd_g")
    return Told(
        Said("Nothing has been worn for {time}.", time=duration(lasted_s))
        if episode.open
        else Said("Nothing was worn for {time}.", time=duration(lasted_s)),
        Said(
            "The sensor varied by less than {sd}, as no body does, for {long}; or for {flat} in a position "
            "nobody holds, or laid down after being handled; or it said that it was being charged. It counts "
            "from when it came to rest.",
            sd=plain(sd, "g"),
            long=duration(long_s),
            flat=duration(flat_s),
        ),
        (
            row("lasted_s", Said("how long"), lasted_s, "s", episode.limit),
            row("not_worn_s", Said("against the time for any position"), lasted_s, "s", long_s),
        ),
        Said("our own judgement of this rule, the same for every such time"),
    )


def _shift(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    limit, hold = episode.limit, facts.setting("posture_shift_hold_s")
    kept = row("kept_s", Said("the posture before was kept for"), episode.dose, "s")
    rule = Said(
        "A change of more than {limit}, or standing up, that holds for {hold} is a shift.",
        limit=plain(limit, "deg"),
        hold=facts.words("posture_shift_hold_s"),
    )
    if not math.isfinite(episode.peak):
        held = row("lasted_s", Said("upright since"), lasted_s, "s", hold)
        return Told(Said("You stood up."), rule, (held, kept), _POSTURE)
    return Told(
        Said("You changed how you sit by {angle}.", angle=degrees(episode.peak, limit)),
        rule,
        (
            row("change_deg", Said("change of lean or side"), episode.peak, "deg", limit),
            row("lean_deg", Said("lean after it"), episode.mean, "deg"),
            row("lasted_s", Said("held for at least"), lasted_s, "s", hold),
            kept,
        ),
        Said("how far the change is beyond the limit, against the sensor's error"),
    )


def _bend(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    say = facts.words
    peak = degrees(episode.peak, episode.limit)
    aside = Said("leaning more than {angle} to a side", angle=say("bend_side_deg"))
    turned = Said("turning by more than {angle}", angle=say("bend_turn_deg"))
    if episode.asymmetry & Asymmetry.SIDE and episode.asymmetry & Asymmetry.TURN:
        how = {"peak": peak, "side": aside, "turn": turned}
        headline = Said("You bent forward to {peak}, {side} and {turn}.", **how)
    elif episode.asymmetry:
        uneven = aside if episode.asymmetry & Asymmetry.SIDE else turned
        headline = Said("You bent forward to {peak}, {uneven}.", peak=peak, uneven=uneven)
    else:
        headline = Said("You bent forward to {peak}.", peak=peak)
    legs = [s for s in facts.sensors if KNOWLEDGE[s.placement].sit_stand is Knowledge.YES]
    sure, bow = _BEYOND_BEND, NOTHING
    if facts.sensors and not legs:
        bow = Said(
            "From the upper trunk alone a bow for a chair looks the same; a sensor on the thigh would tell "
            "them apart."
        )
        sure = Said(
            "{sure}, and {most} at the most, since it may have been a bow for a chair",
            sure=sure,
            most=percent(BOW_CONFIDENCE),
        )
    return Told(
        headline,
        joined(
            Said(
                "A trunk over {limit} for {least} and more, until it is under {leave}, is a bend; bends less "
                "than {merge} apart are one, and within {apart} of standing up or sitting down it is part of "
                "that. What you lifted, if anything, cannot be seen.",
                limit=degrees(episode.limit),
                least=say("bend_least_s"),
                leave=say("bend_leave_deg"),
                merge=say("bend_merge_s"),
                apart=say("bend_apart_s"),
            ),
            bow,
        ),
        (
            row("peak_deg", Said("lean, furthest"), episode.peak, "deg", episode.limit),
            row("mean_deg", Said("lean, mean"), episode.mean, "deg"),
            row("dose_deg_min", Said("dose"), episode.dose, "deg min"),
        ),
        sure,
    )


def _held_bend(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    say = facts.words
    held = {
        "lean": degrees(episode.mean), "time": duration(lasted_s), "limit": duration(episode.limit),
    }  # fmt: skip
    return Told(
        Said(
            "You held a bend of {lean} for {time}, longer than the {limit} of ISO 11226 for that lean.",
            **held,
        )
        if lasted_s > episode.limit
        else Said(
            "You held a bend of {lean} for {time}, not longer than the {limit} of ISO 11226 for that lean.",
            **held,
        ),
        Said(
            "A trunk over {bend} forward that stays within {change} for {hold} is held. The time falls in a "
            "straight line from {most} at {bend} to {least} at {steep}.",
            bend=say("held_bend_deg"),
            change=say("held_bend_change_deg"),
            hold=say("held_bend_s"),
            most=say("held_bend_most_s"),
            least=say("held_bend_least_s"),
            steep=say("held_bend_steep_deg"),
        ),
        (
            row(
                "lasted_s",
                Said("how long"),
                lasted_s,
                "s",
                episode.limit,
                Said("the limit is of that mean lean"),
            ),
            row(
                "mean_deg", Said("lean, mean"), episode.mean, "deg", facts.setting("held_bend_deg")
            ),
            row(
                "peak_deg",
                Said("lean, furthest"),
                episode.peak,
                "deg",
                facts.setting("held_bend_steep_deg"),
            ),
            row("dose_deg_min", Said("dose"), episode.dose, "deg min"),
        ),
        _BEYOND,
    )


def _side_bend(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    say, limit = facts.words, episode.limit
    leave = limit * facts.setting("side_bend_exit_share")
    return Told(
        Said(
            "You leaned to the {side}, {angle} on average while aside, within {time}.",
            side=right_or_left(episode.peak),
            angle=degrees(episode.mean, limit),
            time=duration(lasted_s),
        ),
        Said(
            "Over {limit} to a side for {hold}, or {n} times within a minute, counts; under {leave} one is "
            "back.",
            limit=plain(limit, "deg"),
            hold=say("side_bend_s"),
            n=say("side_bends_per_min"),
            leave=degrees(leave),
        ),
        (
            row("mean_deg", Said("to a side, mean"), episode.mean, "deg", limit),
            row("peak_deg", Said("furthest, right is positive"), episode.peak, "deg"),
            row(
                "lasted_s", Said("from first to last"), lasted_s, "s", facts.setting("side_bend_s")
            ),
            row("dose_deg_min", Said("dose"), episode.dose, "deg min"),
        ),
        _BEYOND,
    )


def _twist(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    say, limit = facts.words, episode.limit
    leave = facts.setting("twist_often_deg") * facts.setting("twist_exit_share")
    return Told(
        Said(
            "Your trunk was turned to the {side} against the pelvis, {angle} on average while turned, within "
            "{time}.",
            side=left_or_right(episode.peak),
            angle=degrees(episode.mean, limit),
            time=duration(lasted_s),
        ),
        Said(
            "Over {limit} for {hold}, or over {often} {n} times within a minute, counts; under {leave} one "
            "is back. The zero is the median of {zero}.",
            limit=say("twist_deg"),
            hold=say("twist_s"),
            often=say("twist_often_deg"),
            n=say("twists_per_min"),
            leave=degrees(leave),
            zero=say("twist_zero_s"),
        ),
        (
            row("mean_deg", Said("twist, mean"), episode.mean, "deg", limit),
            row("peak_deg", Said("furthest, left is positive"), episode.peak, "deg"),
            row("lasted_s", Said("from first to last"), lasted_s, "s", facts.setting("twist_s")),
            row("dose_deg_min", Said("dose"), episode.dose, "deg min"),
        ),
        Said("how far the furthest twist is beyond the limit, against the error of two gyroscopes"),
    )


def _turn(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    size = abs(episode.peak)
    return Told(
        Said(
            "Your trunk turned {angle} to the {side} and faced there for {time}.",
            angle=degrees(size, episode.limit),
            side=left_or_right(episode.peak),
            time=duration(lasted_s),
        ),
        Said(
            "More than {limit} from where it mostly faced in the last {time} is a turn, unless you walk. One "
            "sensor cannot tell a twist of the trunk from turning with the chair: a second one at the belt "
            "or the seat can.",
            limit=plain(episode.limit, "deg"),
            time=facts.words("turn_baseline_s"),
        ),
        (
            row("peak_deg", Said("turned, left is positive"), episode.peak, "deg"),
            row("size_deg", Said("turned, either way"), size, "deg", episode.limit),
            row("rate_dps", Said("rate, mean"), episode.mean, "deg/s"),
            row("turned_deg", Said("turned in all"), episode.dose, "deg"),
        ),
        Said("how far the turn is beyond the limit, against the gyroscope's drift"),
    )


#: Every kind has its own.
TELLERS: dict[EpisodeKind, Teller] = {
    EpisodeKind.SITTING: _sitting,
    EpisodeKind.BREAK: _break,
    EpisodeKind.SLOUCH: _slouch,
    EpisodeKind.NOT_WORN: _not_worn,
    EpisodeKind.SHIFT: _shift,
    EpisodeKind.BEND: _bend,
    EpisodeKind.HELD_BEND: _held_bend,
    EpisodeKind.SIDE_BEND: _side_bend,
    EpisodeKind.TWIST: _twist,
    EpisodeKind.TURN: _turn,
}


def place(episode: Episode) -> Placement | None:
    """Where the deciding sensor was worn; None where it is not known."""
    return next((each for each in Placement if each.value == episode.placement), None)
