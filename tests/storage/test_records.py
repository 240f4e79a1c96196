"""Records change by compare and swap, in the words of storage/record_contract.py, over every backend."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.errors import ConflictError, NotFoundError
from domain.people import Assignment, Calibration, ReferenceMethod, Sensor, Wearer
from domain.placement import Placement
from domain.records import AuditEntry, DiaryEntry, Setting, Token
from storage.contract import Store

T0 = 1_790_035_200
TURN = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
ADA = Wearer("ada", "Ada", "UTC")
CLIP = Sensor("AA:BB", "polar", "Clip", "ada", Placement.STERNUM, T0 + 0.5)
MADE = Calibration("AA:BB", Placement.STERNUM, T0 + 9.0, ReferenceMethod.ONE_POSE, TURN, None, 0.4)
NOTE = DiaryEntry("d1", "ada", T0 + 60.25, "stiff neck", 4, {"region": "neck", "sleep_h": 6.5})
LIMIT = Setting("alerts.sitting_limit_s", 2400.0, "ada")
TOKEN = Token("t1", "phone", "ab" * 32, ("read",), T0 + 1.5)
WHY = Explanation("lean_deg", 14.5, 8.0, "deg", 31, "sternum", 0.9)
ALERT = Alert("a1", "ada", "e", AlertKind.SLOUCH, Severity.NUDGE, T0 + 5.0, "You lean", WHY)


@dataclass(frozen=True)
class Kind:
    """How one kind of record is put, changed, read and removed."""

    one: Any
    other: Any
    put: Callable[..., int]
    read: Callable[[Store], list[Any]]
    remove: Callable[..., None] | None = None


KINDS = {
    "wearer": Kind(
        ADA,
        replace(ADA, name="Countess"),
        lambda s, r, **e: s.put_wearer(r, **e),
        lambda s: s.wearers(),
    ),
    "sensor": Kind(
        CLIP,
        replace(CLIP, name="Button"),
        lambda s, r, **e: s.put_sensor(r, **e),
        lambda s: s.sensors(),
        lambda s, **e: s.remove_sensor("AA:BB", now=T0 + 99.0, **e),
    ),
    "calibration": Kind(
        MADE,
        replace(MADE, sigma_deg=0.7),
        lambda s, r, **e: s.add_calibration(r, **e),
        lambda s: s.calibrations("AA:BB"),
    ),
    "diary entry": Kind(
        NOTE,
        replace(NOTE, text="better", pain=None, answers={}),
        lambda s, r, **e: s.put_diary_entry(r, **e),
        lambda s: s.diary("ada", 0, 2**40),
        lambda s, **e: s.remove_diary_entry("d1", **e),
    ),
    "setting": Kind(
        LIMIT,
        replace(LIMIT, value="thrice"),
        lambda s, r, **e: s.put_setting(r, **e),
        lambda s: s.settings("ada"),
        lambda s, **e: s.remove_setting(LIMIT.name, "ada", **e),
    ),
    "token": Kind(
        TOKEN,
        replace(TOKEN, revoked_at=T0 + 60.5),
        lambda s, r, **e: s.put_token(r, **e),
        lambda s: s.tokens(),
        lambda s, **e: s.remove_token("t1", **e),
    ),
}
REMOVABLE = {name: kind for name, kind in KINDS.items() if kind.remove is not None}


@pytest.mark.parametrize("name", KINDS)
class TestARecord:
    def test_comes_back_as_it_was_put_with_its_revision(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        revision = kind.put(store, kind.one)
        assert kind.read(store) == [kind.one]
        assert [each.revision for each in kind.read(store)] == [revision]
        assert revision > 0

    def test_that_is_changed_has_a_higher_revision(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        first = kind.put(store, kind.one, expected=0)
        second = kind.put(store, kind.other, expected=first)
        assert second > first
        assert kind.read(store) == [kind.other]

    def test_that_somebody_else_changed_is_not_overwritten(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        first = kind.put(store, kind.one)
        second = kind.put(store, kind.other, expected=first)
        with pytest.raises(ConflictError, match=rf"{name} .* was changed meanwhile"):
            kind.put(store, kind.one, expected=first)
        assert [each.revision for each in kind.read(store)] == [second]
        assert kind.read(store) == [kind.other]

    def test_that_is_there_is_not_made_again(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        kind.put(store, kind.one)
        with pytest.raises(ConflictError, match=rf"there is a {name} .* already"):
            kind.put(store, kind.other, expected=0)
        assert kind.read(store) == [kind.one]

    def test_that_is_not_there_cannot_be_changed(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        with pytest.raises(ConflictError, match="not there any more"):
            kind.put(store, kind.one, expected=3)
        assert kind.read(store) == []

    def test_without_an_expected_revision_is_replaced(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        first = kind.put(store, kind.one)
        assert kind.put(store, kind.other) > first
        assert kind.read(store) == [kind.other]

    def test_outlives_the_store_being_closed_with_its_revision(
        self, reopen: Callable[[], Store], name: str
    ) -> None:
        kind = KINDS[name]
        revision = kind.put(reopen(), kind.one)
        again = reopen()
        assert kind.read(again) == [kind.one]
        assert kind.put(again, kind.other, expected=revision) > revision


@pytest.mark.parametrize("name", REMOVABLE)
class TestARemovedRecord:
    def test_is_gone_once(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        assert kind.remove is not None
        kind.put(store, kind.one)
        kind.remove(store)
        assert kind.read(store) == []
        with pytest.raises(NotFoundError):
            kind.remove(store)

    def test_was_not_changed_meanwhile(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        assert kind.remove is not None
        first = kind.put(store, kind.one)
        second = kind.put(store, kind.other)
        with pytest.raises(ConflictError):
            kind.remove(store, expected=first)
        assert kind.read(store) == [kind.other]
        kind.remove(store, expected=second)
        assert kind.read(store) == []

    def test_that_is_made_anew_never_has_an_old_revision(self, store: Store, name: str) -> None:
        kind = KINDS[name]
        assert kind.remove is not None
        first = kind.put(store, kind.one)
        kind.remove(store)
        assert kind.put(store, kind.one) > first
        with pytest.raises(ConflictError):
            kind.put(store, kind.other, expected=first)


class TestAlerts:
    def test_carry_their_own_revision_and_go_forwards_only(self, store: Store) -> None:
        assert store.put_alert(ALERT, expected=0) == 1
        answered = replace(ALERT, outcome=Outcome.FALSE_ALARM, closed_at=T0 + 9.0, revision=2)
        assert store.put_alert(answered, expected=1) == 2
        for late, expected in ((answered, 1), (answered, 2), (replace(ALERT, revision=9), 1)):
            with pytest.raises(ConflictError):
                store.put_alert(late, expected=expected)
        with pytest.raises(ConflictError):
            store.put_alert(ALERT)
        assert store.alert("a1") == answered


class TestTheOthers:
    def test_two_who_change_the_same_at_once_do_not_both_win(self, store: Store) -> None:
        store.put_setting(Setting("count", 0.0))
        lost: list[int] = []

        def add_ten(number: int) -> None:
            for _ in range(10):
                while True:
                    (count,) = store.settings("")
                    assert isinstance(count.value, float)
                    try:
                        more = replace(count, value=count.value + 1.0)
                        store.put_setting(more, expected=count.revision)
                        break
                    except ConflictError:
                        lost.append(number)

        threads = [threading.Thread(target=add_ten, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [s.value for s in store.settings()] == [40.0]

    @pytest.mark.parametrize("value", [None, True, 1.5, -math.inf, "", "für „dich“ ☂"])
    def test_a_setting_comes_back_with_its_type(self, store: Store, value: Any) -> None:
        store.put_setting(Setting("x", value))
        (back,) = store.settings("")
        assert back.value == value
        assert type(back.value) is type(value)

    def test_diary_entries_are_read_by_what_they_are_about(self, store: Store) -> None:
        for n in range(5):
            store.put_diary_entry(DiaryEntry(f"d{9 - n}", "ada", T0 + 60.0 * n))
        store.put_diary_entry(DiaryEntry("other", "bob", T0 + 60.0))
        assert [e.id for e in store.diary("ada", T0 + 60.0, T0 + 180.0)] == ["d8", "d7"]

    def test_a_pain_beyond_ten_is_none(self) -> None:
        with pytest.raises(ValueError, match="pain 11"):
            DiaryEntry("d", "ada", T0, pain=11)

    def test_two_tokens_never_share_a_digest_and_none_shows_it(self, store: Store) -> None:
        store.put_token(TOKEN)
        with pytest.raises(ConflictError):
            store.put_token(replace(TOKEN, id="t2"))
        assert len(store.tokens()) == 1
        assert TOKEN.digest not in repr(store.tokens())

    def test_the_audit_is_in_the_order_of_what_was_done_whatever_the_clock_said(
        self, store: Store
    ) -> None:
        done = [AuditEntry(T0 - 3600.0 * n, "api", "pair", "ada", f"the {n}th") for n in range(5)]
        for entry in done:
            store.add_audit(entry)
        assert store.audit() == done[::-1]
        assert store.audit(limit=2) == [done[4], done[3]]

    def test_assignments_of_another_store_come_as_they_are(self, store: Store) -> None:
        history = [
            Assignment("AA:BB", "ada", Placement.THIGH, T0 + 60.0, None),
            Assignment("AA:BB", "bob", Placement.STERNUM, T0 + 0.5, T0 + 50.0),
        ]
        store.put_assignments(history)
        store.put_assignments(history[::-1])
        assert store.assignments() == history

    def test_an_erased_wearer_leaves_no_diary_no_settings_and_an_audit_of_nobody(
        self, store: Store
    ) -> None:
        store.put_diary_entry(NOTE)
        store.put_diary_entry(replace(NOTE, id="d2", at=T0 + 7200.0))
        store.put_setting(LIMIT)
        store.put_setting(replace(LIMIT, wearer=""))
        store.add_audit(AuditEntry(T0, "api", "pair", "ada", "Ada's clip"))
        assert store.erase("ada", T0, T0 + 3600).diary == 1
        assert [e.id for e in store.diary("ada", 0, 2**40)] == ["d2"]
        assert len(store.audit()[0].detail) > 0
        assert store.erase("ada").diary == 1
        assert [s.wearer for s in store.settings()] == [""]
        assert store.audit() == [AuditEntry(T0, "api", "pair", "", "")]
