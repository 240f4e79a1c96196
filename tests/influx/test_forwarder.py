"""Whatever a server answers and however long it is away: nothing is lost, nothing doubled."""

import asyncio
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ServerError
from domain.posture import FrameBlock
from storage.contract import Batch
from storage.influx.forwarder import (
    IDLE_S,
    LONGEST_RETRY_AFTER_S,
    LONGEST_WAIT_S,
    PROBE_S,
    Forwarder,
)
from storage.influx.local import LocalStore
from storage.influx.settings import InfluxSettings
from tests.influx.made_up_server import MadeUpServer, refused

T0 = 1_790_035_200
MakeFrames = Callable[..., FrameBlock]
SETTINGS = InfluxSettings(url="http://127.0.0.1:1")


class Ended(Exception):  # noqa: N818 - the end of simulated time
    pass


class Simulated:
    """Simulated time: sleeping moves the clock, and what is due by then happens."""

    def __init__(self, until: float = math.inf) -> None:
        self.now = float(T0)
        self.until = until
        self.slept: list[float] = []
        self.due: list[tuple[float, Callable[[], None]]] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        # Idle seconds are taken sixty at a time, so that a day takes seconds.
        end = self.now + (60.0 if seconds == IDLE_S else seconds)
        while self.due and self.due[0][0] <= end:
            self.now, work = self.due.pop(0)
            work()
        self.now = end
        if self.now >= self.until:
            raise Ended
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Simulated:
    return Simulated()


@pytest.fixture
def store(tmp_path: Path, time: Simulated) -> Iterator[LocalStore]:
    with LocalStore(tmp_path / "sitwell.db", clock=time.clock) as store:
        yield store


def forwarder(store: LocalStore, server: MadeUpServer, time: Simulated, **more: Any) -> Forwarder:
    return Forwarder(
        store,
        server,  # type: ignore[arg-type]  # it has what is asked of one
        more.pop("settings", SETTINGS),
        now=time.clock,
        sleep=time.sleep,
        rng=random.Random(1),
        connect=server.connect,
        **more,
    )


async def run_until(sending: Forwarder, time: Simulated, until: float) -> None:
    time.until = until
    with pytest.raises(Ended):
        await sending.run()


def all_lines(store: LocalStore) -> dict[tuple[str, int], str]:
    """Every point that the file has, as a server that has them all would."""
    store.owe_all()
    found = {}
    while (parcel := store.parcel(now=math.inf)) is not None:
        for line in parcel.lines:
            head, _, time = line.decode().rpartition(" ")
            found[head.split(" ")[0], int(time)] = line.decode()
        store.settle(parcel)
    return found


async def test_what_is_stored_is_at_the_server_a_moment_later(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 100)),)), now=T0)
    await run_until(forwarder(store, server, time), time, T0 + 90)
    assert server.points == all_lines(store)
    assert len(server.points) == 103


@pytest.mark.parametrize("status", [None, 429, 500, 503])
async def test_a_server_that_is_away_is_tried_ever_more_rarely_and_never_all_at_once(
    store: LocalStore, time: Simulated, make_frames: MakeFrames, status: int | None
) -> None:
    server = MadeUpServer()
    server.refuse = lambda lines: refused(status, "away")
    store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
    sending = forwarder(store, server, time)
    await run_until(sending, time, T0 + 3600)
    assert 10 < len(time.slept) < 30
    for n, slept in enumerate(time.slept):
        longest = min(2.0**n, LONGEST_WAIT_S)
        assert longest / 2 <= slept <= longest
    assert len({round(s / min(2.0**n, 300), 6) for n, s in enumerate(time.slept)}) > 5, "jitter"
    assert sending.state.trouble == "made up: away"
    assert store.debt().points == 3


