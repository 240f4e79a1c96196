"""What a server is owed: written with what it is about, taken off when it was sent, and bounded."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from domain.episodes import Episode, EpisodeKind
from domain.errors import StoreUnavailableError
from domain.posture import FrameBlock
from storage.contract import Batch
from storage.dead_letters import MOST_DEAD_LETTERS, DeadLetter
from storage.influx.local import LocalStore
from storage.influx.parcels import Parcel, Removal
from storage.sqlite import SqliteStore

T0 = 1_790_035_200
NAN = math.nan
MakeFrames = Callable[..., FrameBlock]


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = float(T0)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[LocalStore]:
    with LocalStore(tmp_path / "sitwell.db", clock=clock) as store:
        yield store


OUTBOX = 'SELECT kind, start, "end", points FROM outbox ORDER BY seq'


def rows(store: SqliteStore, query: str = OUTBOX) -> list[Any]:
    with store._snapshot() as connection:
        return connection.execute(query).fetchall()


def all_due(store: LocalStore, **more: Any) -> Parcel:
    parcel = store.parcel(now=math.inf, **more)
    assert parcel is not None
    return parcel


def episode(start: int, end: int | None) -> Episode:
    return Episode(EpisodeKind.SITTING, "ada", start, end, 0.9, 0.8, 60.0, 0.7, NAN, "thigh")


def test_an_embedded_store_owes_nobody_anything(tmp_path: Path, make_frames: MakeFrames) -> None:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.write(
            Batch(frames=(make_frames("ada", [T0]),), episodes=(episode(T0, None),)), now=T0
        )
        assert rows(store) == []
        assert rows(store, "SELECT * FROM owing") == []


def test_a_second_is_owed_with_its_minute_its_hour_and_its_episodes(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    store.write(
        Batch(frames=(make_frames("ada", [T0 + 5]),), episodes=(episode(T0, None),)), now=T0
    )
    assert rows(store) == [
        (1, T0 + 5, T0 + 6, 1),
        (2, T0, T0 + 60, 1),
        (3, T0, T0 + 3600, 1),
        (4, T0, T0 + 1, 1),
    ]
    assert [line.split(b",")[0] for line in all_due(store).lines] == [
        b"frames", b"minutes", b"hours", b"episodes",
    ]  # fmt: skip


def test_a_write_that_fails_owes_nothing(
    store: LocalStore, make_frames: MakeFrames, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise apsw.FullError("disk full")

    monkeypatch.setattr("storage.batches.samples.put_samples", full)  # the last step of a batch
    with pytest.raises(StoreUnavailableError):
        store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
    assert rows(store) == []


def test_an_outage_is_a_row_an_hour_not_one_a_second(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    for second in range(0, 7200, 90):
        block = make_frames("ada", range(T0 + second, T0 + second + 90))
        store.write(Batch(frames=(block,)), now=T0 + second)
    assert [row for row in rows(store) if row[0] == 1] == [
        (1, T0, T0 + 3600, 3600),
        (1, T0 + 3600, T0 + 7200, 3600),
    ]
    assert store.debt().points == 7200 + 120 + 2


def test_what_lies_between_late_seconds_is_not_owed_again(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 5000, 10)),)), now=T0)
    store.settle(all_due(store))
    store.write(Batch(frames=(make_frames("ada", [T0 + 3, T0 + 4003]),)), now=T0)
    assert [row[1:] for row in rows(store) if row[0] == 1] == [
        (T0 + 3, T0 + 4, 1),
        (T0 + 4003, T0 + 4004, 1),
    ]


def test_a_minute_that_changes_every_second_is_sent_once_a_minute(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    for second in range(50):
        store.write(Batch(frames=(make_frames("ada", [T0 + second]),)), now=T0 + second)
    soon, later = store.parcel(now=T0 + 59), store.parcel(now=T0 + 60)
    assert soon is not None and later is not None
    assert (len(soon.lines), len(later.lines)) == (50, 52)


def test_what_was_sent_is_owed_no_more_and_counted(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 100)),)), now=T0)
    store.settle(all_due(store))
    assert store.parcel(now=math.inf) is None
    debt = store.debt()
    assert (debt.points, debt.sent, debt.oldest_owed_at) == (0, 103, None)


def test_a_row_that_grew_while_it_was_sent_still_owes_what_is_new(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 10)),)), now=T0)
    sent = all_due(store)
    store.write(Batch(frames=(make_frames("ada", range(T0 + 10, T0 + 12)),)), now=T0)
    store.settle(sent)
    assert [row[:3] for row in rows(store)] == [
        (1, T0 + 10, T0 + 12),
        (2, T0, T0 + 60),
        (3, T0, T0 + 3600),
    ]


def test_a_second_that_changed_while_it_was_sent_is_sent_again(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 10), 1),)), now=T0)
    sent = all_due(store)
    changed = make_frames("ada", [T0 + 4], 2)
    store.write(Batch(frames=(changed,)), now=T0)
    store.settle(sent)
    again = all_due(store)
    assert again.lines[0].endswith(str(T0 + 4).encode())
    assert again.lines[0] not in sent.lines


def test_a_parcel_is_bounded_and_the_next_goes_on_where_it_ended(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 250)),)), now=T0)
    first = all_due(store, most_lines=100)
    assert (len(first.lines), first.partly, first.more) == (100, True, True)
    seen = []
    while (parcel := store.parcel(now=math.inf, most_lines=100)) is not None:
        seen += parcel.lines
        store.settle(parcel)
    assert len(seen) == len(set(seen)) == 250 + 5 + 1


def test_a_parcel_can_be_read_ahead_of_one_that_is_on_its_way(
    store: LocalStore, make_frames: MakeFrames
) -> None:
    for hour in range(3):
        block = make_frames("ada", range(T0 + 3600 * hour, T0 + 3600 * hour + 50))
        store.write(Batch(frames=(block,)), now=T0)
    first = all_due(store, most_lines=50)
    second = all_due(store, after=first.last, most_lines=50)
    store.settle(first)
    store.settle(second)
    assert not set(first.lines) & set(second.lines)
    assert store.debt().sent == len(first.lines) + len(second.lines)


class TestReplacing:
    def test_removes_before_it_sends_anew(self, store: LocalStore, make_frames: MakeFrames) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 7200)),)), now=T0)
        while (parcel := store.parcel(now=math.inf)) is not None:
            store.settle(parcel)
        fresh = make_frames("ada", [T0 + 100])
        store.replace("ada", T0 + 90, T0 + 200, Batch(frames=(fresh,)), now=T0)
        removals, lines = [], []
        while (parcel := store.parcel(now=math.inf)) is not None:
            assert parcel.removal is None or not lines
            removals += [parcel.removal] if parcel.removal else []
            lines += parcel.lines
            store.settle(parcel)
        assert removals == [
            Removal("frames", "ada", T0 + 90, T0 + 200),
            Removal("minutes", "ada", T0 + 60, T0 + 240),
            Removal("hours", "ada", T0, T0 + 3600),
            Removal("episodes", "ada", T0 + 90, T0 + 200),
        ]
        times = [(line.split(b",")[0], int(line.rsplit(b" ")[-1]) - T0) for line in lines]
        assert sorted(times) == [
            (b"frames", 100),
            (b"hours", 0),
            (b"minutes", 60),
            (b"minutes", 180),
        ]

    def test_an_hour_that_was_owed_already_is_sent_after_its_removal(
        self, store: LocalStore, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 100)),)), now=T0)
        store.replace("ada", T0, T0 + 50, Batch(), now=T0)
        seen = []
        while (parcel := store.parcel(now=math.inf)) is not None:
            seen += [parcel.removal.measurement] if parcel.removal else []
            seen += [
                line.split(b",")[0].decode() + "!"
                for line in parcel.lines
                if line.endswith(str(T0).encode())
            ]
            store.settle(parcel)
        assert seen.index("hours") < seen.index("hours!")
        assert seen.index("minutes") < seen.index("minutes!")


class TestBounds:
    def test_age_drops_the_oldest_and_counts_them(
        self, store: LocalStore, make_frames: MakeFrames
    ) -> None:
        for hour in range(4):
            at = T0 + 3600 * hour
            store.write(Batch(frames=(make_frames("ada", range(at, at + 60)),)), now=at)
        assert store.trim(most_bytes=10**9, owed_since=T0) == 0
        assert store.trim(most_bytes=10**9, owed_since=T0 + 3601) == 2 * 62
        debt = store.debt()
        assert (debt.points, debt.dropped, debt.oldest) == (2 * 62, 2 * 62, T0 + 7200)

    def test_bytes_drop_the_oldest_only_until_the_rest_fits(
        self, store: LocalStore, make_frames: MakeFrames
    ) -> None:
        for hour in range(4):
            at = T0 + 3600 * hour
            store.write(Batch(frames=(make_frames("ada", range(at, at + 60)),)), now=at)
        before = store.debt()
        dropped = store.trim(most_bytes=before.size_bytes // 2, owed_since=0)
        after = store.debt()
        assert 0 < after.size_bytes <= before.size_bytes // 2
        assert (dropped, after.dropped) == (before.points - after.points, dropped)
        assert after.oldest is not None and after.oldest >= T0 + 7200

    def test_removals_are_never_dropped(self, store: LocalStore, make_frames: MakeFrames) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 60)),)), now=T0)
        store.replace("ada", T0, T0 + 60, Batch(), now=T0)
        store.trim(most_bytes=0, owed_since=math.inf)
        assert [row[0] for row in rows(store)] == [-1, -2, -3, -4]

    def test_a_frame_that_is_owed_is_not_pruned(
        self, store: LocalStore, clock: Clock, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 100)),)), now=T0)
        assert store.prune(frames_before=T0 + 50) == 0
        while (parcel := store.parcel(now=math.inf)) is not None:
            store.settle(parcel)
        assert store.prune(frames_before=T0 + 50) == 50

    def test_frames_stay_here_only_for_a_while_once_the_server_has_them(
        self, tmp_path: Path, clock: Clock, make_frames: MakeFrames
    ) -> None:
        with LocalStore(tmp_path / "short.db", local_s=3600.0, clock=clock) as store:
            store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 7200)),)), now=T0)
            while (parcel := store.parcel(now=math.inf)) is not None:
                store.settle(parcel)
            clock.now = T0 + 7200.0
            assert store.prune(frames_before=T0 - 86400) == 3600
            assert [row for row in rows(store) if row[0] == -1] == [(-1, -(2**33), T0 - 86400, 0)]


class TestTurning:
    def test_on_owes_all_that_the_file_has(
        self, tmp_path: Path, clock: Clock, make_frames: MakeFrames
    ) -> None:
        path = tmp_path / "old.db"
        with SqliteStore(path) as store:
            for wearer in ("ada", "bob"):
                block = make_frames(wearer, range(T0, T0 + 90_000, 30))
                store.write(Batch(frames=(block,), episodes=(episode(T0, T0 + 9),)), now=T0)
        with LocalStore(path, clock=clock) as store:
            lines = []
            while (parcel := store.parcel(now=math.inf)) is not None:
                lines += parcel.lines
                store.settle(parcel)
        kinds = [line.split(b",")[0] for line in lines]
        assert [kinds.count(kind) for kind in (b"frames", b"minutes", b"hours", b"episodes")] == [
            2 * 3000, 2 * 1500, 2 * 25, 1,
        ]  # fmt: skip
        assert len(set(lines)) == len(lines)

    def test_off_forgets_and_on_again_owes_all_anew(
        self, tmp_path: Path, clock: Clock, make_frames: MakeFrames
    ) -> None:
        path = tmp_path / "sitwell.db"
        batch = Batch(frames=(make_frames("ada", range(T0, T0 + 60)),))
        with LocalStore(path, clock=clock) as store:
            store.write(batch, now=T0)
            store.settle(all_due(store))
        with SqliteStore(path) as store:
            assert rows(store) == []
            store.write(batch, now=T0)
        with LocalStore(path, clock=clock) as store:
            assert len(all_due(store).lines) == 62

    def test_what_is_owed_outlives_the_process(
        self, tmp_path: Path, clock: Clock, make_frames: MakeFrames
    ) -> None:
        path = tmp_path / "sitwell.db"
        with LocalStore(path, clock=clock) as store:
            store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 60)),)), now=T0)
            before = rows(store)
        with LocalStore(path, clock=clock) as store:
            assert rows(store) == before


def letter(n: int) -> DeadLetter:
    return DeadLetter(T0 + n, 1, 1, T0 + n, 400, "no", f"line {n}")


def test_dead_letters_are_bounded_and_counted(store: LocalStore, make_frames: MakeFrames) -> None:
    store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
    store.settle(all_due(store), [letter(n) for n in range(MOST_DEAD_LETTERS + 5)])
    assert store.dead_letters(1) == [letter(MOST_DEAD_LETTERS + 4)]
    assert len(store.dead_letters(10**6)) == MOST_DEAD_LETTERS
    assert store.debt().dead_letters == MOST_DEAD_LETTERS + 5


class TestErasing:
    def test_a_wearer_leaves_nothing_owed_and_no_dead_letter(
        self, store: LocalStore, make_frames: MakeFrames
    ) -> None:
        blocks = tuple(make_frames(wearer, range(T0, T0 + 60)) for wearer in ("zoe", "ada"))
        store.write(Batch(frames=blocks), now=T0)
        with store._snapshot() as connection:
            key = connection.execute("SELECT key FROM wearer_keys WHERE wearer = 'zoe'").get
        parcel = all_due(store, most_lines=1)
        store.settle(parcel, [DeadLetter(T0, 1, int(key), T0, 400, "no", "frames,wearer=zoe ...")])
        store.erase("zoe")
        assert store.dead_letters() == []
        assert all(b"wearer=ada" in line for line in all_due(store).lines)

    def test_a_range_is_owed_as_a_removal_and_its_edges_anew(
        self, store: LocalStore, make_frames: MakeFrames
    ) -> None:
        store.write(
            Batch(
                frames=(make_frames("ada", range(T0, T0 + 7200)),),
                episodes=(episode(T0 + 10, T0 + 4000),),
            ),
            now=T0,
        )
        while (parcel := store.parcel(now=math.inf)) is not None:
            store.settle(parcel)
        store.erase("ada", T0 + 90, T0 + 200)
        removals, lines = [], []
        while (parcel := store.parcel(now=math.inf)) is not None:
            removals += [parcel.removal] if parcel.removal else []
            lines += parcel.lines
            store.settle(parcel)
        assert Removal("episodes", "ada", T0 + 10, T0 + 11) in removals
        assert Removal("frames", "ada", T0 + 90, T0 + 200) in removals
        assert sorted((line.split(b",")[0], int(line.split()[-1]) - T0) for line in lines) == [
            (b"hours", 0), (b"minutes", 60), (b"minutes", 180),
        ]  # fmt: skip
