"""Figures and flags as a wearer reads them (evidence.md, section 6): no false digits, no judgement."""

import math

from domain.posture import Activity, Quality

#: What is to be held against a second, as a sentence each.
QUALITY: dict[Quality, str] = {
    Quality.GAP: "For part of the second no samples came.",
    Quality.LOST: "Some samples were lost on the way.",
    Quality.DYNAMIC: "You were moving fast, so angles are less certain.",
    Quality.SATURATED: "The movement was stronger than the sensor can show.",
    Quality.UNCALIBRATED: "The sensor was not calibrated, so there are no angles against your upright.",
    Quality.REFERENCE_SHIFTED: "The sensor seemed to have moved on you, so no slouch was judged.",
    Quality.INVALID: "The sensor sent values that cannot be.",
    Quality.FAULT: "A sensor was faulty; what it said was not taken for posture.",
}

#: What a wearer did in a second.
DID: dict[Activity, str] = {
    Activity.UNKNOWN: "What you did is not known",
    Activity.LYING: "You were lying",
    Activity.SITTING: "You were sitting",
    Activity.STANDING: "You were standing",
    Activity.MOVING: "You were moving",
    Activity.NOT_WORN: "Nothing was worn",
}


def quality_words(quality: Quality) -> dict[Quality, str]:
    """A sentence for every flag that is set; empty when the second is good."""
    return {flag: words for flag, words in QUALITY.items() if flag in quality}


#: What stands for a figure that is not known.
UNKNOWN = "an unknown amount"


def plain(value: float, unit: str = "") -> str:
    """`0.1 g`, `45 deg`: a figure that somebody set, all of its digits."""
    return f"{value:g} {unit}".strip() if math.isfinite(value) else UNKNOWN


def degrees(value_deg: float, limit_deg: float = math.nan) -> str:
    """`12 deg`; with a tenth where whole degrees would hide which side of the limit it is on."""
    if not math.isfinite(value_deg):
        return "an unknown angle"
    near = abs(value_deg - limit_deg) < 1.0
    return f"{value_deg:.1f} deg" if near else f"{value_deg:.0f} deg"


def duration(seconds: float) -> str:
    """`46 s`, `3 min 20 s`, `52 min`, `4 h 10 min`."""
    if not math.isfinite(seconds):
        return "an unknown time"
    s = round(seconds)
    if s < 60:
        return f"{s} s"
    if s < 600:
        minutes, rest = divmod(s, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    minutes = round(s / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def percent(share: float) -> str:
    """`93 %`."""
    if not math.isfinite(share):
        return "an unknown share"
    return f"{share * 100:.0f} %"


def certainty(p: float) -> str:
    """A probability that is never all or nothing: `93 %`, `over 99 %`."""
    if p > 0.99:
        return "over 99 %"
    return "under 1 %" if p < 0.01 else percent(p)


def side(value_deg: float, positive: str, negative: str) -> str:
    """The word of a sign."""
    return positive if value_deg >= 0.0 else negative
