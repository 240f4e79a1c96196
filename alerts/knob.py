"""One thing a wearer may set about alerts: its range, what it does, and where its default comes from."""

from dataclasses import dataclass, field
from typing import Any

#: A source that is nobody's but ours.
OWN = "own judgement"


@dataclass(frozen=True, slots=True)
class Knob:
    """low, high: its range, both included, None for a switch and for words. whole: only whole numbers.
    hours: words that name hours of the week (`alerts.hours`); choices: one of these words. sentence: what
    it does; source: of the default and the range."""

    sentence: str
    source: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    whole: bool = False
    hours: bool = False
    choices: tuple[str, ...] = ()


def number(
    default: float,
    low: float,
    high: float,
    unit: str,
    sentence: str,
    source: str = OWN,
    *,
    whole: bool = False,
) -> Any:
    """A dataclass field that is a number."""
    knob = Knob(sentence, source, low, high, unit, whole=whole)
    return field(default=default, metadata={"knob": knob})


def switch(default: bool, sentence: str, source: str = OWN) -> Any:
    """A dataclass field that is on or off."""
    return field(default=default, metadata={"knob": Knob(sentence, source)})


def hours(sentence: str, source: str = OWN) -> Any:
    """A dataclass field that names hours of the week, none by default."""
    return field(default="", metadata={"knob": Knob(sentence, source, hours=True)})


def choice(default: str, choices: tuple[str, ...], sentence: str, source: str = OWN) -> Any:
    """A dataclass field that is one of some words."""
    return field(default=default, metadata={"knob": Knob(sentence, source, choices=choices)})
