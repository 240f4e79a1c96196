"""Seconds are kept as long as the setting says, 90 days without one, and what was made of them for ever."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from domain.people import Wearer
from service import pruning
from service.config import parse_config
from service.plan import ServicePlan
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
        plan = ServicePlan(
            wearers=(Wearer("me", "Me", "UTC"),), sensors=(), calibrations={},
            frames_days=config.storage.frames_days,
        )  # fmt: skip
        writer = StoreWriter(store, now=lambda: float(NOW), states=dict)
        keeping = pruning.Pruning(
            writer, lambda: float(NOW), frames_days=plan.frames_days, raw_days=plan.raw_days
        )
        removing = asyncio.create_task(keeping.run())
        async with asyncio.timeout(60):
            while len(store.frames("me", 0, 2**40)) > 100:
                await asyncio.sleep(0.02)
        removing.cancel()
        await asyncio.wait({removing})
        await writer.close()
        assert store.frames("me", 0, 2**40).times.tolist() == list(range(edge, edge + 100))
        assert store.series("me", 0, 2**33, 60).seconds.sum() == 200
