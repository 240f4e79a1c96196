"""What the wearer reads: second person, measured facts, no guilt, no false digits."""

import math


def duration_words(seconds: float) -> str:
    """`46 s`, `52 min`, `4 h 10`: never more than was measured, so always rounded down."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes:02d}" if minutes else f"{hours} h"


def sitting_message(sat_s: int, *, break_s: float) -> str:
    """For the first alert of a bout, and its repeats. `break_s`: what starts a break."""
    if break_s == 60:
        advice = "A minute on your feet starts a break."
    elif break_s % 60 == 0:
        advice = f"{break_s / 60:.0f} min on your feet start a break."
    else:
        advice = f"{break_s:.0f} s on your feet start a break."
    return f"You have sat for {duration_words(sat_s)}. {advice}"


def sitting_since_break_message(sat_s: int, *, full_break_s: float) -> str:
    """After a partial break, over which the clock went on."""
    return (
        f"You have sat for {duration_words(sat_s)} since your last full break. "
        f"{duration_words(full_break_s)} on your feet start the clock anew."
    )


def slouch_message(lean_deg: float, lasted_s: int) -> str:
    """How far and for how long; without a figure for the lean it says only what is known."""
    if not math.isfinite(lean_deg):
        return f"You leaned beyond your limit for {duration_words(lasted_s)}."
    way = "forward" if lean_deg >= 0 else "back"
    return (
        f"You leaned {abs(lean_deg):.0f} deg {way} of your upright for {duration_words(lasted_s)}."
    )


def slouching_message(lean_deg: float, lasted_s: int) -> str:
    """For a slouch that is spoken of later than at its opening: how long, and how far it is now."""
    if not math.isfinite(lean_deg):
        return f"You have leaned beyond your limit for {duration_words(lasted_s)}."
    way = "forward" if lean_deg >= 0 else "back"
    return (
        f"You have leaned for {duration_words(lasted_s)}, "
        f"now {abs(lean_deg):.0f} deg {way} of your upright."
    )


def low_battery_message(name: str, place: str, percent: float) -> str:
    """Which sensor, where it is worn, and what is left; rounded down, as a battery is."""
    return f"{name}, at your {place}, has {math.floor(percent)} % of its battery left."


def sensor_lost_message(name: str, place: str, silent_s: float) -> str:
    """Which sensor, for how long, and what there is to look at."""
    return (
        f"{name}, at your {place}, has not been heard for {duration_words(silent_s)}. "
        "Is it charged, switched on and near?"
    )
