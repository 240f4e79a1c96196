"""`sitwell analyse`: files of a person measured by the code that runs live, written as tables."""

import contextlib
import csv
import hashlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet
import pytest

from analysis.offline import analyse
from analysis.pipeline import Mounted, Pipeline
from analysis.settings import AnalysisSettings
from analysis.summary import METRICS
from domain.episodes import Episode
from domain.errors import ConfigError, InputError
from domain.people import Calibration
from domain.placement import Placement
from domain.posture import NAMES, Activity, FrameBlock
from domain.samples import Recording, SampleBlock
from service.commands.analyse import AnalyseOptions, files_by_placement, run_analyse
from service.commands.record import RecordOptions, run_record
from service.commands.replay import Replay, settings_of
from service.config import parse_config
from service.day_rows import day_rows
from simulators.body import ScriptedBody
from simulators.days import history_script
from simulators.sensor import typical_sensor
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.service.running import ROOT, command, environment, heeding_ctrl_c
from tests.service.test_cli import refused
from tests.service.written_tables import columns_of, write_table

Run = Callable[..., subprocess.CompletedProcess[str]]
T0 = 1_767_225_600  # a midnight in UTC
RATE_HZ = 25.0
BERLIN = "Europe/Berlin"


def worn(placement: Placement, begin_h: float, hours: float, *, gyro: bool = False) -> Recording:
    """Hours of a simulated person's day."""
    body = ScriptedBody.of(5, history_script(5, [float(T0), T0 + 86400.0]))
    model = typical_sensor(
        5, body, placement, rate_hz=RATE_HZ, power_on=float(T0),
        gyro_full_scale_dps=2000.0 if gyro else None,
    )  # fmt: skip
    first, count = int(begin_h * 3600 * RATE_HZ), int(hours * 3600 * RATE_HZ)
    _, acc_g, gyro_dps = model.samples(first, count)
    return Recording(T0 + (first + np.arange(count)) / RATE_HZ, acc_g, gyro_dps)


@pytest.fixture(scope="module")
def thigh() -> Recording:
    return worn(Placement.THIGH, 8.0, 3.0)


@pytest.fixture(scope="module")
def back() -> Recording:
    return worn(Placement.UPPER_BACK, 8.0, 3.0, gyro=True)


def file_of(path: Path, recording: Recording, **how: Any) -> Path:
    return write_table(
        path, columns_of(recording.times, recording.acc_g, recording.gyro_dps, **how)
    )


def rows_of(folder: Path, table: str, form: str) -> dict[str, list[Any]]:
    """The columns of a written table."""
    path = folder / f"{table}.{form}"
    if form == "json":
        return dict(json.loads(path.read_text()))
    if form == "parquet":
        return dict(pyarrow.parquet.read_table(path).to_pydict())
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    return {name: [_value(row[i]) for row in rows] for i, name in enumerate(head)}


def _value(cell: str) -> Any:
    if cell in ("", "True", "False"):
        return {"": None, "True": True, "False": False}[cell]
    try:
        return int(cell)
    except ValueError:
        try:
            return float(cell)
        except ValueError:
            return cell


def assert_frames(table: Mapping[str, list[Any]], frames: FrameBlock) -> None:
    assert list(table) == list(NAMES)
    for name in NAMES:
        if name == "source":
            words = [None if (p := frame.source) is None else p.value for frame in frames]
            assert table[name] == words
        elif name == "activity":
            assert table[name] == frames.activity_names.tolist()
        else:
            got = np.array([np.nan if v is None else v for v in table[name]], dtype=np.float64)
            np.testing.assert_array_equal(got, frames[name].astype(np.float64), err_msg=name)


