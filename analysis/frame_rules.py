"""The step of the rule that decided a frame, with its figures: one row a place and an activity.

Frames keep what was decided and how surely, not every angle on the way. Where a confidence is a logistic
curve of a distance to a limit, the angle is worked back from it and said to be so; where it is not,
nothing is made up.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from analysis.facts import Facts, distance, row
from analysis.phrases import certainty, degrees, duration, figure, joined, percent, plain
from analysis.thigh import ANGLE_WIDTH_DEG, LEARNT_SIT_DEG, SD_WIDTH
from analysis.trunk import LYING_WIDTH_DEG
from domain.explanation import Row
from domain.people import ReferenceMethod
from domain.placement import Placement
from domain.posture import Activity, PostureFrame
from domain.said import NOTHING, Said

_BACK = Said("worked back from the confidence that was kept")
_AT_LEAST_BACK = Said("at least; worked back from the confidence that was kept")
_UPRIGHT = Said("the probability of being upright: who walks does not sit")


@dataclass(frozen=True, slots=True)
class Step:
    """What decided: a sentence, its rows, and what the confidence is made of."""

    because: Said
    rows: tuple[Row, ...]
    confidence_from: Said


Rule = Callable[[PostureFrame, Facts], Step]


def thigh_limit_deg(facts: Facts) -> tuple[float, Said]:
    """The angle from which on a thigh was raised, and what is to be said of it."""
    reference = facts.reference(Placement.THIGH)
    if reference is not None and reference.method is ReferenceMethod.ASSUMED:
        return (
            LEARNT_SIT_DEG,
            Said("no pose: how it sits was learnt from walking, or assumed"),
        )
    if reference is None or not reference.method.posed:
        return LEARNT_SIT_DEG, Said("no pose: its axis was learnt from your walking")
    return facts.setting("thigh_sit_deg"), NOTHING


def _shows_distance(facts: Facts, placement: Placement | None) -> bool:
    """Whether confidences are what the curve made of them: by these rules, and cut by no doubt."""
    reference = facts.reference(placement)
    assumed = reference is not None and reference.method is ReferenceMethod.ASSUMED
    return facts.same_rules and not assumed


def thigh_row(frame: PostureFrame, facts: Facts, *, raised: bool) -> tuple[Row, Said]:
    """The thigh's angle as far as it can be worked back, and in words."""
    limit, note = thigh_limit_deg(facts)
    sure = frame.p_sitting if raised else 1.0 - frame.p_sitting
    least, most = distance(sure, ANGLE_WIDTH_DEG)

    def told(value: float, where: Said, *notes: Said) -> tuple[Row, Said]:
        words = Said("thigh from vertical")
        return row("thigh_deg", words, value, "deg", limit, joined(note, *notes, by="; ")), where

    if not _shows_distance(facts, Placement.THIGH) or not math.isfinite(least):
        over = Said("over {limit}", limit=degrees(limit))
        return told(math.nan, over if raised else Said("under {limit}", limit=degrees(limit)))
    band_deg = facts.setting("thigh_hysteresis_deg")
    if least <= band_deg:
        where = Said("within {band} of {limit}", band=degrees(band_deg), limit=degrees(limit))
        return told(math.nan, where, Said("so close to the limit it stays as it was before"))
    sign = 1.0 if raised else -1.0
    if math.isinf(most):
        bound = limit + sign * least
        angle = degrees(bound)
        extent = (
            Said("at least {angle}", angle=angle)
            if raised
            else Said("at most {angle}", angle=angle)
        )
        return told(bound, extent, joined(extent, _BACK, by=", "))
    value = limit + sign * 0.5 * (least + most)
    return told(value, degrees(value, limit), _BACK)


def _band(facts: Facts) -> Said:
    limit, _ = thigh_limit_deg(facts)
    half = facts.setting("thigh_hysteresis_deg")
    if not math.isfinite(limit + half):
        return Said("its limit")
    return Said("{limit} ± {half}", limit=plain(limit), half=plain(half, "deg"))


