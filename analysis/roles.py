"""Which sensor of a wearer decides what, when several are worn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from analysis.track import Track
from domain.people import ReferenceMethod
from domain.placement import KNOWLEDGE, Placement

#: Who is asked first for the activity, the lean, and the intensity of movement.
ACTIVITY_ORDER = (
    Placement.THIGH, Placement.WAIST, Placement.LOWER_BACK, Placement.UPPER_BACK, Placement.STERNUM,
)  # fmt: skip
LEAN_ORDER = (
    Placement.UPPER_BACK, Placement.STERNUM, Placement.LOWER_BACK, Placement.WAIST,
)  # fmt: skip
INTENSITY_ORDER = (
    Placement.WAIST, Placement.LOWER_BACK, Placement.UPPER_BACK, Placement.STERNUM, Placement.THIGH,
    Placement.HEAD, Placement.WRIST, Placement.SEAT,
)  # fmt: skip
#: References that nothing of the wearer went into.
_OF_NOBODY = (ReferenceMethod.ASSUMED, ReferenceMethod.NONE)
_BEST_FIRST = tuple(ReferenceMethod)


@dataclass(frozen=True, slots=True)
class Roles:
    """Numbers of the tracks for each question, first choice first.

    angles: the track that gives the lean, the best calibrated one on the trunk, else the first, or
    None. was_up: the track whose later findings count, None where a thigh is worn, which knows at
    once. uncalibrated_trunk, uncalibrated_thigh: whether one is worn. assumed: whether a reference is.
    """

    activity: tuple[int, ...]
    lean: tuple[int, ...]
    intensity: tuple[int, ...]
    angles: int | None
    was_up: int | None
    uncalibrated_trunk: bool
    uncalibrated_thigh: bool
    assumed: bool

    @classmethod
    def of(cls, tracks: Sequence[Track]) -> Self:
        """The roles of `tracks`."""

        def numbers(order: tuple[Placement, ...]) -> tuple[int, ...]:
            return tuple(
                i
                for placement in order
                for i, track in enumerate(tracks)
                if track.mounted.placement is placement
            )

        activity, lean = numbers(ACTIVITY_ORDER), numbers(LEAN_ORDER)
        methods = [
            track.mounted.calibration.method if track.mounted.calibration else ReferenceMethod.NONE
            for track in tracks
        ]
        bare = [t for t, how in zip(tracks, methods, strict=True) if how in _OF_NOBODY]
        calibrated = [i for i in lean if methods[i] is not ReferenceMethod.NONE]
        calibrated.sort(key=lambda i: _BEST_FIRST.index(methods[i]))
        calibrated = calibrated or list(lean)  # else what wearing will show
        return cls(
            activity=activity,
            lean=lean,
            intensity=numbers(INTENSITY_ORDER),
            angles=calibrated[0] if calibrated else None,
            was_up=activity[0] if activity and tracks[activity[0]].thigh is None else None,
            uncalibrated_trunk=any(KNOWLEDGE[t.mounted.placement].trunk for t in bare),
            uncalibrated_thigh=any(t.thigh is not None for t in bare),
            assumed=ReferenceMethod.ASSUMED in methods,
        )
