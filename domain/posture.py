"""What the analysis says of a wearer, once a second, and what it says of them now."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum, IntFlag
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from domain.faults import Fault
from domain.people import ReferenceMethod
from domain.placement import Placement
from domain.samples import Floats


class Activity(IntEnum):
    """What the wearer does in a second. Unknown is a state of its own and never counts as good.

    The numbers are stored; they may be added to, never changed.
    """

    UNKNOWN = 0
    LYING = 1
    SITTING = 2
    STANDING = 3
    MOVING = 4
    NOT_WORN = 5

    @property
    def word(self) -> str:
        """The name in the API: `not_worn`."""
        return self.name.lower()


class Quality(IntFlag):
    """What is to be held against a frame; 0 is a full second of good samples. Numbers are stored."""

    GOOD = 0
    GAP = 1  # no samples for part of the second
    LOST = 2  # samples are known to be lost in or before it
    DYNAMIC = 4  # accelerated: angles are less certain (analysis.md, section 3)
    SATURATED = 8  # a sample sat at the end of the range
    UNCALIBRATED = 16  # no reference, hence no angles; or one that is only assumed
    REFERENCE_SHIFTED = 32  # the reference seems to have moved: no slouch is judged
    INVALID = 64  # NaN or impossible values in the samples
    FAULT = 128  # a sensor is faulty: what it says is not taken for posture


@dataclass(frozen=True, slots=True)
class PostureFrame:
    """One second of one wearer, [time, time + 1) in Unix seconds. NaN where it cannot be known.

    p_sitting: 0..1. lean_deg: forward of the reference is positive; side_deg: to the right is
    positive; both in the body frame. twist_deg: trunk against pelvis (two gyros). turn_dps: trunk
    turning about the vertical. mad_mg, enmo_mg: movement intensity. cadence_spm: steps a minute.
    confidence: 0..1 that `activity` is right. source: where the sensor that decided `activity` is
    worn, None where nobody could.
    """

    wearer: str
    time: int
    activity: Activity
    p_sitting: float
    lean_deg: float
    side_deg: float
    twist_deg: float
    turn_dps: float
    mad_mg: float
    enmo_mg: float
    cadence_spm: float
    quality: Quality
    confidence: float
    source: Placement | None


@dataclass(frozen=True, slots=True, eq=False)
class FrameBlock:
    """Many frames of one wearer as columns: the same fields and meanings as PostureFrame, (n,) each.

    times: int64, increasing (seconds may be missing); activity: uint8, the numbers of Activity;
    quality: uint8, flags of Quality; source: uint8, Placement.number, 0 for nobody; the rest
    float64. A column is had by its name in two ways,
    `frames.lean_deg` and `frames["lean_deg"]`; the names are `keys()`, so that `dict(frames)` and
    `pandas.DataFrame(dict(frames))` work. `time` is the name of `times` there.
    """

    wearer: str
    times: NDArray[np.int64]
    activity: NDArray[np.uint8]
    p_sitting: Floats
    lean_deg: Floats
    side_deg: Floats
    twist_deg: Floats
    turn_dps: Floats
    mad_mg: Floats
    enmo_mg: Floats
    cadence_spm: Floats
    quality: NDArray[np.uint8]
    confidence: Floats
    source: NDArray[np.uint8]

    def __post_init__(self) -> None:
        n = len(self.times)
        for name, dtype in _COLUMN_DTYPES:
            given: object = getattr(self, name)
            if isinstance(given, np.ndarray) and (given.dtype is dtype or given.dtype == dtype):
                array = given
            else:
                array = np.asarray(given, dtype=dtype)
            if array.shape != (n,):
                raise ValueError(f"{name} has shape {array.shape}, wanted ({n},)")
            if array.flags.writeable:
                array = array.copy()
                array.flags.writeable = False
            if array is not given:
                object.__setattr__(self, name, array)
        if n > 1 and np.count_nonzero(self.times[1:] <= self.times[:-1]):
            raise ValueError("times must increase")

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[PostureFrame]:
        for row in range(len(self)):
            yield self.frame(row)

    @property
    def time(self) -> NDArray[np.int64]:
        """`times`, by the name it has in one frame."""
        return self.times

    @property
    def activity_names(self) -> NDArray[np.str_]:
        """`activity` as words: unknown, lying, sitting, standing, moving, not_worn."""
        words: NDArray[np.str_] = np.array([activity.word for activity in Activity])
        return words[self.activity]

    @staticmethod
    def keys() -> tuple[str, ...]:
        """The names of the columns."""
        return NAMES

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The column of that name. Raises KeyError, which lists the names."""
        if name not in NAMES:
            raise KeyError(f"no column {name!r}; there are {', '.join(NAMES)}")
        column: NDArray[Any] = getattr(self, name)
        return column

    def __contains__(self, name: object) -> bool:
        return name in NAMES

    def frame(self, row: int) -> PostureFrame:
        """The row as a PostureFrame; negative rows count from the end."""
        values = {name: float(getattr(self, name)[row]) for name in FLOAT_COLUMNS}
        return PostureFrame(
            wearer=self.wearer,
            time=int(self.times[row]),
            activity=Activity(int(self.activity[row])),
            quality=Quality(int(self.quality[row])),
            source=Placement.of_number(int(self.source[row])),
            **values,
        )

    def select(self, rows: slice | NDArray[np.bool_]) -> Self:
        """The frames of `rows`, in order."""
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in COLUMNS}
        return type(self)(wearer=self.wearer, **columns)

    @classmethod
    def empty(cls, wearer: str) -> Self:
        """No frames."""
        columns: dict[str, Any] = {name: np.empty(0) for name in COLUMNS}
        return cls(wearer=wearer, **columns)

    @classmethod
    def join(cls, wearer: str, blocks: "list[FrameBlock]") -> Self:
        """All frames of `blocks`, which follow each other in time."""
        if not blocks:
            return cls.empty(wearer)
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(b, name) for b in blocks]) for name in COLUMNS
        }
        return cls(wearer=wearer, **columns)


