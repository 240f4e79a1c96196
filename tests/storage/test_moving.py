"""What a store gives and takes so that all of it can be moved, over every backend."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from domain.alerts import Alert, AlertKind, Explanation, Severity
from domain.episodes import Episode, EpisodeKind
from domain.people import Sensor
from domain.placement import Placement
from domain.posture import Activity, FrameBlock
from domain.readings import LinkReading
from domain.records import DiaryEntry
from storage.contract import Batch, Store
from storage.frames import STEPS
from storage.rollup_block import RollupBlock

T0 = 1_790_035_200  # a midnight in UTC
MakeFrames = Callable[..., FrameBlock]


def same(a: RollupBlock, b: RollupBlock) -> bool:
    columns = ("times", "sums", "lean_min", "lean_max", "seen")
    return (a.wearer, a.width_s, a.names) == (b.wearer, b.width_s, b.names) and all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in columns
    )


class TestRollups:
    def test_are_sums_of_their_seconds(self, store: Store, make_frames: MakeFrames) -> None:
        frames = make_frames("ada", range(T0 + 30, T0 + 7300))
        store.write(Batch(frames=(frames,)), now=T0)
        for width_s, count in ((60, 122), (3600, 3)):
            rollups = store.rollups("ada", T0, T0 + 86400, width_s)
            assert len(rollups) == count
            for row, at in enumerate(rollups.times.tolist()):
                inside = (frames.times >= at) & (frames.times < at + width_s)
                sums = dict(zip(rollups.names, rollups.sums[row].tolist(), strict=True))
                for activity in Activity:
                    assert sums[f"{activity.word}_s"] == (frames.activity[inside] == activity).sum()
                for name, steps in STEPS.items():
                    values = getattr(frames, name)[inside]
                    known = values[np.isfinite(values)]
                    assert sums[f"{name}_n"] == len(known)
                    assert sums[f"{name}_sum"] == int(np.rint(known * steps).sum())
                leans = frames.lean_deg[inside]
                assert rollups.lean_min[row] == np.rint(np.nanmin(leans) * STEPS["lean_deg"])
                assert rollups.lean_max[row] == np.rint(np.nanmax(leans) * STEPS["lean_deg"])
                if width_s == 60:
                    seen = sum(1 << int(t - at) for t in frames.times[inside])
                    assert rollups.seen[row] == seen

    def test_are_those_that_begin_in_the_range(self, store: Store, make_frames: MakeFrames) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 600)),)), now=T0)
        found = store.rollups("ada", T0 + 60, T0 + 180, 60)
        assert found.times.tolist() == [T0 + 60, T0 + 120]
        assert len(store.rollups("nobody", 0, 2**40, 60)) == 0
        with pytest.raises(ValueError, match="none of 300"):
            store.rollups("ada", T0, T0 + 600, 300)

    def test_without_any_lean_have_no_extremes(self, store: Store, make_frames: MakeFrames) -> None:
        nothing = make_frames("ada", range(T0, T0 + 60), lean_deg=np.nan)
        store.write(Batch(frames=(nothing,)), now=T0)
        (minute,) = store.rollups("ada", T0, T0 + 60, 60).lean_min
        assert np.isnan(minute)


class TestMinutesOfAnotherStore:
    @pytest.fixture
    def minutes(self, store: Store, make_frames: MakeFrames) -> RollupBlock:
        """Two hours of minutes, of a store that knows nothing of them afterwards."""
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 7200)),)), now=T0)
        minutes = store.rollups("ada", T0, T0 + 7200, 60)
        store.erase("ada")
        return minutes

    def test_are_kept_as_they_are_and_summed_up(
        self, store: Store, minutes: RollupBlock, make_frames: MakeFrames,
        assert_series: Callable[..., None],
    ) -> None:  # fmt: skip
        for _ in range(2):  # again changes nothing
            store.write(Batch(minutes=(minutes,)), now=T0)
            assert same(store.rollups("ada", T0, T0 + 7200, 60), minutes)
            frames = list(make_frames("ada", range(T0, T0 + 7200)))
            for width_s in (60, 300, 3600, 86_400):
                assert_series(store.series("ada", T0, T0 + 7200, width_s), frames)
        assert store.latest("ada") is None

    def test_take_seconds_they_have_seen_no_second_time(
        self, store: Store, minutes: RollupBlock, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(minutes=(minutes,)), now=T0)
        store.write(Batch(frames=(make_frames("ada", range(T0 + 30, T0 + 90), 7),)), now=T0)
        assert same(store.rollups("ada", T0, T0 + 7200, 60), minutes)

    def test_never_take_a_second_away(
        self, store: Store, minutes: RollupBlock, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 7200)),)), now=T0)
        poorer = replace(minutes, seen=minutes.seen >> 1, sums=minutes.sums * 0)
        store.write(Batch(minutes=(poorer,)), now=T0)
        assert same(store.rollups("ada", T0, T0 + 7200, 60), minutes)

    def test_of_other_columns_or_widths_are_refused(
        self, store: Store, minutes: RollupBlock
    ) -> None:
        for wrong in (
            replace(minutes, width_s=3600),
            replace(minutes, names=minutes.names[::-1]),
            replace(minutes, times=minutes.times + 1),
        ):
            with pytest.raises(ValueError, match="no minutes"):
                store.write(Batch(minutes=(wrong,)), now=T0)


class TestWhatThereIs:
    def test_spans_reach_from_the_first_to_the_last_of_anything(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        assert store.spans() == {}
        why = Explanation("silent_s", 1.0, 1.0, "s", 0, "thigh", 1.0)
        late = Alert("a", "ada", "", AlertKind.SENSOR_LOST, Severity.NUDGE, T0 + 99.5, "x", why)
        early = Episode(EpisodeKind.BREAK, "ada", T0 - 50, None, 1, 1, 1, 1, 1, "thigh")
        store.write(
            Batch(
                frames=(make_frames("ada", [T0, T0 + 60]), make_frames("bob", [T0 + 7])),
                episodes=(early,),
                alerts=(late,),
            ),
            now=T0,
        )
        store.put_diary_entry(DiaryEntry("d", "zoe", T0 + 3.25))
        assert store.spans() == {
            "ada": (T0 - 50, T0 + 100),
            "bob": (T0, T0 + 8),  # its minute begins before
            "zoe": (T0 + 3, T0 + 4),
        }

    def test_states_are_told_by_key(self, store: Store) -> None:
        store.write(Batch(states={"b": b"", "a/ada": b"\x00\xff"}), now=T0)
        assert store.states() == {"a/ada": b"\x00\xff", "b": b""}

    def test_sensors_are_known_of_whom_anything_is_kept(self, store: Store) -> None:
        store.put_sensor(Sensor("BB", "polar", "Clip", "ada", Placement.THIGH, T0))
        store.remove_sensor("BB", now=T0 + 5.0)
        reading = LinkReading("AA", T0, 90.0, -60, 50.0, 3000, 0, 0, 60, 60)
        store.write(Batch(readings=(reading,)), now=T0)
        assert store.known_sensors() == ["AA", "BB"]
