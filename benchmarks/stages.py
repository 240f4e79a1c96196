"""Where the time of an offline analysis goes: the stages, without what they call of each other."""

import time
from collections.abc import Callable
from typing import Any

import analysis
from analysis import faults, follow, intake, pipeline, rests, thigh, track, trunk, wear
from domain.people import Calibration
from domain.samples import Recording

_STAGES: tuple[tuple[str, Any, str], ...] = (
    ("take samples in", intake.Intake, "take"),
    ("cut into seconds and sum", track, "cut"),
    ("reduce to features", track, "reduce_seconds"),
    ("rests, for gain and offset", rests.Rests, "feed"),
    ("columns on the grid", track, "lay_out"),
    ("not worn", wear.WearRule, "judge"),
    ("faults", faults.FaultWatch, "judge"),
    ("trunk", trunk.TrunkRule, "judge"),
    ("thigh", thigh.ThighRule, "judge"),
    ("several sensors into one", pipeline, "combine"),
    ("episodes", follow.Follower, "follow"),
)


def measure(
    recordings: dict[str, Recording], known: dict[str, Calibration], repeats: int = 3
) -> dict[str, float]:
    """CPU seconds of each stage, the best of `repeats`; what is left is in `everything else`."""
    best: dict[str, float] = {}
    for _ in range(repeats):
        for name, seconds in _once(recordings, known).items():
            best[name] = min(seconds, best.get(name, seconds))
    return {name: seconds for name, seconds in best.items() if seconds > 0.0}


def _once(recordings: dict[str, Recording], known: dict[str, Calibration]) -> dict[str, float]:
    spent = dict.fromkeys((name for name, *_ in _STAGES), 0.0)
    inner: list[float] = []
    originals = [(owner, name, getattr(owner, name)) for _, owner, name in _STAGES]

    def timed(stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any, **kwargs: Any) -> Any:
            began = time.process_time()
            inner.append(0.0)
            try:
                return work(*args, **kwargs)
            finally:
                took = time.process_time() - began
                spent[stage] += took - inner.pop()
                if inner:
                    inner[-1] += took

        return measured

    for (stage, owner, name), (_, _, work) in zip(_STAGES, originals, strict=True):
        setattr(owner, name, timed(stage, work))
    try:
        began = time.process_time()
        analysis.analyse(recordings, calibration=known)
        whole = time.process_time() - began
    finally:
        for owner, name, work in originals:
            setattr(owner, name, work)
    return spent | {"everything else": whole - sum(spent.values())}
