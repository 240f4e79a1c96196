"""Series that are kept in memory are those of the store, whatever was changed meanwhile."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import kept_series, models, views
from api.kept_series import MOST_ROWS_AT_ONCE, PIECE_S, KeptSeries
from domain.posture import Activity, FrameBlock
from storage.changes import Changes
from storage.contract import RESOLUTIONS_S, Batch
from storage.sqlite import SqliteStore

#: A whole hour; what is written lies around it.
T0 = 1_790_035_200 + 3600
COARSE = [each for each in RESOLUTIONS_S if each > 1]


def some_frames(wearer, start, n, seed):
    """`n` seconds of anything, much of it unknown."""
    rng = np.random.default_rng(seed)

    def real(spread):
        values = rng.normal(0, spread, n)
        return np.where(rng.random(n) < 0.2, np.nan, values)

    return FrameBlock(
        wearer=wearer,
        times=np.arange(start, start + n),
        activity=rng.integers(0, len(Activity), n),
        p_sitting=rng.random(n),
        lean_deg=real(20.0) if seed % 3 else np.full(n, np.nan),
        side_deg=real(5.0),
        twist_deg=np.full(n, np.nan),
        turn_dps=real(1e-3),
        mad_mg=np.abs(real(1e3)),
        enmo_mg=np.abs(real(10.0)),
        cadence_spm=np.zeros(n),
        quality=np.zeros(n),
        confidence=rng.random(n),
        source=np.ones(n),
    )


class Kept(KeptSeries):
    """Of a wearer of whom nothing is made up."""

    def ready(self, *asked):
        return super().ready(*asked, simulated=False, replayed=False)

    def answer(self, *asked, simulated=False, replayed=False):
        return super().answer(*asked, simulated=simulated, replayed=replayed)


def plainly(store, wearer, start, end, resolution_s):
    """The answer as the store has it now, written by its model."""
    series = store.series(wearer, start, end, resolution_s)
    stamps = np.datetime_as_string(series.times.astype("datetime64[s]"), timezone="UTC")

    def column(values):
        return [None if np.isnan(value) else value for value in np.round(values, 3).tolist()]

    return models.Series(
        wearer=wearer,
        start=views.rfc3339(start),
        end=views.rfc3339(end),
        resolution_s=resolution_s,
        simulated=False,
        replayed=False,
        times=stamps.tolist(),
        seconds={views.activity_word(a): series.seconds[:, a].tolist() for a in Activity},
        means={name: column(values) for name, values in series.means.items()},
        lean_min_deg=column(series.lean_min_deg),
        lean_max_deg=column(series.lean_max_deg),
        coverage=column(series.coverage),
    )


def same(answer, wanted):
    """Whether the bytes are the model's, and in its order."""
    found = models.Series.model_validate_json(answer)
    return found == wanted and list(json.loads(answer)) == list(models.Series.model_fields)


