"""Backends for the conformance suite, made-up frames, and the slow, obvious rollups."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.placement import Placement
from domain.posture import FLOAT_COLUMNS, Activity, FrameBlock, PostureFrame
from storage.contract import Series, Store
from storage.sqlite import SqliteStore
from tests.influx.forwarded import forwarded_store

#: One line per backend: how it is opened on a folder of its own.
BACKENDS: dict[str, Callable[[Path], Store]] = {
    "influx": forwarded_store,
    "sqlite": lambda folder: SqliteStore(folder / "sitwell.db"),
}

#: Steps a unit that every backend keeps (docs/storage.md).
STEPS = {
    "p_sitting": 1000,
    "lean_deg": 100,
    "side_deg": 100,
    "twist_deg": 100,
    "turn_dps": 100,
    "mad_mg": 10,
    "enmo_mg": 10,
    "cadence_spm": 10,
    "confidence": 1000,
}


@pytest.fixture(params=sorted(BACKENDS))
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the one store of this test, closing it first when it is open."""
    opened: list[Store] = []

    def again() -> Store:
        if opened:
            opened.pop().close()
        opened.append(BACKENDS[request.param](tmp_path))
        return opened[0]

    yield again
    if opened:
        opened[0].close()


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    """An empty store."""
    return reopen()


def _make_frames(
    wearer: str, times: Sequence[int] | range | np.ndarray, seed: int = 0, **fixed: float
) -> FrameBlock:
    times = np.asarray(times, dtype=np.int64)
    rng = np.random.default_rng([seed, len(times)])
    n = len(times)
    spread = {
        "p_sitting": 1.0,
        "confidence": 1.0,
        "mad_mg": 200.0,
        "enmo_mg": 90.0,
        "cadence_spm": 120.0,
    }
    columns: dict[str, Any] = {}
    for name in FLOAT_COLUMNS:
        low = 0.0 if name in spread else -60.0
        steps = rng.integers(
            round(low * STEPS[name]), round(spread.get(name, 60.0) * STEPS[name]), n, endpoint=True
        )
        columns[name] = np.where(rng.random(n) < 0.2, np.nan, steps / STEPS[name])
    columns["activity"] = rng.integers(0, len(Activity), n)
    columns["quality"] = rng.integers(0, 128, n)
    columns["source"] = rng.integers(0, len(Placement) + 1, n)
    columns |= {name: np.full(n, value) for name, value in fixed.items()}
    return FrameBlock(wearer=wearer, times=times, **columns)


@pytest.fixture(scope="session")
def make_frames() -> Callable[..., FrameBlock]:
    """make_frames(wearer, times, seed=0, **fixed columns): values that a store keeps exactly."""
    return _make_frames


def _slow_buckets(frames: Sequence[PostureFrame], resolution_s: int) -> dict[int, dict[str, Any]]:
    """What a series has to say, from its definition, a frame at a time."""
    buckets: dict[int, list[PostureFrame]] = {}
    for frame in frames:
        buckets.setdefault(frame.time // resolution_s * resolution_s, []).append(frame)
    answer = {}
    for start in sorted(buckets):
        inside = buckets[start]
        row: dict[str, Any] = {
            "seconds": [sum(f.activity is activity for f in inside) for activity in Activity],
            "coverage": len(inside) / resolution_s,
        }
        for name in FLOAT_COLUMNS:
            known = [getattr(f, name) for f in inside if not math.isnan(getattr(f, name))]
            row[name] = math.fsum(known) / len(known) if known else math.nan
        leans = [f.lean_deg for f in inside if not math.isnan(f.lean_deg)]
        row["lean_min_deg"], row["lean_max_deg"] = (
            min(leans, default=math.nan),
            max(leans, default=math.nan),
        )
        answer[start] = row
    return answer


def _assert_series(series: Series, frames: Sequence[PostureFrame]) -> None:
    wanted = _slow_buckets(frames, series.resolution_s)
    assert series.times.tolist() == list(wanted)
    for i, row in enumerate(wanted.values()):
        assert series.seconds[i].tolist() == row["seconds"]
        assert series.coverage[i] == pytest.approx(row["coverage"])
        columns: Mapping[str, Any] = {
            **series.means,
            "lean_min_deg": series.lean_min_deg,
            "lean_max_deg": series.lean_max_deg,
        }
        assert set(series.means) == set(FLOAT_COLUMNS)
        for name, values in columns.items():
            assert values[i] == pytest.approx(row[name], abs=1e-9, nan_ok=True), name


@pytest.fixture(scope="session")
def assert_series() -> Callable[[Series, Sequence[PostureFrame]], None]:
    """assert_series(series, frames): the series says what a slow count over `frames` says."""
    return _assert_series


@pytest.fixture(scope="session", params=sorted(BACKENDS))
def backend_at(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    """Opens a store in a folder: for properties, which make many stores within one test."""
    return BACKENDS[request.param]