_COLUMN_TYPES: dict[str, type[np.generic]] = {
    "times": np.int64,
    "activity": np.uint8,
    "quality": np.uint8,
    "source": np.uint8,
}
COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(FrameBlock) if f.name != "wearer")
#: The columns as a reader names them.
NAMES: tuple[str, ...] = tuple("time" if name == "times" else name for name in COLUMNS)
_COLUMN_DTYPES: tuple[tuple[str, np.dtype[Any]], ...] = tuple(
    (name, np.dtype(_COLUMN_TYPES.get(name, np.float64))) for name in COLUMNS
)
FLOAT_COLUMNS: tuple[str, ...] = tuple(name for name in COLUMNS if name not in _COLUMN_TYPES)


@dataclass(frozen=True, slots=True)
class WearerStatus:
    """What is so now, as of the last frame; times are Unix s, None where it is not so.

    activity_since: start of the present run of `activity`. sitting_clock_s: seconds sat since the
    last full break; it stands still during a partial break. bout_start: start of the open sitting
    bout. upright_s: seconds upright in the present interruption of sitting. slouching_since: when
    the lean passed the entry, whether or not the delay has passed. reference_lean_deg is 0 by
    definition; slouch_entry_deg is the wearer's limit or NaN when uncalibrated. reference_method,
    reference_sigma_deg: what angles are measured from, and its standard error. reasons: what cannot be
    known and why, for the wearer. faults: the sensors that are faulty now.
    """

    wearer: str
    time: int
    activity: Activity
    activity_since: int
    confidence: float
    p_sitting: float
    lean_deg: float
    side_deg: float
    sitting_clock_s: int
    bout_start: int | None
    upright_s: int
    slouching_since: int | None
    slouch_entry_deg: float
    quality: Quality
    reference_method: ReferenceMethod = ReferenceMethod.NONE
    reference_sigma_deg: float = math.nan
    reasons: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