def test_the_columns_are_written_as_the_model_writes_them(tmp_path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.write(Batch(frames=(some_frames("ada", T0 - 5000, 9000, 1),)), now=float(T0))
        for resolution_s in RESOLUTIONS_S:
            start, end = T0 - 4000, T0 + 1000
            answer = Kept(store).answer("ada", start, end, resolution_s)
            wanted = plainly(store, "ada", start, end, resolution_s)
            assert answer == wanted.model_dump_json().encode()
            made_up = Kept(store).answer("ada", start, end, resolution_s, simulated=True)
            assert (
                made_up == wanted.model_copy(update={"simulated": True}).model_dump_json().encode()
            )


def test_where_there_is_nothing_columns_are_empty(tmp_path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        kept = Kept(store)
        for resolution_s in RESOLUTIONS_S:
            answer = kept.answer('no"body', T0, T0 + 90, resolution_s)
            assert same(answer, plainly(store, 'no"body', T0, T0 + 90, resolution_s))
        assert kept.ready('no"body', T0, T0 + 90, 60) is not None


def test_seconds_that_are_gone_give_way_to_minutes(tmp_path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.write(Batch(frames=(some_frames("ada", T0, 200, 1),)), now=float(T0))
        kept = Kept(store)
        assert same(kept.answer("ada", T0, T0 + 90, 1, 60), plainly(store, "ada", T0, T0 + 90, 1))
        store.prune(frames_before=T0 + 500)
        assert same(kept.answer("ada", T0, T0 + 90, 1, 60), plainly(store, "ada", T0, T0 + 90, 60))


SPAN = st.tuples(st.integers(-7000, 7000), st.integers(1, 5000))
WEARER = st.sampled_from(["ada", "ada", "bob"])
STEP = st.one_of(
    st.tuples(st.just("ask"), WEARER, SPAN, st.sampled_from(COARSE)),
    st.tuples(st.just("ask"), WEARER, SPAN, st.sampled_from([60, 300])),
    st.tuples(st.just("write"), WEARER, SPAN, st.integers(0, 99)),
    st.tuples(st.just("replace"), WEARER, SPAN, st.integers(0, 99)),
    st.tuples(st.just("minutes"), WEARER, SPAN, st.just(0)),
    st.tuples(st.just("prune"), WEARER, SPAN, st.just(0)),
    st.tuples(st.sampled_from(["erase", "erase all"]), WEARER, SPAN, st.just(0)),
)


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(STEP, min_size=4, max_size=10))
def test_what_is_kept_is_what_the_store_has_after_any_changes(steps):
    with TemporaryDirectory() as folder, SqliteStore(Path(folder) / "sitwell.db") as store:
        store.write(Batch(frames=(some_frames("ada", T0 - 4000, 8000, 7),)), now=float(T0))
        kept = Kept(store)
        asked = {("ada", T0 - 3600, T0 + 3600, each) for each in COARSE}
        for what, wearer, (since, length), more in steps:
            start, end = T0 + since, T0 + since + length
            match what:
                case "ask":
                    asked.add((wearer, start, end, more))
                case "write":
                    store.write(Batch(frames=(some_frames(wearer, start, length, more),)), now=0.0)
                case "replace":
                    new = some_frames(wearer, start + length // 3, length // 3 + 1, more)
                    store.replace(wearer, start, end, Batch(frames=(new,)), now=0.0)
                case "minutes":
                    begin = start - start % 60
                    minutes = store.rollups(wearer, begin, end, 60)
                    store.erase(wearer, begin, begin + 600)
                    store.write(Batch(minutes=(minutes,)), now=0.0)
                case "prune":
                    store.prune(frames_before=start)
                case "erase":
                    store.erase(wearer, start, end)
                case "erase all":
                    store.erase(wearer)
            for question in sorted(asked):
                wanted = plainly(store, *question)
                at_once = kept.ready(*question)
                assert at_once is None or same(at_once, wanted)
                assert same(kept.answer(*question), wanted)
                assert same(kept.ready(*question), wanted), "it is kept now"


def test_what_changes_while_it_is_read_is_not_kept(tmp_path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.write(Batch(frames=(some_frames("ada", T0, 600, 1),)), now=float(T0))
        kept = Kept(store)
        read = store.series

        def and_change(*asked):
            found = read(*asked)
            store.series = read
            store.write(Batch(frames=(some_frames("ada", T0 + 60, 60, 2),)), now=float(T0))
            return found

        store.series = and_change
        answer = kept.answer("ada", T0, T0 + 600, 60)
        assert same(answer, plainly(store, "ada", T0, T0 + 600, 60)), "nor answered in halves"
        assert kept.ready("ada", T0, T0 + 600, 60) is None


def test_what_is_read_while_a_change_is_under_way_is_not_kept(tmp_path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        kept = Kept(store)
        with store.changes.under_way({"ada": (T0, T0 + 60)}):
            kept.answer("ada", T0, T0 + 600, 60)
            kept.answer("bob", T0, T0 + 600, 60)
        assert kept.ready("ada", T0, T0 + 600, 60) is None
        assert kept.ready("bob", T0, T0 + 600, 60) is not None


def test_a_change_leaves_the_rest_of_the_past_in_memory(tmp_path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        kept = Kept(store)
        for start in (T0, T0 + 3600):
            kept.answer("ada", start, start + 3600, 60)
        store.write(Batch(frames=(some_frames("ada", T0 + 7199, 1, 2),)), now=float(T0))
        assert kept.ready("ada", T0, T0 + 3600, 60) is not None
        assert kept.ready("ada", T0 + 3600, T0 + 7200, 60) is None


class ManyRows:
    """A store with rows wherever they are asked for."""

    def __init__(self, *, of_others=False):
        self.changes = Changes(of_others=of_others)
        self.asked = 0

    def series(self, wearer, start, end, resolution_s):
        self.asked += 1
        from storage.series import from_frames

        times = range(start - start % resolution_s, end, resolution_s)
        rows = from_frames(some_frames(wearer, 0, len(times), 1))
        return type(rows)(
            **{name: getattr(rows, name) for name in rows.__slots__}
            | {"times": np.array(times, dtype=np.int64), "resolution_s": resolution_s}
        )


def test_memory_is_bounded_and_the_oldest_goes_first(monkeypatch):
    monkeypatch.setattr(kept_series, "MOST_ROWS", 1000)
    kept = Kept(ManyRows())
    for n in range(100):
        kept.answer(f"w{n % 7}", T0 + n * 3600, T0 + n * 3600 + 3600, 60)
        assert kept._rows <= 1000
    assert kept._rows == sum(4 + len(piece.times) for piece in kept._pieces.values())
    assert kept.ready("w1", T0 + 99 * 3600, T0 + 100 * 3600, 60) is not None
    assert kept.ready("w0", T0, T0 + 3600, 60) is None
    kept._forget("w1", -(2**60), 2**60)
    assert not [key for key in kept._pieces if key[0] == "w1"]
    assert kept._rows == sum(4 + len(piece.times) for piece in kept._pieces.values())


def test_a_very_long_series_is_not_kept():
    store = ManyRows()
    kept = Kept(store)
    kept.answer("ada", T0, T0 + 60 * (MOST_ROWS_AT_ONCE + 60), 60)
    assert not kept._pieces


@pytest.mark.parametrize("resolution_s", COARSE)
def test_what_others_change_too_is_not_kept(resolution_s):
    store = ManyRows(of_others=True)
    kept = Kept(store)
    for _ in range(2):
        kept.answer("ada", T0, T0 + resolution_s, resolution_s)
    assert store.asked == 2
    assert kept.ready("ada", T0, T0 + resolution_s, resolution_s) is None


def test_pieces_are_whole_buckets():
    assert set(PIECE_S) == set(COARSE)
    assert all(length_s % resolution_s == 0 for resolution_s, length_s in PIECE_S.items())
