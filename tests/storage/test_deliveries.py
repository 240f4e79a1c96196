"""The log of deliveries, in every store."""

from dataclasses import replace

import apsw
import pytest

from domain.alerts import Alert, AlertKind, Explanation, Severity
from domain.deliveries import Delivery, DeliveryState
from storage.contract import Batch, Store
from storage.deliveries import put_deliveries, read_deliveries, read_pending
from storage.schema import migrate

T0 = 1_790_035_200
SAID = Delivery("a1-1", "desktop", "ada", "a1", "slouch", T0, T0 + 600, T0, T0)


def put(store: Store, *deliveries: Delivery) -> None:
    store.write(Batch(deliveries=deliveries), now=T0)


def test_a_delivery_comes_back_as_it_was_written_and_is_replaced_by_what_became_of_it(
    store: Store,
) -> None:
    put(store, SAID)
    assert (store.deliveries("ada"), store.pending_deliveries()) == ([SAID], [SAID])
    after = replace(
        SAID, state=DeliveryState.FAILED, attempts=3, problem="no answer", changed_at=T0 + 9.5
    )
    put(store, after)
    assert (store.deliveries("ada"), store.pending_deliveries()) == ([after], [])


def test_the_log_is_read_page_by_page_newest_first_and_by_wearer_and_channel(store: Store) -> None:
    said = [
        replace(
            SAID,
            announcement=f"a{n}-1",
            made_at=T0 + n // 2,
            wearer="ada" if n % 3 else "bob",
            channel="desktop" if n % 2 else "phone",
        )
        for n in range(9)
    ]
    put(store, *said)
    newest_first = sorted(said, key=lambda each: each.key, reverse=True)
    pages, before = [], None
    while page := store.deliveries(before=before, limit=2):
        pages += page
        before = page[-1].key
    assert pages == newest_first
    assert store.deliveries("bob") == [each for each in newest_first if each.wearer == "bob"]
    phone = [each for each in newest_first if each.channel == "phone"]
    assert store.deliveries(channel="phone") == phone


def test_what_is_over_makes_room_for_what_is_not() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection)
    over = [
        replace(SAID, announcement=f"a{n}-1", made_at=T0 + n, state=DeliveryState.DELIVERED)
        for n in range(8)
    ]
    waiting = replace(SAID, announcement="w-1", made_at=T0 - 100.0)
    put_deliveries(connection, [waiting, *over], most=5)
    kept = read_deliveries(connection, None, channel=None, before=None, limit=99)
    assert [each.announcement for each in kept] == ["a7-1", "a6-1", "a5-1", "a4-1", "w-1"]
    assert [each.announcement for each in read_pending(connection)] == ["w-1"]


def test_an_alert_and_its_deliveries_are_kept_together_or_not_at_all(store: Store) -> None:
    why = Explanation("lean_deg", 14.5, 8.0, "deg", 31, "upper_back", 0.93)
    alert = Alert(
        "a1", "ada", "e1", AlertKind.SLOUCH, Severity.NUDGE, T0, "You leaned.", why, said=1
    )
    broken = replace(SAID, attempts=None)  # type: ignore[arg-type]  # what no table takes
    with pytest.raises(Exception, match="attempts"):
        store.write(Batch(alerts=(alert,), deliveries=(broken,)), now=T0)
    assert (store.alerts("ada"), store.deliveries("ada")) == ([], [])


def test_the_deliveries_of_a_wearer_are_erased_with_them_or_with_the_range(store: Store) -> None:
    other = replace(SAID, announcement="b1-1", wearer="bob")
    later = replace(SAID, announcement="a2-1", made_at=T0 + 3600.0)
    put(store, SAID, other, later)
    store.erase("ada", T0, T0 + 60)
    assert store.deliveries() == [later, other]
    store.erase("ada")
    assert store.deliveries() == [other]