def live(
    recordings: Mapping[str, Recording], references: Mapping[str, Calibration]
) -> tuple[FrameBlock, tuple[Episode, ...]]:
    """The same samples through the pipeline as a radio delivers them: half a second at a time."""
    pipeline = Pipeline(
        "recording", [Mounted(name, Placement(name), references.get(name)) for name in recordings]
    )
    frames, last = [], {}
    start = min(recording.times[0] for recording in recordings.values())
    end = max(recording.times[-1] for recording in recordings.values())
    outputs = []
    rates_hz = {
        name: float(1.0 / np.median(np.diff(recording.times)))
        for name, recording in recordings.items()
    }
    for at in np.arange(start, end + 0.5, 0.5):
        for name, recording in recordings.items():
            part = slice(*np.searchsorted(recording.times, (at, at + 0.5)).tolist())
            gyro = None if recording.gyro_dps is None else recording.gyro_dps[part]
            block = SampleBlock(
                name, recording.times[part], recording.acc_g[part], gyro, rates_hz[name]
            )
            outputs.append(pipeline.push(block))
    outputs.append(pipeline.finish())
    for output in outputs:
        frames.append(output.frames)
        last |= {episode.id: episode for episode in output.episodes}
    joined = FrameBlock.join("recording", [block for block in frames if len(block)])
    return joined, tuple(sorted(last.values(), key=lambda e: (e.start, e.kind)))


class TestWhatIsWritten:
    @pytest.mark.parametrize("form", ["csv", "parquet", "json"])
    def test_is_what_the_analysis_found_to_the_last_bit(
        self, form: str, thigh: Recording, back: Recording, tmp_path: Path
    ) -> None:
        files = (
            f"thigh={file_of(tmp_path / 'legs.csv', thigh)}",
            f"upper_back={file_of(tmp_path / 'back.npz', back)}",
        )
        out = tmp_path / "out"
        run_analyse(AnalyseOptions(files, out=out, form=form, gyro_unit="deg/s", timezone=BERLIN))
        found = analyse({"thigh": thigh, "upper_back": back})
        assert {activity for activity in Activity if (found.frames.activity == activity).any()} >= {
            Activity.SITTING,
            Activity.MOVING,
        }
        assert_frames(rows_of(out, "frames", form), found.frames)
        episodes = rows_of(out, "episodes", form)
        assert episodes["id"] == [each.id for each in found.episodes]
        assert episodes["end"] == [each.end for each in found.episodes]
        np.testing.assert_array_equal(
            np.array([np.nan if v is None else v for v in episodes["dose"]], dtype=float),
            [each.dose for each in found.episodes],
        )
        days = rows_of(out, "days", form)
        assert days["day"] == ["2026-01-01"]
        assert days["measured_s"] == [len(found.frames)]
        assert not list(tmp_path.glob(".*")), "nothing else is left"

    def test_is_what_was_live_to_the_last_bit(
        self, thigh: Recording, back: Recording, tmp_path: Path
    ) -> None:
        first_hour = {
            name: Recording(
                one.times[:90_000], one.acc_g[:90_000],
                None if one.gyro_dps is None else one.gyro_dps[:90_000],
            )
            for name, one in (("thigh", thigh), ("upper_back", back))
        }  # fmt: skip
        files = tuple(
            f"{name}={file_of(tmp_path / f'{name}.parquet', one)}"
            for name, one in first_hour.items()
        )
        out = tmp_path / "out"
        run_analyse(AnalyseOptions(files, out=out, form="parquet", gyro_unit="deg/s"))
        frames, episodes = live(first_hour, analyse(first_hour).calibration)
        assert_frames(rows_of(out, "frames", "parquet"), frames)
        table = rows_of(out, "episodes", "parquet")
        seen = [(e.id, e.start, e.end, e.peak, e.mean, e.dose) for e in episodes]
        names = ("id", "start", "end", "peak", "mean", "dose")
        again = [
            tuple(np.nan if v is None else v for v in row)
            for row in zip(*(table[name] for name in names), strict=True)
        ]
        np.testing.assert_equal(again, seen)

    def test_the_manifest_says_how_it_came_about_and_serves_as_a_calibration(
        self, thigh: Recording, back: Recording, tmp_path: Path
    ) -> None:
        legs = file_of(tmp_path / "legs.csv", thigh, acc_unit="mg", time="ms")
        spine = file_of(tmp_path / "back.csv", back)
        words = (f"thigh={legs}", f"upper_back={spine}")
        still = _still_span(back)
        one = AnalyseOptions(
            words, out=tmp_path / "one", gyro_unit="deg/s", timezone=BERLIN,
            upright=(f"upper_back={still}",), settings=("slouch_delay_s=60",),
        )  # fmt: skip
        run_analyse(one)
        manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
        assert manifest["format"] == "sitwell-analysis"
        assert manifest["algorithm_version"]
        assert manifest["settings"] == asdict(AnalysisSettings(slouch_delay_s=60))
        assert manifest["calibration"]["upper_back"]["method"] == "one_pose"
        by_place = {sensor["placement"]: sensor for sensor in manifest["sensors"]}
        (source,) = by_place["thigh"]["files"]
        assert source["sha256"] == hashlib.sha256(legs.read_bytes()).hexdigest()
        assert (source["acc_unit"], source["time_unit"]) == ("mg", "ms")
        assert by_place["upper_back"]["gyro"]
        assert "twist_deg" in manifest["not_measured"]
        assert manifest["faults"] == []
        for name, told in manifest["outputs"].items():
            content = (tmp_path / "one" / name).read_bytes()
            assert told["sha256"] == hashlib.sha256(content).hexdigest()

        run_analyse(
            AnalyseOptions(
                words, out=tmp_path / "two", gyro_unit="deg/s", timezone=BERLIN,
                calibration=tmp_path / "one" / "manifest.json", settings=("slouch_delay_s=60",),
            )
        )  # fmt: skip
        for name in (*manifest["outputs"], "manifest.json"):
            again = (tmp_path / "two" / name).read_bytes()
            assert again == (tmp_path / "one" / name).read_bytes(), name

    def test_parts_of_one_recording_are_one_recording(
        self, thigh: Recording, tmp_path: Path
    ) -> None:
        half = len(thigh.times) // 2
        parts = [
            str(file_of(tmp_path / f"{name}.csv", Recording(thigh.times[rows], thigh.acc_g[rows])))
            for name, rows in (("b", slice(None, half)), ("a", slice(half, None)))
        ]
        out = tmp_path / "out"
        run_analyse(AnalyseOptions((parts[1], parts[0]), placement="thigh", out=out, form="json"))
        assert_frames(rows_of(out, "frames", "json"), analyse({"thigh": thigh}).frames)


