"""What every backend has to do, in the words of storage/contract.py."""

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.context import AnalysisContext, ReferenceInForce, SensorInForce
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.errors import NotFoundError, StoreUnavailableError
from domain.people import Assignment, Calibration, ReferenceMethod, Sensor, Wearer
from domain.placement import Placement
from domain.posture import COLUMNS, Activity, FrameBlock
from domain.readings import LinkReading
from storage.contract import RESOLUTIONS_S, Batch, Series, Store

T0 = 1_790_035_200  # a midnight in UTC
NAN = math.nan

MakeFrames = Callable[..., FrameBlock]
AssertSeries = Callable[..., None]


def episode(
    start: int, end: int | None, kind: EpisodeKind = EpisodeKind.SITTING, **more
) -> Episode:
    values = {"peak": 0.9, "mean": 0.8, "dose": 60.0, "confidence": 0.7, "limit": NAN}
    return Episode(
        kind=kind, wearer="ada", start=start, end=end, placement="thigh", **(values | more)
    )


def alert(name: str, opened_at: float, **more) -> Alert:
    explanation = Explanation("lean_deg", 14.5, 8.0, "deg", 31, "upper_back", 0.93)
    values = {
        "wearer": "ada",
        "episode": "e1",
        "kind": AlertKind.SLOUCH,
        "severity": Severity.NUDGE,
        "message": "You lean – 14.5° over your reference.",
        "explanation": explanation,
    }
    return Alert(id=name, opened_at=opened_at, **(values | more))


def context(since: int, delay_s: float = 30.0) -> AnalysisContext:
    reference = ReferenceInForce(T0 - 900.25, ReferenceMethod.TWO_POSES, 0.4, 17.0)
    measures = ("acc", "gyro")
    sensor = SensorInForce("AA:01", "Clip", "polar", Placement.UPPER_BACK, reference, measures)
    settings = {"slouch_delay_s": delay_s, "slouch_share": 0.6}
    return AnalysisContext("ada", since, "1.0", settings, (sensor,))


def same_frames(a: FrameBlock, b: FrameBlock) -> bool:
    return a.wearer == b.wearer and all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in COLUMNS
    )


def everything(store: Store, wearer: str = "ada") -> list[object]:
    """All that a reader can see of a wearer's metrics, comparable."""
    seen: list[object] = []
    for resolution_s in RESOLUTIONS_S:
        series = store.series(wearer, T0 - 86400, T0 + 5 * 86400, resolution_s)
        seen += [series.times.tolist(), series.seconds.tolist(), series.coverage.tolist()]
        seen += [repr(values.tolist()) for values in series.means.values()]
        seen += [repr(series.lean_min_deg.tolist()), repr(series.lean_max_deg.tolist())]
    seen += [repr(store.episodes(wearer, 0, 2**40)), store.alerts(wearer)]
    return seen


