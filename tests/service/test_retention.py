"""Seconds are kept as long as the setting says, 90 days without one, and what was made of them for ever."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from domain.deliveries import Delivery, DeliveryState
from domain.records import AuditEntry
from domain.retention import Retention
from service import pruning
from service.config import parse_config
from service.writer import StoreWriter
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.service.made_up import frames

DAY_S = 86_400
NOW = 1_790_035_200


@pytest.mark.parametrize(("table", "days"), [({}, 90), ({"storage": {"frames_days": 7}}, 7)])
async def test_a_service_removes_old_seconds_soon_after_its_start(
    table: dict[str, Any], days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "FIRST_PRUNE_S", 0.01)
    config = parse_config(table)
    edge = NOW - days * DAY_S
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.write(Batch(frames=(frames(edge - 100, 200),)), now=NOW)
        writer = StoreWriter(store, now=lambda: float(NOW), states=dict)
        keeping = pruning.Pruning(writer, lambda: float(NOW), config.retention)
        removing = asyncio.create_task(keeping.run())
        async with asyncio.timeout(60):
            while len(store.frames("me", 0, 2**40)) > 100:
                await asyncio.sleep(0.02)
        removing.cancel()
        await asyncio.wait({removing})
        await writer.close()
        assert store.frames("me", 0, 2**40).times.tolist() == list(range(edge, edge + 100))
        assert store.series("me", 0, 2**33, 60).seconds.sum() == 200


async def test_what_came_of_announcements_and_who_did_what_go_in_time(tmp_path: Path) -> None:
    def announced(days: float, state: DeliveryState = DeliveryState.DELIVERED) -> Delivery:
        at = NOW - days * DAY_S
        return Delivery(f"a{days}-1", "hook", "me", "a1", "sitting", at, at + 600, at, at, state)

    with SqliteStore(tmp_path / "sitwell.db") as store:
        waiting = announced(92, DeliveryState.WAITING)
        store.write(Batch(deliveries=(announced(89), announced(91), waiting)), now=NOW)
        for days in (400, 366, 364):
            store.add_audit(AuditEntry(NOW - days * DAY_S, "api", "pair", "me", f"{days}"))
        writer = StoreWriter(store, now=lambda: float(NOW), states=dict)
        await writer.prune(parse_config({}).retention, NOW)
        assert store.deliveries() == [announced(89), waiting], "what is still to be done stays"
        assert [each.detail for each in store.audit()] == ["364"]
        store.add_audit(AuditEntry(NOW, "api", "pair"))
        await writer.prune(Retention(deliveries_days=10, audit_days=30), NOW)
        await writer.close()
        assert store.deliveries() == [waiting]
        assert [each.what for each in store.audit()] == ["pair"]
        store.erase("me")
        assert store.deliveries() == []
