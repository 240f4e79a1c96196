"""Small deterministic people for the tests of the analysis: what is true of them is in the script."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis import Mounted, Pipeline
from domain.episodes import Episode
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from domain.posture import COLUMNS, FrameBlock
from domain.samples import SampleBlock

START = 1_700_000_000
IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True)
class Act:
    """seconds of a posture: lean and side in deg, and steps (a 2 Hz bounce of bounce_g)."""

    seconds: float
    lean_deg: float = 0.0
    side_deg: float = 0.0
    bounce_g: float = 0.0


@dataclass(frozen=True)
class Samples:
    times: NDArray[np.float64]
    acc_g: NDArray[np.float64]
    gyro_dps: NDArray[np.float64] | None
    rate_hz: float
    charging: NDArray[np.bool_] | None = None

    def block(self, start: int = 0, end: int | None = None, sensor: str = "s") -> SampleBlock:
        rows = slice(start, end)
        gyro = None if self.gyro_dps is None else self.gyro_dps[rows]
        told = None if self.charging is None else self.charging[rows]
        return SampleBlock(
            sensor, self.times[rows], self.acc_g[rows], gyro, self.rate_hz, charging=told
        )

    def turned(self, matrix: NDArray[np.float64]) -> "Samples":
        """The same person with the sensor mounted so that sensor = matrix @ body."""
        gyro = None if self.gyro_dps is None else self.gyro_dps @ matrix.T
        return Samples(self.times, self.acc_g @ matrix.T, gyro, self.rate_hz)

    def without(self, keep: NDArray[np.bool_]) -> "Samples":
        gyro = None if self.gyro_dps is None else self.gyro_dps[keep]
        return Samples(self.times[keep], self.acc_g[keep], gyro, self.rate_hz)


class People:
    """What the tests need, in one fixture."""

    START = START
    Act = Act

    @staticmethod
    def perform(
        acts: Sequence[Act], rate_hz: float = 25.0, *, gyro: bool = False, noise_g: float = 0.003,
        seed: int = 0, start: float = START,
    ) -> Samples:  # fmt: skip
        """Body-frame samples; the angles change over half a second between acts."""
        draw = np.random.default_rng(seed)
        n = round(sum(act.seconds for act in acts) * rate_hz)
        t = np.arange(n) / rate_hz
        ends = np.cumsum([act.seconds for act in acts])
        which = np.minimum(np.searchsorted(ends, t, side="right"), len(acts) - 1)
        width = max(1, round(0.5 * rate_hz))
        kernel = np.ones(width) / width

        def smooth(values: list[float]) -> NDArray[np.float64]:
            padded = np.pad(np.array(values)[which], (width // 2, width - 1 - width // 2), "edge")
            return np.convolve(padded, kernel, "valid")

        lean = np.radians(smooth([act.lean_deg for act in acts]))
        side = np.radians(smooth([act.side_deg for act in acts]))
        bounce = np.array([act.bounce_g for act in acts])[which] * np.sin(2 * np.pi * 2.0 * t)
        up = np.stack([-np.sin(lean) * np.cos(side), np.sin(side), np.cos(lean) * np.cos(side)], 1)
        acc = up * (1.0 + bounce)[:, None] + draw.normal(0.0, noise_g, (n, 3))
        rates = None
        if gyro:
            rates = np.zeros((n, 3))
            rates[:, 1] = np.degrees(np.gradient(lean, 1.0 / rate_hz))
            to_side = np.degrees(np.gradient(side, 1.0 / rate_hz))
            rates[:, 0], rates[:, 2] = to_side * np.cos(lean), to_side * np.sin(lean)
            rates += draw.normal(0.0, 0.05, (n, 3))
        return Samples(start + t, acc, rates, rate_hz)

    @staticmethod
    def calibration(
        placement: Placement, *, slouch_deg: float | None = 20.0, rotation: object = IDENTITY
    ) -> Calibration:
        method = ReferenceMethod.ONE_POSE if slouch_deg is None else ReferenceMethod.TWO_POSES
        return Calibration("s", placement, 0.0, method, rotation, slouch_deg, 1.0)  # type: ignore[arg-type]

    @classmethod
    def mounted(
        cls, placement: Placement, sensor: str = "s", *, calibrated: bool = True, **how: object
    ) -> Mounted:
        known = cls.calibration(placement, **how) if calibrated else None  # type: ignore[arg-type]
        return Mounted(sensor, placement, known)

    @staticmethod
    def run(pipeline: Pipeline, *blocks: SampleBlock, finish: bool = True) -> "Result":
        outputs = [pipeline.push(block) for block in blocks]
        if finish:
            outputs.append(pipeline.finish())
        frames = FrameBlock.join("w", [out.frames for out in outputs])
        return Result(frames, [e for out in outputs for e in out.episodes])


@dataclass(frozen=True)
class Result:
    frames: FrameBlock
    episodes: list[Episode]

    def closed(self, kind: str) -> list[Episode]:
        return [e for e in self.episodes if e.kind == kind and e.end is not None]

    def opened(self, kind: str) -> list[Episode]:
        return [e for e in self.episodes if e.kind == kind and e.end is None]

    def activities(self) -> list[str]:
        """Words of the runs of activity, in order."""
        words = [frame.activity.word for frame in self.frames]
        return [word for i, word in enumerate(words) if i == 0 or words[i - 1] != word]

    def __eq__(self, other: object) -> bool:
        """Bit for bit, NaN equal to NaN."""
        assert isinstance(other, Result)
        same = all(
            getattr(self.frames, name).tobytes() == getattr(other.frames, name).tobytes()
            for name in COLUMNS
        )
        return same and [repr(e) for e in self.episodes] == [repr(e) for e in other.episodes]

    __hash__ = None  # type: ignore[assignment] # compared, never hashed


People.Result = Result  # type: ignore[attr-defined] # defined after it


@pytest.fixture(scope="session")
def people() -> type[People]:
    return People


@pytest.fixture(scope="session")
def flips() -> list[NDArray[np.float64]]:
    """The 24 ways to mount a box along the axes."""
    out = []
    for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 1, 0), (1, 0, 2)):
        for signs in range(8):
            matrix = np.zeros((3, 3))
            for row, column in enumerate(order):
                matrix[row, column] = -1.0 if signs >> row & 1 else 1.0
            if math.isclose(np.linalg.det(matrix), 1.0):
                out.append(matrix)
    assert len(out) == 24
    return out


Chunker = Callable[[int], list[tuple[int, int]]]
