"""The command line as a stranger meets it: what it says, where it leads, how it refuses."""

import json
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.drivers.registry import encoder_named
from domain.people import ReferenceMethod
from domain.placement import Placement
from service.config import load_config
from service.replayed import ReplayedTime
from service.simulation import DEMO_SENSORS
from storage.sqlite import SqliteStore
from tests.service.running import ROOT, Start, environment

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMANDS = (
    *("demo", "run", "scan", "pair", "sensors", "identify", "unpair", "calibrate"),
    *("explain", "record", "replay", "analyse", "reanalyse", "store", "drivers", "config"),
)
#: What takes long to import; none of it is needed to say what there is.
HEAVY = ("numpy", "bleak", "bumble", "fastapi", "uvicorn", "apsw", "pydantic", "vqf", "asyncio")
BACK, THIGH = (sensor.address for sensor in DEMO_SENSORS)
NAMES = tuple(sensor.name for sensor in DEMO_SENSORS)


def refused(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line of a refusal."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("sitwell: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


class TestHelp:
    def test_the_front_page_names_every_command_and_where_to_begin(self, sitwell: Run) -> None:
        done = sitwell("--help")
        assert done.returncode == 0
        for name in COMMANDS:
            assert re.search(rf"\b{name}\b", done.stdout)
        assert "Start with: sitwell demo" in done.stdout
        assert "Exit codes" in done.stdout
        assert "not a medical device" in done.stdout
        assert "python -m" not in done.stdout

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_says_what_it_does_and_what_each_option_means(
        self, name: str, sitwell: Run
    ) -> None:
        done = sitwell(name, "--help")
        assert done.returncode == 0
        assert done.stdout.lstrip().startswith(f"Usage: sitwell {name}")
        assert "`" not in done.stdout, "marks of the source are not for the reader"

    def test_nothing_heavy_is_imported_to_say_what_there_is(self, tmp_path: Path) -> None:
        look = "import service.cli, sys; print([m for m in sys.argv[1:] if m in sys.modules])"
        done = subprocess.run(
            [sys.executable, "-c", look, *HEAVY],
            cwd=ROOT,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout.strip() == "[]"

    def test_the_version_is_told(self, sitwell: Run) -> None:
        assert re.fullmatch(r"sitwell \d+\.\d+\.\d+\S*\n", sitwell("--version").stdout)

    def test_a_word_that_is_no_command_is_wrong_input(self, sitwell: Run) -> None:
        done = sitwell("frobnicate")
        assert done.returncode == 2
        assert "No such command" in done.stderr


class TestDriversAndScan:
    def test_the_drivers_are_listed_with_what_they_measure(self, sitwell: Run) -> None:
        head, *rows = sitwell("drivers").stdout.splitlines()
        assert head.split() == ["DRIVER", "SENSOR", "HOW", "MEASURES"]
        assert {row.split()[0] for row in rows} >= {"polar", "witmotion", "ruuvitag"}
        assert all("acc" in row or "direction" in row for row in rows)

    def test_a_scan_lists_the_address_to_pair(self, sitwell: Run) -> None:
        done = sitwell("scan", "--simulated", "--seconds", "2")
        assert done.returncode == 0
        rows = {row.split()[0]: row for row in done.stdout.splitlines()}
        for sensor in DEMO_SENSORS:
            assert encoder_named(sensor.kind).driver in rows[sensor.address].split()
            assert "dBm" in rows[sensor.address]


class TestConfig:
    def test_what_is_printed_without_a_file_is_a_file_that_says_the_same(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        done = sitwell("config")
        assert done.returncode == 0
        assert done.stdout.splitlines()[0].endswith("does not exist: these are the defaults")
        path = tmp_path / "effective.toml"
        path.write_text(done.stdout)
        again = sitwell("config", "--config", str(path))
        assert tomllib.loads(again.stdout) == tomllib.loads(done.stdout)
        assert load_config(path).alerts.sitting_after_min == 30

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[service\n", "is not valid TOML"),
            ("[service]\nprot = 1\n", "service.prot: unknown key; did you mean 'port'?"),
            (
                "[alerts]\nsitting_after_min = 5\n",
                "alerts.sitting_after_min: 5 is not in 15 to 120",
            ),
            ('[service]\nhost = "nowhere"\n', "is no address"),
        ],
    )
    def test_a_wrong_file_is_refused_with_the_key_and_a_hint(
        self, text: str, said: str, sitwell: Run, tmp_path: Path
    ) -> None:
        path = tmp_path / "sitwell.toml"
        path.write_text(text)
        assert said in refused(sitwell("config", "--config", str(path)), 2)

    def test_a_file_that_was_named_must_exist(self, sitwell: Run, tmp_path: Path) -> None:
        assert "cannot be read" in refused(
            sitwell("config", "--config", str(tmp_path / "none.toml")), 2
        )


class TestPair:
    def pair(self, sitwell: Run, data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
        return sitwell("pair", "--simulated", "--yes", "--data-dir", str(data_dir), *words)

    @pytest.mark.slow
    def test_a_trunk_sensor_takes_two_poses_and_is_kept(self, sitwell: Run, tmp_path: Path) -> None:
        done = self.pair(sitwell, tmp_path, BACK, "--placement", "upper_back", "--name", "Clip")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("Hold still") == 2
        assert "Clip is calibrated, worn at the upper back." in done.stdout
        assert "simulated" in done.stdout
        with SqliteStore(tmp_path / "sitwell.db") as store:
            (sensor,) = store.sensors()
            (calibration,) = store.calibrations(BACK)
        assert (sensor.id, sensor.driver, sensor.name) == (BACK, "polar", "Clip")
        assert sensor.placement is Placement.UPPER_BACK
        assert calibration.method is ReferenceMethod.TWO_POSES
        assert calibration.slouch_deg == pytest.approx(20, abs=12)

    @pytest.mark.slow
    def test_a_thigh_sensor_takes_one_pose(self, sitwell: Run, tmp_path: Path) -> None:
        done = self.pair(sitwell, tmp_path, THIGH.lower(), "--placement", "thigh")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("Hold still") == 1
        assert "Stand still" in done.stdout
        with SqliteStore(tmp_path / "sitwell.db") as store:
            (calibration,) = store.calibrations(THIGH)
        assert calibration.method is ReferenceMethod.ONE_POSE

    @pytest.mark.slow
    def test_a_trial_without_a_folder_leaves_nothing_behind(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        done = sitwell(
            "pair", BACK, "--placement", "upper_back", "--one-pose", "--simulated", stdin="\n"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("press Enter") == 1
        assert "general slouch limit of 8 deg" in done.stdout
        assert list(tmp_path.rglob("*.db")) == []

    @pytest.mark.slow
    def test_a_sensor_that_is_not_there_is_a_matter_of_the_radio(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        done = self.pair(sitwell, tmp_path, "A0:9E:1A:51:77:99", "--placement", "thigh")
        said = refused(done, 3)
        assert "A0:9E:1A:51:77:99 was not heard" in said
        assert "sitwell scan" in said

    def test_a_place_that_is_none_is_refused_before_anything_is_looked_for(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        done = self.pair(sitwell, tmp_path, BACK, "--placement", "nose")
        assert "upper_back, sternum" in refused(done, 2)
        assert "Looking" not in done.stdout

    def test_a_wearer_that_is_not_configured_is_refused(self, sitwell: Run, tmp_path: Path) -> None:
        done = self.pair(sitwell, tmp_path, BACK, "--placement", "thigh", "--wearer", "anna")
        assert "no wearer 'anna'" in refused(done, 2)

    @pytest.mark.slow
    def test_a_person_who_names_nothing_is_asked_for_everything(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        data_dir = ("--data-dir", str(tmp_path))
        said = "1\nnonsense\n2\nMy clip\nn\n\n\n"
        done = sitwell("pair", "--simulated", *data_dir, stdin=said)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Please give a number" in done.stdout
        assert "none lost, signal" in done.stdout
        assert "My clip is calibrated, worn at the upper back." in done.stdout
        with SqliteStore(tmp_path / "sitwell.db") as store:
            (sensor,) = store.sensors()
        assert (sensor.id, sensor.placement) == (BACK, Placement.UPPER_BACK)

        again = ("pair", BACK, "--placement", "thigh", "--simulated", "--yes", *data_dir)
        assert "is paired already" in refused(sitwell(*again), 2)
        other = ("pair", THIGH, "--placement", "upper_back", "--simulated", "--yes", *data_dir)
        assert "My clip is worn at the upper back by me already" in refused(sitwell(*other), 2)
        shown = sitwell("identify", "my clip", "--simulated", *data_dir)
        assert "cannot show itself" in refused(shown, 2)
        once_more = sitwell("calibrate", "my clip", "--one-pose", "--yes", "--simulated", *data_dir)
        assert "general slouch limit of 8 deg" in once_more.stdout, once_more.stderr
        with SqliteStore(tmp_path / "sitwell.db") as store:
            assert len(store.calibrations(BACK)) == 2

        assert sitwell("unpair", "My Clip", *data_dir).returncode == 0
        with SqliteStore(tmp_path / "sitwell.db") as store:
            assert store.sensors() == []
            assert not store.assignments(BACK)[0].open
        assert "is paired; `sitwell pair`" in refused(sitwell("unpair", BACK, *data_dir), 2)

    def test_without_an_answer_and_without_options_it_says_what_to_give(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        said = refused(sitwell("pair", "--yes", "--data-dir", str(tmp_path)), 2)
        assert "--placement" in said

    def test_no_sensor_is_listed_before_one_is_paired(self, sitwell: Run, tmp_path: Path) -> None:
        assert "No sensor is paired yet" in sitwell("sensors", "--data-dir", str(tmp_path)).stdout

    def test_a_sensor_of_the_file_is_listed_and_can_only_be_unpaired_there(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        path = tmp_path / "sitwell.toml"
        worn = f'[[sensors]]\naddress = "{BACK}"\ndriver = "polar"\nplacement = "sternum"\n'
        path.write_text(worn)
        where = ("--config", str(path), "--data-dir", str(tmp_path))
        assert BACK in sitwell("sensors", *where).stdout
        assert "configuration file" in refused(sitwell("unpair", BACK, *where), 2)

    @pytest.mark.parametrize(
        "words",
        [
            ("sensors",),
            ("pair", BACK, "--placement", "thigh", "--yes"),
            ("unpair", BACK),
            ("calibrate", BACK),
            ("identify", BACK),
            ("record", "unwritten.jsonl"),
        ],
        ids=lambda words: words[0],
    )
    def test_while_the_service_runs_it_says_who_takes_such_wishes(
        self, sitwell: Run, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        with SqliteStore(tmp_path / "sitwell.db"):
            said = refused(sitwell(*words, "--data-dir", str(tmp_path)), 4)
        assert "is held by process" in said
        assert "over its API, /api/v1/sensors" in said


class TestRecordAndReplay:
    @pytest.fixture(scope="class")
    @classmethod
    def recording(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = tmp_path_factory.mktemp("recording")
        out = folder / "out.jsonl"
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "service.cli",
                "record",
                str(out),
                "--simulated",
                "--seconds",
                "8",  # some of which a busy machine takes to connect
            ],
            cwd=ROOT,
            env=environment(folder),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith(f"Recording {', '.join(NAMES)} into {out}")
        assert f"sitwell replay {out}" in done.stdout
        return out

    def test_a_recording_names_nobody(self, recording: Path) -> None:
        text = recording.read_text()
        assert BACK not in text
        assert THIGH not in text
        assert not any(name in text for name in NAMES)

    def test_it_is_replayed_with_its_counts(self, recording: Path, sitwell: Run) -> None:
        done = sitwell("replay", str(recording))
        assert done.returncode == 0, done.stderr
        first, *counts, last = done.stdout.splitlines()
        assert first.endswith("2 sensors")
        assert len(counts) == 2
        for line in counts:
            found = re.fullmatch(
                r"sensor-\d: (\d+) samples, (\d+) lost, 0 notifications unreadable", line
            )
            assert found, line
            assert 100 < int(found[1]) < 800
            assert int(found[2]) < 25
        assert re.match(r"\d s of frames: ", last)

    def test_it_can_be_kept_and_is_the_same_when_kept_again(
        self, recording: Path, sitwell: Run, tmp_path: Path
    ) -> None:
        kept = []
        for _ in range(2):
            done = sitwell("replay", str(recording), "--data-dir", str(tmp_path / "kept"))
            assert done.returncode == 0, done.stderr
            with SqliteStore(tmp_path / "kept" / "sitwell.db") as store:
                (wearer,) = store.wearers()
                frames = store.frames(wearer.id, 0, 1 << 40)
                kept.append(frames.times.tolist())
                replayed = ReplayedTime.of(store.states()).of_wearer(wearer.id)
                assert replayed == ((frames.times[0], frames.times[-1] + 1),), "known as such"
        assert 3 <= len(kept[0]) <= 10
        assert kept[0] == kept[1]

    def test_what_is_there_is_not_written_over(self, recording: Path, sitwell: Run) -> None:
        before = recording.read_bytes()
        done = sitwell("record", str(recording), "--simulated", "--seconds", "1")
        assert "is there already" in refused(done, 2)
        assert recording.read_bytes() == before

    def test_recording_without_a_paired_sensor_says_how_to_pair_one(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        done = sitwell("record", str(tmp_path / "x.jsonl"), "--seconds", "1")
        assert "sitwell pair" in refused(done, 2)

    def test_a_sensor_that_is_not_in_the_air_cannot_be_recorded(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        words = ("--simulated", "--seconds", "1", "--sensor", "A0:9E:1A:51:77:99")
        done = sitwell("record", str(tmp_path / "x.jsonl"), *words)
        assert "no sensor 'A0:9E:1A:51:77:99'" in refused(done, 2)

    @pytest.mark.parametrize(
        ("text", "where"),
        [
            ("garbage\n", ":1: "),
            ('{"a": 1}\n', ":1: "),
            ("", ""),
        ],
    )
    def test_garbage_is_refused_with_its_line(
        self, text: str, where: str, sitwell: Run, tmp_path: Path
    ) -> None:
        path = tmp_path / "garbage.jsonl"
        path.write_text(text)
        assert f"{path}{where}" in refused(sitwell("replay", str(path)), 2)

    def test_a_broken_line_in_the_middle_is_found(
        self, recording: Path, sitwell: Run, tmp_path: Path
    ) -> None:
        lines = recording.read_text().splitlines()
        path = tmp_path / "broken.jsonl"
        path.write_text("\n".join([*lines[:7], "{broken", *lines[7:]]) + "\n")
        assert f"{path}:8: " in refused(sitwell("replay", str(path)), 2)

    def test_a_file_that_is_not_there_is_refused(self, sitwell: Run, tmp_path: Path) -> None:
        assert "cannot be read" in refused(sitwell("replay", str(tmp_path / "none.jsonl")), 2)


class TestRun:
    """On a machine without Bluetooth, which a test makes sure of by naming a bus that is not there."""

    @pytest.fixture(autouse=True)
    def no_bus(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        bus = f"unix:path={tmp_path / 'no-bus'}"
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus)

    def test_it_serves_and_says_what_is_wrong(self, start: Start, tmp_path: Path) -> None:
        running = start("run", "--port", "0", "--data-dir", str(tmp_path / "data"))
        health = running.poll("/health", lambda h: len(h["problems"]) == 2, 30)
        assert health["status"] == "degraded"
        assert any("Bluetooth" in problem for problem in health["problems"])
        (way,) = [problem for problem in health["problems"] if "is paired yet" in problem]
        for word in ("the page", "simulated", "API", "`sitwell pair` while the service is stopped"):
            assert word in way
        now = running.get("/wearers/me/now")
        assert (now["time"], now["activity"]) == (None, "unknown")
        assert running.get("/sensors")["items"] == []
        assert running.get("/wearers/me/days/today")["sitting_bouts"] == 0
        assert "No sensor is paired yet" in running.said
        assert running.terminate() < 5
        assert running.process.returncode == 0, running.said
        assert "Stopped." in running.said
        assert "Traceback" not in running.said

    def test_a_sensor_of_the_file_is_waited_for(self, start: Start, tmp_path: Path) -> None:
        path = tmp_path / "sitwell.toml"
        sensor = {"address": BACK, "driver": "polar", "placement": "upper_back", "name": "Clip"}
        lines = [f"{key} = {json.dumps(value)}" for key, value in sensor.items()]
        path.write_text("\n".join(["[[sensors]]", *lines, "[service]", "port = 0", ""]))
        running = start("run", "--config", str(path), "--data-dir", str(tmp_path / "data"))
        (shown,) = running.poll(
            "/sensors", lambda answer: answer["items"][0]["reason"] is not None, 30
        )["items"]
        assert shown["name"] == "Clip"
        assert "Bluetooth" in shown["reason"]
        assert "Reading Clip (polar, upper back)" in running.said
        assert running.terminate(name=signal.SIGINT) < 5
        assert running.process.returncode == 0, running.said

    def test_scanning_and_pairing_say_that_there_is_no_bluetooth(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        assert "Bluetooth" in refused(sitwell("scan", "--seconds", "1"), 3)
        words = ("pair", BACK, "--placement", "thigh", "--data-dir", str(tmp_path / "data"))
        assert "Bluetooth" in refused(sitwell(*words), 3)

    def test_a_folder_that_cannot_be_used_is_a_matter_of_the_store(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        blocked = tmp_path / "file"
        blocked.write_text("")
        said = refused(sitwell("run", "--port", "0", "--data-dir", str(blocked / "sub")), 4)
        assert str(blocked) in said

    def test_an_address_that_others_can_reach_wants_a_token_first(
        self, sitwell: Run, tmp_path: Path
    ) -> None:
        words = ("run", "--host", "0.0.0.0", "--port", "0", "--data-dir", str(tmp_path))
        said = refused(sitwell(*words), 2)
        assert "service.host" in said
        assert "sitwell token create" in said