def _thigh_sitting(frame: PostureFrame, facts: Facts) -> Step:
    angle, words = thigh_row(frame, facts, raised=True)
    upper = facts.trunk()
    rows = [angle]
    if not upper:
        because = Said(
            "The thigh was {angle} from vertical; over {band} it is sitting or lying; no sensor on the trunk "
            "tells lying from sitting, so it counts as sitting.",
            angle=words,
            band=_band(facts),
        )
    elif math.isfinite(frame.lean_deg):
        rows += _inclination(frame, facts)
        because = Said(
            "The thigh was {angle} from vertical; over {band} it is sitting or lying; and the trunk was not "
            "lying, so sitting.",
            angle=words,
            band=_band(facts),
        )
    else:
        because = Said(
            "The thigh was {angle} from vertical; over {band} it is sitting or lying; and no lying trunk was "
            "seen, so sitting.",
            angle=words,
            band=_band(facts),
        )
    return Step(because, tuple(rows), Said("how far the thigh was from the limit"))


def _thigh_standing(frame: PostureFrame, facts: Facts) -> Step:
    angle, words = thigh_row(frame, facts, raised=False)
    still = _sd(math.nan, facts.setting("moving_sd_g"), NOTHING)
    return Step(
        Said(
            "The thigh was {angle} from vertical, under {band}, and moved less than walking does ({sd}), so "
            "standing.",
            angle=words,
            band=_band(facts),
            sd=plain(facts.setting("moving_sd_g"), "g"),
        ),
        (angle, still),
        Said(
            "the lesser of two: how far the thigh was from its limit, and its movement from that of walking"
        ),
    )


def _thigh_moving(frame: PostureFrame, facts: Facts) -> Step:
    limit = facts.setting("moving_sd_g")
    least, most = distance(frame.confidence, SD_WIDTH)
    shaken, note, by = math.nan, NOTHING, Said("over {limit}", limit=plain(limit, "g"))
    if facts.same_rules and math.isfinite(least):
        at_least = math.isinf(most)
        shaken = limit * math.exp(least if at_least else 0.5 * (least + most))
        found = {"value": figure(shaken, 2), "limit": plain(limit, "g")}
        by = Said("{value} g, over {limit}", **found)
        note = _BACK
        if at_least:
            by, note = Said("at least {value} g, over {limit}", **found), _AT_LEAST_BACK
    return Step(
        Said("The thigh shook by {amount} along the vertical, so running.", amount=by)
        if shaken >= facts.setting("running_sd_g")
        else Said("The thigh shook by {amount} along the vertical, so moving.", amount=by),
        (_sd(shaken, limit, note),),
        Said("how far the movement was from the limit"),
    )


def _sd(value: float, limit: float, note: Said) -> Row:
    return row("sd_g", Said("movement along the vertical"), value, "g", limit, note)


def _inclination(frame: PostureFrame, facts: Facts) -> list[Row]:
    if not math.isfinite(frame.lean_deg + frame.side_deg):
        return []
    lean, side = math.radians(frame.lean_deg), math.radians(frame.side_deg)
    inclined = math.degrees(math.acos(max(-1.0, min(1.0, math.cos(lean) * math.cos(side)))))
    limit = facts.setting("lying_enter_deg")
    return [row("inclination_deg", Said("trunk from upright"), inclined, "deg", limit)]


def _lying(frame: PostureFrame, facts: Facts) -> Step:
    enter, leave = facts.setting("lying_enter_deg"), facts.setting("lying_leave_deg")
    rows = _inclination(frame, facts)
    was = NOTHING
    if rows:
        was = Said("It was {angle} from upright.", angle=degrees(rows[0].value, enter))
    elif _shows_distance(facts, frame.source):
        least, most = distance(frame.confidence, LYING_WIDTH_DEG)
        if math.isfinite(least):
            value = leave + (least if math.isinf(most) else 0.5 * (least + most))
            angle, note = degrees(value, enter), _BACK
            was = Said("It was {angle} from upright.", angle=angle)
            if math.isinf(most):
                was, note = (
                    Said("It was at least {angle} from upright.", angle=angle),
                    _AT_LEAST_BACK,
                )
            words = Said("trunk from upright")
            rows = [row("inclination_deg", words, value, "deg", enter, note)]
    return Step(
        joined(
            Said(
                "The trunk is lying once it is over {enter} from upright, forward only after {time}, and "
                "until it is under {leave}.",
                enter=plain(enter, "deg"),
                time=plain(facts.setting("prone_dwell_s"), "s"),
                leave=plain(leave, "deg"),
            ),
            was,
        ),
        tuple(rows),
        Said("how far the trunk was from where lying ends"),
    )


def _p_row(frame: PostureFrame, limit: float) -> Row:
    return row("p_sitting", Said("probability of sitting"), frame.p_sitting, "", limit)