class TestFrames:
    def test_come_back_as_they_were_written(self, store: Store, make_frames: MakeFrames) -> None:
        written = make_frames("ada", range(T0, T0 + 200))
        store.write(Batch(frames=(written,)), now=T0)
        assert same_frames(store.frames("ada", T0, T0 + 200), written)

    def test_are_kept_to_half_a_step_of_the_stored_resolution(self, store: Store) -> None:
        lean_deg, mad_mg = np.array([1.2345, -89.999, 0.001]), np.array([12.34, 0.0, 1999.96])
        nan = np.full(3, NAN)
        block = FrameBlock(
            wearer="ada",
            times=np.arange(T0, T0 + 3),
            activity=np.full(3, 2),
            p_sitting=np.array([0.12345, 0.0, 1.0]),
            lean_deg=lean_deg,
            side_deg=nan,
            twist_deg=nan,
            turn_dps=nan,
            mad_mg=mad_mg,
            enmo_mg=nan,
            cadence_spm=nan,
            quality=np.zeros(3),
            confidence=nan,
            source=np.full(3, Placement.THIGH.number),
        )
        store.write(Batch(frames=(block,)), now=T0)
        back = store.frames("ada", T0, T0 + 3)
        assert np.abs(back.lean_deg - lean_deg).max() <= 0.005 + 1e-12
        assert np.abs(back.mad_mg - mad_mg).max() <= 0.05 + 1e-9
        assert np.abs(back.p_sitting - block.p_sitting).max() <= 0.0005 + 1e-12
        assert np.isnan(back.twist_deg).all()

    @pytest.mark.parametrize("value", [math.inf, -math.inf, 1e300])
    def test_that_are_no_measurement_become_unknown(
        self, store: Store, make_frames: MakeFrames, value: float
    ) -> None:
        store.write(Batch(frames=(make_frames("ada", [T0], turn_dps=value),)), now=T0)
        assert math.isnan(store.frames("ada", T0, T0 + 1).turn_dps[0])

    def test_are_read_from_a_half_open_range(self, store: Store, make_frames: MakeFrames) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 10)),)), now=T0)
        assert store.frames("ada", T0 + 3, T0 + 5).times.tolist() == [T0 + 3, T0 + 4]
        assert len(store.frames("ada", T0 + 5, T0 + 5)) == 0

    def test_of_a_stranger_are_none(self, store: Store) -> None:
        assert len(store.frames("nobody", 0, 2**40)) == 0
        assert store.latest("nobody") is None
        assert len(store.series("nobody", 0, 2**33, 3600).times) == 0
        assert store.episodes("nobody", 0, 2**40) == []

    def test_are_replaced_by_later_ones_of_the_same_second(
        self, store: Store, make_frames: MakeFrames, assert_series: AssertSeries
    ) -> None:
        first, second = (
            make_frames("ada", range(T0, T0 + 90), 1),
            make_frames("ada", range(T0 + 30, T0 + 60), 2),
        )
        store.write(Batch(frames=(first, second)), now=T0)
        third = make_frames("ada", range(T0 + 50, T0 + 55), 3)
        store.write(Batch(frames=(third,)), now=T0)
        now = {frame.time: frame for block in (first, second, third) for frame in block}
        assert_series(store.series("ada", T0, T0 + 90, 1), list(now.values()))
        assert_series(store.series("ada", T0, T0 + 90, 60), list(now.values()))

    def test_of_the_newest_second_are_the_latest(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        block = make_frames("ada", range(T0, T0 + 5), lean_deg=3.25)
        store.write(Batch(frames=(block,)), now=T0)
        store.write(Batch(frames=(make_frames("ada", [T0 - 100]),)), now=T0)
        latest = store.latest("ada")
        assert latest is not None
        assert latest.time == T0 + 4
        assert latest.lean_deg == 3.25
        assert repr(latest) == repr(block.frame(-1))

    def test_of_wearers_do_not_mix(
        self, store: Store, make_frames: MakeFrames, assert_series: AssertSeries
    ) -> None:
        ada, bob = (
            make_frames("ada", range(T0, T0 + 70), 1),
            make_frames("bob", range(T0, T0 + 70), 2),
        )
        store.write(Batch(frames=(ada, bob)), now=T0)
        assert same_frames(store.frames("bob", T0, T0 + 70), bob)
        for block in (ada, bob):
            assert_series(store.series(block.wearer, T0, T0 + 70, 60), list(block))

    def test_with_an_activity_no_rollup_knows_are_refused_whole(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        good, bad = make_frames("ada", [T0]), make_frames("ada", [T0 + 1], activity=6)
        with pytest.raises(ValueError, match="activity 6"):
            store.write(Batch(frames=(good, bad)), now=T0)
        assert store.latest("ada") is None


class TestSeries:
    @pytest.mark.parametrize("resolution_s", RESOLUTIONS_S)
    def test_says_what_a_slow_count_says(
        self, store: Store, make_frames: MakeFrames, assert_series: AssertSeries, resolution_s: int
    ) -> None:
        times = np.unique(np.random.default_rng(5).integers(T0 - 90_000, T0 + 180_000, 3000))
        block = make_frames("ada", times)
        store.write(Batch(frames=(block,)), now=T0)
        assert_series(store.series("ada", T0 - 100_000, T0 + 200_000, resolution_s), list(block))

    @pytest.mark.parametrize("resolution_s", [60, 300, 3600, 21600])
    def test_gives_whole_buckets_where_the_range_cuts_them(
        self, store: Store, make_frames: MakeFrames, assert_series: AssertSeries, resolution_s: int
    ) -> None:
        block = make_frames("ada", range(T0 - 50_000, T0 + 50_000, 13))
        store.write(Batch(frames=(block,)), now=T0)
        start, end = T0 - 12_345, T0 + 23_456
        wanted = [
            f
            for f in block
            if start // resolution_s * resolution_s
            <= f.time
            < -(-end // resolution_s) * resolution_s
        ]
        assert_series(store.series("ada", start, end, resolution_s), wanted)

    def test_has_no_rows_where_nothing_was_stored(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(frames=(make_frames("ada", [T0, T0 + 7200]),)), now=T0)
        series = store.series("ada", T0, T0 + 10_000, 3600)
        assert series.times.tolist() == [T0, T0 + 7200]
        assert series.seconds.shape == (2, 6)
        empty = store.series("ada", T0 + 7200, T0, 3600)
        assert empty.seconds.shape == (0, 6)

    def test_refuses_a_resolution_it_does_not_have(self, store: Store) -> None:
        for resolution_s in (0, 7, 120):
            with pytest.raises(ValueError, match="resolution"):
                store.series("nobody", T0, T0 + 60, resolution_s)


class TestWriting:
    def test_the_same_batch_again_changes_nothing(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        batch = Batch(
            frames=(make_frames("ada", range(T0 + 50, T0 + 4000)), make_frames("ada", [T0 + 60])),
            episodes=(episode(T0, None), episode(T0, T0 + 50)),
            alerts=(alert("a", T0 + 5.5),),
            states={"pipeline": b"\x00\x01"},
        )
        store.write(batch, now=T0)
        before = everything(store)
        store.write(batch, now=T0 + 1)
        assert everything(store) == before

    def test_an_empty_batch_is_no_commit(self, store: Store) -> None:
        store.write(Batch(), now=T0)
        assert store.health().last_commit_at is None

    def test_what_was_written_is_there_after_reopening(
        self, reopen: Callable[[], Store], make_frames: MakeFrames
    ) -> None:
        store = reopen()
        batch = Batch(
            frames=(make_frames("ada", range(T0, T0 + 100)),),
            episodes=(episode(T0, None),),
            alerts=(alert("a", T0),),
            states={"pipeline": b"state"},
        )
        store.write(batch, now=T0)
        before = everything(store)
        store = reopen()
        assert everything(store) == before
        assert store.state("pipeline") == b"state"

    def test_readers_never_see_half_a_batch(self, store: Store, make_frames: MakeFrames) -> None:
        torn: list[int] = []
        reads = 0
        done = threading.Event()

        def read() -> None:
            nonlocal reads
            while not done.is_set():
                series = store.series("ada", T0, T0 + 3600, 3600)
                count = int(series.seconds.sum())
                reads += 1
                if count % 7:
                    torn.append(count)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for thread in readers:
            thread.start()
        written = 0
        try:
            while written < 60 or (reads <= 3 and written < 500):  # until there was time to read
                block = make_frames("ada", range(T0 + 7 * written, T0 + 7 * written + 7), written)
                store.write(Batch(frames=(block,)), now=T0 + written)
                written += 1
        finally:
            done.set()
            for thread in readers:
                thread.join()
        assert torn == []
        assert reads > 3
        assert len(store.frames("ada", T0, T0 + 3600)) == 7 * written


class TestPruning:
    def test_removes_old_frames_and_keeps_their_rollups(
        self, store: Store, make_frames: MakeFrames, assert_series: AssertSeries
    ) -> None:
        blocks = [
            make_frames(wearer, range(T0, T0 + 4000), i) for i, wearer in enumerate(("ada", "bob"))
        ]
        store.write(Batch(frames=tuple(blocks), episodes=(episode(T0, T0 + 9),)), now=T0)
        assert store.prune(frames_before=T0 + 1000) == 2000
        assert store.prune(frames_before=T0 + 1000) == 0
        for block in blocks:
            assert store.frames(block.wearer, 0, 2**40).times[0] == T0 + 1000
            for resolution_s in (60, 900, 3600, 86400):
                assert_series(store.series(block.wearer, 0, 2**33, resolution_s), list(block))
        assert len(store.episodes("ada", T0, T0 + 1)) == 1

    def test_lets_late_seconds_of_a_pruned_minute_in_once(
        self, store: Store, make_frames: MakeFrames, assert_series: AssertSeries
    ) -> None:
        early, late = (
            make_frames("ada", range(T0, T0 + 30), 1),
            make_frames("ada", range(T0 + 30, T0 + 50), 2),
        )
        store.write(Batch(frames=(early,)), now=T0)
        store.prune(frames_before=T0 + 86400)
        for _ in range(2):
            store.write(Batch(frames=(late,)), now=T0)
            for resolution_s in (60, 3600):
                assert_series(store.series("ada", T0, T0 + 60, resolution_s), [*early, *late])

    @pytest.mark.parametrize("leans", [(NAN, 3.5), (3.5, NAN), (NAN, NAN), (2.0, -2.0)])
    def test_keeps_the_extremes_of_a_pruned_minute_with_unknown_parts(
        self,
        store: Store,
        make_frames: MakeFrames,
        assert_series: AssertSeries,
        leans: tuple[float, float],
    ) -> None:
        early = make_frames("ada", range(T0, T0 + 5), lean_deg=leans[0])
        late = make_frames("ada", range(T0 + 5, T0 + 9), lean_deg=leans[1])
        store.write(Batch(frames=(early,)), now=T0)
        store.prune(frames_before=T0 + 60)
        store.write(Batch(frames=(late,)), now=T0)
        for resolution_s in (60, 3600):
            assert_series(store.series("ada", T0, T0 + 60, resolution_s), [*early, *late])

    def test_keeps_a_pruned_minute_from_being_replaced_by_a_part_of_it(
        self, store: Store, make_frames: MakeFrames, assert_series: AssertSeries
    ) -> None:
        whole, part = (
            make_frames("ada", range(T0, T0 + 60), 1),
            make_frames("ada", range(T0 + 9, T0 + 20), 2),
        )
        store.write(Batch(frames=(whole,)), now=T0)
        store.prune(frames_before=T0 + 86400)
        store.write(Batch(frames=(part,)), now=T0)
        assert_series(store.series("ada", T0, T0 + 60, 60), list(whole))
        assert_series(store.series("ada", T0, T0 + 60, 3600), list(whole))

    def test_lets_a_whole_replay_of_a_pruned_minute_correct_it(
        self, store: Store, make_frames: MakeFrames, assert_series: AssertSeries
    ) -> None:
        before, after = (
            make_frames("ada", range(T0, T0 + 60), 1),
            make_frames("ada", range(T0, T0 + 60), 2),
        )
        store.write(Batch(frames=(before,)), now=T0)
        store.prune(frames_before=T0 + 86400)
        for second in range(60):
            store.write(Batch(frames=(after.select(slice(second, second + 1)),)), now=T0)
        assert_series(store.series("ada", T0, T0 + 60, 60), list(after))
        assert_series(store.series("ada", T0, T0 + 60, 3600), list(after))


class TestEpisodes:
    def test_come_back_whole(self, store: Store) -> None:
        written = [
            episode(T0, T0 + 10, EpisodeKind.SLOUCH, peak=21.5, mean=14.25, dose=2.5, limit=8.0),
            episode(T0 + 1, None, EpisodeKind.NOT_WORN, peak=NAN, mean=NAN, censored=True),
        ]
        store.write(Batch(episodes=tuple(written)), now=T0)
        assert repr(store.episodes("ada", T0, T0 + 5)) == repr(written)

    @pytest.mark.parametrize("kind", list(EpisodeKind))
    def test_of_every_kind_come_back_with_what_made_them_asymmetric(
        self, store: Store, kind: EpisodeKind
    ) -> None:
        written = [episode(T0 + i, T0 + 9, kind, asymmetry=Asymmetry(i)) for i in range(4)]
        store.write(Batch(episodes=tuple(written)), now=T0)
        found = store.episodes("ada", T0, T0 + 9, [kind])
        assert found == written or repr(found) == repr(written)
        assert [type(e.asymmetry) for e in found] == [Asymmetry] * 4

    def test_that_close_replace_their_open_selves(self, store: Store) -> None:
        store.write(Batch(episodes=(episode(T0, None),)), now=T0)
        assert [e.open for e in store.episodes("ada", T0 + 9999, T0 + 10000)] == [True]
        store.write(Batch(episodes=(episode(T0, T0 + 100),)), now=T0)
        assert store.episodes("ada", T0 + 9999, T0 + 10000) == []
        assert [e.end for e in store.episodes("ada", T0, T0 + 1)] == [T0 + 100]

    def test_touching_a_range_only_at_its_edges_do_not_overlap_it(self, store: Store) -> None:
        store.write(Batch(episodes=(episode(T0, T0 + 10), episode(T0 + 20, T0 + 30))), now=T0)
        assert store.episodes("ada", T0 + 10, T0 + 20) == []
        assert len(store.episodes("ada", T0 + 9, T0 + 21)) == 2

    def test_of_no_length_lie_in_their_first_second(self, store: Store) -> None:
        store.write(Batch(episodes=(episode(T0, T0),)), now=T0)
        assert len(store.episodes("ada", T0, T0 + 1)) == 1
        assert store.episodes("ada", T0 + 1, T0 + 2) == []

    def test_are_chosen_by_kind(self, store: Store) -> None:
        kinds = (EpisodeKind.SITTING, EpisodeKind.SLOUCH, EpisodeKind.BREAK)
        store.write(Batch(episodes=tuple(episode(T0, T0 + 10, kind) for kind in kinds)), now=T0)
        chosen = store.episodes("ada", T0, T0 + 1, [EpisodeKind.SLOUCH, EpisodeKind.BREAK])
        assert {e.kind for e in chosen} == {EpisodeKind.SLOUCH, EpisodeKind.BREAK}
        assert store.episodes("ada", T0, T0 + 1, []) == []

    @settings(max_examples=40, deadline=None)
    @given(
        spans=st.lists(
            st.tuples(st.integers(0, 400), st.one_of(st.none(), st.integers(0, 300))), max_size=25
        ),
        ranges=st.lists(
            st.tuples(st.integers(-10, 700), st.integers(0, 200)), min_size=1, max_size=8
        ),
    )
    def test_that_overlap_are_found_as_by_looking_at_each(
        self, spans: list[tuple[int, int | None]], ranges: list[tuple[int, int]], backend_at
    ) -> None:
        written = {
            (e := episode(start, None if length is None else start + length)).id: e
            for start, length in spans
        }
        with TemporaryDirectory() as folder:
            store = backend_at(Path(folder))
            try:
                store.write(Batch(episodes=tuple(written.values())), now=T0)
                for start, length in ranges:
                    end = start + length
                    wanted = [
                        e.id
                        for e in sorted(written.values(), key=lambda e: (e.start, e.id))
                        if e.start < end and (e.end is None or max(e.end, e.start + 1) > start)
                    ]
                    assert [e.id for e in store.episodes("ada", start, end)] == wanted
            finally:
                store.close()

    def test_are_found_by_their_id(self, store: Store) -> None:
        written = episode(T0, T0 + 10, EpisodeKind.SLOUCH, peak=21.5, limit=8.0)
        store.write(Batch(episodes=(written, episode(T0, T0 + 10))), now=T0)
        assert repr(store.episode(written.id)) == repr(written)
        with pytest.raises(NotFoundError, match="no episode 'nothing'"):
            store.episode("nothing")


class TestContexts:
    def test_come_back_whole(self, store: Store) -> None:
        bare = SensorInForce("AA:02", "Schenkel – links", "witmotion", Placement.THIGH, None)
        written = replace(context(T0), sensors=(*context(T0).sensors, bare))
        store.write(Batch(contexts=(written,)), now=T0)
        assert store.contexts("ada", T0, T0 + 1) == [written]

    def test_know_no_standard_error_that_nobody_said(self, store: Store) -> None:
        reference = ReferenceInForce(T0 - 0.5, ReferenceMethod.ONE_POSE, NAN, None)
        sensor = SensorInForce("AA:01", "Clip", "polar", Placement.STERNUM, reference)
        store.write(Batch(contexts=(replace(context(T0), sensors=(sensor,)),)), now=T0)
        (found,) = store.contexts("ada", T0, T0 + 1)
        assert found.sensors[0].reference is not None
        assert math.isnan(found.sensors[0].reference.sigma_deg)

    def test_of_a_range_are_the_one_it_begins_in_and_those_that_follow(self, store: Store) -> None:
        first, second, third = (context(T0 + at, delay_s=at) for at in (0, 100, 200))
        store.write(Batch(contexts=(third, first, second)), now=T0)
        assert store.contexts("ada", T0 + 99, T0 + 100) == [first]
        assert store.contexts("ada", T0 + 100, T0 + 101) == [second]
        assert store.contexts("ada", T0 + 50, T0 + 150) == [first, second]
        assert store.contexts("ada", T0 - 50, T0 + 101) == [first, second], "and before, nothing"
        assert store.contexts("ada", T0 + 999, 2**40) == [third]
        assert store.contexts("ada", T0 - 50, T0) == []
        assert store.contexts("bob", T0, T0 + 999) == []

    def test_of_the_same_second_replace_each_other(self, store: Store) -> None:
        for delay_s in (5, 30):
            store.write(Batch(contexts=(context(T0, delay_s=delay_s),)), now=T0)
        assert store.contexts("ada", T0, T0 + 1) == [context(T0, delay_s=30)]


class TestAlerts:
    def test_come_back_whole(self, store: Store) -> None:
        written = alert(
            "a",
            T0 + 0.25,
            said=3,
            last_said_at=T0 + 9.5,
            acknowledged_at=T0 + 3.0,
            snoozed_until=T0 + 99.0,
            closed_at=T0 + 100.5,
            outcome=Outcome.PARTIAL,
            response_s=100.25,
            revision=4,
        )
        store.write(Batch(alerts=(written, alert("b", T0))), now=T0)
        assert store.alert("a") == written
        assert store.alert("b") == alert("b", T0)

    def test_are_listed_newest_first(self, store: Store) -> None:
        store.write(Batch(alerts=tuple(alert(f"a{i}", T0 + i) for i in (2, 0, 3, 1))), now=T0)
        assert [a.id for a in store.alerts()] == ["a3", "a2", "a1", "a0"]
        assert [a.id for a in store.alerts(limit=2)] == ["a3", "a2"]
        assert [a.id for a in store.alerts("ada", start=T0 + 1, end=T0 + 3)] == ["a2", "a1"]
        assert store.alerts("bob") == []

    def test_that_are_open_can_be_asked_for(self, store: Store) -> None:
        shut = alert("a1", T0, closed_at=T0 + 5.0, outcome=Outcome.ENDED)
        other = alert("a3", T0 + 2, wearer="bob")
        store.write(Batch(alerts=(shut, alert("a2", T0 + 1), other)), now=T0)
        assert [a.id for a in store.alerts(open_only=True)] == ["a3", "a2"]
        assert [a.id for a in store.alerts("ada", open_only=True)] == ["a2"]

    def test_are_never_replaced_by_an_older_revision(self, store: Store) -> None:
        newest = alert("a", T0, revision=3, said=2)
        store.write(Batch(alerts=(newest, alert("a", T0, revision=2))), now=T0)
        store.write(Batch(alerts=(alert("a", T0),)), now=T0)
        assert store.alert("a") == newest
        store.write(Batch(alerts=(replace(newest, revision=4, said=3),)), now=T0)
        assert store.alert("a").said == 3

    def test_that_do_not_exist_are_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError, match="alert"):
            store.alert("nothing")


class TestRecords:
    def test_states_are_replaced_and_removed_by_key(self, store: Store) -> None:
        store.write(Batch(states={"a": b"1", "b": b""}), now=T0)
        store.write(Batch(states={"a": b"2"}), now=T0)
        assert (store.state("a"), store.state("b"), store.state("c")) == (b"2", b"", None)
        store.write(Batch(states={"a": None, "c": None}), now=T0)
        assert store.state("a") is None

    def test_wearers_are_added_and_replaced(self, store: Store) -> None:
        store.put_wearer(Wearer("bob", "Bob", "Asia/Kolkata"))
        store.put_wearer(Wearer("ada", "Ada", "Europe/Berlin"))
        store.put_wearer(Wearer("bob", "Robert", "UTC"))
        assert store.wearers() == [
            Wearer("ada", "Ada", "Europe/Berlin"),
            Wearer("bob", "Robert", "UTC"),
        ]

    def test_frames_alone_do_not_make_a_wearer(self, store: Store, make_frames: MakeFrames) -> None:
        store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
        assert store.wearers() == []

    def test_sensors_are_paired_and_unpaired(self, store: Store) -> None:
        sensor = Sensor("AA:BB", "polar", "H10", "ada", Placement.STERNUM, T0 + 0.5, simulated=True)
        store.put_sensor(sensor)
        store.put_sensor(replace(sensor, placement=Placement.UPPER_BACK))
        assert store.sensors() == [replace(sensor, placement=Placement.UPPER_BACK)]
        store.remove_sensor("AA:BB", now=T0)
        assert store.sensors() == []
        with pytest.raises(NotFoundError, match="sensor"):
            store.remove_sensor("AA:BB", now=T0)

    def test_the_key_of_a_sensor_is_kept_and_does_not_show(self, store: Store) -> None:
        key_hex = "231d39c1d7cc1ab1aee224cd096db932"
        store.put_sensor(
            Sensor("AA:BB", "bthome", "Door", "ada", Placement.SEAT, T0, key_hex=key_hex)
        )
        (back,) = store.sensors()
        assert back.key_hex == key_hex
        assert key_hex not in repr(back)

    def test_calibrations_are_a_history_that_outlives_the_pairing(self, store: Store) -> None:
        first = Calibration(
            sensor="AA:BB",
            placement=Placement.UPPER_BACK,
            made_at=T0 + 0.125,
            method=ReferenceMethod.ONE_POSE,
            rotation=((1.0, 0.0, 0.0), (0.0, 1 / 3, -(2**0.5)), (0.0, 1e-17, 1.0)),
            slouch_deg=None,
            sigma_deg=0.4,
        )
        second = replace(first, made_at=T0 + 9.0, method=ReferenceMethod.TWO_POSES, slouch_deg=17.5)
        store.put_sensor(Sensor("AA:BB", "polar", "H10", "ada", Placement.UPPER_BACK, T0))
        for calibration in (first, second, second):
            store.add_calibration(calibration)
        store.remove_sensor("AA:BB", now=T0 + 10.0)
        assert store.calibrations("AA:BB") == [second, first]
        assert store.calibrations("CC:DD") == []


CLIP = Sensor("AA:BB", "polar", "H10", "ada", Placement.STERNUM, T0 + 0.5)

#: What may happen to the pairing of one sensor: to whom and where, or None: unpaired; seconds later.
PAIRINGS = st.lists(
    st.tuples(
        st.none()
        | st.tuples(st.sampled_from(["ada", "bob"]), st.sampled_from(list(Placement)[:3])),
        st.integers(-5, 20),
    ),
    max_size=12,
)


class TestAssignments:
    def test_begin_with_the_pairing_and_last(self, store: Store) -> None:
        store.put_sensor(CLIP)
        assert store.assignments("AA:BB") == [
            Assignment("AA:BB", "ada", Placement.STERNUM, T0 + 0.5, None)
        ]

    def test_go_on_when_only_the_name_or_the_driver_changes(self, store: Store) -> None:
        store.put_sensor(CLIP)
        store.put_sensor(replace(CLIP, name="Clip", driver="witmotion", paired_at=T0 + 9.0))
        (only,) = store.assignments("AA:BB")
        assert (only.since, only.open) == (T0 + 0.5, True)

    @pytest.mark.parametrize("moved", [{"wearer": "bob"}, {"placement": Placement.THIGH}])
    def test_end_where_the_next_begins(self, store: Store, moved: dict[str, Any]) -> None:
        store.put_sensor(CLIP)
        later = replace(CLIP, **moved)
        store.put_sensor(later, since=T0 + 100.25)
        assert store.assignments("AA:BB") == [
            Assignment("AA:BB", later.wearer, later.placement, T0 + 100.25, None),
            Assignment("AA:BB", "ada", Placement.STERNUM, T0 + 0.5, T0 + 100.25),
        ]
        assert store.sensors() == [later]

    def test_outlive_the_pairing_and_begin_anew_with_the_next(self, store: Store) -> None:
        store.put_sensor(CLIP)
        store.remove_sensor("AA:BB", now=T0 + 60.0)
        (ended,) = store.assignments("AA:BB")
        assert (ended.until, ended.open) == (T0 + 60.0, False)
        store.put_sensor(replace(CLIP, paired_at=T0 + 90.0))
        again = Assignment("AA:BB", "ada", Placement.STERNUM, T0 + 90.0, None)
        assert store.assignments("AA:BB") == [again, ended]

    def test_of_no_length_leave_no_trace(self, store: Store) -> None:
        store.put_sensor(CLIP)
        store.put_sensor(replace(CLIP, placement=Placement.THIGH))  # a slip, put right at once
        (only,) = store.assignments("AA:BB")
        assert (only.placement, only.since) == (Placement.THIGH, T0 + 0.5)

    def test_of_all_sensors_come_newest_first(self, store: Store) -> None:
        store.put_sensor(CLIP)
        store.put_sensor(replace(CLIP, id="CC:DD", paired_at=T0 + 5.0))
        store.put_sensor(replace(CLIP, wearer="bob"), since=T0 + 9.0)
        assert [(a.sensor, a.wearer) for a in store.assignments()] == [
            ("AA:BB", "bob"),
            ("CC:DD", "ada"),
            ("AA:BB", "ada"),
        ]
        assert store.assignments("EE:FF") == []

    @settings(max_examples=30, deadline=None)
    @given(steps=PAIRINGS)
    def test_never_overlap_whatever_happens_and_whatever_the_clock_does(
        self, backend_at: Callable[[Path], Store], steps: list[Any]
    ) -> None:
        with TemporaryDirectory() as folder:
            store = backend_at(Path(folder))
            try:
                at, paired = float(T0), False
                for where, passed_s in steps:
                    at += passed_s
                    if where is not None:
                        wearer, placement = where
                        store.put_sensor(
                            replace(CLIP, wearer=wearer, placement=placement), since=at
                        )
                        paired = True
                    elif paired:
                        store.remove_sensor("AA:BB", now=at)
                        paired = False
                history = store.assignments("AA:BB")
                for newer, older in pairwise(history):
                    assert older.until is not None
                    assert older.since <= older.until <= newer.since
                now = [(a.wearer, a.placement) for a in history if a.open]
                assert now == [(s.wearer, s.placement) for s in store.sensors()]
            finally:
                store.close()


def reading(time: int, sensor: str = "AA:BB", **more: Any) -> LinkReading:
    values = {
        "battery_percent": 83.5,
        "rssi_dbm": -61,
        "nominal_hz": 51.95,
        "received": 3117,
        "lost": 3,
        "reconnects": 1,
        "streaming_s": 58,
        "observed_s": 60,
    }
    return LinkReading(sensor, time, **(values | more))


class TestReadings:
    def test_come_back_as_they_were_written(self, store: Store) -> None:
        unknown = {"battery_percent": None, "rssi_dbm": None, "nominal_hz": None}
        written = [
            reading(T0),
            reading(T0 + 60, **unknown, received=0, lost=0, reconnects=0, streaming_s=0),
            reading(T0 + 120, observed_s=0, streaming_s=0, received=2**40),
        ]
        store.write(Batch(readings=tuple(written)), now=T0)
        assert store.readings("AA:BB", T0, T0 + 180) == written

    def test_are_replaced_by_sensor_and_minute(self, store: Store) -> None:
        for received in (10, 20, 20):
            batch = Batch(readings=(reading(T0, received=received), reading(T0, "CC:DD")))
            store.write(batch, now=T0)
        assert store.readings("AA:BB", T0, T0 + 60) == [reading(T0, received=20)]
        assert store.readings("CC:DD", T0, T0 + 60) == [reading(T0, "CC:DD")]
        assert store.readings("EE:FF", T0, T0 + 60) == []

    def test_that_overlap_the_range_are_read_whole_and_in_order(self, store: Store) -> None:
        written = [reading(T0 + 60 * i, received=i) for i in (3, 0, 2, 1)]
        store.write(Batch(readings=tuple(written)), now=T0)
        found = store.readings("AA:BB", T0 + 61, T0 + 121)
        assert [(r.time, r.received) for r in found] == [(T0 + 60, 1), (T0 + 120, 2)]
        assert store.readings("AA:BB", T0 + 60, T0 + 60) == []

    def test_are_summed_up_to_wider_ones(self, store: Store) -> None:
        known = [reading(T0 + 60 * i, battery_percent=80.0 - i, rssi_dbm=-60 - i) for i in range(4)]
        silent = reading(T0 + 240, battery_percent=None, rssi_dbm=None, received=0, streaming_s=0)
        store.write(Batch(readings=(*known, silent, reading(T0 + 300))), now=T0)
        first, second = store.readings("AA:BB", T0, T0 + 600, 300)
        assert first == LinkReading(
            "AA:BB", T0, 78.5, -61.5, 51.95, 4 * 3117, 15, 5, 4 * 58, 300, width_s=300
        )
        assert (second.time, second.received, second.width_s) == (T0 + 300, 3117, 300)
        assert first.rate_hz == pytest.approx(4 * 3117 / 300)
        assert first.lost_share == pytest.approx(15 / (4 * 3117 + 15))

    @pytest.mark.parametrize("resolution_s", [0, 1, 59, 61, 120])
    def test_have_no_other_resolution(self, store: Store, resolution_s: int) -> None:
        with pytest.raises(ValueError, match="resolution"):
            store.readings("AA:BB", T0, T0 + 60, resolution_s)

    @pytest.mark.parametrize("wrong", [{"time": T0 + 1}, {"width_s": 300}])
    def test_of_no_whole_minute_are_refused_with_their_batch(
        self, store: Store, wrong: dict[str, int]
    ) -> None:
        bad = replace(reading(T0), **wrong)
        with pytest.raises(ValueError, match="minute"):
            store.write(Batch(readings=(bad,), states={"a": b"1"}), now=T0)
        assert store.state("a") is None

    def test_are_pruned_on_their_own(self, store: Store, make_frames: MakeFrames) -> None:
        readings = tuple(
            reading(T0 + 60 * i, sensor) for i in range(10) for sensor in ("AA:BB", "CC:DD")
        )
        frames = (make_frames("ada", range(T0, T0 + 600)),)
        store.write(Batch(frames=frames, readings=readings), now=T0)
        assert store.prune(frames_before=T0 + 100) == 100
        assert len(store.readings("AA:BB", T0, T0 + 600)) == 10
        assert store.prune(frames_before=T0, readings_before=T0 + 240) == 0
        for sensor in ("AA:BB", "CC:DD"):
            left = [r.time for r in store.readings(sensor, T0, T0 + 600)]
            assert left == list(range(T0 + 240, T0 + 600, 60))

    def test_say_nothing_of_a_rate_or_a_loss_that_nobody_saw(self) -> None:
        nothing = reading(T0, received=0, lost=0, observed_s=0, streaming_s=0)
        assert (nothing.rate_hz, nothing.lost_share) == (None, None)


class TestDays:
    @pytest.mark.parametrize(
        ("timezone", "day", "hours"),
        [
            ("UTC", date(2026, 3, 29), 24),
            ("Europe/Berlin", date(2026, 3, 29), 23),
            ("Europe/Berlin", date(2026, 10, 25), 25),
            ("Asia/Kolkata", date(2026, 6, 1), 24),
            ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
            ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
            ("Asia/Kathmandu", date(2026, 6, 1), 24),
            ("America/Sao_Paulo", date(2018, 11, 4), 23),  # its midnight was skipped
            ("America/Havana", date(2025, 11, 2), 25),  # its midnight came twice
            ("Pacific/Apia", date(2011, 12, 30), 0),  # a day that never was
        ],
    )
    def test_are_cut_at_the_midnights_of_the_zone(
        self, store: Store, make_frames: MakeFrames, timezone: str, day: date, hours: float
    ) -> None:
        zone = ZoneInfo(timezone)
        noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("UTC")).timestamp())
        noon -= noon % 60
        block = make_frames("ada", range(noon - 60 * 3600, noon + 60 * 3600, 60))
        store.write(Batch(frames=(block,)), now=T0)
        summary = store.day_summary("ada", day, timezone)
        inside = [f for f in block if datetime.fromtimestamp(f.time, zone).date() == day]
        assert summary.end - summary.start == hours * 3600
        assert len(inside) == hours * 60
        assert summary.seconds == {a: sum(f.activity is a for f in inside) for a in Activity}
        leans = [
            f.lean_deg
            for f in inside
            if f.activity not in (Activity.LYING, Activity.NOT_WORN) and not math.isnan(f.lean_deg)
        ]
        wanted = math.fsum(leans) / len(leans) if leans else NAN
        assert summary.lean_mean_deg == pytest.approx(wanted, nan_ok=True)

    def test_keep_their_seconds_when_their_frames_are_pruned(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 86400, 30)),)), now=T0)
        days = [(date(2026, 9, 22), zone) for zone in ("Europe/Berlin", "Asia/Kolkata")]
        before = [store.day_summary("ada", *day) for day in days]
        store.prune(frames_before=T0 + 86400)
        assert [store.day_summary("ada", *day) for day in days] == before

    def test_of_nothing_are_zeros(self, store: Store) -> None:
        summary = store.day_summary("ada", date(2026, 9, 22), "Europe/Berlin")
        assert set(summary.seconds.values()) == {0}
        assert math.isnan(summary.lean_mean_deg)
        assert (summary.sitting_bouts, summary.longest_sitting_s, summary.alerts) == (0, 0, {})

    @pytest.mark.parametrize("timezone", ["Mars/Olympus", "", "../etc/passwd", "Europe", "\0"])
    def test_in_a_zone_that_does_not_exist_are_not_found(self, store: Store, timezone: str) -> None:
        with pytest.raises(NotFoundError, match="time zone"):
            store.day_summary("ada", date(2026, 9, 22), timezone)

    def test_count_what_began_in_them_and_cut_what_lasted(self, store: Store) -> None:
        end = T0 + 86400
        slouch = EpisodeKind.SLOUCH
        store.write(
            Batch(
                episodes=(
                    episode(T0 - 3000, T0 + 1000),
                    episode(T0 + 5000, T0 + 5900),
                    episode(end - 500, end + 9000),
                    episode(T0 + 1000, T0 + 1400, EpisodeKind.BREAK, dose=400.0),
                    episode(T0 + 5900, T0 + 6200, EpisodeKind.BREAK, dose=299.0),
                    episode(T0 - 400, T0 + 100, EpisodeKind.BREAK, dose=500.0),
                    episode(T0 + 100, T0 + 160, slouch, dose=12.5),
                    episode(end - 60, end + 180, slouch, dose=40.0),
                    episode(end, end + 60, slouch, dose=99.0),
                ),
                alerts=(
                    alert("1", T0 - 1, response_s=5.0),
                    alert("2", T0, response_s=300.0),
                    alert("3", T0 + 7, response_s=301.0),
                    alert("7", T0 + 7, response_s=9.0, outcome=Outcome.ENDED),
                    alert("4", T0 + 8, kind=AlertKind.SITTING),
                    alert("5", T0 + 9, wearer="bob"),
                    alert("6", end),
                ),
            ),
            now=T0,
        )
        summary = store.day_summary("ada", date(2026, 9, 22), "UTC")
        assert summary.start == T0
        assert (summary.sitting_bouts, summary.longest_sitting_s) == (2, 1000)
        assert (summary.breaks, summary.full_breaks) == (2, 1)
        assert (summary.slouches, summary.slouch_s) == (2, 120)
        assert summary.slouch_dose_deg_min == pytest.approx(12.5 + 10.0)
        assert summary.alerts == {"slouch": 3, "sitting": 1}
        assert summary.answered_within_5_min == 1

    def test_let_an_open_episode_reach_to_the_last_stored_second(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        block = make_frames("ada", range(T0 + 1000, T0 + 3000))
        store.write(
            Batch(
                frames=(block,),
                episodes=(episode(T0 + 1200, None), episode(T0 + 2600, None, EpisodeKind.BREAK)),
            ),
            now=T0,
        )
        summary = store.day_summary("ada", date(2026, 9, 22), "UTC")
        assert summary.longest_sitting_s == 1800
        assert summary.full_breaks == 1


class TestHealth:
    def test_is_well_and_knows_the_last_commit(self, store: Store, make_frames: MakeFrames) -> None:
        store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0 + 0.5)
        health = store.health()
        assert health.ok
        assert health.last_commit_at == T0 + 0.5
        assert health.size_bytes > 0

    def test_of_a_closed_store_is_ill_and_its_calls_are_errors(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        store.close()
        store.close()
        assert not store.health().ok
        with pytest.raises(StoreUnavailableError, match="closed"):
            store.latest("ada")
        with pytest.raises(StoreUnavailableError, match="closed"):
            store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)


def test_a_series_is_of_the_wearer_and_resolution_asked_for(store: Store) -> None:
    series = store.series("nobody", T0, T0 + 60, 300)
    assert isinstance(series, Series)
    assert (series.wearer, series.resolution_s) == ("nobody", 300)
