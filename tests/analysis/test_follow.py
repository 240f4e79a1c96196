"""The seam of machines and side tables: who is fed, in which order, and what reaches the columns."""

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import AnalysisSettings, Mounted, Pipeline, follow
from analysis.cut import Cut
from analysis.follow import Follower
from analysis.notworn import NotWornMachine
from analysis.roles import Roles
from analysis.seen import Seen
from analysis.sides import SideTable
from analysis.track import Track
from domain.episodes import Episode, EpisodeKind
from domain.placement import Placement


class Blink:
    """Opens when a lean is negative, closes some seconds later; remembers what it was fed."""

    name = "blink"
    limits = (0.0,)
    judged_by = ()
    stays_s = 4

    def __init__(self):
        self.open, self.left, self.fed = None, 0, []

    @property
    def idle(self):
        return self.open is None

    @staticmethod
    def stirs(c, limit):
        return c.lean_deg < limit

    @staticmethod
    def reads(c):
        return (c.lean_deg,)

    def feed(self, second, lean):
        self.fed.append(second)
        if self.open is None:
            self.open, self.left = second, self.stays_s
            return [self.episode(None)]
        self.left -= 1
        return self.close(second, censored=False) if self.left == 0 else []

    def close(self, end, *, censored):
        if self.open is None:
            return []
        done = self.episode(max(end, self.open), censored)
        self.open = None
        return [done]

    def episode(self, end, censored=False):
        nan = math.nan
        return Episode(
            EpisodeKind.BREAK, "w", self.open, end, nan, nan, 0.0, 1.0, nan, "x", censored
        )

    def save(self):
        return {"open": self.open, "left": self.left}

    def load(self, saved):
        self.open, self.left = saved["open"], saved["left"]


@pytest.fixture
def blinking(monkeypatch):
    """Every follower has a blinking machine before the slouches and one after."""
    made = []
    before = follow.machines

    def machines(*given):
        made.append([Blink(), Blink()])
        for number, blink in enumerate(made[-1]):
            blink.name = f"blink {number}"
        return (made[-1][0], *before(*given), made[-1][1])

    monkeypatch.setattr(follow, "machines", machines)
    return made


def test_a_machine_is_fed_only_where_it_is_stirred_or_at_work(people, blinking):
    act = people.Act
    samples = people.perform(
        [act(20, 5), act(1, -10), act(30, 5), act(2, -10), act(30, 5)], noise_g=0
    )
    people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block())
    fed = [second - people.START for second in blinking[0][0].fed]
    assert fed[0] in (19, 20) and len(fed) < 15
    runs = np.split(np.array(fed), np.flatnonzero(np.diff(fed) > 1) + 1)
    assert [len(run) for run in runs] == [5, 5]


@pytest.mark.parametrize("step", [1, 7, 25, 60, 400])
def test_episodes_of_one_second_come_in_the_order_of_the_machines_in_any_chunks(
    people, blinking, step
):
    act = people.Act
    samples = people.perform(
        [act(20, 5), act(1, -10), act(40, 18), act(2, -10), act(30, 5)] * 2, noise_g=0.002
    )
    worn = [people.mounted(Placement.UPPER_BACK)]
    blocks = [samples.block(i, i + step) for i in range(0, len(samples.times), step)]
    whole = people.run(Pipeline("w", worn), samples.block())
    assert len(whole.closed("slouch")) == 2 and len(whole.closed("break")) == 8
    assert people.run(Pipeline("w", worn), *blocks) == whole


def test_what_was_not_worn_ends_every_machine_where_it_was_taken_off(people, blinking, monkeypatch):
    monkeypatch.setattr(Blink, "stays_s", 10_000)
    act = people.Act
    acts = [act(20, 5), act(2, -10), act(38, 5), act(5, 40, bounce_g=0.4), act(700, 170)]
    samples = people.perform(acts, 12.5, noise_g=0.001)
    result = people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block())
    told = [(e.kind.value, e.end) for e in result.episodes]
    (off,) = result.opened("not_worn")
    at = told.index(("not_worn", None))
    assert told[at - 2 : at] == [("break", off.start)] * 2


def test_a_machine_that_the_saved_state_does_not_know_starts_afresh():
    worn = [Mounted("s", Placement.THIGH, None)]
    settings = AnalysisSettings()
    tracks = [Track(mounted, settings) for mounted in worn]
    follower = Follower("w", worn, Roles.of(tracks), settings)
    saved = follower.save()
    del saved["slouch"]
    saved["of a later version"] = {"judged_by": [], "state": {}}
    assert follower.load(saved, 0) == []


def test_a_side_table_reaches_the_columns_of_its_seconds_and_only_these(people, monkeypatch):
    def peak(cut: Cut):
        return np.maximum.reduceat(cut.signals_g()[3], cut.starts)[None]

    monkeypatch.setattr("analysis.track.sides_of", lambda _: {"peak": SideTable(1, peak)})
    samples = people.perform([people.Act(40, 5)], 12.5, noise_g=0.01)
    hole = (samples.times < people.START + 10) | (samples.times >= people.START + 20)
    seen = []
    before = Track.columns

    def columns(self, grid):
        out = before(self, grid)
        seen.append(out)
        return out

    monkeypatch.setattr(Track, "columns", columns)
    kept = samples.without(hole)
    pipeline = Pipeline("w", [people.mounted(Placement.UPPER_BACK)])
    for start in range(0, len(kept.times), 33):
        pipeline.push(kept.block(start, start + 33))
    pipeline.finish()
    seconds = np.concatenate([one.seconds for one in seen])
    peaks = np.concatenate([one.sides["peak"][0] for one in seen])
    expected = {
        int(s): np.linalg.norm(kept.acc_g[np.floor(kept.times) == s], axis=1).max()
        for s in np.unique(np.floor(kept.times))
    }
    for second, value in zip(seconds.tolist(), peaks.tolist(), strict=True):
        assert value == pytest.approx(expected[second]) if second in expected else math.isnan(value)
    assert len(seconds) > len(expected)


@given(
    kinds=st.lists(st.sampled_from(["off", "worn", "put on", "unheard"]), min_size=1, max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=4),
)
def test_a_night_that_is_not_looked_at_by_the_second_ends_as_one_that_is(kinds, cuts):
    k = len(kinds)
    kind = np.array(kinds)
    seen = np.where(kind == "off", int(Seen.NOT_WORN), int(Seen.SITTING))
    c = SimpleNamespace(
        seconds=np.arange(1000, 1000 + k),
        off_since=np.where(kind == "off", 990, 0),
        put_on_at=np.where(kind == "put on", np.arange(1000, 1000 + k) - 1, 0),
        seen=np.where(kind == "unheard", int(Seen.NOTHING), seen).astype(np.uint8),
    )
    together, alone = (NotWornMachine("w", "x", AnalysisSettings()) for _ in range(2))
    edges = [0, *sorted(cut for cut in cuts if cut < k), k]
    told = [one for a, b in pairwise(edges) for one in together.run(c, a, b)]
    expected = []
    for row in range(k):
        if not alone.idle or c.off_since[row]:
            columns = (column[row].item() for column in NotWornMachine.reads(c))
            episodes = alone.feed(int(c.seconds[row]), *columns)
            expected += [(row, episodes)] if episodes else []
    assert repr(told) == repr(expected)
    assert together.save() == alone.save()
