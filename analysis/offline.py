"""Whole recordings through the very same pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.pipeline import Mounted, Pipeline
from analysis.settings import AnalysisSettings
from domain.episodes import Episode
from domain.errors import InputError
from domain.people import Calibration
from domain.placement import Placement
from domain.posture import FrameBlock
from domain.samples import Floats, Recording, SampleBlock

#: The wearer of a recording that names none.
WEARER = "recording"
#: Samples from which the step of a clock is guessed, and samples looked at together (in the cache).
_GUESS, _PART = 4096, 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Frames of a recording, and its episodes by id, each in its final form, by start."""

    frames: FrameBlock
    episodes: tuple[Episode, ...]


def analyse(
    recordings: Mapping[str, Recording],
    *,
    calibration: Mapping[str, Calibration] | None = None,
    settings: AnalysisSettings | None = None,
) -> Analysis:
    """Analyse recordings of one wearer by placement (`upper_back`, `thigh`, ...), all in one clock.

    calibration: by placement. Raises InputError for an unknown placement, and when there is nothing
    to analyse.
    """
    mounted, blocks = [], []
    for name, recording in recordings.items():
        placement = _placement(name)
        known = None if calibration is None else calibration.get(name)
        mounted.append(Mounted(name, placement, known))
        if len(recording.times):
            blocks.append(
                SampleBlock(
                    name, recording.times, recording.acc_g, recording.gyro_dps, rate_hz(recording)
                )
            )
    for name in calibration or {}:
        _placement(name)
    pipeline = Pipeline(WEARER, mounted, settings or AnalysisSettings())
    pushed, ended = pipeline.push_together(blocks), pipeline.finish()
    last: dict[str, Episode] = {}
    for episode in (*pushed.episodes, *ended.episodes):
        last[episode.id] = episode
    return Analysis(
        FrameBlock.join(WEARER, [pushed.frames, ended.frames]),
        tuple(sorted(last.values(), key=lambda e: (e.start, e.kind))),
    )


def _placement(name: str) -> Placement:
    try:
        return Placement(name)
    except ValueError:
        words = ", ".join(Placement)
        raise InputError(f"no placement {name!r}; there are {words}") from None


def rate_hz(recording: Recording) -> float:
    """The nominal rate of a recording: one over the median distance of its samples, in Hz."""
    if len(recording.times) < 2:
        return 1.0
    return float(1.0 / _median_step_s(recording.times))


def _median_step_s(times: Floats) -> float:
    """np.median(np.diff(times)) to the last bit; a clock that ticks evenly is spared the sorting."""
    n = len(times) - 1
    guess = np.median(np.diff(times[: _GUESS + 1]))
    less = greater = 0
    for start in range(0, n, _PART):
        steps = np.diff(times[start : start + _PART + 1])
        less += int(np.count_nonzero(steps < guess))
        greater += int(np.count_nonzero(steps > guess))
    if max(less, greater) <= (n - 1) // 2:
        return float(guess)
    return float(np.median(np.diff(times), overwrite_input=True))
