"""`sitwell reanalyse`: history that the engine stored, with its raw samples, measured anew."""

import asyncio
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alerts.settings import AlertSettings
from analysis.calibration import calibrate
from analysis.settings import AnalysisSettings
from analysis.version import ALGORITHM_VERSION
from domain.episodes import Episode, EpisodeKind
from domain.errors import InputError, StoreUnavailableError
from domain.people import Calibration, Sensor, Wearer
from domain.placement import Placement
from domain.posture import COLUMNS, Activity, FrameBlock
from domain.retention import Retention
from domain.samples import SampleBlock
from service.air import SIMULATED_PERSON, simulated_radio
from service.engine import Engine
from service.plan import ServicePlan
from service.reanalysis import reanalyse
from service.serve import Service
from service.simulation import DEMO_SENSORS, Simulation
from service.timebase import Timebase
from simulators.body import ScriptedBody
from simulators.days import demo_script, history_script
from simulators.sensor import SensorModel, calibration_poses, typical_sensor
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.service.test_cli import refused

Run = Callable[..., subprocess.CompletedProcess[str]]
DAY = 1_767_225_600  # a midnight in UTC
BEGIN = DAY + 8 * 3600
RATE_HZ = 20.0
ME = Wearer("me", "Me", "Europe/Berlin")
CLIP = Sensor("A0:00:00:00:00:01", "polar", "Clip", "me", Placement.UPPER_BACK, float(DAY))
BAND = Sensor("A0:00:00:00:00:02", "polar", "Band", "me", Placement.THIGH, float(DAY))
STEP_S = 1  # a sensor that is more than 2 s behind another is gone for the analysis


def models() -> dict[str, SensorModel]:
    body = ScriptedBody.of(5, history_script(5, [float(DAY)]))
    return {
        sensor.id: typical_sensor(5, body, sensor.placement, rate_hz=RATE_HZ, power_on=float(BEGIN))
        for sensor in (CLIP, BAND)
    }


def calibrations(made_at: float, *, turned_deg: float = 0.0) -> dict[str, Calibration]:
    """Of both sensors; turned: as if the back's poses had been held otherwise."""
    body = ScriptedBody.of(5, history_script(5, [float(DAY)]))
    found = {}
    for sensor in (CLIP, BAND):
        upright, slouch = calibration_poses(models()[sensor.id], body)
        trunk = sensor is CLIP
        made = calibrate(
            upright, slouch if trunk else None, sensor=sensor.id, placement=sensor.placement,
            made_at=made_at,
        )  # fmt: skip
        if trunk and made.slouch_deg is not None:
            made = replace(made, slouch_deg=made.slouch_deg + turned_deg)
        found[sensor.id] = made
    return found


async def fill(store: SqliteStore, hours: float, *, keep: bool = True) -> None:
    """Some hours of a simulated person through the real engine and its writer, a commit a minute; in the
    middle the back is calibrated anew. The store's clock is the samples'."""
    now = float(BEGIN)
    first = calibrations(float(DAY))
    store.put_wearer(ME)
    for sensor in (CLIP, BAND):
        store.put_sensor(sensor)
        store.add_calibration(first[sensor.id])
    engine = Engine(
        store=store, now=lambda: now, speed=1.0, wearers=(ME,), sensors=(CLIP, BAND),
        calibrations=first, analysis=AnalysisSettings(), alerts=AlertSettings(),
        announce=lambda event, thing: None, keep_samples=keep,
    )  # fmt: skip
    worn, count = models(), int(STEP_S * RATE_HZ)
    steps = int(hours * 3600 / STEP_S)
    for step in range(steps):
        for sensor, model in worn.items():
            _, acc_g, _ = model.samples(step * count, count)
            times = BEGIN + (step * count + np.arange(count)) / RATE_HZ
            engine.take(SampleBlock(sensor, times, acc_g, None, RATE_HZ))
        now += STEP_S
        engine.tick()
        if step % 60 == 59:
            await engine.writer.commit()
        if step == steps // 2:
            second = calibrations(now, turned_deg=4.0)
            store.add_calibration(second[CLIP.id])
            engine.mount((CLIP, BAND), {**first, CLIP.id: second[CLIP.id]})
    await engine.writer.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of some hours as the engine wrote it, closed."""
    folder = tmp_path_factory.mktemp("filled")
    with SqliteStore(folder / "sitwell.db") as store:
        asyncio.run(fill(store, 2.6))
    return folder


@pytest.fixture(scope="module")
def anew(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it, measured anew once."""
    folder = copied(filled, tmp_path_factory.mktemp("anew"))
    with SqliteStore(folder / "sitwell.db") as store:
        reanalyse(store, "me", AnalysisSettings())
    return folder


@pytest.fixture
def folder(anew: Path, tmp_path: Path) -> Path:
    """A copy of that."""
    return copied(anew, tmp_path)


def copied(source: Path, target: Path) -> Path:
    (target / "data").mkdir()
    (target / "data" / "sitwell.db").write_bytes((source / "sitwell.db").read_bytes())
    return target / "data"


