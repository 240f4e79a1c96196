"""`sitwell demo` as a real process, over real HTTP: alive, spoken to, stopped, killed and started again."""

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from domain.posture import Activity
from service.simulation import DEMO_SENSORS
from storage.sqlite import SqliteStore
from tests.service.running import Event, Json, LiveStream, Running, Start, demo_words

Run = Callable[..., subprocess.CompletedProcess[str]]
KNOWN = {a.word for a in Activity} - {"unknown", "not_worn"}
LIVE_WITHIN_S = 60.0  # the promise: a live person within a minute of the command
STOP_WITHIN_S = 5.0


def unix(time: str) -> float:
    """RFC 3339 to Unix seconds."""
    return datetime.fromisoformat(time).timestamp()


def rfc(time: float) -> str:
    """Unix seconds to RFC 3339."""
    return datetime.fromtimestamp(time, UTC).isoformat()


def alive(now: Json) -> bool:
    """Whether a known posture is fresh."""
    return now["time"] is not None and now["stale_s"] == 0.0 and now["activity"] in KNOWN


def shown_before(event: Event, time: float) -> bool:
    """Whether this showed a second before that monotonic time."""
    return event.name == "now" and event.data["time"] is not None and event.at < time


def is_alert(kind: str) -> Callable[..., bool]:
    """Picks the events that say that an alert of `kind` is open."""
    return lambda e: e.name == "alert" and e.data["kind"] == kind and e.data["open"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("living")


@pytest.fixture(scope="module")
def living(start_anew: Start, data_dir: Path) -> Running:
    return start_anew(*demo_words(data_dir))


class TestAtRealSpeed:
    """One demo at real speed, which these tests leave running."""

    def test_a_live_person_is_shown_within_a_minute_of_the_command(self, living: Running) -> None:
        now = living.poll("/wearers/me/now", alive, LIVE_WITHIN_S)
        assert time.monotonic() - living.began < LIVE_WITHIN_S
        assert now["activity"] == "sitting"
        assert now["simulated"] is True
        assert now["placements"] == ["upper_back", "thigh"]
        assert abs(now["lean_deg"]) < 40
        assert 20 * 60 < now["sitting_clock_s"] < 30 * 60, "the demo begins in the middle of a sit"
        before = unix(living.get("/health")["now"])
        now = living.poll("/wearers/me/now", alive, LIVE_WITHIN_S)
        assert before - 5 < unix(now["time"]) <= unix(living.get("/health")["now"])

    def test_new_seconds_keep_coming_one_by_one(self, living: Running) -> None:
        stream = living.live()
        for _ in range(3):
            seen = len(stream.of("now"))
            stream.wait_for(lambda _, n=seen: len(stream.of("now")) > n, 20, "the next second")
        times = [unix(now["time"]) for now in stream.of("now")]
        assert times == sorted(times)
        assert stream.events[0].name == "hello"

    def test_the_sensors_tell_how_they_do(self, living: Running) -> None:
        def settled(answer: Json) -> bool:
            return all(s["state"] == "streaming" and s["received"] > 300 for s in answer["items"])

        back, thigh = living.poll("/sensors", settled, 30)["items"]
        assert (back["placement"], thigh["placement"]) == ("upper_back", "thigh")
        for sensor in (back, thigh):
            since_s = unix(living.get("/health")["now"]) - unix(sensor["state_since"])
            total = sensor["received"] + sensor["lost"]
            assert total <= sensor["rate_hz"] * (since_s + 2)
            assert sensor["lost"] <= 0.05 * total, "the simulated loss is 0.2 % of the packets"
            assert sensor["bad_payloads"] == 0
            assert sensor["reconnects"] == 0
            assert sensor["simulated"] is True
            assert sensor["calibration"]["method"] in ("two_poses", "one_pose")
        for sensor, simulated in zip((back, thigh), DEMO_SENSORS, strict=True):
            drained = simulated.battery_percent - sensor["battery_percent"]
            assert 0 <= drained <= 2

    def test_nothing_is_wrong_with_a_demo_that_runs(self, living: Running) -> None:
        health = living.poll("/health", lambda h: h["store"]["last_commit_at"] is not None, 20)
        assert health["problems"] == []
        assert health["status"] == "ok"
        assert health["sensors"] == {"streaming": 2, "total": 2}

    def test_a_command_finds_it_by_the_folder_of_its_data(
        self, living: Running, data_dir: Path, sitwell: Run
    ) -> None:
        status = sitwell("status", "--data-dir", str(data_dir))
        assert f"at {living.url} is well" in status.stdout, status.stderr

    def test_a_second_demo_on_the_same_data_is_refused(
        self, living: Running, data_dir: Path, sitwell: Run
    ) -> None:
        second = sitwell(*demo_words(data_dir))
        assert second.returncode == 4
        assert f"process {living.process.pid}" in second.stderr
        assert "stop that one first" in second.stderr
        assert "Traceback" not in second.stderr

    def test_a_port_that_is_taken_is_refused_with_what_to_do(
        self, living: Running, tmp_path: Path, sitwell: Run
    ) -> None:
        port = living.url.rsplit(":", 1)[1]
        words = ("demo", "--port", port, "--no-browser", "--days", "0", "--data-dir", str(tmp_path))
        second = sitwell(*words)
        assert second.returncode == 2
        assert f"port {port}" in second.stderr
        assert "--port" in second.stderr
        assert "Traceback" not in second.stderr

    def test_a_polite_kill_ends_it_in_time_with_streams_open(self, living: Running) -> None:
        streams = [living.live() for _ in range(3)]
        for stream in streams:
            stream.wait_for(lambda event: event.name == "now", 20, "a first second")
        taken_s = living.terminate()
        assert living.process.returncode == 0, living.said
        assert "Stopped." in living.said
        assert "Traceback" not in living.said
        assert taken_s < STOP_WITHIN_S
        for stream in streams:
            stream.join(STOP_WITHIN_S)
            assert stream.ended


@pytest.mark.slow
def test_alerts_come_are_answered_outlive_a_restart_and_close_when_the_break_is_taken(
    start: Start, tmp_path: Path
) -> None:
    words = demo_words(tmp_path / "data", "--speed", "16")
    first = start(*words)
    stream = first.live()

    slouch = stream.wait_for(is_alert("slouch"), 60, "the alert of the first slouch").data
    assert slouch["explanation"]["measured"] == "lean_deg"
    assert slouch["explanation"]["value"] > slouch["explanation"]["limit"]
    assert slouch["explanation"]["placement"] == "upper_back"
    snoozed = first.post(f"/alerts/{slouch['id']}/snooze", {"minutes": 45})
    assert snoozed["revision"] > slouch["revision"]
    # Not before it is answered, for a slouch lasts some seconds here: the list is of what is committed.
    first.poll("/alerts", lambda a: slouch["id"] in {alert["id"] for alert in a["items"]}, 30)
    told = stream.wait_for(
        lambda e: e.name == "alert" and e.data["snoozed_until"] is not None, 30, "the snooze"
    )
    assert told.data["id"] == slouch["id"]

    sitting = stream.wait_for(is_alert("sitting"), 120, "the alert at 30 min").data
    why = sitting["explanation"]
    assert (why["measured"], why["unit"], why["limit"]) == ("sitting_s", "s", 1800)
    assert 1800 <= why["value"] <= 1800 + 120
    assert sitting["episode"] in {e["id"] for e in sitting_bouts(first)}
    answered = first.post(f"/alerts/{sitting['id']}/acknowledge", {"feedback": None})
    assert answered["acknowledged_at"] is not None
    assert answered["open"] is True
    first.terminate()
    assert first.process.returncode == 0, first.said

    second = start(*words)
    stream = second.live()
    stored = {alert["id"]: alert for alert in second.get("/alerts")["items"]}
    assert stored[slouch["id"]]["snoozed_until"] == snoozed["snoozed_until"]
    assert stored[sitting["id"]]["acknowledged_at"] == answered["acknowledged_at"]

    closed = stream.wait_for(
        lambda e: e.data.get("id") == sitting["id"] and e.data.get("open") is False,
        90,
        "the end of the sitting alert",
    ).data
    assert closed["outcome"] == "partial"
    assert closed["response_s"] > 0
    taken = stream.wait_for(
        lambda e: e.data.get("id") == sitting["id"] and e.data.get("outcome") == "taken",
        90,
        "the full break",
    ).data
    assert taken["revision"] > closed["revision"]
    of_the_sit = [a for a in second.get("/alerts")["items"] if a["episode"] == sitting["episode"]]
    assert [alert["id"] for alert in of_the_sit] == [sitting["id"]], "said once, not anew"
    check_readings(second)


def check_readings(running: Running) -> None:
    """Every sensor's link was kept minute by minute, over the restart."""
    now = unix(running.get("/health")["now"])
    for sensor in running.get("/sensors")["items"]:
        path = f"/sensors/{sensor['id']}"
        kept = running.get(f"{path}/readings", start=rfc(now - 7200), end=rfc(now), points=5000)
        minutes = [unix(moment) for moment in kept["times"]]
        assert len(minutes) > 8
        assert minutes == sorted(set(minutes))
        whole = [
            rate / nominal
            for rate, nominal, streaming_s in zip(
                kept["rate_hz"], kept["nominal_hz"], kept["streaming_s"], strict=True
            )
            if streaming_s == 60
        ]
        assert len(whole) > 4
        assert statistics.median(whole) == pytest.approx(1.0, abs=0.05)
        assert sum(kept["received"]) > sensor["received"], "the run before is in it"
        assert kept["battery_percent"][-1] == pytest.approx(sensor["battery_percent"], abs=2)
        (worn,) = running.get(f"{path}/history")["assignments"]
        assert (worn["wearer"], worn["placement"], worn["open"]) == (
            "me",
            sensor["placement"],
            True,
        )


def sitting_bouts(running: Running) -> list[Json]:
    """Every sitting bout of the last twelve hours."""
    now = unix(running.get("/health")["now"])
    span = {"start": rfc(now - 12 * 3600), "end": rfc(now + 60)}
    return list(running.get("/wearers/me/episodes", kind="sitting", **span)["items"])


@pytest.mark.slow
def test_a_killed_service_goes_on_in_the_middle_of_the_same_sit(
    start: Start, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    lives: list[tuple[Json, list[Json]]] = []
    stored: list[int] = []
    for wait_s in (6.0, 2.3, 3.7):
        running = start(*demo_words(data_dir))
        stream = running.live()
        first_new = len(stream.of("now")) + 1
        stream.wait_for(
            lambda e, s=stream, n=first_new: (
                alive(e.data) and len(s.of("now")) > n if e.name == "now" else False
            ),
            30,
            "a live second",
        )
        time.sleep(wait_s)
        bouts = sitting_bouts(running)
        kept_until = running.kill()
        lives.append((stream.of("now")[-1], bouts))
        with SqliteStore(data_dir / "sitwell.db") as store:
            latest = store.latest("me")
            assert latest is not None
            stored.append(latest.time)
        shown = [unix(e.data["time"]) for e in stream.events if shown_before(e, kept_until)]
        assert max(shown, default=0.0) <= latest.time, "what was shown a second ago is in the store"

    starts = {now["bout_start"] for now, _ in lives}
    assert len(starts) == 1, "the same bout"
    assert None not in starts
    clocks = [now["sitting_clock_s"] for now, _ in lives]
    assert clocks == sorted(clocks), "the sitting clock never goes back"
    assert clocks[0] > 20 * 60
    for now, bouts in lives:
        (going_on,) = [bout for bout in bouts if bout["open"]]
        assert going_on["start"] == now["bout_start"]
    assert len({next(b["id"] for b in bouts if b["open"]) for _, bouts in lives}) == 1
    assert len({len(bouts) for _, bouts in lives}) == 1, "no bout was doubled"

    with SqliteStore(data_dir / "sitwell.db") as store:
        begin = stored[0] - 300
        frames = store.frames("me", begin, stored[-1] + 1)
        assert len(set(frames.times.tolist())) == len(frames)
        # The downtimes are the only seconds without a frame.
        seen = set(frames.times.tolist())
        missing = [t for t in range(begin, stored[0] + 1) if t not in seen]
        assert missing == []


@pytest.mark.slow
@pytest.mark.parametrize("end", ["killed", "terminated", "interrupted from the terminal"])
def test_no_end_leaves_a_process_behind(start: Start, tmp_path: Path, end: str) -> None:
    running = start(*demo_words(tmp_path / "data", days=3))
    running.poll("/health", lambda health: health["seeding"] is not None, 30)
    deadline = time.monotonic() + 20
    while not (family := running.family()):
        assert time.monotonic() < deadline, "history has a process of its own"
        time.sleep(0.05)
    time.sleep(3)  # into the middle of a day
    family = running.family() or family
    match end:
        case "killed":
            running.kill()
        case "terminated":
            assert running.terminate() < STOP_WITHIN_S
        case _:
            os.killpg(running.process.pid, signal.SIGINT)
            running.process.wait(10)
    gone, left = psutil.wait_procs(family, timeout=10)
    assert left == []
    assert gone
    if end != "killed":
        assert running.process.returncode == 0, running.said
        assert "Stopped." in running.said
        assert "Traceback" not in running.said


@pytest.mark.slow
def test_history_is_made_up_once_and_the_page_is_live_meanwhile(
    start: Start, tmp_path: Path
) -> None:
    words = demo_words(tmp_path / "data", days=1)
    first = start(*words)
    first.poll("/wearers/me/now", alive, LIVE_WITHIN_S)
    # Right after midnight the sit that the demo begins in has begun yesterday: that alone is no day.
    first.poll("/health", lambda h: h["seeding"] is None and whole(yesterday(first)), 120)
    day = yesterday(first)
    assert day["seconds"]["sitting"] > 3 * 3600
    assert day["seconds"]["lying"] + day["seconds"]["not_worn"] > 5 * 3600, "a night"
    assert day["sitting_bouts"] > 3
    first.terminate()
    second = start(*words)
    second.poll("/wearers/me/now", alive, LIVE_WITHIN_S)
    assert second.get("/health")["seeding"] is None
    assert yesterday(second) == day


def whole(day: Json) -> bool:
    """Whether but for some minutes all of the day is known."""
    return bool(day) and sum(day["seconds"].values()) >= 86400 - 600


def yesterday(running: Running) -> Json:
    """The summary of the day before, empty while there is nothing in it."""
    today = running.get("/wearers/me/days/today")
    before = datetime.fromtimestamp(unix(today["start"]) - 12 * 3600, UTC).date()
    day = running.get(f"/wearers/me/days/{before.isoformat()}")
    return day if sum(day["seconds"].values()) else {}


def test_a_client_that_comes_back_gets_what_it_missed(start: Start, tmp_path: Path) -> None:
    running = start(*demo_words(tmp_path / "data"))
    stream = running.live()
    met = stream.wait_for(lambda event: event.name == "now", 30, "a first second")
    stream.wait_for(lambda e: e.name == "now" and e.id > met.id + 1, 30, "a later second")
    again: LiveStream = running.live(after=met.id)
    again.wait_for(lambda event: event.name == "now", 20, "the second after")
    assert "hello" not in {event.name for event in again.events}
    assert again.events[0].id > met.id
