"""The engine and its desks: samples of sensors in, what was found kept and made known."""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alerts.settings import AlertSettings
from analysis.calibration import calibrate
from analysis.settings import AnalysisSettings
from analysis.version import ALGORITHM_VERSION
from domain.alerts import Alert, AlertKind, Outcome
from domain.context import ReferenceInForce
from domain.episodes import EpisodeKind
from domain.errors import ConflictError, NotFoundError
from domain.link import LinkState, SensorStatus
from domain.people import Calibration, Sensor, Wearer
from domain.placement import Placement
from domain.posture import Activity, WearerStatus
from domain.samples import Recording
from service.desk import pipeline_key, policy_key, watch_key
from service.engine import GRACE_S, Engine
from storage.contract import Batch
from tests.service.made_up import BAND, CLIP, ME, RATE_HZ, T0, FailingStore, samples

STANDING, SITTING = (0.0, 0.0, 1.0), (1.0, 0.0, 0.05)


class Bench:
    """An engine over a real store, with a clock that is set by hand."""

    def __init__(
        self,
        store: FailingStore,
        sensors: Sequence[Sensor] = (CLIP, BAND),
        wearers: Sequence[Wearer] = (ME,),
        alerts: AlertSettings | None = None,
        analysis: AnalysisSettings | None = None,
    ) -> None:
        self.now = float(T0)
        self.heard: list[tuple[str, Any]] = []
        self.heard_at: dict[str, float | None] = {}
        self.store = store
        self.engine = Engine(
            store=store,
            now=lambda: self.now,
            speed=1.0,
            wearers=wearers,
            sensors=sensors,
            calibrations={BAND.id: thigh_calibration()},
            analysis=analysis or AnalysisSettings(),
            alerts=alerts or AlertSettings(),
            announce=lambda event, thing: self.heard.append((event, thing)),
        )

    def wear(self, seconds: int, up: Sequence[float]) -> None:
        """Both sensors deliver `seconds` of samples, a second at a time."""
        for _ in range(seconds):
            self.engine.take(samples(CLIP.id, self.now, 1))
            self.engine.take(samples(BAND.id, self.now, 1, up))
            self.now += 1
            self.engine.tick()

    def of_frames(self) -> list[list[int]]:
        """The seconds of every block of frames that is to be written."""
        return [block.times.tolist() for block in self.engine.writer._frames]

    def of(self, event: str) -> list[Any]:
        """Everything announced as `event`."""
        return [thing for name, thing in self.heard if name == event]


def thigh_calibration() -> Calibration:
    """A thigh band that stands along its own z axis."""
    block = samples(BAND.id, T0, 8)
    return calibrate(
        Recording(block.times, block.acc_g),
        sensor=BAND.id,
        placement=Placement.THIGH,
        made_at=float(T0),
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FailingStore]:
    with FailingStore(tmp_path / "sitwell.db") as store:
        store.put_wearer(ME)
        yield store


@pytest.fixture
async def bench(store: FailingStore) -> AsyncIterator[Bench]:
    bench = Bench(store)
    yield bench
    await bench.engine.writer.close()


async def test_a_sit_is_found_announced_and_kept(bench: Bench) -> None:
    bench.wear(180, STANDING)
    bench.wear(300, SITTING)
    statuses: list[WearerStatus] = bench.of("now")
    assert statuses[-1].activity is Activity.SITTING
    assert statuses[-1].bout_start == pytest.approx(T0 + 180, abs=3)
    (opened,) = [e for e in bench.of("episode") if e.kind is EpisodeKind.SITTING]
    assert opened.open
    await bench.engine.writer.commit()
    (kept,) = bench.store.episodes("me", T0, T0 + 999, [EpisodeKind.SITTING])
    assert kept.id == opened.id
    assert len(bench.store.frames("me", T0, T0 + 999)) >= 475


async def test_samples_of_a_sensor_that_nobody_wears_are_counted_and_left(bench: Bench) -> None:
    bench.engine.take(samples("FF:00:00:00:00:01", T0, 5))
    assert bench.engine.unplaced_blocks == 1
    assert bench.heard == []


async def test_frames_and_the_state_that_made_them_are_in_one_batch(bench: Bench) -> None:
    bench.wear(120, STANDING)
    await bench.engine.writer.commit()
    (batch,) = bench.store.batches
    assert set(batch.states) == {pipeline_key("me"), policy_key("me"), watch_key("me")}
    newest = max(int(block.times[-1]) for block in batch.frames)
    again = Bench(bench.store)
    status = again.engine.status("me")
    assert status is not None
    assert status.time == newest, "the state is as old as the newest frame, not older, not newer"
    await again.engine.writer.close()