async def test_retry_after_is_waited_for_but_not_for_ever(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    asked = [120.0, 10.0**8]
    server.refuse = lambda lines: refused(429, retry_after_s=asked.pop(0)) if asked else None
    store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
    sending = forwarder(store, server, time)
    await run_until(sending, time, T0 + 5000)
    assert 120 <= time.slept[0] <= 132
    assert LONGEST_RETRY_AFTER_S <= time.slept[1] <= 1.1 * LONGEST_RETRY_AFTER_S
    assert store.debt().points == 0
    assert sending.state.trouble is None
    assert sending.state.last_error == "made up: no", "what was is still told, with its time"


@pytest.mark.parametrize("status", [401, 403, 404, 405, 302])
async def test_one_that_does_not_let_us_in_is_probed_and_all_is_kept(
    store: LocalStore, time: Simulated, make_frames: MakeFrames, status: int
) -> None:
    server = MadeUpServer()
    server.checks = [refused(status, "check the token")] * 5
    told: list[str | None] = []
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 60)),)), now=T0)
    sending = forwarder(store, server, time, told=lambda state: told.append(state.trouble))
    await run_until(sending, time, T0 + 4 * PROBE_S)
    assert all(0.75 * PROBE_S <= slept <= 1.25 * PROBE_S for slept in time.slept)
    assert store.debt().points == 62
    assert told == ["made up: check the token"], "said once, not at every probe"
    await run_until(sending, time, T0 + 20 * PROBE_S)
    assert store.debt().points == 0
    assert told[-1] is None
    assert server.points == all_lines(store)


async def test_a_body_that_is_too_large_is_halved_and_stays_small(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    server.refuse = lambda lines: refused(413) if len(lines) > 70 else None
    for hour in range(4):
        block = make_frames("ada", range(T0 + 3600 * hour, T0 + 3600 * hour + 500))
        store.write(Batch(frames=(block,)), now=T0)
    await forwarder(store, server, time).drain(now=math.inf)
    assert store.debt().dead_letters == 0
    assert server.points == all_lines(store)
    assert sum(size > 70 for size in server.written) < 8


async def test_a_single_line_that_is_too_large_becomes_a_dead_letter(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    server.refuse = lambda lines: refused(413) if str(T0 + 3) in lines[0][-10:] else None
    store.write(Batch(frames=(make_frames("ada", range(T0 + 3, T0 + 4)),)), now=T0)
    await forwarder(store, server, time).drain()
    (letter,) = store.dead_letters()
    assert (letter.status, letter.time) == (413, T0 + 3)


async def test_a_poison_line_is_found_and_kept_with_the_servers_words(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    server.poison = lambda line: line.startswith("frames") and line.endswith(("17", "42"))
    block = make_frames("ada", range(T0, T0 + 100))
    store.write(Batch(frames=(block,)), now=T0)
    sending = forwarder(store, server, time)
    await sending.drain(now=math.inf)
    letters = store.dead_letters()
    assert {letter.time for letter in letters} == {T0 + 17, T0 + 42}
    assert all("field type conflict" in letter.words for letter in letters)
    assert all(letter.line.startswith("frames,wearer=ada ") for letter in letters)
    assert len(server.points) == 101
    assert len(server.written) < 30, "found by halving, not one by one"
    debt = store.debt()
    assert (debt.points, debt.sent, debt.dead_letters) == (0, 101, 2)


async def test_points_beyond_the_retention_are_one_dead_letter(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    words = "partial write: points beyond retention policy dropped=100"
    server.refuse = lambda lines: refused(422, words)
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 100)),)), now=T0)
    await forwarder(store, server, time).drain(now=math.inf)
    assert [letter.words for letter in store.dead_letters()] == [words]
    assert server.written == [103]


async def test_a_server_that_cannot_delete_is_said_once_and_sending_goes_on(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    server.major = 3
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 60)),)), now=T0)
    store.replace("ada", T0, T0 + 10, Batch(), now=T0)
    await forwarder(store, server, time).drain(now=math.inf)
    assert store.debt().points == 0
    letters = store.dead_letters()
    assert len(letters) == 4
    assert all("Removal" in each.line and "cannot delete" in each.words for each in letters)