def history(store: SqliteStore, start: int = 0, end: int = 2**40) -> list[Any]:
    """All that is known of the wearer, comparable."""
    frames = store.frames("me", start, end)
    hours = store.series("me", max(start, DAY), min(end, DAY + 2 * 86400), 3600)
    return [
        [repr(getattr(frames, name).tolist()) for name in COLUMNS],
        repr([e for e in store.episodes("me", start, end) if e.start >= start]),
        [hours.times.tolist(), hours.seconds.tolist(), repr(hours.means["lean_deg"].tolist())],
        store.alerts("me"),
    ]


def spoil(store: SqliteStore, start: int, end: int) -> None:
    """As if worse rules had been at work: everything is moving, a sit that never was, others missing."""
    old = store.frames("me", start, end)
    columns = {name: getattr(old, name) for name in COLUMNS}
    columns["activity"] = np.full(len(old), Activity.MOVING)
    wrong = Episode(
        EpisodeKind.SITTING, "me", start + 61, start + 100, 0.5, 0.5, 39.0, 0.5, np.nan, "thigh"
    )
    batch = Batch(
        frames=(FrameBlock(wearer="me", **columns),), episodes=(wrong,),
        contexts=tuple(
            replace(c, algorithm_version="0.1", since=max(c.since, start))
            for c in store.contexts("me", start, end)
        ),
    )  # fmt: skip
    store.replace("me", start, end, batch, now=0.0)


