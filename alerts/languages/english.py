"""English: what every other language is held against."""

from typing import Final

from alerts.sentences import Language

ENGLISH: Final = Language(
    code="en",
    name="English",
    plural=lambda n: "one" if n == 1 else "other",
    templates={
        "duration.seconds": "{s} s",
        "duration.minutes": "{min} min",
        "duration.hours": "{h} h",
        "duration.hours_minutes": "{h} h {min}",
        "place.upper_back": "upper back",
        "place.sternum": "sternum",
        "place.waist": "waist",
        "place.lower_back": "lower back",
        "place.thigh": "thigh",
        "place.wrist": "wrist",
        "place.head": "head",
        "place.seat": "seat",
        # What the alert says.
        "sitting.minutes": {
            "one": "You have sat for {sat:duration}. A minute on your feet starts a break.",
            "other": "You have sat for {sat:duration}. {n} min on your feet start a break.",
        },
        "sitting.seconds": ("You have sat for {sat:duration}. {n} s on your feet start a break."),
        "sitting.since_break": (
            "You have sat for {sat:duration} since your last full break. "
            "{full:duration} on your feet start the clock anew."
        ),
        "slouch.forward": (
            "You leaned {lean:whole} deg forward of your upright for {lasted:duration}."
        ),
        "slouch.back": "You leaned {lean:whole} deg back of your upright for {lasted:duration}.",
        "slouch.unknown": "You leaned beyond your limit for {lasted:duration}.",
        "slouching.forward": (
            "You have leaned for {lasted:duration}, now {lean:whole} deg forward of your upright."
        ),
        "slouching.back": (
            "You have leaned for {lasted:duration}, now {lean:whole} deg back of your upright."
        ),
        "slouching.unknown": "You have leaned beyond your limit for {lasted:duration}.",
        "shift": (
            "You have sat the same way for {still:duration}. "
            "Any other way of sitting is a change, and so is standing up."
        ),
        "held_bend": (
            "You have held a bend of {lean:whole} deg for {lasted:duration}. "
            "Come up for a moment, or change it."
        ),
        "side_bend.left": (
            "For {lasted:duration} you have kept bending to your left, by up to {side:whole} deg."
        ),
        "side_bend.right": (
            "For {lasted:duration} you have kept bending to your right, by up to {side:whole} deg."
        ),
        "twist.left": (
            "For {lasted:duration} you have kept twisting to your left, by up to {twist:whole} deg."
        ),
        "twist.right": (
            "For {lasted:duration} you have kept twisting to your right, by up to {twist:whole} deg."
        ),
        "little_movement": (
            "You have stood or walked for {upright:duration} today. "
            "A few minutes on your feet add to it."
        ),
        "goal.upright": "You have stood or walked for {goal:duration} today: your goal is reached.",
        "goal.shifts": (
            "You have changed your posture {rate:down} times an hour of sitting today: "
            "your goal is reached."
        ),
        "calibration_stale.at": (
            "The sensor at your {place:place} seems to have moved, so its angles cannot be judged. "
            "Put it back where it was, or calibrate it again."
        ),
        "calibration_stale.somewhere": (
            "A sensor seems to have moved, so its angles cannot be judged. "
            "Put it back where it was, or calibrate it again."
        ),
        "not_worn": (
            "{names}: heard, and not worn for {off:duration}. Is it still where it belongs?"
        ),
        "low_battery": "{name}, at your {place:place}, has {percent:down} % of its battery left.",
        "sensor_lost": (
            "{name}, at your {place:place}, has not been heard for {silent:duration}. "
            "Is it charged, switched on and near?"
        ),
        # What is above it, and what explains it.
        "title.sitting": "A break?",
        "title.slouch": "Your posture",
        "title.low_battery": "Battery low",
        "title.sensor_lost": "Sensor not heard",
        "title.shift": "Another position?",
        "title.held_bend": "Held bend",
        "title.side_bend": "Leaning to a side",
        "title.twist": "Twisting",
        "title.little_movement": "Today so far",
        "title.goal": "Goal reached",
        "title.calibration_stale": "Calibration",
        "title.not_worn": "Not worn",
        "title.other": "Sitwell",
        "title.test": "Sitwell: a test",
        "test": "This is how an alert reaches you here.",
        "why.s": "Measured {value:duration}, limit {limit:duration}.",
        "why.deg": "Measured {value:whole} deg, limit {limit:whole} deg.",
        "why.percent": "Measured {value:down} %, limit {limit:whole} %.",
        "why.other": "Measured {value:whole}, limit {limit:whole}.",
        "why.lasted": "Beyond it for {lasted:duration}.",
        "why.place": "Sensor: {place:place}.",
        "why.certain": "Certain: {percent:down} %.",
        # What the wearer can do about it.
        "action.snooze": "In {n} min",
        "action.not_now": "Not now",
        "action.fine": "That was fine",
        # What a smart home calls its entities.
        "home.posture": "Posture",
        "home.lean": "Lean",
        "home.sitting": "Sitting time",
        "home.alert": "Alert",
        "home.snooze": "Snooze",
    },
)
