"""The step of the rule that decided a frame, with its figures: one row a place and an activity.

Frames keep what was decided and how surely, not every angle on the way. Where a confidence is a logistic
curve of a distance to a limit, the angle is worked back from it and said to be so; where it is not,
nothing is made up.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from analysis.facts import Facts, distance, row
from analysis.phrases import certainty, degrees, duration, percent, plain
from analysis.thigh import ANGLE_WIDTH_DEG, LEARNT_SIT_DEG, SD_WIDTH
from analysis.trunk import LYING_WIDTH_DEG
from domain.explanation import Row
from domain.people import ReferenceMethod
from domain.placement import Placement
from domain.posture import Activity, PostureFrame

_BACK = "worked back from the confidence that was kept"


@dataclass(frozen=True, slots=True)
class Step:
    """What decided: a sentence, its rows, and what the confidence is made of."""

    because: str
    rows: tuple[Row, ...]
    confidence_from: str


Rule = Callable[[PostureFrame, Facts], Step]


def thigh_limit_deg(facts: Facts) -> tuple[float, str]:
    """The angle from which on a thigh was raised, and what is to be said of it."""
    reference = facts.reference(Placement.THIGH)
    if reference is not None and reference.method is ReferenceMethod.ASSUMED:
        return (
            LEARNT_SIT_DEG,
            "no pose: how it sits was learnt from walking, or assumed",
        )
    if reference is None or not reference.method.posed:
        return LEARNT_SIT_DEG, "no pose: its axis was learnt from your walking"
    return facts.setting("thigh_sit_deg"), ""


def _shows_distance(facts: Facts, placement: Placement | None) -> bool:
    """Whether confidences are what the curve made of them: by these rules, and cut by no doubt."""
    reference = facts.reference(placement)
    assumed = reference is not None and reference.method is ReferenceMethod.ASSUMED
    return facts.same_rules and not assumed


def thigh_row(frame: PostureFrame, facts: Facts, *, raised: bool) -> tuple[Row, str]:
    """The thigh's angle as far as it can be worked back, and in words."""
    limit, note = thigh_limit_deg(facts)
    sure = frame.p_sitting if raised else 1.0 - frame.p_sitting
    least, most = distance(sure, ANGLE_WIDTH_DEG)
    words, value = "thigh from vertical", math.nan
    if not _shows_distance(facts, Placement.THIGH) or not math.isfinite(least):
        where = f"{'over' if raised else 'under'} {degrees(limit)}"
        return row("thigh_deg", words, value, "deg", limit, note), where
    if least <= facts.setting("thigh_hysteresis_deg"):
        where = f"within {degrees(facts.setting('thigh_hysteresis_deg'))} of {degrees(limit)}"
        note = "; ".join(filter(None, (note, "so close to the limit it stays as it was before")))
        return row("thigh_deg", words, value, "deg", limit, note), where
    sign = 1.0 if raised else -1.0
    if math.isinf(most):
        bound = limit + sign * least
        extent = f"at {'least' if raised else 'most'} {degrees(bound)}"
        note = "; ".join(filter(None, (note, f"{extent}, {_BACK}")))
        return row("thigh_deg", words, bound, "deg", limit, note), extent
    value = limit + sign * 0.5 * (least + most)
    note = "; ".join(filter(None, (note, _BACK)))
    return row("thigh_deg", words, value, "deg", limit, note), degrees(value, limit)


def _band(facts: Facts) -> str:
    limit, _ = thigh_limit_deg(facts)
    half = facts.setting("thigh_hysteresis_deg")
    return f"{plain(limit)} ± {plain(half, 'deg')}" if math.isfinite(limit + half) else "its limit"


def _thigh_sitting(frame: PostureFrame, facts: Facts) -> Step:
    angle, words = thigh_row(frame, facts, raised=True)
    upper = facts.trunk()
    rows = [angle]
    if not upper:
        rest = "no sensor on the trunk tells lying from sitting, so it counts as sitting"
    elif math.isfinite(frame.lean_deg):
        rows += _inclination(frame, facts)
        rest = "and the trunk was not lying, so sitting"
    else:
        rest = "and no lying trunk was seen, so sitting"
    return Step(
        f"The thigh was {words} from vertical; over {_band(facts)} it is sitting or lying; {rest}.",
        tuple(rows),
        "how far the thigh was from the limit",
    )


