"""Why a frame or an episode says what it says: what was measured, held against what, by what."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.placement import Placement
from domain.posture import Quality
from domain.said import NOTHING, Said


class Comparison(StrEnum):
    """How a value stands to its limit."""

    OVER = "over"
    UNDER = "under"
    NONE = "none"  # there is no limit, or no value


@dataclass(frozen=True, slots=True)
class Row:
    """One value and what it was held against.

    name: a stable word (`lean_deg`); words: the same for people. value, limit: in `unit`, NaN where
    there is none. note: what is to be known of the value or of the limit, or empty.
    """

    name: str
    words: Said
    value: float
    unit: str
    limit: float
    comparison: Comparison
    note: Said = NOTHING


@dataclass(frozen=True, slots=True)
class UsedReference:
    """The calibration that was in force; the sensor and `made_at` (Unix s) name its version.

    age_s: how old it was then. sigma_deg: NaN when nobody said. slouch_deg: see Calibration.
    """

    method: str
    made_at: float
    age_s: float
    sigma_deg: float
    slouch_deg: float | None


@dataclass(frozen=True, slots=True)
class UsedSensor:
    """A sensor that was worn. decided: it is the one whose word counted.

    nominal_hz, received_hz, lost_share (0..1): of its link in that minute, or over the episode; None
    where it is not kept, which is a year.
    """

    sensor: str
    name: str
    driver: str
    placement: Placement
    decided: bool
    nominal_hz: float | None
    received_hz: float | None
    lost_share: float | None
    reference: UsedReference | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer to "why?", in words and in figures.

    about: `frame` or the kind of the episode; id: of the episode, empty for a frame. start, end: Unix s,
    end None while it goes on. headline: what was found, for the wearer. because: the step of the rule
    that decided. quality: a sentence for each thing to be held against it. confidence: 0..1, NaN
    when nobody can say; confidence_from: what it is made of. settings: those that decided, with their
    values then. unknown: what could not be known, why, and what would help. algorithm_version: empty,
    and in_force_since None, when it was not kept what decided then.
    """

    about: str
    wearer: str
    id: str
    start: int
    end: int | None
    headline: Said
    because: Said
    rows: tuple[Row, ...]
    sensors: tuple[UsedSensor, ...]
    quality: Mapping[Quality, Said]
    confidence: float
    confidence_from: Said
    settings: Mapping[str, float]
    unknown: tuple[Said, ...]
    algorithm_version: str
    in_force_since: int | None
