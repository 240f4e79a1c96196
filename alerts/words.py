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


def shift_message(still_s: int) -> Sentence:
    """For sitting without a change of posture; it asks for nothing but a change."""
    return Sentence("shift", {"still": still_s})


def held_bend_message(lean_deg: float, lasted_s: int) -> Sentence:
    """For a bend that is held."""
    return Sentence("held_bend", {"lean": lean_deg, "lasted": lasted_s})


def side_bend_message(side_deg: float, lasted_s: int) -> Sentence:
    """For bending to a side, held or again and again; right is positive."""
    way = "right" if side_deg >= 0 else "left"
    return Sentence(f"side_bend.{way}", {"side": side_deg, "lasted": lasted_s})


def twist_message(twist_deg: float, lasted_s: int) -> Sentence:
    """For twisting, held or again and again; left is positive."""
    way = "left" if twist_deg >= 0 else "right"
    return Sentence(f"twist.{way}", {"twist": twist_deg, "lasted": lasted_s})


def little_movement_message(upright_s: int) -> Sentence:
    """What the day has had so far, and what a little more would be."""
    return Sentence("little_movement", {"upright": upright_s})


def upright_goal_message(goal_s: int) -> Sentence:
    """The goal of standing and walking is reached."""
    return Sentence("goal.upright", {"goal": goal_s})


def shift_goal_message(shifts_per_h: float) -> Sentence:
    """The goal of changes of posture is reached."""
    return Sentence("goal.shifts", {"rate": shifts_per_h})


def calibration_message(place: Placement | None) -> Sentence:
    """Which sensor, where that is known, what is so, and what to do."""
    if place is None:
        return Sentence("calibration_stale.somewhere")
    return Sentence("calibration_stale.at", {"place": place.value})


def not_worn_message(names: str, off_s: float) -> Sentence:
    """Which sensors, and for how long."""
    return Sentence("not_worn", {"names": names, "off": off_s})


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
