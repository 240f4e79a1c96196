"""Decisions of the alert policy and adjustments, in every store."""

import math
from dataclasses import replace

import pytest

from domain.alerts import AlertKind
from domain.decisions import Decision, Reason
from domain.errors import ConflictError
from domain.records import Adjustment, Setting
from storage.contract import Batch, Store

T0 = 1_790_035_200
HELD = Decision(
    "d0", "ada", T0 + 0.5, AlertKind.SITTING, "e1", Reason.IN_MEETING, "sitting_s", 1800.0, 1800.0, "s"
)  # fmt: skip


def put(store: Store, *decisions: Decision) -> None:
    store.write(Batch(decisions=decisions), now=T0)


def test_a_decision_comes_back_as_it_was_written_and_only_once(store: Store) -> None:
    unknown = replace(HELD, id="d1", limit=math.nan, alert="a1", reason=Reason.SAID)
    put(store, HELD)
    put(store, HELD, unknown)
    newest, older = store.decisions("ada", T0, T0 + 1)
    assert older == HELD
    assert math.isnan(newest.limit) and newest.alert == "a1" and newest.spoken
    assert store.decisions("bob", T0, T0 + 1) == []
    assert store.decisions("ada", T0 + 1, T0 + 9) == []


def test_decisions_are_read_page_by_page_newest_first(store: Store) -> None:
    made = [replace(HELD, id=f"d{n}", at=T0 + n // 2) for n in range(9)]
    put(store, *made)
    pages: list[Decision] = []
    before = None
    while page := store.decisions("ada", T0, T0 + 99, before=before, limit=2):
        pages += page
        before = page[-1].at, page[-1].id
    assert pages == sorted(made, key=lambda each: (each.at, each.id), reverse=True)


def test_old_decisions_go_with_the_readings_and_erased_ones_at_once(store: Store) -> None:
    put(store, HELD, replace(HELD, id="d1", at=T0 + 100.0), replace(HELD, id="d2", wearer="bob"))
    store.put_adjustment(Adjustment("j1", "ada", "a1", "slouch_margin_deg", 2.0, T0 + 50.0))
    store.prune(frames_before=0, readings_before=T0 + 50)
    assert [each.id for each in store.decisions("ada", T0, T0 + 999)] == ["d1"]
    store.erase("ada", T0 + 40, T0 + 200)
    assert store.decisions("ada", 0, 2**40) == []
    assert store.adjustments("ada") == []


def test_an_adjustment_is_changed_by_compare_and_swap(store: Store) -> None:
    made = Adjustment("j1", "ada", "a1", "slouch_margin_deg", 2.0, T0 + 0.5)
    revision = store.put_adjustment(made, expected=0)
    undone = replace(made, undone_at=T0 + 9.5)
    store.put_adjustment(undone, expected=revision)
    with pytest.raises(ConflictError):
        store.put_adjustment(made, expected=revision)
    assert store.adjustments("ada") == [undone]
    assert store.adjustments() == [undone]


def test_settings_change_together(store: Store) -> None:
    store.change_settings("ada", {"alerts.repeats": 1, "alerts.quiet_hours": "22:00-07:00"})
    store.change_settings("ada", {"alerts.repeats": 2}, ["alerts.quiet_hours", "alerts.never"])
    assert store.settings("ada") == [Setting("alerts.repeats", 2, "ada")]
