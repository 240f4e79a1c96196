"""What is kept in memory is never older than the store, and asked for once."""

import asyncio
import threading
from dataclasses import replace

import httpx2
import pytest

from api.memory import Known, Memory
from domain.errors import StoreUnavailableError
from domain.people import Wearer
from storage.contract import Batch
from tests.api.conftest import BASE
from tests.api.service_fake import ALERT, CALIBRATION, CLOSED, SENSOR, T0


class Asking:
    """Answers with how often it was asked; counts changes."""

    def __init__(self):
        self.asked = 0
        self.count = 0
        self.meanwhile = lambda: None

    def __call__(self):
        self.asked += 1
        self.meanwhile()
        return self.asked

    def known(self):
        return Known(self, lambda: self.count)


async def test_the_store_is_asked_once_until_something_changes():
    asking = Asking()
    known = asking.known()
    assert known.ready() is None
    assert await asyncio.gather(*(known.get() for _ in range(20))) == [1] * 20
    assert (known.ready(), await known.get()) == (1, 1)
    asking.count += 1
    assert known.ready() is None, "while it changes"
    asking.count += 1
    assert known.ready() is None
    assert await known.get() == 2


@pytest.mark.parametrize("changes", [1, 2])
async def test_what_changes_while_it_is_asked_for_is_not_kept(changes):
    asking = Asking()
    known = asking.known()

    def change():
        asking.count += changes

    asking.meanwhile = change
    assert await known.get() == 1
    assert known.ready() is None


async def test_what_is_asked_while_it_changes_is_not_kept():
    asking = Asking()
    asking.count = 1
    known = asking.known()
    assert await known.get() == 1
    assert known.ready() is None


async def test_a_store_that_fails_is_asked_again():
    asking = Asking()
    known = asking.known()

    def fail():
        raise StoreUnavailableError("the disk is full")

    asking.meanwhile = fail
    with pytest.raises(StoreUnavailableError):
        await known.get()
    asking.meanwhile = lambda: None
    assert await known.get() == 2


async def test_a_store_that_hangs_fails_all_who_wait_together(monkeypatch):
    monkeypatch.setattr("api.reading.READ_TIMEOUT_S", 0.05)
    asking, hang = Asking(), threading.Event()
    known = asking.known()
    asking.meanwhile = lambda: hang.wait(30)
    waiting = [asyncio.create_task(known.get()) for _ in range(20)]
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    hang.set()
    assert asking.asked == 1
    assert all(isinstance(answer, StoreUnavailableError) for answer in answers)


async def test_who_goes_away_leaves_the_answer_to_the_others():
    asking, go_on = Asking(), threading.Event()
    known = asking.known()
    asking.meanwhile = lambda: go_on.wait(30)
    first, second = (asyncio.create_task(known.get()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    go_on.set()
    assert await second == 1
    assert known.ready() == 1


async def test_who_asks_after_a_change_gets_no_answer_of_before():
    asking, go_on = Asking(), threading.Event()
    known = asking.known()
    asking.meanwhile = lambda: go_on.wait(30)
    early = asyncio.create_task(known.get())
    while not asking.asked:
        await asyncio.sleep(0.001)
    asking.count += 2
    asking.meanwhile = lambda: None
    assert await known.get() == 2
    go_on.set()
    await early
    assert known.ready() == 2


async def test_wearers_calibrations_and_alerts_follow_the_store(store):
    memory = Memory(store)
    assert set(await memory.wearers.get()) == {"ada", "bob"}
    store.put_wearer(Wearer("cy", "Cy", "UTC"))
    assert set(await memory.wearers.get()) == {"ada", "bob", "cy"}
    store.erase("bob")
    assert memory.wearers.ready() is None
    assert set(await memory.wearers.get()) == {"ada", "cy"}
    assert (await memory.worn.get()).in_force(SENSOR) == store.calibrations(SENSOR.id)[0]
    store.add_calibration(replace(CALIBRATION, made_at=T0 - 10.0, slouch_deg=21.0))
    assert (await memory.worn.get()).in_force(SENSOR).slouch_deg == 21.0
    alerts = memory.open_alerts(None)
    assert b'"a1"' in await alerts.get()
    store.write(Batch(alerts=(replace(ALERT, closed_at=T0 + 1.0, revision=2),)), now=float(T0))
    assert b'"a1"' not in await alerts.get()


async def test_frames_leave_wearers_and_alerts_in_memory(store):
    memory = Memory(store)
    alerts, wearers = await memory.open_alerts("ada").get(), await memory.wearers.get()
    store.write(Batch(states={"x": b"1"}), now=float(T0))
    assert memory.open_alerts("ada").ready() is alerts
    assert memory.wearers.ready() is wearers


async def test_health_is_asked_for_once_a_second(store):
    now_s = 5.0
    memory = Memory(store, ticks=lambda: now_s)
    first = await memory.health.get()
    now_s = 5.9
    assert memory.health.ready() is first
    now_s = 6.0
    assert memory.health.ready() is None


async def test_what_was_written_on_return_is_in_the_next_answer(app, store):
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        for n in range(3):
            for _ in range(2):
                answer = await client.get("/api/v1/alerts?state=open")
                assert len(answer.json()["items"]) == 1 + n
            new = replace(CLOSED, id=f"new{n}", closed_at=None, outcome=None, revision=1)
            store.write(Batch(alerts=(new,)), now=float(T0))
