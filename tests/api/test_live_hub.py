"""The hub by itself: who gets which event, and what happens to the slow."""

import asyncio

import pytest
from pydantic import BaseModel

from api.live import RING, LiveClient, LiveEvent, LiveHub


class Tick(BaseModel):
    n: int


async def opening(gap: bool) -> list:
    return [("hello", Tick(n=-1 if gap else 0))]


async def take(client: LiveClient, n: int) -> list[LiveEvent]:
    events: list[LiveEvent] = []
    async with asyncio.timeout(30):
        async for event in client:
            events.append(event)
            if len(events) == n:
                break
    return events


async def test_a_newcomer_gets_the_opening_then_every_change_with_growing_ids():
    hub = LiveHub(first_id=100)
    hub.publish("now", Tick(n=1))
    client = hub.subscribe(opening)
    hub.publish("now", Tick(n=2))
    hub.publish("alert", Tick(n=3))
    events = await take(client, 3)
    assert [(e.id, e.name, e.data) for e in events] == [
        (100, "hello", '{"n":0}'),
        (101, "now", '{"n":2}'),
        (102, "alert", '{"n":3}'),
    ]


async def test_a_newcomer_hears_of_episodes_that_may_not_be_stored_yet():
    hub = LiveHub(first_id=100)
    hub.publish("episode", Tick(n=1))
    hub.publish("now", Tick(n=2))
    assert [e.name for e in await take(hub.subscribe(opening), 2)] == ["hello", "episode"]


async def test_one_who_comes_back_gets_what_it_missed_and_no_opening():
    hub = LiveHub(first_id=100)
    for n in range(5):
        hub.publish("now", Tick(n=n))
    client = hub.subscribe(opening, last_id=102)
    assert [e.id for e in await take(client, 2)] == [103, 104]


@pytest.mark.parametrize("last_id", [98, -1, 5_000, 99 + 1_000_000])
async def test_one_whose_last_event_is_not_known_is_told_of_the_gap(last_id):
    hub = LiveHub(first_id=100)
    hub.publish("now", Tick(n=1))
    event = (await take(hub.subscribe(opening, last_id=last_id), 1))[0]
    assert (event.name, event.data) == ("hello", '{"n":-1}')


async def test_the_ring_keeps_the_last_600():
    hub = LiveHub(first_id=1)
    for n in range(RING + 50):
        hub.publish("now", Tick(n=n))
    events = await take(hub.subscribe(opening, last_id=50), RING)
    assert [e.id for e in events] == list(range(51, RING + 51))
    assert (await take(hub.subscribe(opening, last_id=49), 1))[0].name == "hello"


async def test_a_client_of_one_wearer_gets_that_wearer_and_what_concerns_all():
    hub = LiveHub(first_id=1)
    client = hub.subscribe(opening, wearer="ada", last_id=0)
    hub.publish("now", Tick(n=1), wearer="bob")
    hub.publish("now", Tick(n=2), wearer="ada")
    hub.publish("health", Tick(n=3))
    assert [e.id for e in await take(client, 2)] == [2, 3]


async def test_a_slow_reader_loses_the_oldest_is_told_and_goes_on_with_the_newest():
    hub = LiveHub(first_id=1)
    slow, quick = hub.subscribe(opening, last_id=0), hub.subscribe(opening, last_id=0)
    for n in range(RING):
        hub.publish("now", Tick(n=n))
    assert (await take(quick, RING))[-1].id == RING
    for n in range(3):
        hub.publish("now", Tick(n=n))
    events = await take(slow, RING + 1)
    assert (events[0].name, events[0].data, events[0].id) == ("hello", '{"n":-1}', 3)
    assert [e.id for e in events[1:]] == list(range(4, RING + 4))
    assert hub.dropped == 3
    assert [e.id for e in await take(quick, 3)] == [RING + 1, RING + 2, RING + 3]


async def test_closing_ends_every_stream_also_those_that_wait_and_those_to_come():
    hub = LiveHub(first_id=1)
    client = hub.subscribe(opening, last_id=0)
    waiting = asyncio.create_task(take(client, 1))
    await asyncio.sleep(0)
    hub.close()
    assert await waiting == []
    assert await take(hub.subscribe(opening), 1) == []


async def test_a_client_that_left_is_forgotten():
    hub = LiveHub(first_id=1)
    client = hub.subscribe(opening)
    assert hub.clients == 1
    hub.unsubscribe(client)
    hub.unsubscribe(client)
    assert hub.clients == 0
