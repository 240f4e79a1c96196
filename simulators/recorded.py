"""A real recording as a body: what somebody's sensors felt, played at a time of our choosing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.errors import NotFoundError
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Floats, Recording
from simulators.body import Truth

_BRIDGED_PERIODS = 4.0


@dataclass(frozen=True, slots=True)
class Label:
    """What the person did from `start_s` to `end_s`, s from the start of the recording."""

    start_s: float
    end_s: float
    activity: Activity


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A stretch of recording in which one person did one thing."""

    activity: Activity
    recording: Recording


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Trials one after the other: times start at 0. changes_s: where one trial meets the next."""

    recording: Recording
    labels: tuple[Label, ...]

    @property
    def changes_s(self) -> tuple[float, ...]:
        """Times at which a trial ends and the next begins."""
        return tuple(label.start_s for label in self.labels[1:])


def join(trials: Sequence[Trial]) -> Joined:
    """Lay trials end to end, without a gap in time.

    Each trial keeps its own spacing; the next begins one median sample period after the last sample
    of the one before. Nothing is faded: at a joint the signal jumps, as no person does, so a joint
    tests that a change of posture is found and not how the change itself looks. Without a gyro in
    every trial the whole has none. Raises ValueError without trials, or for one of less than two
    samples.
    """
    if not trials:
        raise ValueError("nothing to join")
    times: list[Floats] = []
    labels: list[Label] = []
    start_s = 0.0
    for trial in trials:
        if len(trial.recording.times) < 2:
            raise ValueError("a trial needs two samples")
        period_s = float(np.median(np.diff(trial.recording.times)))
        part = trial.recording.times - trial.recording.times[0] + start_s
        end_s = float(part[-1]) + period_s
        labels.append(Label(start_s, end_s, trial.activity))
        times.append(part)
        start_s = end_s
    gyros = [t.recording.gyro_dps for t in trials if t.recording.gyro_dps is not None]
    recording = Recording(
        np.concatenate(times),
        np.concatenate([trial.recording.acc_g for trial in trials]),
        np.concatenate(gyros) if len(gyros) == len(trials) else None,
    )
    return Joined(recording, tuple(labels))


class RecordedBody:
    """Recordings of one person, one per placement, as a body.

    Each recording's own time `zero_s` (by default the earliest first sample of all) is played at
    Unix `start`. The sensor's axes of the recording are the segment's axes here: what comes out is
    what the real sensor felt, mounting and all. Between samples the values are interpolated
    linearly, except over a gap of more than four median periods, where the sample before the gap is
    held, as it is after the end; before the start the first sample is held. What is held stands still:
    its angular velocity is zero, or else a body would turn for as long as nothing is known. labels:
    what is true, by seconds from `zero_s`; unknown elsewhere. slouch_deg: of this person, where it is
    known.
    """

    def __init__(
        self,
        recordings: Mapping[Placement, Recording],
        *,
        start: float,
        labels: Sequence[Label] = (),
        zero_s: float | None = None,
        slouch_deg: float | None = None,
    ) -> None:
        if not recordings or any(len(r.times) == 0 for r in recordings.values()):
            raise ValueError("a recorded body needs samples at every placement")
        self.start = start
        self.labels = tuple(labels)
        self.slouch_deg = slouch_deg
        firsts = [float(recording.times[0]) for recording in recordings.values()]
        self._zero_s = min(firsts) if zero_s is None else zero_s
        self._recordings = dict(recordings)
        self._holds_s = {place: _longest_bridge_s(r) for place, r in recordings.items()}

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Where this person wore sensors."""
        return tuple(self._recordings)

    @property
    def end(self) -> float:
        """Unix s of the last sample of all."""
        last_s = max(float(recording.times[-1]) for recording in self._recordings.values())
        return self.start + last_s - self._zero_s

    def finished(self, time: float) -> bool:
        """Whether all recordings have been played at `time`; then their last samples are held."""
        return time > self.end

    def motion(
        self, placement: Placement, times: Floats, *, gyro: bool = True
    ) -> tuple[Floats, Floats | None]:
        """See Body."""
        recording = self._recordings.get(placement)
        if recording is None:
            raise NotFoundError("recording for placement", placement.value)
        played = times - self.start + self._zero_s
        before = np.searchsorted(recording.times, played, side="right") - 1
        np.clip(before, 0, len(recording.times) - 1, out=before)
        after = np.minimum(before + 1, len(recording.times) - 1)
        span = recording.times[after] - recording.times[before]
        bridged = (span > 0.0) & (span <= self._holds_s[placement])
        share = np.clip((played - recording.times[before]) / np.where(bridged, span, 1.0), 0.0, 1.0)
        share = np.where(bridged, share, 0.0)[:, None]

        def played_back(values: Floats) -> Floats:
            here: Floats = values[before]
            return here + (values[after] - here) * share

        acc = played_back(recording.acc_g)
        if not gyro or recording.gyro_dps is None:
            return acc, None
        # Half a period from a sample, times are as good as equal.
        near_s = 0.5 * self._holds_s[placement] / _BRIDGED_PERIODS
        near = np.abs(played - recording.times[before]) <= near_s
        still = ~near & (~bridged | (played < recording.times[0]))
        return acc, np.where(still[:, None], 0.0, played_back(recording.gyro_dps))

    def worn(self, times: Floats) -> tuple[Floats, Floats]:
        """Always 1: whatever happened to the sensor is in its samples."""
        return np.ones(len(times)), np.zeros(len(times))

    def truth(self, start: float, end: float) -> Truth:
        """See Body; a second has the label that its middle lies in, and no angles."""
        seconds = np.arange(np.ceil(start), np.floor(end), dtype=np.int64)
        activity = np.full(len(seconds), int(Activity.UNKNOWN), dtype=np.uint8)
        middle = seconds + 0.5 - self.start
        for label in self.labels:
            activity[(middle >= label.start_s) & (middle < label.end_s)] = int(label.activity)
        unknown = np.full(len(seconds), np.nan)
        return Truth(
            seconds, activity, unknown, unknown, unknown, np.zeros(len(seconds), dtype=np.bool_)
        )


def _longest_bridge_s(recording: Recording) -> float:
    """The longest distance of samples that is still bridged by interpolation."""
    if len(recording.times) < 2:
        return 0.0
    return _BRIDGED_PERIODS * float(np.median(np.diff(recording.times)))
