"""What the wearer is told: second person, measured facts, no guilt, no false digits.

Each function says what is meant; the words are in `alerts.languages`.
"""

import math

from alerts.sentences import Sentence
from domain.placement import Placement


def sitting_message(sat_s: int, *, break_s: float) -> Sentence:
    """For the first alert of a bout, and its repeats. `break_s`: what starts a break."""
    if break_s % 60 == 0:
        return Sentence("sitting.minutes", {"sat": sat_s, "n": break_s / 60})
    return Sentence("sitting.seconds", {"sat": sat_s, "n": round(break_s)})


def sitting_since_break_message(sat_s: int, *, full_break_s: float) -> Sentence:
    """After a partial break, over which the clock went on."""
    return Sentence("sitting.since_break", {"sat": sat_s, "full": full_break_s})


def slouch_message(lean_deg: float, lasted_s: int) -> Sentence:
    """How far and for how long; without a figure for the lean it says only what is known."""
    return _leaning("slouch", lean_deg, lasted_s)


def slouching_message(lean_deg: float, lasted_s: int) -> Sentence:
    """For a slouch that is spoken of later than at its opening: how long, and how far it is now."""
    return _leaning("slouching", lean_deg, lasted_s)


def low_battery_message(name: str, place: Placement, percent: float) -> Sentence:
    """Which sensor, where it is worn, and what is left; rounded down, as a battery is."""
    return Sentence("low_battery", {"name": name, "place": place.value, "percent": percent})


def sensor_lost_message(name: str, place: Placement, silent_s: float) -> Sentence:
    """Which sensor, for how long, and what there is to look at."""
    return Sentence("sensor_lost", {"name": name, "place": place.value, "silent": silent_s})


def _leaning(what: str, lean_deg: float, lasted_s: int) -> Sentence:
    if not math.isfinite(lean_deg):
        return Sentence(f"{what}.unknown", {"lasted": lasted_s})
    way = "forward" if lean_deg >= 0 else "back"
    return Sentence(f"{what}.{way}", {"lean": lean_deg, "lasted": lasted_s})
