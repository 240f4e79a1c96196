"""Why an episode is one: for each kind the sentences, the figures and the settings that decided."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from analysis.bends import BOW_CONFIDENCE
from analysis.facts import Facts, row
from analysis.phrases import degrees, duration, percent, plain, side
from analysis.slouch import entry_of
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.explanation import Row
from domain.placement import KNOWLEDGE, Knowledge, Placement


@dataclass(frozen=True, slots=True)
class Told:
    """headline: what was found, for the wearer; because: the rule; what the confidence is made of."""

    headline: str
    because: str
    rows: tuple[Row, ...]
    confidence_from: str


#: An episode, what was in force, and for how long it has lasted, s.
Teller = Callable[[Episode, Facts, float], Told]

_BEYOND = "how far the mean is beyond the limit, against the errors of reference and sensor"
_POSTURE = "the mean confidence of its seconds"


def _sitting(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    sat_s = episode.dose if episode.dose > 0 else lasted_s
    dwell, pause = facts.setting("sit_dwell_s"), facts.setting("partial_break_s")
    return Told(
        f"You {'have sat' if episode.open else 'sat'} for {duration(sat_s)}.",
        f"{duration(dwell)} of sitting open a sit, which then counts from where it began; "
        f"{duration(pause)} on your feet or lying end it where they began. Less than that does not.",
        (
            row("sat_s", "time sat", sat_s, "s"),
            row("lasted_s", "from start to end", lasted_s, "s", dwell),
            row("p_sitting", "probability of sitting, mean", episode.mean, ""),
        ),
        _POSTURE,
    )


def _break(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    up_s = episode.dose if episode.dose > 0 else lasted_s
    full = facts.setting("full_break_s")
    what = (
        "a full break: the sitting clock starts again"
        if up_s >= full
        else "the sitting clock paused"
    )
    since = f"; {what}" if math.isfinite(full) else ""
    return Told(
        f"You {'have been' if episode.open else 'were'} on your feet for {duration(up_s)}.",
        f"{duration(episode.limit)} upright are a break{since}.",
        (
            row("upright_s", "time upright", up_s, "s", episode.limit),
            row("full_break_s", "against a full break", up_s, "s", full),
        ),
        _POSTURE,
    )


def _slouch(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    entry, mean = episode.limit, episode.mean
    leave = entry * facts.setting("slouch_exit_share")
    delay, exit_s = facts.setting("slouch_delay_s"), facts.setting("slouch_exit_s")
    return Told(
        f"You leaned {degrees(mean, entry)} forward of your upright for {duration(lasted_s)}.",
        f"Leaning over {degrees(entry, mean)} for {duration(delay)} while sitting still counts, from where "
        f"it began; under {degrees(leave)} for {duration(exit_s)} ends it.",
        (
            row("mean_deg", "lean, mean", mean, "deg", entry, _entry_note(episode, facts)),
            row("peak_deg", "lean, furthest", episode.peak, "deg", entry),
            row("lasted_s", "how long", lasted_s, "s", delay),
            row("dose_deg_min", "dose", episode.dose, "deg min"),
        ),
        _BEYOND,
    )


def _entry_note(episode: Episode, facts: Facts) -> str:
    """Where the limit comes from, when what was in force accounts for it."""
    reference = facts.reference(place(episode))
    if reference is None:
        return ""
    share, fallback = facts.setting("slouch_share"), facts.setting("slouch_fallback_deg")
    entry = entry_of(reference.slouch_deg, share, fallback)
    if not math.isclose(entry, episode.limit, abs_tol=0.01):
        return ""
    if reference.slouch_deg is None:
        return "the general limit: your own slouch was not known"
    own = share * reference.slouch_deg
    if not math.isclose(own, entry, abs_tol=0.01):
        return f"the limit is kept to {degrees(entry)}, whatever your own slouch"
    return f"the limit is {percent(share)} of your own slouch, {degrees(reference.slouch_deg)}"


def _not_worn(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    long_s, flat_s = facts.setting("not_worn_s"), facts.setting("not_worn_flat_s")
    sd = facts.setting("not_worn_sd_g")
    return Told(
        f"Nothing {'has been' if episode.open else 'was'} worn for {duration(lasted_s)}.",
        f"The sensor varied by less than {plain(sd, 'g')}, as no body does, for {duration(long_s)}; or for "
        f"{duration(flat_s)} in a position nobody holds, or laid down after being handled. It counts from "
        "when it came to rest.",
        (
            row("lasted_s", "how long", lasted_s, "s", episode.limit),
            row("not_worn_s", "against the time for any position", lasted_s, "s", long_s),
        ),
        "our own judgement of this rule, the same for every such time",
    )


def _shift(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    limit, hold = episode.limit, facts.setting("posture_shift_hold_s")
    kept = row("kept_s", "the posture before was kept for", episode.dose, "s")
    rule = (
        f"A change of more than {plain(limit, 'deg')}, or standing up, that holds for "
        f"{facts.words('posture_shift_hold_s')} is a shift."
    )
    if not math.isfinite(episode.peak):
        held = row("lasted_s", "upright since", lasted_s, "s", hold)
        return Told("You stood up.", rule, (held, kept), _POSTURE)
    return Told(
        f"You changed how you sit by {degrees(episode.peak, limit)}.",
        rule,
        (
            row("change_deg", "change of lean or side", episode.peak, "deg", limit),
            row("lean_deg", "lean after it", episode.mean, "deg"),
            row("lasted_s", "held for at least", lasted_s, "s", hold),
            kept,
        ),
        "how far the change is beyond the limit, against the sensor's error",
    )


def _bend(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    say = facts.words
    uneven = []
    if episode.asymmetry & Asymmetry.SIDE:
        uneven.append(f"leaning more than {say('bend_side_deg')} to a side")
    if episode.asymmetry & Asymmetry.TURN:
        uneven.append(f"turning by more than {say('bend_turn_deg')}")
    also = f", {' and '.join(uneven)}" if uneven else ""
    sure = "how far the bend is beyond the limit, against the errors of reference and sensor"
    bow = ""
    legs = [s for s in facts.sensors if KNOWLEDGE[s.placement].sit_stand is Knowledge.YES]
    if facts.sensors and not legs:
        bow = (
            " From the upper trunk alone a bow for a chair looks the same; a sensor on the thigh would tell "
            "them apart."
        )
        sure += (
            f", and {percent(BOW_CONFIDENCE)} at the most, since it may have been a bow for a chair"
        )
    return Told(
        f"You bent forward to {degrees(episode.peak, episode.limit)}{also}.",
        f"A trunk over {degrees(episode.limit)} for {say('bend_least_s')} and more, until it is under "
        f"{say('bend_leave_deg')}, is a bend; bends less than {say('bend_merge_s')} apart are one, and "
        f"within {say('bend_apart_s')} of standing up or sitting down it is part of that. What you "
        f"lifted, if anything, cannot be seen.{bow}",
        (
            row("peak_deg", "lean, furthest", episode.peak, "deg", episode.limit),
            row("mean_deg", "lean, mean", episode.mean, "deg"),
            row("dose_deg_min", "dose", episode.dose, "deg min"),
        ),
        sure,
    )


def _held_bend(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    say = facts.words
    beyond = "longer" if lasted_s > episode.limit else "not longer"
    return Told(
        f"You held a bend of {degrees(episode.mean)} for {duration(lasted_s)}, {beyond} than the "
        f"{duration(episode.limit)} of ISO 11226 for that lean.",
        f"A trunk over {say('held_bend_deg')} forward that stays within {say('held_bend_change_deg')} "
        f"for {say('held_bend_s')} is held. The time falls in a straight line from "
        f"{say('held_bend_most_s')} at {say('held_bend_deg')} to {say('held_bend_least_s')} at "
        f"{say('held_bend_steep_deg')}.",
        (
            row(
                "lasted_s",
                "how long",
                lasted_s,
                "s",
                episode.limit,
                "the limit is of that mean lean",
            ),
            row("mean_deg", "lean, mean", episode.mean, "deg", facts.setting("held_bend_deg")),
            row(
                "peak_deg",
                "lean, furthest",
                episode.peak,
                "deg",
                facts.setting("held_bend_steep_deg"),
            ),
            row("dose_deg_min", "dose", episode.dose, "deg min"),
        ),
        _BEYOND,
    )


def _side_bend(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    say, limit = facts.words, episode.limit
    leave = limit * facts.setting("side_bend_exit_share")
    return Told(
        f"You leaned to the {side(episode.peak, 'right', 'left')}, {degrees(episode.mean, limit)} on average "
        f"while aside, within {duration(lasted_s)}.",
        f"Over {plain(limit, 'deg')} to a side for {say('side_bend_s')}, or {say('side_bends_per_min')} "
        f"times within a minute, counts; under {degrees(leave)} one is back.",
        (
            row("mean_deg", "to a side, mean", episode.mean, "deg", limit),
            row("peak_deg", "furthest, right is positive", episode.peak, "deg"),
            row("lasted_s", "from first to last", lasted_s, "s", facts.setting("side_bend_s")),
            row("dose_deg_min", "dose", episode.dose, "deg min"),
        ),
        _BEYOND,
    )


def _twist(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    say, limit = facts.words, episode.limit
    leave = facts.setting("twist_often_deg") * facts.setting("twist_exit_share")
    return Told(
        f"Your trunk was turned to the {side(episode.peak, 'left', 'right')} against the pelvis, "
        f"{degrees(episode.mean, limit)} on average while turned, within {duration(lasted_s)}.",
        f"Over {say('twist_deg')} for {say('twist_s')}, or over {say('twist_often_deg')} "
        f"{say('twists_per_min')} times within a minute, counts; under {degrees(leave)} one is back. "
        f"The zero is the median of {say('twist_zero_s')}.",
        (
            row("mean_deg", "twist, mean", episode.mean, "deg", limit),
            row("peak_deg", "furthest, left is positive", episode.peak, "deg"),
            row("lasted_s", "from first to last", lasted_s, "s", facts.setting("twist_s")),
            row("dose_deg_min", "dose", episode.dose, "deg min"),
        ),
        "how far the furthest twist is beyond the limit, against the error of two gyroscopes",
    )


def _turn(episode: Episode, facts: Facts, lasted_s: float) -> Told:
    where = side(episode.peak, "left", "right")
    size = abs(episode.peak)
    return Told(
        f"Your trunk turned {degrees(size, episode.limit)} to the {where} and faced there for "
        f"{duration(lasted_s)}.",
        f"More than {plain(episode.limit, 'deg')} from where it mostly faced in the last "
        f"{facts.words('turn_baseline_s')} is a turn, unless you walk. One sensor cannot tell "
        "a twist of the trunk from turning with the chair: a second one at the belt or the seat can.",
        (
            row("peak_deg", "turned, left is positive", episode.peak, "deg"),
            row("size_deg", "turned, either way", size, "deg", episode.limit),
            row("rate_dps", "rate, mean", episode.mean, "deg/s"),
            row("turned_deg", "turned in all", episode.dose, "deg"),
        ),
        "how far the turn is beyond the limit, against the gyroscope's drift",
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
