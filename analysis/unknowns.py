"""What a frame does not know, why, and what would help: said to the wearer (analysis.md, section 9)."""

import math
from collections.abc import Callable

from analysis.facts import Facts
from analysis.phrases import duration
from domain.people import ReferenceMethod
from domain.placement import KNOWLEDGE, Knowledge, Placement
from domain.posture import Activity, PostureFrame, Quality
from domain.said import NOTHING, Said

_UPPER = (Placement.UPPER_BACK, Placement.STERNUM)
#: References that no angle is told from.
_NO_ANGLES = (ReferenceMethod.NONE, ReferenceMethod.ASSUMED)
_LOWER = (Placement.WAIST, Placement.LOWER_BACK, Placement.SEAT)

NOT_KEPT = Said(
    "It was measured before Sitwell kept what it goes by: the limits, sensors and calibrations of then "
    "are not known, and those of today are not put in their place."
)


def unknowns(frame: PostureFrame, facts: Facts) -> tuple[Said, ...]:
    """A sentence for each thing that is not known, in the order of the frame, none twice."""
    if facts.context is None:
        return (NOT_KEPT,)
    out: dict[Said, None] = {}
    if frame.activity is Activity.UNKNOWN:
        out[activity_unknown(frame, facts)] = None
    for name, why in WHY.items():
        if not math.isfinite(getattr(frame, name)):
            sentence = why(frame, facts)
            if sentence:
                out[sentence] = None
    return tuple(out)


def activity_unknown(frame: PostureFrame, facts: Facts) -> Said:
    """Why the activity of a frame is not known."""
    if frame.quality & Quality.FAULT:
        return Said(
            "A sensor was faulty then, so what it said was not taken for posture. Switch it off and on; if "
            "it stays so, wear another one."
        )
    if frame.quality & Quality.INVALID:
        return Said(
            "The sensor sent values that cannot be. If it goes on, charge it or try another one."
        )
    if _unheard(frame):
        return Said(
            "No sensor was heard. It was out of range, switched off or empty; closer to the computer, or "
            "charged, it is heard again."
        )
    if not any(KNOWLEDGE[s.placement].sit_stand is not Knowledge.NO for s in facts.sensors):
        return Said(
            "From where the sensor is worn, posture cannot be seen. One on the thigh shows it."
        )
    if math.isfinite(frame.p_sitting):
        lying_deg = facts.setting("lying_enter_deg")
        if frame.lean_deg > lying_deg:
            return Said(
                "Your trunk was so far forward that it could be a bend or lying on your front; that is told "
                "after {time}.",
                time=duration(facts.setting("prone_dwell_s")),
            )
        return Said(
            "A sensor on the trunk cannot tell sitting from standing by itself: it waits until you walk, "
            "get up or sit down. A second sensor on the thigh would tell at once."
        )
    if facts.worn(Placement.THIGH) is not None and facts.reference(Placement.THIGH) is None:
        return Said(
            "It is not known yet how the sensor sits on your thigh. Walk for a quarter of a minute, or "
            "calibrate it."
        )
    return Said(
        "The sensors that were heard could not tell, or one of them seemed to be off your body. Both worn "
        "and heard, they can."
    )


def _unheard(frame: PostureFrame) -> bool:
    silent = not (math.isfinite(frame.mad_mg) or math.isfinite(frame.p_sitting))
    return bool(frame.quality & Quality.GAP) and silent


def _lean(frame: PostureFrame, facts: Facts) -> Said:
    if frame.activity is Activity.NOT_WORN or _unheard(frame):
        return NOTHING
    trunk = facts.trunk()
    if not trunk:
        return Said(
            "How you leaned cannot be seen from there. A sensor on the upper back or the belt shows it."
        )
    if all(s.reference is None or s.reference.method in _NO_ANGLES for s in trunk):
        return Said(
            "Where upright and forward are for you was not known. Hold yourself upright for ten seconds to "
            "calibrate the sensor; without that, walking and bending show it after a while."
        )
    return Said("The sensor that shows how you lean was not heard or not worn.")


def _side(frame: PostureFrame, facts: Facts) -> Said:
    if math.isfinite(frame.lean_deg):
        return Said("So far forward, leaning to a side has no meaning.")
    return _lean(frame, facts)


def _twist(frame: PostureFrame, facts: Facts) -> Said:
    pair = (facts.worn(*_UPPER), facts.worn(*_LOWER))
    if any(sensor is None for sensor in pair):
        return Said(
            "Twisting takes two sensors with a gyroscope: one on the upper back or breastbone, one on the "
            "belt, the lower back or the seat."
        )
    if any(sensor is not None and "gyro" not in sensor.measures for sensor in pair):
        return Said(
            "Twisting takes a gyroscope in both sensors; one of them has none that is read."
        )
    return Said("The twist could not be followed then: both sensors must be heard for a while.")


def _turn(frame: PostureFrame, facts: Facts) -> Said:
    trunk = facts.trunk()
    if not any("gyro" in sensor.measures for sensor in trunk):
        return Said("Turning takes a gyroscope on the trunk: an accelerometer cannot feel it.")
    return Said("Turning could not be followed then.")


def _movement(frame: PostureFrame, facts: Facts) -> Said:
    if frame.activity is Activity.NOT_WORN or _unheard(frame):
        return NOTHING
    if facts.sensors and all("direction" in sensor.measures for sensor in facts.sensors):
        return Said("This sensor tells directions alone, so how strongly you moved is not known.")
    return Said("How strongly you moved is not known: no usable sample was heard in that second.")


def _cadence(frame: PostureFrame, facts: Facts) -> Said:
    if frame.activity is not Activity.MOVING:
        return NOTHING  # steps are counted while one walks, and nothing is missing else
    return Said("No steps were made out: they are counted while you walk for some seconds.")


def _nothing(frame: PostureFrame, facts: Facts) -> Said:
    return NOTHING  # the activity's sentence says it


#: Every figure of a frame that may be unknown.
WHY: dict[str, Callable[[PostureFrame, Facts], Said]] = {
    "p_sitting": _nothing,
    "lean_deg": _lean,
    "side_deg": _side,
    "twist_deg": _twist,
    "turn_dps": _turn,
    "mad_mg": _movement,
    "enmo_mg": _movement,
    "cadence_spm": _cadence,
    "confidence": _nothing,
}
