"""Why something could not be measured, said to the wearer with what would help (analysis.md, section 9)."""

from collections.abc import Mapping, Sequence

import numpy as np

from domain.faults import Fault
from domain.people import Calibration, ReferenceMethod
from domain.placement import KNOWLEDGE, Knowledge, Placement
from domain.posture import NAMES, Activity, FrameBlock
from domain.samples import Recording

_TRUNK = "upper back, breastbone, belt or lower back"
#: Placements that can be one of the two sensors of a twist: trunk against pelvis or seat.
_ABOVE = (Placement.UPPER_BACK, Placement.STERNUM)
_BELOW = (Placement.WAIST, Placement.LOWER_BACK, Placement.SEAT)


def reasons(
    frames: FrameBlock,
    worn: Mapping[Placement, Recording],
    calibrations: Mapping[Placement, Calibration],
    faults: Sequence[Fault] = (),
) -> dict[str, str]:
    """By column, a sentence for each that has not one known value; columns that have are not there.

    Besides: `calibration` where a placement's convention had to be assumed, `slouch` where no pose was held,
    `bend` where a bow for a chair may count as one.
    """
    out = {}
    for name in NAMES:
        column = frames[name]
        if name == "activity":
            known = bool((column != Activity.UNKNOWN).any())
        else:
            known = column.dtype.kind != "f" or bool(np.isfinite(column).any())
        if not known:
            broken = [f.sentence for f in faults if _tells(f, name, calibrations)]
            out[name] = " ".join(broken) or _WHY[name](worn, calibrations)
    return out | _references(worn, calibrations)


def _references(
    worn: Mapping[Placement, Recording], calibrations: Mapping[Placement, Calibration]
) -> dict[str, str]:
    out = {}
    assumed = [p for p, c in calibrations.items() if c.method is ReferenceMethod.ASSUMED]
    if assumed:
        out["calibration"] = (
            f"How the sensor at the {_words(assumed)} sits on you was assumed: nobody walks in the recording "
            "and no pose was held. Postures and angles from it may be wrong. Walk for a quarter of a minute, "
            "or hold yourself upright for ten seconds to calibrate it."
        )
    trunk = [place for place in worn if KNOWLEDGE[place].trunk]
    if trunk and not any(p in trunk and c.method.posed for p, c in calibrations.items()):
        out["slouch"] = (
            "A slouch is told from your own upright, which is not known well enough. Hold yourself upright "
            "for ten seconds, then slouch for ten, to calibrate."
        )
    if trunk and not any(KNOWLEDGE[place].sit_stand is Knowledge.YES for place in worn):
        out["bend"] = (
            f"The {_words(trunk)} bows for a chair as for the floor: of the bends some are times that you "
            "sat down or got up. A second sensor on the thigh tells the two apart."
        )
    return out


def _activity(
    worn: Mapping[Placement, Recording], calibrations: Mapping[Placement, Calibration]
) -> str:
    knowing = [place for place in worn if _knows_posture(place)]
    if not knowing:
        return (
            f"What you do cannot be seen from the {_words(worn)} alone. A sensor on the thigh tells "
            "sitting from standing."
        )
    if not any(place in calibrations for place in knowing):
        return (
            f"It is not known yet how the sensor at the {_words(knowing)} sits on you. Walk for a quarter "
            "of a minute while it records, or calibrate it."
        )
    return "Too little was recorded to tell what you do. A few seconds more would help."


def _p_sitting(
    worn: Mapping[Placement, Recording], calibrations: Mapping[Placement, Calibration]
) -> str:
    return _activity(worn, calibrations)


def _lean(
    worn: Mapping[Placement, Recording], calibrations: Mapping[Placement, Calibration]
) -> str:
    trunk = [place for place in worn if KNOWLEDGE[place].trunk]
    if not trunk:
        return f"How you lean cannot be seen from the {_words(worn)}. A sensor on the {_TRUNK} shows it."
    if not any(place in calibrations for place in trunk):
        return (
            f"Where upright is for you is not known. Hold yourself upright for ten seconds to calibrate "
            f"the sensor at the {_words(trunk)}."
        )
    return "The sensor that shows how you lean was not heard or not worn."


def _twist(
    worn: Mapping[Placement, Recording], calibrations: Mapping[Placement, Calibration]
) -> str:
    above = [place for place in worn if place in _ABOVE]
    below = [place for place in worn if place in _BELOW]
    if not (above and below):
        return (
            "A twist is the trunk against the pelvis, which takes two sensors with a gyroscope: one on the "
            "upper back or breastbone, and one on the belt, the lower back or the seat."
        )
    if any(worn[place].gyro_dps is None for place in (above[0], below[0])):
        return (
            "A twist takes a gyroscope in both sensors: an accelerometer cannot feel turning about the "
            "vertical."
        )
    return "The twist could not be followed: both sensors must be heard at the same time."


def _turn(
    worn: Mapping[Placement, Recording], calibrations: Mapping[Placement, Calibration]
) -> str:
    trunk = [place for place in worn if KNOWLEDGE[place].trunk]
    if not trunk:
        return f"Turns of the trunk need a sensor with a gyroscope on the {_TRUNK}."
    if all(worn[place].gyro_dps is None for place in trunk):
        return (
            "Turning needs a gyroscope: an accelerometer cannot feel turning about the vertical. Wear a "
            "sensor that has one."
        )
    return "Turning could not be followed: too little was heard of the gyroscope."


def _intensity(
    worn: Mapping[Placement, Recording], calibrations: Mapping[Placement, Calibration]
) -> str:
    return (
        "How much you moved is not known: no second of usable samples was heard from a worn sensor."
    )


def _cadence(
    worn: Mapping[Placement, Recording], calibrations: Mapping[Placement, Calibration]
) -> str:
    if not any(KNOWLEDGE[place].steps is Knowledge.YES for place in worn):
        return f"Steps cannot be counted at the {_words(worn)}. A sensor on the body counts them."
    return (
        "Steps could not be counted: that takes a sensor that sends ten samples a second or more, and how "
        "strongly it is shaken."
    )


def _tells(fault: Fault, name: str, calibrations: Mapping[Placement, Calibration]) -> bool:
    """Whether the sensor would have told `name` without the fault."""
    place = fault.placement
    if fault.kind.of_gyro:
        return name in ("twist_deg", "turn_dps")
    if name in ("activity", "p_sitting", "confidence"):
        return _knows_posture(place)
    if name in ("lean_deg", "side_deg"):
        return KNOWLEDGE[place].trunk and place in calibrations
    return name in ("mad_mg", "enmo_mg")


def _knows_posture(place: Placement) -> bool:
    return place is Placement.THIGH or KNOWLEDGE[place].trunk


def _words(places: Mapping[Placement, object] | list[Placement]) -> str:
    return " and ".join(place.words for place in places)


_WHY = {
    "activity": _activity,
    "p_sitting": _p_sitting,
    "confidence": _activity,
    "lean_deg": _lean,
    "side_deg": _lean,
    "twist_deg": _twist,
    "turn_dps": _turn,
    "mad_mg": _intensity,
    "enmo_mg": _intensity,
    "cadence_spm": _cadence,
}
