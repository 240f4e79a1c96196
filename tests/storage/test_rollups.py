"""Whatever is written in whatever order, rollups are what a slow count says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.posture import FLOAT_COLUMNS, Activity, FrameBlock, PostureFrame
from storage.contract import Batch, Store
from storage.frames import METRICS
from storage.rollups import SECONDS

T0 = 1_790_035_200 + 3600 - 150  # so that an hour ends within what is written


@dataclass
class SlowStore:
    """One wearer's frames in dictionaries; a minute is the frames that it was made from."""

    stored: dict[int, PostureFrame] = field(default_factory=dict)
    minutes: dict[int, dict[int, PostureFrame]] = field(default_factory=dict)

    def write(self, blocks: list[FrameBlock]) -> None:
        frames = [frame for block in blocks for frame in block]
        self.stored.update((frame.time, frame) for frame in frames)
        for minute in {frame.time // 60 for frame in frames}:
            made_from = self.minutes.setdefault(minute, {})
            present = {t: f for t, f in self.stored.items() if t // 60 == minute}
            if made_from.keys() <= present.keys():
                made_from.update(present)
            else:
                made_from.update((t, f) for t, f in present.items() if t not in made_from)

    def prune(self, before: int) -> None:
        self.stored = {t: f for t, f in self.stored.items() if t >= before}

    def rolled_up(self) -> list[PostureFrame]:
        return [frame for made_from in self.minutes.values() for frame in made_from.values()]


BLOCK = st.tuples(
    st.sampled_from(["ada", "bob"]),
    st.integers(0, 300),
    st.integers(1, 150),
    st.sampled_from([1, 1, 1, 7]),
    st.integers(0, 10**6),
)
STEPS = st.lists(
    st.one_of(st.lists(BLOCK, min_size=1, max_size=3), st.integers(0, 400)), min_size=1, max_size=8
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, twice=st.booleans())
def test_any_sequence_of_writes_and_prunes_gives_the_rollups_of_a_slow_count(
    backend_at: Callable[[Path], Store],
    make_frames: Callable[..., FrameBlock],
    assert_series: Callable[..., None],
    steps: list[list[tuple[str, int, int, int, int]] | int],
    twice: bool,
) -> None:
    slow = {"ada": SlowStore(), "bob": SlowStore()}
    with TemporaryDirectory() as folder:
        store = backend_at(Path(folder))
        try:
            for step in steps:
                if isinstance(step, int):
                    store.prune(frames_before=T0 + step)
                    for each in slow.values():
                        each.prune(T0 + step)
                    continue
                blocks = [
                    make_frames(wearer, range(T0 + start, T0 + start + every * n, every)[:n], seed)
                    for wearer, start, n, every, seed in step
                ]
                for _ in range(1 + twice):
                    store.write(Batch(frames=tuple(blocks)), now=T0)
                for wearer, each in slow.items():
                    each.write([block for block in blocks if block.wearer == wearer])
            for wearer, each in slow.items():
                assert_series(
                    store.series(wearer, 0, 2**33, 1), sorted(each.stored.values(), key=_time)
                )
                for resolution_s in (60, 300, 3600, 86400):
                    assert_series(store.series(wearer, 0, 2**33, resolution_s), each.rolled_up())
        finally:
            store.close()


def _time(frame: PostureFrame) -> int:
    return frame.time


def test_every_column_of_a_frame_and_every_activity_has_its_place_in_the_tables() -> None:
    assert tuple(metric.name for metric in METRICS) == FLOAT_COLUMNS
    assert [name.removesuffix("_s") for name in SECONDS] == [activity.word for activity in Activity]