async def test_what_is_owed_too_long_is_dropped_and_said(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    server.refuse = lambda lines: refused(503)
    bounded = InfluxSettings(url="http://127.0.0.1:1", outbox_days=1)
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 60)),)), now=T0)
    await run_until(forwarder(store, server, time, settings=bounded), time, T0 + 1.1 * 86400)
    assert store.debt().dropped == 62
    assert len(store.frames("ada", T0, T0 + 60)) == 60, "they stay here"


async def test_a_full_day_of_outage_in_simulated_time_ends_with_every_point_there(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    back_at = T0 + 86_400 + 600
    server.refuse = lambda lines: (
        None
        if time.now < T0 + 600 or time.now >= back_at
        else refused(random.Random(int(time.now)).choice([None, 500, 503, 429]))
    )
    written: list[int] = []

    def block_of(n: int) -> Callable[[], None]:
        def write() -> None:
            block = make_frames("ada", range(T0 + 300 * n, T0 + 300 * n + 300, 5))
            store.write(Batch(frames=(block,)), now=time.now)
            written.append(n)
            if n == 200:
                during.append(store.debt().points)
                assert store.latest("ada") is not None
                assert len(store.frames("ada", T0, T0 + 10**6)) == 60 * len(written)

        return write

    during: list[int] = []
    blocks = 86_400 // 300 + 6
    time.due = [(T0 + 300.0 * n + 300.0, block_of(n)) for n in range(blocks)]
    sending = forwarder(store, server, time)
    await run_until(sending, time, T0 + 86_400 + 3 * 3600)
    assert during[0] > 10_000
    assert len(written) == blocks
    assert store.debt().points == 0
    assert store.debt().dropped == 0
    wanted = all_lines(store)
    assert server.points == wanted
    assert sum(head.startswith("frames") for head, _ in wanted) == 60 * blocks


ANSWERS = st.sampled_from([None, 429, 500, 503, 413, 400, 401, 404, 204, 204, 204])


@settings(max_examples=25, deadline=None)
@given(
    answers=st.lists(ANSWERS, max_size=30),
    writes=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 120)), min_size=1, max_size=6),
    poison=st.sets(st.integers(0, 520), max_size=4),
    replaced=st.none() | st.tuples(st.integers(0, 400), st.integers(0, 100)),
    most_lines=st.sampled_from([1, 7, 5000]),
)
async def test_after_any_answers_the_server_has_what_the_file_has_but_for_the_dead_letters(
    answers: list[int | None],
    writes: list[tuple[int, int]],
    poison: set[int],
    replaced: tuple[int, int] | None,
    most_lines: int,
    make_frames: MakeFrames,
) -> None:
    server, time = MadeUpServer(), Simulated()

    def refuse(lines: list[str]) -> ServerError | None:
        status = answers.pop(0) if answers else 204
        if status == 400:  # of a line that is not there: never alone
            status = 413 if len(lines) > 1 else 204
        if status == 413 and len(lines) == 1:
            status = 204
        return None if status == 204 else refused(status)

    server.refuse = refuse
    bad = {T0 + n for n in poison}
    server.poison = lambda line: line.startswith("frames") and int(line.rsplit(" ")[-1]) in bad
    with (
        TemporaryDirectory() as folder,
        LocalStore(Path(folder) / "sitwell.db", clock=time.clock) as store,
    ):
        for seed, (start, length) in enumerate(writes):
            block = make_frames("ada", range(T0 + start, T0 + start + length), seed)
            at = 200.0 * (seed + 1) + T0
            time.due.append(
                (at, lambda block=block: store.write(Batch(frames=(block,)), now=time.now))
            )
        if replaced is not None:
            start, length = T0 + replaced[0], T0 + replaced[0] + replaced[1]
            time.due.append(
                (T0 + 2000.0, lambda: store.replace("ada", start, length, Batch(), now=time.now))
            )
        sending = forwarder(store, server, time, most_lines=most_lines)
        await run_until(sending, time, T0 + 20_000)
        assert store.debt().points == 0
        dead = {letter.time for letter in store.dead_letters()}
        wanted = all_lines(store)
    frames = {time for head, time in wanted if head.startswith("frames")}
    assert dead >= bad & frames
    assert dead <= bad
    assert server.points == {
        key: line
        for key, line in wanted.items()
        if not (key[0].startswith("frames") and key[1] in bad)
    }


