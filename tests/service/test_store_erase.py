"""`sitwell store erase`, and erasing while the service runs."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from domain.errors import ConflictError, InputError, StoreHeldError
from domain.people import Sensor, Wearer
from domain.placement import Placement
from domain.samples import SampleBlock
from service.commands.store_erase import EraseOptions, run_erase
from service.engine import Engine
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.api.service_fake import frames
from tests.service.test_cli import refused

Run = Callable[..., subprocess.CompletedProcess[str]]
T0 = 1_790_035_200  # a midnight in UTC
ADA = Wearer("ada", "Ada", "UTC")
BAND = Sensor("A0:00:00:00:00:02", "polar", "Band", "ada", Placement.THIGH, float(T0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with two hours of ada and one of bob."""
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.put_wearer(ADA)
        store.put_sensor(BAND)
        for wearer, hours in (("ada", 2), ("bob", 1)):
            store.write(Batch(frames=(frames(wearer, T0, hours * 3600),)), now=T0)
    return tmp_path


def test_shows_what_goes_and_asks_before_it_erases(folder: Path, sitwell: Run) -> None:
    data = ("--data-dir", str(folder))
    done = sitwell("store", "erase", "ada", *data, stdin="n\n")
    assert done.returncode == 0, done.stderr
    assert "2.0 hours measured between 2026-09-22 00:00 and 2026-09-22 02:00" in done.stdout
    assert "the sensors Band" in done.stdout
    assert "Nothing was erased." in done.stdout
    refused(sitwell("store", "erase", "ada", *data), 2)  # nobody answers
    with SqliteStore(folder / "sitwell.db") as store:
        assert len(store.frames("ada", T0, T0 + 7200)) == 7200
    done = sitwell("store", "erase", "ada", *data, stdin="y\n")
    assert "Erased: 7,200 frames, 120 minutes, 1 sensors." in done.stdout
    with SqliteStore(folder / "sitwell.db") as store:
        assert store.latest("ada") is None
        assert store.latest("bob") is not None
        (entry,) = store.audit()
        assert (entry.who, entry.what, entry.wearer) == ("command line", "erase", "")
        assert "7,200 frames" in entry.detail


def test_erases_a_range_in_the_time_of_the_wearer(folder: Path, sitwell: Run) -> None:
    done = sitwell(
        *("store", "erase", "ada", "--data-dir", str(folder), "--yes"),
        *("--from", "2026-09-22T00:30", "--to", "2026-09-22T01:00"),
    )
    assert "Erased: 1,800 frames, 30 minutes." in done.stdout, done.stderr
    with SqliteStore(folder / "sitwell.db") as store:
        assert len(store.frames("ada", T0, T0 + 7200)) == 5400
        assert store.sensors() == [BAND]


def test_refuses_whom_nobody_knows_and_a_store_that_is_not_there(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no wearer 'zoe'"):
        run_erase(EraseOptions("zoe", yes=True, data_dir=folder))
    with pytest.raises(InputError, match="no store in"):
        run_erase(EraseOptions("ada", yes=True, data_dir=tmp_path / "elsewhere"))
    backwards = EraseOptions("ada", "2026-09-22", "2026-09-21", yes=True, data_dir=folder)
    with pytest.raises(InputError, match="--to is not after --from"):
        run_erase(backwards)


def test_says_who_holds_the_store_while_the_service_runs(folder: Path) -> None:
    with (
        SqliteStore(folder / "sitwell.db"),
        pytest.raises(StoreHeldError, match=r"held by process .*DELETE /api/v1/wearers/ID/data"),
    ):
        run_erase(EraseOptions("ada", yes=True, data_dir=folder))


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    with SqliteStore(folder / "sitwell.db") as store:
        yield store


async def test_a_running_service_erases_who_wears_nothing_and_keeps_nothing_in_mind(
    store: SqliteStore,
) -> None:
    now = float(T0 + 9000)
    engine = Engine(
        store=store, now=lambda: now, speed=1.0, wearers=(ADA,), sensors=(BAND,), calibrations={},
        analysis=AnalysisSettings(), alerts=AlertSettings(), announce=lambda event, thing: None,
    )  # fmt: skip
    for second in range(120):
        times = T0 + 9000 + second + np.arange(20) / 20
        engine.take(SampleBlock(BAND.id, times, np.tile([0.02, 0.0, 1.0], (20, 1)), None, 20.0))
        now += 1.0
    await engine.writer.commit()
    assert store.state("pipeline/ada") is not None
    with pytest.raises(ConflictError, match="unpair"):
        await engine.erase("ada", None, None)
    engine.mount((), {})
    erased = await engine.erase("ada", None, None)
    assert erased.frames > 7200
    assert store.latest("ada") is None
    assert store.wearers() == [ADA], "the configuration still names her"
    engine.tick({})
    await engine.writer.close()
    assert store.episodes("ada", 0, 2**40) == []
    assert store.state("pipeline/ada") is None
    assert store.contexts("ada", 0, 2**40) == []
    assert [(entry.who, entry.what) for entry in store.audit()] == [("api", "erase")]