def _thigh_standing(frame: PostureFrame, facts: Facts) -> Step:
    angle, words = thigh_row(frame, facts, raised=False)
    still = _sd(math.nan, facts.setting("moving_sd_g"), "")
    return Step(
        f"The thigh was {words} from vertical, under {_band(facts)}, and moved less than walking does "
        f"({plain(facts.setting('moving_sd_g'), 'g')}), so standing.",
        (angle, still),
        "the lesser of two: how far the thigh was from its limit, and its movement from that of walking",
    )


def _thigh_moving(frame: PostureFrame, facts: Facts) -> Step:
    limit = facts.setting("moving_sd_g")
    least, most = distance(frame.confidence, SD_WIDTH)
    shaken, note, words = math.nan, "", f"over {plain(limit, 'g')}"
    if facts.same_rules and math.isfinite(least):
        at_least = math.isinf(most)
        shaken = limit * math.exp(least if at_least else 0.5 * (least + most))
        words = f"{'at least ' if at_least else ''}{shaken:.2f} g, over {plain(limit, 'g')}"
        note = f"at least; {_BACK}" if at_least else _BACK
    running = facts.setting("running_sd_g")
    gait = "running" if shaken >= running else "moving"
    return Step(
        f"The thigh shook by {words} along the vertical, so {gait}.",
        (_sd(shaken, limit, note),),
        "how far the movement was from the limit",
    )


def _sd(value: float, limit: float, note: str) -> Row:
    return row("sd_g", "movement along the vertical", value, "g", limit, note)


def _inclination(frame: PostureFrame, facts: Facts) -> list[Row]:
    if not math.isfinite(frame.lean_deg + frame.side_deg):
        return []
    lean, side = math.radians(frame.lean_deg), math.radians(frame.side_deg)
    inclined = math.degrees(math.acos(max(-1.0, min(1.0, math.cos(lean) * math.cos(side)))))
    limit = facts.setting("lying_enter_deg")
    return [row("inclination_deg", "trunk from upright", inclined, "deg", limit)]


def _lying(frame: PostureFrame, facts: Facts) -> Step:
    enter, leave = facts.setting("lying_enter_deg"), facts.setting("lying_leave_deg")
    rows = _inclination(frame, facts)
    words = ""
    if rows:
        words = f" It was {degrees(rows[0].value, enter)} from upright."
    elif _shows_distance(facts, frame.source):
        least, most = distance(frame.confidence, LYING_WIDTH_DEG)
        if math.isfinite(least):
            value = leave + (least if math.isinf(most) else 0.5 * (least + most))
            note = f"at least; {_BACK}" if math.isinf(most) else _BACK
            rows = [row("inclination_deg", "trunk from upright", value, "deg", enter, note)]
            words = f" It was {'at least ' if math.isinf(most) else ''}{degrees(value, enter)} from upright."
    return Step(
        f"The trunk is lying once it is over {plain(enter, 'deg')} from upright, forward only after "
        f"{plain(facts.setting('prone_dwell_s'), 's')}, and until it is under {plain(leave, 'deg')}.{words}",
        tuple(rows),
        "how far the trunk was from where lying ends",
    )


def _p_row(frame: PostureFrame, limit: float) -> Row:
    return row("p_sitting", "probability of sitting", frame.p_sitting, "", limit)


def _trunk_sitting(frame: PostureFrame, facts: Facts) -> Step:
    shown = facts.setting("shown_from_p")
    return Step(
        "A sensor on the upper trunk weighs how you move: sitting was "
        f"{certainty(frame.p_sitting)} probable, and is shown from {percent(shown)} on.",
        (_p_row(frame, shown),),
        "the probability of sitting itself",
    )


def _trunk_standing(frame: PostureFrame, facts: Facts) -> Step:
    shown = facts.setting("shown_from_p")
    return Step(
        f"A sensor on the upper trunk weighs how you move: being upright was "
        f"{certainty(1.0 - frame.p_sitting)} probable, and is shown from {percent(shown)} on.",
        (_p_row(frame, 1.0 - shown),),
        "the probability of being upright",
    )


