"""What a store tells of its changes: before they are committed, of all they touch, and when they are over."""

import threading
from dataclasses import replace

import pytest

from domain.errors import StoreUnavailableError
from domain.people import Wearer
from storage.changes import Changes
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.api.service_fake import ALERT, T0, frames


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.write(Batch(frames=(frames("ada", T0, 600),)), now=float(T0))
        yield store


@pytest.fixture
def told(store):
    """What was told, with how many frames were there then."""
    found = []
    store.changes.tell(
        lambda wearer, start, end: found.append(
            (wearer, start, end, len(store.frames("ada", T0, T0 + 1200)))
        )
    )
    return found


def test_a_write_is_told_before_it_is_there_and_over_when_it_is(store, told):
    before = store.changes.of_frames("ada")
    store.write(Batch(frames=(frames("ada", T0 + 600, 60),)), now=float(T0))
    assert told == [("ada", T0 + 600, T0 + 660, 600)]
    assert store.changes.of_frames("ada") == before + 2
    assert store.changes.of_frames("bob") == 0


def test_late_data_are_told_with_all_between_them(store, told):
    blocks = (frames("ada", T0 + 600, 60), frames("bob", T0, 1), frames("ada", T0 + 20, 5))
    store.write(Batch(frames=blocks), now=float(T0))
    assert sorted(told) == [("ada", T0 + 20, T0 + 660, 600), ("bob", T0, T0 + 1, 600)]


def test_replacing_tells_what_goes_and_what_comes(store, told):
    new = Batch(frames=(frames("ada", T0 + 90, 60),))
    store.replace("ada", T0 + 60, T0 + 120, new, now=float(T0))
    assert told == [("ada", T0 + 60, T0 + 150, 600)]


def test_minutes_of_another_store_are_told(store, told):
    minutes = store.rollups("ada", T0, T0 + 120, 60)
    store.write(Batch(minutes=(minutes,)), now=float(T0))
    assert told == [("ada", T0, T0 + 120, 600)]


def test_erasing_tells_a_range_or_everything(store, told):
    store.erase("ada", T0, T0 + 100)
    store.erase("ada")
    assert told[0] == ("ada", T0, T0 + 100, 600)
    assert told[1][1] < 0 < T0 * 1000 < told[1][2]


def test_alerts_and_records_are_counted_and_frames_alone_are_neither(store, told):
    def counts():
        return store.changes.of_alerts(), store.changes.of_records()

    alerts, records = counts()
    store.write(Batch(frames=(frames("ada", T0 + 600, 60),)), now=float(T0))
    assert counts() == (alerts, records)
    store.write(Batch(alerts=(ALERT,)), now=float(T0))
    assert counts() == (alerts + 2, records)
    store.put_wearer(Wearer("ada", "Ada", "UTC"))
    assert counts() == (alerts + 4, records + 2)
    store.put_alert(replace(ALERT, snoozed_until=T0 + 9.0, revision=2))
    assert counts() == (alerts + 6, records + 4)
    store.erase("ada")
    assert counts() == (alerts + 8, records + 6)
    store.prune(frames_before=T0)
    assert [each[0] for each in told] == ["ada", "ada"]


def test_a_change_that_fails_is_over_too(store):
    before = store.changes.of_frames("ada"), store.changes.of_alerts()
    broken = Batch(frames=(frames("ada", T0, 60),), alerts=(ALERT,), states={"x": object()})
    with pytest.raises(TypeError):
        store.write(broken, now=float(T0))
    after = store.changes.of_frames("ada"), store.changes.of_alerts()
    assert after == (before[0] + 2, before[1] + 2)
    store.close()
    with pytest.raises(StoreUnavailableError):
        store.write(Batch(alerts=(ALERT,)), now=float(T0))
    assert store.changes.of_alerts() % 2 == 0


def test_a_count_is_odd_while_a_change_is_under_way():
    changes, inside, go_on = Changes(), threading.Event(), threading.Event()

    def change():
        with changes.under_way({"ada": (0, 1)}, records=True):
            inside.set()
            go_on.wait(30)

    thread = threading.Thread(target=change)
    thread.start()
    assert inside.wait(30)
    assert (changes.of_frames("ada"), changes.of_records(), changes.of_alerts()) == (1, 1, 0)
    go_on.set()
    thread.join(30)
    assert (changes.of_frames("ada"), changes.of_records()) == (2, 2)


def test_of_frames_that_others_change_nothing_is_told():
    assert Changes().tell(lambda wearer, start, end: None)
    assert not Changes(of_others=True).tell(lambda wearer, start, end: None)