def _still_span(recording: Recording) -> str:
    """Eight seconds in which the sensor hardly moves, as the command line says it."""
    width = int(8 * RATE_HZ)
    spread = [
        float(np.std(recording.acc_g[first : first + width], axis=0).max())
        for first in range(0, len(recording.times) - width, width)
    ]
    begin = int(np.argmin(spread)) * 8
    return f"{begin}..{begin + 8}"


class TestMetrics:
    @pytest.mark.parametrize("form", ["csv", "parquet", "json"])
    def test_of_each_day_are_written_with_all_they_rest_on(
        self, form: str, thigh: Recording, back: Recording, tmp_path: Path
    ) -> None:
        files = (
            f"thigh={file_of(tmp_path / 'legs.csv', thigh)}",
            f"upper_back={file_of(tmp_path / 'back.npz', back)}",
        )
        out = tmp_path / "out"
        run_analyse(AnalyseOptions(files, out=out, form=form, gyro_unit="deg/s", timezone=BERLIN))
        table = rows_of(out, "metrics", form)
        found = analyse({"thigh": thigh, "upper_back": back})
        assert tuple(table["name"]) == METRICS
        for at, name in enumerate(METRICS):
            one = found.metrics[name]
            row = {column: values[at] for column, values in table.items()}
            assert row["value"] == one.value and row["coverage"] == one.coverage, name
            assert str(row["unit"]) == one.unit
            assert row["reason"] == (one.reason or None)
            assert row["sensors"] == (" ".join(one.sensors) or None)
            assert row["reference"] == (one.reference and one.reference.value)
            assert (row["sigma_deg"], row["confidence"]) == (one.sigma_deg, one.confidence)
            assert str(row["version"]) == one.version
        assert found.metrics["bends"].value is not None
        assert found.metrics["twists"].reason

    def test_of_a_second_day_are_of_that_day_alone(self, tmp_path: Path) -> None:
        recording = worn(Placement.THIGH, 20.0, 6.0)
        out = tmp_path / "out"
        run_analyse(
            AnalyseOptions(
                (str(file_of(tmp_path / "legs.csv", recording)),),
                placement="thigh", out=out, form="json", timezone=BERLIN,
            )
        )  # fmt: skip
        table = rows_of(out, "metrics", "json")
        days = rows_of(out, "days", "json")
        assert sorted(set(table["day"])) == days["day"] == ["2026-01-01", "2026-01-02"]
        for day, sitting_s in zip(days["day"], days["sitting_s"], strict=True):
            (told,) = (
                value
                for on, name, value in zip(table["day"], table["name"], table["value"], strict=True)
                if (on, name) == (day, "sitting_s")
            )
            assert told == sitting_s

    def test_that_matter_are_told_and_a_dash_has_its_reason(
        self, thigh: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = file_of(tmp_path / "legs.csv", thigh)
        run_analyse(AnalyseOptions((str(path),), placement="thigh", timezone=BERLIN))
        said = capsys.readouterr().out
        found = analyse({"thigh": thigh})
        (head, row) = next(
            (line.split(), below.split())
            for line, below in itertools.pairwise(said.splitlines())
            if "STEPS" in line
        )
        assert len("  ".join(head)) <= 80 and "DAY" in head and "SHIFTS/H" in head
        assert head[-3:] == ["HELD", "TWIST", "STEPS"]
        steps = found.metrics["steps"].value
        assert steps and row[-3:] == ["-", "-", f"{steps:,.0f}"]
        bends, twists = (found.metrics[name].reason for name in ("bends", "twists"))
        assert f"bends, held: {bends}" in said and f"twist: {twists}" in said
        assert said.count(bends) == 1
        assert f"  turns: {found.reasons['turn_dps']}" in said and "_dps" not in said

    def test_are_counted_in_words_as_people_do(
        self, thigh: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = file_of(tmp_path / "legs.csv", thigh)
        run_analyse(AnalyseOptions((str(path),), placement="thigh", out=tmp_path / "out"))
        said = capsys.readouterr().out
        assert "days.csv (1 row)," in said and "(1 rows)" not in said
        assert re.search(r"frames\.csv \([\d,]+ rows\)", said)


class TestDays:
    def test_are_counted_as_the_store_counts_them(self, tmp_path: Path) -> None:
        recording = worn(Placement.THIGH, 20.0, 12.0)
        found = analyse({"thigh": recording})
        with SqliteStore(tmp_path / "sitwell.db") as store:
            store.write(Batch(frames=(found.frames,), episodes=found.episodes), now=0.0)
            for row in day_rows(found.frames, found.episodes, BERLIN):
                kept = store.day_summary("recording", row.day, BERLIN)
                assert (row.start, row.end) == (kept.start, kept.end)
                assert row.seconds == dict(kept.seconds)
                for name in (
                    "sitting_bouts", "longest_sitting_s", "breaks", "full_breaks", "slouches", "slouch_s",
                ):  # fmt: skip
                    assert getattr(row, name) == getattr(kept, name), name
        assert len(day_rows(found.frames, found.episodes, BERLIN)) == 2
        assert len(day_rows(found.frames, found.episodes, "America/Los_Angeles")) == 1


class TestRecordingsOfOurOwn:
    @pytest.mark.slow
    def test_give_what_replay_gives_to_the_last_bit(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "desk.jsonl"
        run_record(RecordOptions(path, seconds=20, simulated=True))
        out = tmp_path / "out"
        run_analyse(AnalyseOptions((str(path),), out=out, form="parquet"))

        from collector.player import Player
        from collector.recording import RecordingFile

        recording = RecordingFile(path)
        player = Player(recording)
        blocks: list[FrameBlock] = []
        replay = Replay(
            player, parse_config({}), analysis=settings_of(recording),
            calibrations={s.id: s.calibration for s in recording.sensors if s.calibration},
            store=None,
        )  # fmt: skip
        printed = replay.keep

        def keep(found: Any) -> None:
            blocks.append(found.frames)
            printed(found)

        replay.keep = keep  # type: ignore[method-assign]
        at = recording.started
        for sensor, at, played in player.replay():
            replay.take(sensor, at, played)
        replay.finish(at)
        frames = FrameBlock.join("wearer-1", [block for block in blocks if len(block)])
        assert len(frames) > 10
        assert_frames(rows_of(out, "frames", "parquet"), frames)
        manifest = json.loads((out / "manifest.json").read_text())
        assert manifest["sensors"][0]["files"][0]["format"] == "sitwell-recording"
        assert sum(sensor["samples"] for sensor in manifest["sensors"]) == sum(
            each.received for each in player.counters.values()
        )


def test_a_sensor_that_is_faulty_is_told_of_and_not_believed(
    thigh: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stuck = np.tile([0.0, 0.0, 1.0], (int(1200 * RATE_HZ), 1))
    path = file_of(tmp_path / "x.csv", Recording(thigh.times[: len(stuck)], stuck))
    out = tmp_path / "out"
    run_analyse(AnalyseOptions((str(path),), placement="thigh", out=out, form="json"))
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["faults"][0]["placement"] == "thigh"
    assert manifest["faults"][0]["sentence"] in capsys.readouterr().out.replace("\n", " ")


class TestRefusals:
    def test_a_fault_is_one_line_with_its_number_and_leaves_nothing(
        self, sitwell: Run, thigh: Recording, tmp_path: Path
    ) -> None:
        part = Recording(thigh.times[:500], thigh.acc_g[:500])
        path = file_of(tmp_path / "legs.csv", part)
        lines = path.read_text().splitlines()
        lines[16] = "1,abc,2,3"
        path.write_text("\n".join(lines))
        out = tmp_path / "out"
        done = sitwell("analyse", str(path), "--placement", "thigh", "--out", str(out))
        assert f"{path}:17: " in refused(done, 2)
        assert "'abc'" in done.stderr
        assert sorted(p.name for p in tmp_path.iterdir() if p.name != "home") == ["legs.csv"]

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({}, "where was it worn"),
            ({"placement": "knee"}, "no placement 'knee'"),
            ({"placement": "thigh", "form": "xls"}, "--format"),
            ({"placement": "thigh", "columns": "time"}, "--columns"),
            ({"placement": "thigh", "acc_unit": "kg"}, "--acc-unit"),
            ({"placement": "thigh", "settings": ("slouch=1",)}, "no such setting"),
            ({"placement": "thigh", "settings": ("lag_s",)}, "--set"),
            ({"placement": "thigh", "upright": ("3-11",)}, "no span"),
            ({"placement": "thigh", "upright": ("900..999",)}, "outside the recording"),
            ({"placement": "thigh", "slouch": ("0..8",)}, "needs --upright"),
            ({"placement": "thigh", "upright": ("0..2",)}, "thigh: The upright pose was seen for"),
            ({"placement": "thigh", "timezone": "Europe/Atlantis"}, "Europe/Atlantis"),
            ({"placement": "thigh", "start": "yesterday"}, "--start"),
        ],
    )
    def test_options_that_cannot_be_are_refused_by_name(
        self, options: dict[str, Any], said: str, thigh: Recording, tmp_path: Path
    ) -> None:
        path = file_of(tmp_path / "x.csv", Recording(thigh.times[:500], thigh.acc_g[:500]))
        with pytest.raises(InputError, match=said):
            run_analyse(AnalyseOptions((str(path),), out=tmp_path / "out", **options))
        assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]

    def test_a_folder_that_is_there_is_not_written_over(
        self, thigh: Recording, tmp_path: Path
    ) -> None:
        path = file_of(tmp_path / "x.csv", Recording(thigh.times[:500], thigh.acc_g[:500]))
        with pytest.raises(InputError, match="is there already"):
            run_analyse(AnalyseOptions((str(path),), placement="thigh", out=tmp_path))

    def test_a_file_that_is_not_there_is_said_so(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no such file"):
            files_by_placement([str(tmp_path / "none.csv")], "thigh")
        with pytest.raises(InputError, match="no placement 'knee'"):
            files_by_placement(["knee=x.csv"], None)
        with pytest.raises(ConfigError, match="knee"):
            files_by_placement([], "knee")


@pytest.mark.slow
def test_a_day_is_analysed_by_the_real_command_in_little_memory(tmp_path: Path) -> None:
    recording = worn(Placement.THIGH, 0.0, 24.0)
    path = file_of(tmp_path / "day.csv", recording, time="iso")
    out = tmp_path / "out"
    words = command(
        "analyse", str(path), "--placement", "thigh", "--out", str(out), "--timezone", BERLIN
    )
    # From a small process: what a child is said to have used begins with what its parent had.
    measuring = "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
    measuring += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    done = subprocess.run(
        [sys.executable, "-c", measuring, *words], cwd=ROOT, env=environment(tmp_path / "home"),
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text, _, used_kb = done.stdout.strip().rpartition("\n")
    text += done.stderr
    assert "2026-01-01" in text and "2026-01-02" in text
    assert "\x1b" not in text and "Reading" not in text, "no progress where nobody looks"
    assert int(used_kb) < 300_000, "the file alone has 90 MB, and more in Python's own numbers"
    found = analyse({"thigh": recording})
    frames = rows_of(out, "frames", "csv")
    assert frames["time"] == found.frames.time.tolist()
    assert frames["activity"] == found.frames.activity_names.tolist()
    days = rows_of(out, "days", "csv")
    assert days["day"] == ["2026-01-01", "2026-01-02"]
    assert sum(days["measured_s"]) == len(found.frames)
    midnight = datetime(2026, 1, 2, tzinfo=ZoneInfo(BERLIN)).timestamp()
    assert days["start"][1] == midnight


@pytest.mark.slow
@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_stopped_leaves_nothing(
    name: signal.Signals, thigh: Recording, tmp_path: Path
) -> None:
    path = file_of(tmp_path / "x.csv", thigh, time="offset", zone=BERLIN)
    out = tmp_path / "out"
    words = command("analyse", str(path), "--placement", "thigh", "--out", str(out))
    with heeding_ctrl_c():
        process = subprocess.Popen(
            words, cwd=ROOT, env=environment(tmp_path / "home"), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".samples.*/thigh/times")):
        assert process.poll() is None, process.stderr
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(name)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (130, 143)
    assert "Traceback" not in errors
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "home") == ["x.csv"]


@pytest.mark.slow
def test_whoever_looks_sees_how_far_a_long_file_is(thigh: Recording, tmp_path: Path) -> None:
    path = file_of(tmp_path / "x.csv", thigh, time="offset", zone=BERLIN)
    seen, shown = os.openpty()
    process = subprocess.Popen(
        command("analyse", str(path), "--placement", "thigh"), cwd=ROOT,
        env=environment(tmp_path / "home") | {"TERM": "xterm"},
        stdin=subprocess.DEVNULL, stdout=shown, stderr=shown,
    )  # fmt: skip
    os.close(shown)
    said = b""
    with contextlib.suppress(OSError):  # a terminal whose other side is closed ends so
        while part := os.read(seen, 65_536):
            said += part
    os.close(seen)
    assert process.wait(60) == 0
    assert b"Reading x.csv" in said
    assert re.search(rb"\b[1-9]\d?%", re.sub(rb"\x1b\[[0-9;]*m", b"", said))