def _trunk_moving(frame: PostureFrame, facts: Facts) -> Step:
    limit = facts.setting("trunk_moving_sd_g")
    return Step(
        f"The trunk shook by more than {plain(limit, 'g')} along the vertical, as steps shake it.",
        (_sd(math.nan, limit, "over; the figure itself is not kept"), _p_row(frame, math.nan)),
        "the probability of being upright: who walks does not sit",
    )


def _belt(frame: PostureFrame, facts: Facts) -> Step:
    word = "sitting" if frame.activity is Activity.SITTING else "standing"
    return Step(
        "The belt's angle was held against how you carry it while you walk: beyond "
        f"{plain(facts.setting('waist_sit_deg'), 'deg')}, or a limit of your own from 8 to 16 deg once it is "
        f"known, you sit; before the first walk, how you move decides. That made sitting "
        f"{certainty(frame.p_sitting)} probable, so {word}.",
        (_p_row(frame, math.nan),),
        "the probability of sitting, which is how far the angle was from the limit",
    )


def _belt_moving(frame: PostureFrame, facts: Facts) -> Step:
    limit = facts.setting("trunk_moving_sd_g")
    return Step(
        f"The belt shook by more than {plain(limit, 'g')} along the vertical, as steps shake it, or by "
        "half of that while it swayed as slow steps do.",
        (_sd(math.nan, limit, "the figure itself is not kept"), _p_row(frame, math.nan)),
        "the probability of being upright: who walks does not sit",
    )


def _not_worn(frame: PostureFrame, facts: Facts) -> Step:
    sd, spread = facts.setting("not_worn_sd_g"), facts.setting("not_worn_range_g")
    long_s, flat_s = facts.setting("not_worn_s"), facts.setting("not_worn_flat_s")
    return Step(
        f"The sensor lay still as no body does: it varied by less than {plain(sd, 'g')} for "
        f"{duration(long_s)}, or for {duration(flat_s)} in a position nobody holds or laid down after "
        "being handled.",
        (
            row(
                "sd_g", "movement of each axis", math.nan, "g", sd, "under; the figure is not kept"
            ),
            row("range_g", "range of the means", math.nan, "g", spread, "under; likewise"),
        ),
        "our own judgement of this rule, the same for every such second",
    )


def _unknown(frame: PostureFrame, facts: Facts) -> Step:
    if not math.isfinite(frame.p_sitting):
        return Step("No rule could decide.", (), "nothing: unknown has no confidence")
    shown = facts.setting("shown_from_p")
    return Step(
        f"Sitting was {certainty(frame.p_sitting)} probable: between {percent(1.0 - shown)} and "
        f"{percent(shown)} neither sitting nor standing is shown.",
        (_p_row(frame, shown),),
        "nothing: unknown has no confidence",
    )


def _kept_only(frame: PostureFrame, facts: Facts) -> Step:
    return Step(
        "What decided it was not kept.",
        (_p_row(frame, math.nan),),
        "the rule of then, which was not kept",
    )


_THIGH: dict[Activity, Rule] = {
    Activity.SITTING: _thigh_sitting,
    Activity.STANDING: _thigh_standing,
    Activity.MOVING: _thigh_moving,
}
_TRUNK: dict[Activity, Rule] = {
    Activity.LYING: _lying,
    Activity.SITTING: _trunk_sitting,
    Activity.STANDING: _trunk_standing,
    Activity.MOVING: _trunk_moving,
}
_BELT: dict[Activity, Rule] = {
    Activity.LYING: _lying,
    Activity.SITTING: _belt,
    Activity.STANDING: _belt,
    Activity.MOVING: _belt_moving,
}

#: By the place that decided, None for nobody.
RULES: dict[Placement | None, dict[Activity, Rule]] = {
    Placement.THIGH: _THIGH,
    Placement.UPPER_BACK: _TRUNK,
    Placement.STERNUM: _TRUNK,
    Placement.WAIST: _BELT,
    Placement.LOWER_BACK: _BELT,
    None: {Activity.UNKNOWN: _unknown, Activity.NOT_WORN: _not_worn},
}


def step_of(frame: PostureFrame, facts: Facts) -> Step:
    """What decided `frame`. Without a context, or without knowing who decided, it says so."""
    rule = RULES.get(frame.source, {}).get(frame.activity)
    if facts.context is None or rule is None:
        return _kept_only(frame, facts)
    return rule(frame, facts)