class TestHistory:
    def test_is_by_the_same_rules_what_was_live(self, filled: Path, tmp_path: Path) -> None:
        with SqliteStore(copied(filled, tmp_path) / "sitwell.db") as store:
            frames, episodes = store.frames("me", 0, 2**40), store.episodes("me", 0, 2**40)
            mounted_at = BEGIN + 1.3 * 3600
            changes = reanalyse(store, "me", AnalysisSettings())
            assert changes.changed_frames == 0
            assert changes.frames[0] == changes.frames[1] > 2 * 3600
            assert changes.episodes[EpisodeKind.SITTING][0] >= 2
            assert repr(store.episodes("me", 0, 2**40)) == repr(episodes)
            again = store.frames("me", 0, 2**40)
            # But for the second in which the back was calibrated anew: a radio's clock cut it elsewhere.
            apart = np.abs(frames.times - mounted_at) > 4
            for name in COLUMNS:
                was, now = (getattr(each, name)[apart] for each in (frames, again))
                np.testing.assert_array_equal(now, was, err_msg=name)

    def test_that_worse_rules_wrote_becomes_what_it_should_have_been(self, folder: Path) -> None:
        with SqliteStore(folder / "sitwell.db") as store:
            (span,) = reanalyse(store, "me", AnalysisSettings(), dry_run=True).spans
            before = history(store)
            spoil(store, *span)
            assert history(store) != before
            dry = reanalyse(store, "me", AnalysisSettings(), dry_run=True)
            assert dry.changed_frames > 0
            assert history(store) != before, "a dry run writes nothing"
            done = reanalyse(store, "me", AnalysisSettings())
            assert done.changed_frames == dry.changed_frames
            assert done.episodes == dry.episodes
            assert history(store) == before
            versions = {c.algorithm_version for c in store.contexts("me", *span)}
            assert versions == {ALGORITHM_VERSION}
            assert reanalyse(store, "me", AnalysisSettings()).changed_frames == 0

    def test_that_was_half_done_when_it_broke_off_is_finished_by_the_next_run(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("service.reanalysis.PART_S", 900)
        monkeypatch.setattr("service.reanalysis.LOOK_BACK_S", 900)
        with SqliteStore(folder / "sitwell.db") as store:
            (span,) = reanalyse(store, "me", AnalysisSettings(), dry_run=True).spans
            before = history(store)
            spoil(store, *span)
            whole, done = store.replace, []

            def breaking(*words: Any, **more: Any) -> None:
                if len(done) == 2:
                    raise StoreUnavailableError("the disk is full")
                done.append(words[1:3])
                whole(*words, **more)

            monkeypatch.setattr(store, "replace", breaking)
            with pytest.raises(StoreUnavailableError):
                reanalyse(store, "me", AnalysisSettings())
            assert len(done) == 2
            monkeypatch.setattr(store, "replace", whole)
            reanalyse(store, "me", AnalysisSettings())
            assert history(store) == before

    def test_outside_the_range_asked_for_stays(self, folder: Path) -> None:
        with SqliteStore(folder / "sitwell.db") as store:
            (span,) = reanalyse(store, "me", AnalysisSettings(), dry_run=True).spans
            spoil(store, *span)
            early = history(store, 0, BEGIN + 1800)[0]
            changes = reanalyse(
                store, "me", AnalysisSettings(), start=BEGIN + 1800.0, end=BEGIN + 2 * 3600.0
            )
            (inside,) = changes.spans
            assert BEGIN + 1800 <= inside[0] < inside[1] <= BEGIN + 2 * 3600
            assert history(store, 0, BEGIN + 1800)[0] == early

    def test_follows_settings(self, folder: Path) -> None:
        with SqliteStore(folder / "sitwell.db") as store:
            alerts = store.alerts("me")
            changes = reanalyse(store, "me", AnalysisSettings(slouch_delay_s=600.0))
            was, now = changes.episodes[EpisodeKind.SLOUCH]
            assert now < was
            assert store.alerts("me") == alerts
            (start, end) = changes.spans[0]
            assert store.contexts("me", start, end)[0].settings["slouch_delay_s"] == 600.0
            assert len(store.episodes("me", start, end, [EpisodeKind.SLOUCH])) >= now

    def test_without_raw_samples_cannot_be_measured_anew(self, tmp_path: Path) -> None:
        with SqliteStore(tmp_path / "sitwell.db") as store:
            asyncio.run(fill(store, 0.02, keep=False))
            before = history(store)
            with pytest.raises(InputError, match=r"storage\.raw_days"):
                reanalyse(store, "me", AnalysisSettings())
            assert history(store) == before

    def test_that_has_no_raw_samples_in_the_middle_stays_there(self, folder: Path) -> None:
        with SqliteStore(folder / "sitwell.db") as store:
            store.prune(frames_before=0, samples_before=BEGIN + 3600.0)
            changes = reanalyse(store, "me", AnalysisSettings())
            assert all(start >= BEGIN + 3600 for start, _ in changes.spans)


class TestCommand:
    def test_tells_what_changed_and_does_it(self, folder: Path, sitwell: Run) -> None:
        with SqliteStore(folder / "sitwell.db") as store:
            (span,) = reanalyse(store, "me", AnalysisSettings(), dry_run=True).spans
            before = history(store)
            spoil(store, *span)
        words = ("reanalyse", "--data-dir", str(folder))
        dry = sitwell(*words, "--dry-run")
        assert dry.returncode == 0, dry.stderr
        assert "Nothing was written" in dry.stdout
        done = sitwell(*words, "--wearer", "me")
        assert done.returncode == 0, done.stderr
        assert "BEFORE" in done.stdout and "sitting" in done.stdout
        assert "2026-01-01 09:" in done.stdout, "in the wearer's time zone"
        again = sitwell(*words)
        assert "0 of " in again.stdout
        with SqliteStore(folder / "sitwell.db") as store:
            assert history(store) == before

    def test_is_refused_while_a_service_has_the_store(self, folder: Path, sitwell: Run) -> None:
        with SqliteStore(folder / "sitwell.db"):
            done = sitwell("reanalyse", "--data-dir", str(folder))
        assert "while the service is stopped" in refused(done, 4)

    def test_is_refused_without_a_store_a_wearer_or_samples(
        self, folder: Path, tmp_path: Path, sitwell: Run
    ) -> None:
        assert "no store" in refused(sitwell("reanalyse", "--data-dir", str(tmp_path / "none")), 2)
        words = ("reanalyse", "--data-dir", str(folder))
        assert "'eve'" in refused(sitwell(*words, "--wearer", "eve"), 2)
        assert "--from" in refused(sitwell(*words, "--from", "yesterday"), 2)
        with SqliteStore(folder / "sitwell.db") as store:
            store.prune(frames_before=0, samples_before=2.0**40)
        assert "raw_days" in refused(sitwell(*words), 2)


@pytest.mark.slow
@pytest.mark.parametrize("raw_days", [0, 7])
async def test_a_service_keeps_the_samples_it_measured_when_it_is_asked_to(
    raw_days: int, tmp_path: Path
) -> None:
    now = time.time()
    script = demo_script(SIMULATED_PERSON, now, midnight_s=now, lead_s=3600)
    body = ScriptedBody.of(SIMULATED_PERSON, script)
    worn = [(sensor, sensor.model(body, now)) for sensor in DEMO_SENSORS]
    with SqliteStore(tmp_path / "sitwell.db") as store:
        async with Simulation(worn, clock=time.time) as simulation:
            plan = ServicePlan(
                wearers=(ME,),
                sensors=tuple(sensor.paired("me", now) for sensor in DEMO_SENSORS),
                calibrations={s.address: s.calibration(body, now) for s in DEMO_SENSORS},
                retention=Retention(raw_days=raw_days),
            )
            service = Service(
                plan,
                store=store,
                radio=simulated_radio(simulation, time.time),
                timebase=Timebase(),
            )
            serving = asyncio.create_task(service.serve())
            received: dict[str, int] = {}
            async with asyncio.timeout(120):
                while len(received) < len(worn) or min(received.values()) <= 100:
                    await asyncio.sleep(0.5)
                    received = {s.sensor: s.received for s in service.collector.statuses()}
            service.stop()
            await asyncio.wait_for(serving, 60)
        kept = {each.sensor: each.samples for each in store.samples_kept()}
        if raw_days == 0:
            assert kept == {}
            return
        assert kept.keys() == received.keys()
        assert all(kept[sensor] >= count for sensor, count in received.items())
        for sensor in kept:
            times = np.concatenate([b.times for b in store.samples(sensor, 0, 2**40)])
            assert (np.diff(times) > 0).all()
            assert len(times) == kept[sensor]
