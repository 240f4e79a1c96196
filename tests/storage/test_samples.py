"""Raw samples in a store, and history that is replaced: what every backend has to do."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.context import AnalysisContext
from domain.episodes import Episode, EpisodeKind
from domain.errors import StoreUnavailableError
from domain.posture import FrameBlock
from domain.samples import SampleBlock
from storage.contract import Batch, Store
from storage.samples import packed, unpacked
from tests.storage.test_conformance import MakeFrames, alert, episode, everything, same_frames

T0 = 1_790_035_200
CLIP = "A0:00:00:00:00:01"


def block(
    start: float, n: int = 50, *, gyro: bool = False, seed: int = 0, rate_hz: float = 50.0,
    lost_before: int = 0,
) -> SampleBlock:  # fmt: skip
    rng = np.random.default_rng(seed)
    times = start + np.arange(n) / rate_hz + rng.uniform(0, 1e-4, n)
    acc_g = np.rint(rng.normal(0, 200, (n, 3))) / 2048
    gyro_dps = rng.normal(0, 5, (n, 3)) if gyro else None
    return SampleBlock(CLIP, times, acc_g, gyro_dps, rate_hz, lost_before)


def bits(blocks: list[SampleBlock]) -> list[object]:
    """Every bit of the samples in order, and before which of them some were lost."""
    n, lost = 0, []
    for each in blocks:
        if each.lost_before:
            lost.append((n, each.lost_before))
        n += len(each)
    join = [
        np.concatenate([np.ascontiguousarray(column(each)) for each in blocks]).tobytes()
        for column in (
            lambda b: b.times,
            lambda b: b.acc_g,
            lambda b: np.full((len(b), 3), 7.0) if b.gyro_dps is None else b.gyro_dps,
            lambda b: np.full(len(b), b.rate_hz),
            lambda b: np.full(len(b), 2) if b.charging is None else b.charging.astype(int),
        )
    ]
    return [*join, lost]


@st.composite
def streams(draw: st.DrawFn) -> list[SampleBlock]:
    """Blocks that follow each other, with holes, losses, other rates and strange values."""
    at, out = float(T0) + draw(st.floats(0, 59)), []
    for seed in range(draw(st.integers(1, 8))):
        rate_hz = draw(st.sampled_from((1.0, 25.0, 50.0)))
        one = block(
            at, draw(st.integers(1, 120)), gyro=draw(st.booleans()), seed=seed, rate_hz=rate_hz,
            lost_before=draw(st.sampled_from((0, 0, 3))),
        )  # fmt: skip
        acc_g = one.acc_g.copy()
        acc_g[0] = draw(
            st.sampled_from(([0.0, -0.0, math.nan], [1e-308, math.inf, -16.0], acc_g[0]))
        )
        charging = draw(st.sampled_from((None, None, True, False)))
        told = None if charging is None else np.full(len(one), charging)
        out.append(replace(one, acc_g=acc_g, charging=told))
        at = float(one.times[-1]) + draw(st.sampled_from((0.02, 0.5, 61.0)))
    return out


class TestSamples:
    @settings(max_examples=60, deadline=None)
    @given(stream=streams(), together=st.booleans())
    def test_come_back_to_the_last_bit(
        self, stream: list[SampleBlock], together: bool, backend_at: Callable[[Path], Store]
    ) -> None:
        with TemporaryDirectory() as folder:
            store = backend_at(Path(folder))
            for batch in [stream] if together else [[one] for one in stream]:
                store.write(Batch(samples=tuple(batch)), now=T0)
            back = store.samples(CLIP, 0, 2**40)
            assert bits(back) == bits(stream)
            (kept,) = store.samples_kept()
            assert kept.samples == sum(map(len, stream))
            assert (kept.start, kept.end) == (stream[0].times[0], stream[-1].times[-1])
            store.close()

    def test_of_seconds_are_joined_to_minutes(self, store: Store) -> None:
        for second in range(150):
            store.write(Batch(samples=(block(T0 + second, seed=second),)), now=T0)
        assert len(store.samples(CLIP, T0, T0 + 120)) == 2
        spans = store.sample_spans(CLIP, T0, T0 + 150)
        assert len(spans) == 2 + 30, "the minute under way is in seconds"
        assert spans == sorted(spans)

    def test_are_read_from_a_half_open_range(self, store: Store) -> None:
        whole = block(T0, 3000)
        store.write(Batch(samples=(whole,)), now=T0)
        begin, end = float(whole.times[100]), float(whole.times[2500])
        (part,) = store.samples(CLIP, begin, end)
        np.testing.assert_array_equal(part.times, whole.times[100:2500])
        assert store.samples(CLIP, 0, T0) == []
        assert store.samples("nobody", 0, 2**40) == []

    def test_written_again_change_nothing(self, store: Store) -> None:
        one = block(T0, 40)
        for _ in range(2):
            store.write(Batch(samples=(one,)), now=T0)
        assert bits(store.samples(CLIP, 0, 2**40)) == bits([one])

    def test_are_in_the_transaction_of_their_second(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        wrong = make_frames("ada", [T0], activity=99)
        with pytest.raises(ValueError, match="activity"):
            store.write(Batch(frames=(wrong,), samples=(block(T0),)), now=T0)
        assert store.samples_kept() == []

    def test_have_a_retention_of_their_own(self, store: Store, make_frames: MakeFrames) -> None:
        frames = make_frames("ada", range(T0, T0 + 300))
        blocks = tuple(block(T0 + 60 * n, seed=n) for n in range(5))
        store.write(Batch(frames=(frames,), samples=blocks), now=T0)
        assert store.prune(frames_before=0, samples_before=float(T0 + 120)) == 0
        assert bits(store.samples(CLIP, 0, 2**40)) == bits(list(blocks[2:]))
        assert len(store.frames("ada", T0, T0 + 300)) == 300
        store.prune(frames_before=T0 + 10)
        assert len(store.samples(CLIP, 0, 2**40)) == 3

    def test_survive_a_new_start(self, reopen: Callable[[], Store]) -> None:
        one = block(T0, gyro=True)
        reopen().write(Batch(samples=(one,)), now=T0)
        assert bits(reopen().samples(CLIP, 0, 2**40)) == bits([one])

    def test_of_a_sensor_at_rest_take_little_room(self) -> None:
        rng = np.random.default_rng(1)
        n = 3000
        acc_g = (np.rint(rng.normal(0, 8, (n, 3))) + np.array([0, 0, 2048])) / 2048  # 4 mg of noise
        still = SampleBlock(CLIP, T0 + np.arange(n) / 50, acc_g, None, 50.0)
        assert len(packed([still])) < 4 * n

    def test_that_are_damaged_are_said_so(self) -> None:
        data = packed([block(T0)])
        for bad in (b"", data[:-5], data[:5] + b"x" + data[6:]):
            if bad:
                with pytest.raises(StoreUnavailableError, match="damaged"):
                    unpacked(CLIP, bad)


def context(since: int, version: str) -> AnalysisContext:
    return AnalysisContext("ada", since, version, {"lag_s": 2.0}, ())


class TestReplacing:
    def test_gives_what_writing_it_alone_would_have(
        self, backend_at: Callable[[Path], Store], tmp_path: Path, make_frames: MakeFrames
    ) -> None:
        """Also where seconds go away, within an hour and over the midnight of UTC."""
        start, end = T0 + 3547, T0 + 86_400 + 1213
        old = make_frames("ada", range(T0, T0 + 90_000), seed=1)
        new = make_frames("ada", range(start + 600, end - 400, 2), seed=2)
        outside = [episode(T0 + 60, T0 + 900), episode(end + 10, None)]
        before = [episode(T0 + 3600, T0 + 4000), episode(T0 + 5000, end, EpisodeKind.SLOUCH)]
        after = [episode(T0 + 3700, T0 + 4000), episode(T0 + 3800, T0 + 3900, EpisodeKind.BREAK)]
        told = alert("a1", float(T0 + 4000))

        def with_all(folder: str, frames: list[FrameBlock], episodes: list[Episode]) -> Store:
            store = backend_at(tmp_path / folder)
            batch = Batch(frames=tuple(frames), episodes=tuple(episodes), alerts=(told,))
            store.write(batch, now=T0)
            return store

        replaced = with_all("replaced", [old], [*outside, *before])
        replaced.write(Batch(contexts=(context(T0, "1"), context(T0 + 7200, "1"))), now=T0)
        batch = Batch(
            frames=(new,), episodes=tuple(after), contexts=(context(start, "2"), context(end, "1"))
        )
        for _ in range(2):
            replaced.replace("ada", start, end, batch, now=T0)
            kept = old.select((old.times < start) | (old.times >= end))
            alone = with_all(f"alone-{_}", [kept, new], [*outside, *after])
            assert everything(replaced) == everything(alone)
            assert same_frames(
                replaced.frames("ada", T0, T0 + 10**6), alone.frames("ada", T0, T0 + 10**6)
            )
            alone.close()
        versions = [
            (c.since, c.algorithm_version) for c in replaced.contexts("ada", T0, T0 + 10**6)
        ]
        assert versions == [(T0, "1"), (start, "2"), (end, "1")]
        assert replaced.alert("a1") == told
        replaced.close()

    @settings(max_examples=40, deadline=None)
    @given(
        spans=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=3),
        kept=st.sets(st.integers(0, 399)),
    )
    def test_of_any_seconds_leaves_rollups_as_the_frames_say(
        self, spans: list[tuple[int, int]], kept: set[int], backend_at: Callable[[Path], Store],
        make_frames: MakeFrames, assert_series: Callable[..., None],
    ) -> None:  # fmt: skip
        with TemporaryDirectory() as folder:
            store = backend_at(Path(folder))
            store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 400), seed=1),)), now=T0)
            for seed, (one, other) in enumerate(spans):
                start, end = T0 + min(one, other), T0 + max(one, other)
                times = [T0 + n for n in sorted(kept) if start <= T0 + n < end]
                new = make_frames("ada", times, seed=seed + 2)
                store.replace("ada", start, end, Batch(frames=(new,)), now=T0)
            frames = list(store.frames("ada", T0, T0 + 400))
            for resolution_s in (60, 3600, 86400):
                assert_series(store.series("ada", T0, T0 + 400, resolution_s), frames)
            store.close()

    def test_remakes_minutes_whose_frames_were_pruned(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 600), seed=1),)), now=T0)
        store.prune(frames_before=T0 + 600)
        edges = (
            store.series("ada", T0 + 60, T0 + 120, 60),
            store.series("ada", T0 + 300, T0 + 360, 60),
        )
        new = make_frames("ada", range(T0 + 90, T0 + 310), seed=2)
        store.replace("ada", T0 + 90, T0 + 310, Batch(frames=(new,)), now=T0)
        series = store.series("ada", T0, T0 + 600, 60)
        assert series.seconds.sum() == 600
        assert series.seconds[1].tolist() == edges[0].seconds[0].tolist(), "its other half is gone"
        assert series.seconds[5].tolist() == edges[1].seconds[0].tolist()
        (hour,) = store.series("ada", T0, T0 + 600, 3600).seconds
        assert hour.tolist() == series.seconds.sum(axis=0).tolist()

    def test_leaves_all_as_it_was_when_it_fails(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 600)),)), now=T0)
        before = everything(store)
        wrong = Batch(frames=(make_frames("ada", [T0], activity=99),))
        with pytest.raises(ValueError, match="activity"):
            store.replace("ada", T0, T0 + 600, wrong, now=T0)
        assert everything(store) == before

    def test_is_of_one_wearer(self, store: Store, make_frames: MakeFrames) -> None:
        for wearer in ("ada", "bob"):
            store.write(Batch(frames=(make_frames(wearer, range(T0, T0 + 120)),)), now=T0)
        store.replace("ada", T0, T0 + 120, Batch(), now=T0)
        assert len(store.frames("ada", T0, T0 + 120)) == 0
        assert store.series("ada", T0, T0 + 120, 3600).times.tolist() == []
        assert len(store.frames("bob", T0, T0 + 120)) == 120