def _trunk_sitting(frame: PostureFrame, facts: Facts) -> Step:
    shown = facts.setting("shown_from_p")
    return Step(
        Said(
            "A sensor on the upper trunk weighs how you move: sitting was {p} probable, and is shown from "
            "{shown} on.",
            p=certainty(frame.p_sitting),
            shown=percent(shown),
        ),
        (_p_row(frame, shown),),
        Said("the probability of sitting itself"),
    )


def _trunk_standing(frame: PostureFrame, facts: Facts) -> Step:
    shown = facts.setting("shown_from_p")
    return Step(
        Said(
            "A sensor on the upper trunk weighs how you move: being upright was {p} probable, and is shown "
            "from {shown} on.",
            p=certainty(1.0 - frame.p_sitting),
            shown=percent(shown),
        ),
        (_p_row(frame, 1.0 - shown),),
        Said("the probability of being upright"),
    )


def _trunk_moving(frame: PostureFrame, facts: Facts) -> Step:
    limit = facts.setting("trunk_moving_sd_g")
    not_kept = Said("over; the figure itself is not kept")
    return Step(
        Said(
            "The trunk shook by more than {limit} along the vertical, as steps shake it.",
            limit=plain(limit, "g"),
        ),
        (_sd(math.nan, limit, not_kept), _p_row(frame, math.nan)),
        _UPRIGHT,
    )


def _belt(frame: PostureFrame, facts: Facts) -> Step:
    found = {"p": certainty(frame.p_sitting), "limit": plain(facts.setting("waist_sit_deg"), "deg")}
    return Step(
        Said(
            "The belt's angle was held against how you carry it while you walk: beyond {limit}, or a limit "
            "of your own from 8 to 16 deg once it is known, you sit; before the first walk, how you move "
            "decides. That made sitting {p} probable, so sitting.",
            **found,
        )
        if frame.activity is Activity.SITTING
        else Said(
            "The belt's angle was held against how you carry it while you walk: beyond {limit}, or a limit "
            "of your own from 8 to 16 deg once it is known, you sit; before the first walk, how you move "
            "decides. That made sitting {p} probable, so standing.",
            **found,
        ),
        (_p_row(frame, math.nan),),
        Said("the probability of sitting, which is how far the angle was from the limit"),
    )


def _belt_moving(frame: PostureFrame, facts: Facts) -> Step:
    limit = facts.setting("trunk_moving_sd_g")
    return Step(
        Said(
            "The belt shook by more than {limit} along the vertical, as steps shake it, or by half of that "
            "while it swayed as slow steps do.",
            limit=plain(limit, "g"),
        ),
        (
            _sd(math.nan, limit, Said("the figure itself is not kept")),
            _p_row(frame, math.nan),
        ),
        _UPRIGHT,
    )


def _not_worn(frame: PostureFrame, facts: Facts) -> Step:
    sd, spread = facts.setting("not_worn_sd_g"), facts.setting("not_worn_range_g")
    long_s, flat_s = facts.setting("not_worn_s"), facts.setting("not_worn_flat_s")
    axes, means = Said("movement of each axis"), Said("range of the means")
    return Step(
        Said(
            "The sensor lay still as no body does: it varied by less than {sd} for {long}, or for {flat} in "
            "a position nobody holds or laid down after being handled. Or it said that it was being charged.",
            sd=plain(sd, "g"),
            long=duration(long_s),
            flat=duration(flat_s),
        ),
        (
            row("sd_g", axes, math.nan, "g", sd, Said("under; the figure is not kept")),
            row("range_g", means, math.nan, "g", spread, Said("under; likewise")),
        ),
        Said("our own judgement of this rule, the same for every such second"),
    )


def _unknown(frame: PostureFrame, facts: Facts) -> Step:
    nothing = Said("nothing: unknown has no confidence")
    if not math.isfinite(frame.p_sitting):
        return Step(Said("No rule could decide."), (), nothing)
    shown = facts.setting("shown_from_p")
    return Step(
        Said(
            "Sitting was {p} probable: between {low} and {high} neither sitting nor standing is shown.",
            p=certainty(frame.p_sitting),
            low=percent(1.0 - shown),
            high=percent(shown),
        ),
        (_p_row(frame, shown),),
        nothing,
    )


def _kept_only(frame: PostureFrame, facts: Facts) -> Step:
    return Step(
        Said("What decided it was not kept."),
        (_p_row(frame, math.nan),),
        Said("the rule of then, which was not kept"),
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