async def test_a_restart_in_the_middle_of_a_sit_goes_on_with_the_same_bout(bench: Bench) -> None:
    bench.wear(180, STANDING)
    bench.wear(600, SITTING)
    await bench.engine.writer.commit()
    before = bench.engine.status("me")
    assert before is not None

    after = Bench(bench.store)
    after.now = bench.now + 8
    after.wear(120, SITTING)
    status = after.engine.status("me")
    assert status is not None
    assert status.bout_start == before.bout_start
    assert status.sitting_clock_s >= before.sitting_clock_s + 110
    await after.engine.writer.close()
    (bout,) = bench.store.episodes("me", T0, T0 + 9999, [EpisodeKind.SITTING])
    assert bout.open


async def test_a_state_that_cannot_be_read_starts_anew_and_says_so(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.wear(120, STANDING)
    await bench.engine.writer.commit()
    garbage = {pipeline_key("me"): b"\x00garbage", policy_key("me"): b"{"}
    bench.store.write(Batch(states=garbage), now=bench.now)
    with caplog.at_level(logging.ERROR):
        anew = Bench(bench.store)
    assert len([r for r in caplog.records if "anew" in r.getMessage()]) == 2
    assert anew.engine.status("me") is None
    anew.now = bench.now + 60
    anew.wear(120, STANDING)
    status = anew.engine.status("me")
    assert status is not None
    assert status.activity is Activity.STANDING
    await anew.engine.writer.close()


@pytest.mark.parametrize("sensors", [(CLIP, BAND), ()], ids=["starts anew", "nothing is worn"])
async def test_what_no_run_goes_on_with_is_open_no_longer(
    store: FailingStore, sensors: Sequence[Sensor]
) -> None:
    bench = Bench(store, alerts=AlertSettings(sitting_after_min=15, wait_for_pause_s=0))
    bench.wear(180, STANDING)
    bench.wear(16 * 60, SITTING)
    await bench.engine.writer.close()
    (alert,) = store.alerts(open_only=True)
    (bout,) = [e for e in store.episodes("me", T0, T0 + 9999) if e.open]
    latest = store.latest("me")
    assert latest is not None
    store.write(Batch(states={pipeline_key("me"): b"?", policy_key("me"): b"?"}), now=bench.now)

    after = Bench(store, sensors=sensors)
    after.now = bench.now
    await after.engine.writer.close()
    assert store.alerts(open_only=True) == []
    ended = store.alert(alert.id)
    assert (ended.outcome, ended.revision) == (Outcome.ENDED, alert.revision + 1)
    (cut,) = [e for e in store.episodes("me", T0, T0 + 9999) if e.id == bout.id]
    assert (cut.end, cut.censored, cut.dose) == (latest.time + 1, True, cut.lasted_s(0))


async def test_silence_is_closed_as_unknown_after_its_grace(bench: Bench) -> None:
    bench.wear(120, STANDING)
    bench.now += GRACE_S + 5
    bench.engine.tick()
    status = bench.engine.status("me")
    assert status is not None
    assert status.time >= T0 + 122
    assert status.activity is Activity.UNKNOWN


async def test_a_wearer_without_a_sensor_is_known_and_has_nothing(store: FailingStore) -> None:
    anna = Wearer("anna", "Anna", "UTC")
    bench = Bench(store, wearers=(ME, anna))
    assert bench.engine.wearers() == ("me", "anna")
    assert bench.engine.status("anna") is None
    assert bench.engine.sensors_of("anna") == ()
    bench.engine.tick()
    with pytest.raises(NotFoundError):
        bench.engine.status("nobody")
    alone = Bench(store, sensors=())
    alone.engine.tick()
    assert alone.engine.open_alerts() == ()
    for each in (bench, alone):
        await each.engine.writer.close()


async def test_an_alert_is_answered_committed_and_announced(store: FailingStore) -> None:
    bench = Bench(store, alerts=AlertSettings(sitting_after_min=15, wait_for_pause_s=0))
    bench.wear(180, STANDING)
    bench.wear(16 * 60, SITTING)
    (alert,) = bench.engine.open_alerts()
    assert alert.kind is AlertKind.SITTING

    snoozed = await bench.engine.snooze(alert.id, 20)
    assert snoozed.snoozed_until == bench.now + 20 * 60
    assert store.alert(alert.id) == snoozed, "committed on return"
    assert bench.of("alert")[-1] == snoozed

    closed = await bench.engine.acknowledge(alert.id, fine=True)
    assert closed.outcome is Outcome.FALSE_ALARM
    assert store.alert(alert.id) == closed
    with pytest.raises(ConflictError):
        await bench.engine.acknowledge(alert.id, fine=False)
    with pytest.raises(NotFoundError):
        await bench.engine.snooze("f" * 16, 5)
    revisions = [a.revision for a in bench.of("alert") if isinstance(a, Alert)]
    assert revisions == sorted(revisions)
    await bench.engine.writer.close()


async def test_a_break_is_the_same_for_the_analysis_and_for_the_alert(store: FailingStore) -> None:
    bench = Bench(
        store,
        alerts=AlertSettings(sitting_after_min=15, wait_for_pause_s=0),
        analysis=AnalysisSettings(partial_break_s=120, full_break_s=180),
    )
    bench.wear(60, STANDING)
    bench.wear(16 * 60, SITTING)
    (alert,) = bench.engine.open_alerts()
    bench.wear(110, STANDING)
    assert bench.engine.open_alerts() == (alert,), "a minute is no break of this wearer's"
    bench.wear(90, STANDING)
    assert bench.engine.open_alerts() == ()
    outcomes = [a.outcome for a in bench.of("alert") if a.id == alert.id]
    assert outcomes == [None, Outcome.PARTIAL, Outcome.TAKEN]
    await bench.engine.writer.close()


def test_the_made_up_sensor_is_at_rest() -> None:
    block = samples(CLIP.id, T0, 2)
    assert len(block) == 2 * RATE_HZ
    assert np.linalg.norm(block.acc_g, axis=1).mean() == pytest.approx(1.0, abs=0.01)


def hear(bench: Bench, seconds: int, *on: Sensor, battery: float = 80.0) -> None:
    """Ticks with the links of both sensors; those in `on` stream."""
    for _ in range(0, seconds, 30):
        bench.now += 30
        links = {}
        for sensor in (CLIP, BAND):
            state = LinkState.STREAMING if sensor in on else LinkState.SCANNING
            last = bench.now - 0.5 if sensor in on else bench.heard_at.get(sensor.id)
            bench.heard_at[sensor.id] = last
            links[sensor.id] = SensorStatus(
                sensor.id, state, 0.0, battery_percent=battery, last_sample_at=last
            )
        bench.engine.tick(links)


async def test_a_sensor_that_goes_silent_is_told_kept_and_remembered_over_a_restart(
    bench: Bench,
) -> None:
    hear(bench, 600, CLIP, BAND)
    hear(bench, 3600, CLIP)
    (lost,) = bench.of("alert")
    assert (lost.kind, lost.episode) == (AlertKind.SENSOR_LOST, BAND.id)
    await bench.engine.writer.commit()
    assert bench.store.alert(lost.id) == lost
    assert bench.engine.open_alerts() == (lost,)

    after = Bench(bench.store)
    after.now = bench.now + 60
    assert after.engine.open_alerts() == (lost,)
    hear(after, 3600, CLIP)
    assert after.of("alert") == [], "said already"
    hear(after, 60, CLIP, BAND)
    (ended,) = after.of("alert")
    assert (ended.id, ended.outcome) == (lost.id, Outcome.ENDED)
    await after.engine.writer.close()
    assert bench.store.alert(lost.id) == ended


async def test_an_alert_about_a_sensor_is_answered_like_any_other(bench: Bench) -> None:
    hear(bench, 60, CLIP, BAND, battery=12.0)
    first, second = bench.of("alert")
    assert {first.kind, second.kind} == {AlertKind.LOW_BATTERY}
    assert {first.episode, second.episode} == {CLIP.id, BAND.id}
    snoozed = await bench.engine.snooze(first.id, 20)
    closed = await bench.engine.acknowledge(second.id, fine=True)
    assert bench.store.alert(first.id) == snoozed
    assert bench.store.alert(second.id).outcome is closed.outcome is Outcome.FALSE_ALARM
    with pytest.raises(ConflictError):
        await bench.engine.acknowledge(second.id, fine=False)


async def test_what_was_said_of_a_sensor_ends_when_nobody_wears_it_any_more(bench: Bench) -> None:
    hear(bench, 60, CLIP, BAND, battery=12.0)
    bench.engine.mount((BAND,), {})
    hear(bench, 30, BAND, battery=12.0)
    assert [a.episode for a in bench.engine.open_alerts()] == [BAND.id]
    bench.engine.mount((), {})
    assert bench.engine.open_alerts() == ()
    outcomes = {a.episode: a.outcome for a in bench.of("alert")}
    assert outcomes == {CLIP.id: Outcome.ENDED, BAND.id: Outcome.ENDED}


async def test_the_budget_of_a_day_is_for_posture(store: FailingStore) -> None:
    bench = Bench(
        store, alerts=AlertSettings(alerts_per_day=1, sitting_after_min=15, wait_for_pause_s=0)
    )
    hear(bench, 60, CLIP, BAND, battery=12.0)
    bench.wear(180, STANDING)
    bench.wear(16 * 60, SITTING)
    kinds = sorted(alert.kind for alert in bench.engine.open_alerts())
    assert kinds == [AlertKind.LOW_BATTERY, AlertKind.LOW_BATTERY, AlertKind.SITTING]
    await bench.engine.writer.close()


def trunk_calibration() -> Calibration:
    """A clip that is upright along its z axis, and 20 deg of slouch over it."""
    upright = samples(CLIP.id, T0, 8)
    slouch = samples(CLIP.id, T0, 8, (-0.34, 0.0, 0.94))
    return calibrate(
        Recording(upright.times, upright.acc_g),
        Recording(slouch.times, slouch.acc_g),
        sensor=CLIP.id,
        placement=CLIP.placement,
        made_at=float(T0),
    )


def wear(bench: Bench, seconds: int, thigh: Sequence[float], *sensors: Sensor) -> None:
    """Those of `sensors` deliver, a second at a time."""
    for _ in range(seconds):
        for sensor in sensors:
            up = thigh if sensor.id == BAND.id else STANDING
            bench.engine.take(samples(sensor.id, bench.now, 1, up))
        bench.now += 1
        bench.engine.tick()


@pytest.mark.parametrize("change", ["one leaves", "one comes", "calibrated", "moved", "renamed"])
async def test_over_a_change_of_sensors_a_sit_goes_on_and_every_second_is_there_once(
    store: FailingStore, change: str
) -> None:
    band = {BAND.id: thigh_calibration()}
    before = (BAND,) if change == "one comes" else (CLIP, BAND)
    after, known = {
        "one leaves": ((BAND,), band),
        "one comes": ((BAND, CLIP), band),
        "calibrated": (before, {**band, CLIP.id: trunk_calibration()}),
        "moved": ((replace(CLIP, placement=Placement.STERNUM), BAND), band),
        "renamed": ((replace(CLIP, name="Blue"), BAND), band),
    }[change]
    bench = Bench(store, sensors=before)
    wear(bench, 120, STANDING, *before)
    wear(bench, 300, SITTING, *before)
    began = bench.engine.status("me")
    assert began is not None
    # In the middle of a second: half of it came before the change.
    for sensor in before:
        up = SITTING if sensor.id == BAND.id else STANDING
        bench.engine.take(samples(sensor.id, bench.now, 0.5, up))
    bench.engine.mount(after, known)
    for sensor in after:
        up = SITTING if sensor.id == BAND.id else STANDING
        bench.engine.take(samples(sensor.id, bench.now + 0.5, 0.5, up))
    bench.now += 1
    wear(bench, 120, SITTING, *after)
    status = bench.engine.status("me")
    assert status is not None
    assert status.bout_start == began.bout_start
    assert status.sitting_clock_s >= began.sitting_clock_s + 115
    written = [t for b in bench.of_frames() for t in b]
    assert written == sorted(set(written)), "no second twice"
    await bench.engine.writer.commit()
    times = store.frames("me", T0, T0 + 999).times.tolist()
    assert times == list(range(int(times[0]), int(times[-1]) + 1)), "and none left out"
    assert times[-1] >= bench.now - 4
    activity = store.frames("me", int(bench.now) - 130, T0 + 999).activity
    assert set(activity.tolist()) == {int(Activity.SITTING)}
    assert [e.start for e in store.episodes("me", T0, T0 + 999, [EpisodeKind.SITTING])] == [
        began.bout_start
    ]
    await bench.engine.writer.close()


async def test_a_slouch_ends_where_its_reference_ended_also_when_two_changes_follow_each_other(
    store: FailingStore,
) -> None:
    known = {BAND.id: thigh_calibration(), CLIP.id: trunk_calibration()}
    bench = Bench(store)
    bench.engine.mount((CLIP, BAND), known)
    for _ in range(300):
        bench.engine.take(samples(CLIP.id, bench.now, 1, (-0.34, 0.0, 0.94)))
        bench.engine.take(samples(BAND.id, bench.now, 1, SITTING))
        bench.now += 1
        bench.engine.tick()
    (slouch,) = [e for e in bench.of("episode") if e.kind is EpisodeKind.SLOUCH]
    assert slouch.open
    bench.engine.mount((replace(CLIP, placement=Placement.STERNUM), BAND), {})
    bench.engine.mount((BAND,), {})
    bench.engine.tick()
    ended = [e for e in bench.of("episode") if e.id == slouch.id][-1]
    assert not ended.open
    assert ended.censored
    await bench.engine.writer.close()


async def test_what_the_frames_are_judged_by_is_kept_whenever_it_changes(
    store: FailingStore,
) -> None:
    bench = Bench(store)
    wear(bench, 60, STANDING, CLIP, BAND)
    await bench.engine.writer.commit()
    (first,) = store.contexts("me", T0, T0 + 60)
    assert first.settings == asdict(AnalysisSettings())
    assert first.algorithm_version == ALGORITHM_VERSION
    assert [(s.name, s.driver, s.placement) for s in first.sensors] == [
        (s.name, s.driver, s.placement) for s in (CLIP, BAND)
    ]
    assert first.sensors[0].reference is None
    assert first.sensors[1].reference == ReferenceInForce.of(thigh_calibration())
    assert first.since <= store.frames("me", 0, 2**40).times[0]

    bench.engine.mount((CLIP, BAND), {BAND.id: thigh_calibration(), CLIP.id: trunk_calibration()})
    wear(bench, 60, STANDING, CLIP, BAND)
    await bench.engine.writer.commit()
    again, second = store.contexts("me", T0, T0 + 120)
    assert again == first
    assert second.sensors[0].reference == ReferenceInForce.of(trunk_calibration())
    assert abs(second.since - (T0 + 60)) <= 2, "from the first second that it judged"
    await bench.engine.writer.close()


async def test_a_restart_notes_what_it_does_otherwise_and_nothing_else(bench: Bench) -> None:
    bench.wear(60, STANDING)
    await bench.engine.writer.commit()
    last = bench.store.frames("me", T0, T0 + 99).times[-1]

    same = Bench(bench.store)
    await same.engine.writer.close()
    assert len(bench.store.contexts("me", T0, 2**40)) == 1

    other = Bench(bench.store, analysis=AnalysisSettings(slouch_delay_s=5.0))
    await other.engine.writer.close()
    old, new = bench.store.contexts("me", T0, 2**40)
    assert (old.settings["slouch_delay_s"], new.settings["slouch_delay_s"]) == (30.0, 5.0)
    assert new.since == last + 1


async def test_a_frame_says_which_sensor_decided(bench: Bench) -> None:
    bench.wear(30, SITTING)
    for _ in range(10):  # the thigh's goes silent
        bench.engine.take(samples(CLIP.id, bench.now, 1))
        bench.now += 1
    bench.engine.tick()
    await bench.engine.writer.commit()
    frames = bench.store.frames("me", T0, T0 + 99)
    assert {f.source for f in frames if f.time < T0 + 28} == {Placement.THIGH}
    late = [f for f in frames if f.time > T0 + 33]
    told = {(f.activity, f.source) for f in late}
    assert told == {(Activity.SITTING, Placement.UPPER_BACK)}, "told before, and goes on from it"


async def test_what_a_sensor_shows_by_being_worn_is_kept_from_when_it_holds(
    store: FailingStore,
) -> None:
    bench = Bench(store, sensors=(CLIP,))
    bench.engine.mount((CLIP,), {})
    tick = np.arange(50) / RATE_HZ
    for _ in range(150):  # a walk: nobody held a pose
        block = samples(CLIP.id, bench.now, 1)
        acc_g = block.acc_g + 0.3 * np.sin(2 * np.pi * 2.0 * tick)[:, None] * [0.0, 0.0, 1.0]
        bench.engine.take(replace(block, acc_g=acc_g))
        bench.now += 1
        bench.engine.tick()
    await bench.engine.writer.commit()
    first, *later = store.contexts("me", 0, 2**40)
    assert first.sensors[0].reference is None
    assert later, "it learnt how it sits"
    reference = later[-1].sensors[0].reference
    assert reference is not None and not reference.method.posed
    assert later[-1].since == reference.made_at
    await bench.engine.writer.close()
