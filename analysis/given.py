"""Recordings as somebody gives them: checked, put in order, and ready for the pipeline.

What can be put right without guessing is: neighbours out of order, repeated time stamps. What would
need a guess is refused with what to do.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from domain.errors import InputError
from domain.people import Calibration
from domain.placement import Placement
from domain.samples import Floats, Recording, SampleBlock, in_order

#: A clock that goes back by more than this was set, or two recordings lie end to end [J].
MOST_BACK_S = 2.0
#: More repeated time stamps than this share are a clock too coarse to put samples in order [J].
MOST_REPEATED = 0.1
#: A median distance of samples beyond this is not in seconds [J]; the slowest sensors send one a second.
LONGEST_STEP_S = 10.0
#: Median |a| of a sensor in m/s^2 is near 9.8; no body accelerates by its half for half of the time.
_MPS2 = (4.9, 20.0)
#: Nor is gravity less than this for half of the time, unless it was taken out. All zero is a dead sensor.
_NO_GRAVITY_G = 0.1
#: The state machines take 0 for "not known": a clock from any zero is analysed this many days later.
_FIRST_DAY_S = 86400
#: Samples from which the step of a clock is guessed, and samples looked at together (in the cache).
_GUESS, _PART = 4096, 1 << 16
_CALIBRATION = "give what analysis.calibrate returns"


@dataclass(frozen=True, slots=True)
class Given:
    """Recordings by placement, in order and in one clock; shift_s: whole s that were added to it."""

    recordings: Mapping[Placement, Recording]
    shift_s: int

    @classmethod
    def of(cls, recordings: Mapping[str, Recording]) -> "Given":
        """Check `recordings`. Raises InputError, which names the placement and what to do."""
        expect(
            recordings, Mapping, "recordings", "give them by placement, {'thigh': Recording(...)}"
        )
        if not recordings:
            raise InputError("no recordings: give at least one, by the name of its placement")
        ready = {placement(name): _ready(name, one) for name, one in recordings.items()}
        first = min(float(one.times[0]) for one in ready.values())
        shift_s = 0
        if first < _FIRST_DAY_S:
            shift_s = _FIRST_DAY_S - int(np.floor(first / _FIRST_DAY_S)) * _FIRST_DAY_S
            ready = {place: replace(one, times=one.times + shift_s) for place, one in ready.items()}
        return cls(ready, shift_s)

    def without_gyros(self, of: Collection[Placement]) -> "Given":
        """The same, but for the gyros of these."""
        left = {
            place: replace(one, gyro_dps=None) if place in of else one
            for place, one in self.recordings.items()
        }
        return Given(left, self.shift_s)

    def blocks(self) -> list[SampleBlock]:
        """Each recording as one block; the sensor's id is the placement's name."""
        return [
            SampleBlock.in_known_order(place.value, one, rate_hz(one))
            for place, one in self.recordings.items()
        ]


def placement(name: str) -> Placement:
    """The placement of that name. Raises InputError, which lists the names."""
    try:
        return Placement(name)
    except ValueError:
        words = ", ".join(Placement)
        raise InputError(f"no placement {name!r}; there are {words}") from None


def expect(value: object, kind: type, what: str, wanted: str) -> None:
    """Raises InputError, which says what is `wanted`, where `what` is not of that kind."""
    if not isinstance(value, kind):
        raise InputError(f"{what} is a {type(value).__name__}: {wanted}")


def by_placement(
    calibration: Calibration | Mapping[str, Calibration] | None, worn: Mapping[Placement, Recording]
) -> dict[Placement, Calibration]:
    """Calibrations of what is worn. One alone is for the placement it was made for.

    Raises InputError for one that is for no recording, or was made for another placement.
    """
    if calibration is None:
        return {}
    if isinstance(calibration, Calibration):
        calibration = {calibration.placement.value: calibration}
    expect(calibration, Mapping, "calibration", _CALIBRATION)
    out = {}
    for name, one in calibration.items():
        place = placement(name)
        expect(one, Calibration, f"the calibration of {name!r}", _CALIBRATION)
        if place not in worn:
            there = ", ".join(worn)
            raise InputError(f"a calibration for {name!r}, but recordings of {there} only")
        if one.placement is not place:
            raise InputError(
                f"the calibration given for {name!r} was made for {one.placement.value!r}: "
                "calibrate the sensor where it is worn"
            )
        out[place] = one
    return out


def rate_hz(recording: Recording) -> float:
    """The nominal rate of a recording: one over the median distance of its samples, in Hz."""
    if len(recording.times) < 2:
        return 1.0
    return float(1.0 / _median_step_s(recording.times))


def _ready(name: str, recording: object) -> Recording:
    if not isinstance(recording, Recording):
        kind = type(recording).__name__
        raise InputError(f"{name!r} is a {kind}: wrap it as Recording(times, acc_g, gyro_dps)")
    times = recording.times
    if len(times) == 0:
        raise InputError(f"the recording of {name!r} holds no samples: leave it out")
    if not in_order(times):
        recording = _in_order(name, recording)
    times = recording.times
    # The median of the steps is at most twice their mean.
    long = 2.0 * (times[-1] - times[0]) >= LONGEST_STEP_S * (len(times) - 1)
    step_s = 1.0 / rate_hz(recording) if long else 0.0
    if step_s > LONGEST_STEP_S:
        raise InputError(
            f"the samples of {name!r} are {step_s:g} s apart; are the times in milliseconds? "
            "Give them in seconds"
        )
    _check_unit(name, recording.acc_g)
    return recording


def _in_order(name: str, recording: Recording) -> Recording:
    """Sorted by time; of samples with one time the first is kept."""
    times = recording.times
    finite = np.isfinite(times)
    if np.count_nonzero(finite) < len(times):
        row = int(np.argmin(finite))
        raise InputError(f"the time of {name!r} is {times[row]} in row {row}: leave such rows out")
    latest = np.maximum.accumulate(times)
    back_s = latest - times
    row = int(np.argmax(back_s))
    if back_s[row] > MOST_BACK_S:
        raise InputError(
            f"the times of {name!r} go back by {back_s[row]:g} s at row {row}: analyse what follows "
            "each other in one clock together, and each other recording alone"
        )
    order = np.argsort(times, kind="stable")
    times = times[order]
    order = order[np.concatenate([[True], times[1:] > times[:-1]])]
    repeated = len(times) - len(order)
    if repeated > MOST_REPEATED * len(times):
        raise InputError(
            f"{repeated} of the {len(times)} samples of {name!r} have the time of another: the clock "
            "is too coarse. Give each sample its own, such as start + arange(n) / rate"
        )
    return recording.take(order)


def _check_unit(name: str, acc_g: Floats) -> None:
    """By some thousand samples spread over the recording."""
    some = acc_g[:: max(1, len(acc_g) // _GUESS)]
    length = np.sqrt(np.sum(some * some, axis=1))
    length = length[np.isfinite(length)]
    if len(length) == 0:
        return
    usual = float(np.median(length))
    if _MPS2[0] < usual < _MPS2[1]:
        raise InputError(
            f"|acc| of {name!r} is usually {usual:.1f}: that is m/s^2. Divide by 9.80665 for g"
        )
    if usual >= _MPS2[1]:
        raise InputError(
            f"|acc| of {name!r} is usually {usual:.0f}: mg or raw counts? Scale it so that a sensor at "
            "rest shows 1 g"
        )
    if 0.0 < usual < _NO_GRAVITY_G:
        raise InputError(
            f"|acc| of {name!r} is usually {usual:.3f} g: gravity seems to have been taken out. Give "
            "the acceleration with gravity, so that a sensor at rest shows 1 g"
        )


def _median_step_s(times: Floats) -> float:
    """np.median(np.diff(times)) to the last bit; a clock that ticks evenly is spared the sorting."""
    n = len(times) - 1
    guess = np.median(np.diff(times[: _GUESS + 1]))
    less = greater = 0
    for start in range(0, n, _PART):
        steps = np.diff(times[start : start + _PART + 1])
        less += int(np.count_nonzero(steps < guess))
        greater += int(np.count_nonzero(steps > guess))
        left = n - start - len(steps)
        if max(less, greater) + left <= (n - 1) // 2:  # whatever is left
            return float(guess)
    return float(np.median(np.diff(times), overwrite_input=True))
