"""Figures and flags as a wearer reads them (evidence.md, section 6): no false digits, no judgement."""

import math

from domain.posture import Activity, Quality
from domain.said import Figure, Said

#: What is to be held against a second, as a sentence each.
QUALITY: dict[Quality, Said] = {
    Quality.GAP: Said("For part of the second no samples came."),
    Quality.LOST: Said("Some samples were lost on the way."),
    Quality.DYNAMIC: Said("You were moving fast, so angles are less certain."),
    Quality.SATURATED: Said("The movement was stronger than the sensor can show."),
    Quality.UNCALIBRATED: Said(
        "The sensor was not calibrated, so there are no angles against your upright."
    ),
    Quality.REFERENCE_SHIFTED: Said(
        "The sensor seemed to have moved on you, so no slouch was judged."
    ),
    Quality.INVALID: Said("The sensor sent values that cannot be."),
    Quality.FAULT: Said("A sensor was faulty; what it said was not taken for posture."),
}

#: What a wearer did in a second.
DID: dict[Activity, Said] = {
    Activity.UNKNOWN: Said("What you did is not known."),
    Activity.LYING: Said("You were lying."),
    Activity.SITTING: Said("You were sitting."),
    Activity.STANDING: Said("You were standing."),
    Activity.MOVING: Said("You were moving."),
    Activity.NOT_WORN: Said("Nothing was worn."),
}


def quality_words(quality: Quality) -> dict[Quality, Said]:
    """A sentence for every flag that is set; empty when the second is good."""
    return {flag: words for flag, words in QUALITY.items() if flag in quality}


def figure(value: float, digits: int = 0) -> Figure:
    """A number with so many digits behind the decimal sign."""
    return Figure(f"{value:.{digits}f}")


#: Units that settings have.
_WITH_UNIT = {"": "{n}", "deg": "{n} deg", "g": "{n} g", "s": "{n} s"}


def plain(value: float, unit: str = "") -> Said:
    """`0.1 g`, `45 deg`: a figure that somebody set, all of its digits."""
    if not math.isfinite(value):
        return Said("an unknown amount")
    return Said(_WITH_UNIT[unit], n=Figure(f"{value:g}"))


def degrees(value_deg: float, limit_deg: float = math.nan) -> Said:
    """`12 deg`; with a tenth where whole degrees would hide which side of the limit it is on."""
    if not math.isfinite(value_deg):
        return Said("an unknown angle")
    near = abs(value_deg - limit_deg) < 1.0
    return Said("{n} deg", n=figure(value_deg, 1 if near else 0))


def duration(seconds: float) -> Said:
    """`46 s`, `3 min 20 s`, `52 min`, `4 h 10 min`."""
    if not math.isfinite(seconds):
        return Said("an unknown time")
    s = round(seconds)
    if s < 60:
        return Said("{n} s", n=figure(s))
    if s < 600:
        minutes, rest = divmod(s, 60)
        if rest:
            return Said("{min} min {s} s", min=figure(minutes), s=figure(rest))
        return Said("{n} min", n=figure(minutes))
    minutes = round(s / 60)
    if minutes < 60:
        return Said("{n} min", n=figure(minutes))
    hours, rest = divmod(minutes, 60)
    if rest:
        return Said("{h} h {min} min", h=figure(hours), min=figure(rest))
    return Said("{n} h", n=figure(hours))


def percent(share: float) -> Said:
    """`93 %`."""
    if not math.isfinite(share):
        return Said("an unknown share")
    return Said("{n} %", n=figure(share * 100))


def certainty(p: float) -> Said:
    """A probability that is never all or nothing: `93 %`, `over 99 %`."""
    if p > 0.99:
        return Said("over 99 %")
    return Said("under 1 %") if p < 0.01 else percent(p)


def right_or_left(value_deg: float) -> Said:
    """Of an angle of which right is positive."""
    return Said("right") if value_deg >= 0.0 else Said("left")


def left_or_right(value_deg: float) -> Said:
    """Of an angle of which left is positive."""
    return Said("left") if value_deg >= 0.0 else Said("right")


def joined(*parts: str, by: str = " ") -> Said:
    """Parts one after the other, those left out that say nothing."""
    there = {f"p{i}": part for i, part in enumerate(parts) if part}
    return Said(by.join(f"{{{name}}}" for name in there), **there)
