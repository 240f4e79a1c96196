"""One transaction a second: what a store refuses is kept, told, and written later, once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.episodes import Episode, EpisodeKind
from domain.errors import StoreError, StoreUnavailableError
from domain.readings import LinkReading
from domain.retention import Retention
from service import writer as writing
from service.writer import StoreWriter
from storage.contract import Batch
from tests.service.made_up import ME, T0, FailingStore, frames


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FailingStore]:
    with FailingStore(tmp_path / "sitwell.db") as store:
        store.put_wearer(ME)
        yield store


@pytest.fixture
async def writer(store: FailingStore) -> AsyncIterator[StoreWriter]:
    writer = StoreWriter(store, now=lambda: float(T0), states=lambda: {"pipeline/me": b"state"})
    yield writer
    store.refuses = False
    await writer.close()


def bout(end: int | None) -> Episode:
    """A sitting bout from T0 on."""
    nan = float("nan")
    return Episode(
        EpisodeKind.SITTING, "me", T0, end, nan, nan, 0.0, 0.9, nan, "thigh", id="0" * 16
    )


async def test_what_was_added_is_in_one_transaction_with_the_state_of_that_moment(
    store: FailingStore, writer: StoreWriter
) -> None:
    writer.add(frames(T0, 2), (bout(None),))
    writer.add(frames(T0 + 2, 1))
    await writer.commit()
    (batch,) = store.batches
    assert batch.states == {"pipeline/me": b"state"}
    assert store.frames("me", T0, T0 + 9).times.tolist() == [T0, T0 + 1, T0 + 2]
    assert store.state("pipeline/me") == b"state"


async def test_nothing_to_write_is_no_transaction(store: FailingStore, writer: StoreWriter) -> None:
    writer.add(frames(T0, 0))
    await writer.commit()
    assert store.asked == 0


async def test_an_episode_that_opened_and_closed_in_one_second_is_written_closed(
    store: FailingStore, writer: StoreWriter
) -> None:
    writer.add(episodes=(bout(None),))
    writer.add(episodes=(bout(T0 + 5),))
    await writer.commit()
    (kept,) = store.episodes("me", T0, T0 + 9)
    assert kept.end == T0 + 5


async def test_what_the_store_refuses_is_kept_in_order_and_written_when_it_takes_it(
    store: FailingStore, writer: StoreWriter
) -> None:
    store.refuses = True
    for second in range(3):
        writer.add(frames(T0 + second, 1), (bout(None),) if second == 0 else ())
        with pytest.raises(StoreUnavailableError):
            await writer.commit()
    assert writer.problem == "the disk is full"
    writer.add(frames(T0 + 3, 1), (bout(T0 + 4),))
    store.refuses = False
    await writer.commit()
    assert writer.problem is None
    assert writer.dropped_frames == 0
    assert store.frames("me", T0, T0 + 9).times.tolist() == [T0, T0 + 1, T0 + 2, T0 + 3]
    (kept,) = store.episodes("me", T0, T0 + 9)
    assert kept.end == T0 + 4, "the newer word on the same episode wins over the kept one"
    assert len(store.batches) == 1


async def test_beyond_what_memory_may_hold_the_oldest_frames_go_and_are_counted(
    store: FailingStore, writer: StoreWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "KEPT_FRAMES", 100)
    store.refuses = True
    for minute in range(4):
        writer.add(frames(T0 + 40 * minute, 40))
        with pytest.raises(StoreError):
            await writer.commit()
    store.refuses = False
    await writer.commit()
    kept = store.frames("me", T0, T0 + 1000).times.tolist()
    assert kept == list(range(T0 + 80, T0 + 160))
    assert writer.dropped_frames == 80
    assert len(kept) + writer.dropped_frames == 160


async def test_the_loop_goes_on_over_a_store_that_fails(
    store: FailingStore, writer: StoreWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "COMMIT_INTERVAL_S", 0.01)
    store.refuses = True
    writer.add(frames(T0, 1))
    running = asyncio.create_task(writer.run())
    while store.asked < 3:
        await asyncio.sleep(0.01)
    assert not running.done()
    store.refuses = False
    while not store.batches:
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    assert len(store.frames("me", T0, T0 + 9)) == 1


async def test_a_batch_of_its_own_leaves_the_state_alone(
    store: FailingStore, writer: StoreWriter
) -> None:
    writer.add(frames(T0, 1))
    await writer.commit()
    await writer.write(Batch(frames=(frames(T0 - 100, 5),)))
    assert store.batches[-1].states == {}
    assert store.state("pipeline/me") == b"state"
    assert len(store.frames("me", T0 - 100, T0 + 9)) == 6


async def test_closing_writes_what_is_left_and_says_so_when_it_cannot(
    store: FailingStore,
) -> None:
    first = StoreWriter(store, now=lambda: float(T0), states=dict)
    first.add(frames(T0, 1))
    await first.close()
    assert len(store.frames("me", T0, T0 + 9)) == 1

    second = StoreWriter(store, now=lambda: float(T0), states=dict)
    second.add(frames(T0 + 1, 1))
    store.refuses = True
    with pytest.raises(StoreUnavailableError):
        await second.close()


async def test_pruning_waits_for_the_commit_under_way(
    store: FailingStore, writer: StoreWriter
) -> None:
    writer.add(frames(T0, 10))
    _, removed = await asyncio.gather(
        writer.commit(), writer.prune(Retention(frames_days=0), T0 + 4)
    )
    assert removed == 4
    assert len(store.frames("me", T0, T0 + 99)) == 6


async def test_readings_are_written_with_the_rest_and_kept_while_the_store_refuses(
    store: FailingStore, writer: StoreWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "KEPT_READINGS", 3)
    minute = LinkReading("A0", 0, 80.0, -60, 52.0, 3000, 0, 0, 60, 60)
    store.refuses = True
    for number in range(5):
        writer.add(readings=(replace(minute, time=60 * number),))
        with pytest.raises(StoreError):
            await writer.commit()
    store.refuses = False
    writer.add(readings=(replace(minute, time=240, received=9),))
    await writer.commit()
    kept = store.readings("A0", 0, 600)
    assert [(r.time, r.received) for r in kept] == [(120, 3000), (180, 3000), (240, 9)]
    await writer.prune(Retention(readings_days=0), 180)
    assert [r.time for r in store.readings("A0", 0, 600)] == [180, 240]