async def test_nothing_that_was_read_before_an_erasure_is_sent_after_it(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    server = MadeUpServer()
    for hour in range(3):
        blocks = tuple(
            make_frames(wearer, range(T0 + 3600 * hour, T0 + 3600 * hour + 50))
            for wearer in ("zoe", "ada")
        )
        store.write(Batch(frames=blocks), now=T0)
    erased: list[int] = []

    def refuse(_lines: list[str]) -> None:
        if not erased:
            erased.append(1)
            loop.call_soon_threadsafe(lambda: None)

    loop = asyncio.get_running_loop()
    server.refuse = refuse
    sending = forwarder(store, server, time, most_lines=60)

    async def erase() -> None:
        while not erased:
            await asyncio.sleep(0)

        def work() -> None:
            with store.nothing_on_its_way(10):
                for key in [k for k in server.points if "wearer=zoe" in k[0]]:
                    del server.points[key]
                store.erase("zoe")

        await asyncio.to_thread(work)

    erasing = asyncio.create_task(erase())
    await sending.drain(now=math.inf)
    await erasing
    await sending.drain(now=math.inf)
    assert not [key for key in server.points if "zoe" in key[0]]
    assert server.points == all_lines(store)


async def test_two_requests_are_under_way_at_once_and_never_of_two_moments(
    store: LocalStore, time: Simulated, make_frames: MakeFrames
) -> None:
    """Of two moments the older value of a second could come last."""
    server = MadeUpServer()
    write, under_way, seen = server.write, [0], set[int]()
    changes = [5, 6, 7, 8]

    async def slowly(lines: bytes) -> None:
        under_way[0] += 1
        seen.add(under_way[0])
        for _ in range(5):
            await asyncio.sleep(0.001)
        if changes:
            store.write(
                Batch(frames=(make_frames("ada", range(T0, T0 + 1200, 7), changes.pop()),)), now=T0
            )
        await write(lines)
        under_way[0] -= 1

    server.write = slowly  # type: ignore[method-assign]
    for minute in range(20):
        block = make_frames("ada", range(T0 + 60 * minute, T0 + 60 * minute + 60), minute)
        store.write(Batch(frames=(block,)), now=T0)
        store.write(Batch(frames=(make_frames("zoe", [T0 + 60 * minute]),)), now=T0)
    sending = forwarder(store, server, time, most_lines=30)
    await sending.drain(now=math.inf)
    await sending.drain(now=math.inf)
    assert seen == {1, 2}
    assert server.points == all_lines(store)


@pytest.mark.parametrize("place", range(4))
async def test_one_of_several_requests_that_fails_keeps_all_of_them_owed(
    store: LocalStore, time: Simulated, make_frames: MakeFrames, place: int
) -> None:
    server = MadeUpServer()
    failing = T0 + 1000 * place
    server.refuse = lambda lines: (
        refused(503) if any(line.endswith(f" {failing}") for line in lines) else None
    )
    for piece in range(4):
        start = T0 + 1000 * piece
        store.write(Batch(frames=(make_frames("ada", range(start, start + 250)),)), now=T0)
    owed = store.debt().points
    sending = forwarder(store, server, time, most_lines=250)
    with pytest.raises(ServerError):
        await sending.drain(now=math.inf)
    assert store.debt().points == owed
    server.refuse = lambda lines: None
    await sending.drain(now=math.inf)
    assert (store.debt().points, store.debt().dead_letters) == (0, 0)
    assert server.points == all_lines(store)
