"""An export is one zip that other programs read, with all there is and nothing secret."""

import csv
import io
import json
import math
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.errors import InputError, NotFoundError
from domain.posture import COLUMNS
from domain.records import DiaryEntry
from service import exporting
from service.exporting import export
from storage.contract import Batch, Store
from storage.sqlite import SqliteStore
from tests.storage.conftest import BACKENDS, _make_frames
from tests.storage.test_erasing import ADA, BAND, CLIP, T0, ZOE, calibration, life

Run = Callable[..., subprocess.CompletedProcess[str]]
TABLES = ("frames", "minutes", "hours", "episodes", "alerts", "diary")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """Two wearers with an hour or two of everything; the first minutes of the seconds were pruned."""
    with SqliteStore(tmp_path_factory.mktemp("full") / "sitwell.db") as store:
        for wearer, sensor, hours in ((ADA, CLIP, 1), (ZOE, BAND, 2)):
            store.put_wearer(wearer)
            store.put_sensor(sensor)
            store.add_calibration(calibration(sensor, T0 - 30.0))
            store.write(life(wearer, sensor, _make_frames, hours=hours), now=T0)
        late = _make_frames(ADA.id, range(T0 + 86_000, T0 + 87_000))  # over a midnight
        store.write(Batch(frames=(late,)), now=T0)
        store.prune(frames_before=T0 + 7200 + 90)
        note = DiaryEntry("d", ZOE.id, T0 + 7300.5, 'says "ouch", twice\n☂', 3, {"region": "neck"})
        store.put_diary_entry(note)
        yield store


def rows(file: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read(f"{name}.csv").decode())))


def number(word: str) -> float:
    return float(word) if word else math.nan


@pytest.fixture(scope="module")
def file(full: SqliteStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Everything of the store, exported once."""
    path = tmp_path_factory.mktemp("export") / "all.zip"
    export(full, path)
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        yield file


class TestTheZip:
    def test_has_every_table_of_every_wearer_twice_and_says_what_they_are(
        self, file: zipfile.ZipFile
    ) -> None:
        names = set(file.namelist())
        tables = [f"{who}/{name}" for who in (ADA.id, ZOE.id) for name in TABLES]
        tables += ["wearers", "sensors", "calibrations"]
        wanted = {f"{table}.{form}" for table in tables for form in ("csv", "parquet")}
        assert names == wanted | {"README.md", "schema.json"}
        readme = file.read("README.md").decode()
        assert "Not a medical device" in readme
        assert f"- {ADA.id}/frames: 4,510" in readme
        schema = json.loads(file.read("schema.json"))["$defs"]
        for table in tables:
            head = file.read(f"{table}.csv").decode().splitlines()[0]
            columns = schema[table.split("/")[-1]]["properties"]
            assert head.replace('"', "").split(",") == list(columns)
            assert all(column["description"] for column in columns.values())

    def test_has_every_second_as_it_is_stored(
        self, file: zipfile.ZipFile, full: SqliteStore
    ) -> None:
        frames = full.frames(ADA.id, 0, 2**40)
        found = rows(file, f"{ADA.id}/frames")
        assert [int(row["time"]) for row in found] == frames.times.tolist()
        for name in COLUMNS[2:-1]:
            values = [number(row[name]) for row in found]
            assert values == pytest.approx(getattr(frames, name).tolist(), nan_ok=True, abs=0), name
        words = [(row["activity"], row["source"]) for row in found]
        assert words == [
            (frame.activity.word, "" if frame.source is None else frame.source.value)
            for frame in frames
        ]

    def test_has_minutes_and_hours_also_where_seconds_were_pruned(
        self, file: zipfile.ZipFile, full: SqliteStore
    ) -> None:
        for name, width_s in (("minutes", 60), ("hours", 3600)):
            series = full.series(ADA.id, 0, 2**33, width_s)
            found = rows(file, f"{ADA.id}/{name}")
            assert [int(row["time"]) for row in found] == series.times.tolist()
            assert [int(row["sitting_s"]) for row in found] == series.seconds[:, 2].tolist()
            for column, values in (*series.means.items(), ("lean_max_deg", series.lean_max_deg)):
                told = [number(row[column]) for row in found]
                assert told == pytest.approx(values.tolist(), nan_ok=True), column
        assert rows(file, f"{ZOE.id}/hours")[0]["time_local"] == "2026-09-22T04:00:00+02:00"

    def test_has_episodes_alerts_and_the_diary_in_order(
        self, file: zipfile.ZipFile, full: SqliteStore
    ) -> None:
        episodes = rows(file, f"{ZOE.id}/episodes")
        assert [e["id"] for e in episodes] == [e.id for e in full.episodes(ZOE.id, 0, 2**40)]
        assert episodes[0]["censored"] == "false"
        alerts = rows(file, f"{ZOE.id}/alerts")
        assert [float(a["opened_at"]) for a in alerts] == [T0 + 7200.0, T0 + 10800.0]
        assert (alerts[0]["closed_at"], alerts[0]["message"]) == ("", "Zoe leans")
        (entry,) = rows(file, f"{ZOE.id}/diary")
        assert entry["text"] == 'says "ouch", twice\n☂'
        assert json.loads(entry["answers"]) == {"region": "neck"}

    def test_has_whose_the_sensors_were_and_none_of_their_keys(self, file: zipfile.ZipFile) -> None:
        sensors = {row["sensor"]: row for row in rows(file, "sensors")}
        assert sensors[BAND.id]["wearer"] == ZOE.id
        assert sensors[BAND.id]["until"] == ""
        assert [row["sensor"] for row in rows(file, "calibrations")] == [CLIP.id, BAND.id]
        for name in file.namelist():
            assert BAND.key_hex.encode() not in file.read(name)

    def test_says_the_same_in_parquet(self, file: zipfile.ZipFile) -> None:
        parquet = pytest.importorskip("pyarrow.parquet")
        for name in (f"{ADA.id}/frames", f"{ADA.id}/hours", f"{ZOE.id}/episodes", "sensors"):
            table = parquet.read_table(io.BytesIO(file.read(f"{name}.parquet")))
            found = rows(file, name)
            assert table.num_rows == len(found)
            for column in table.column_names:
                told = [row[column] for row in found]
                for value, word in zip(table[column].to_pylist(), told, strict=True):
                    assert _same(value, word), (name, column)


def _same(value: Any, word: str) -> bool:
    if value is None:
        return word == ""
    if isinstance(value, bool):
        return word == str(value).lower()
    return float(word) == value if isinstance(value, int | float) else word == value


def test_without_pyarrow_the_csv_says_the_same(
    full: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(full, tmp_path / "with.zip")
    monkeypatch.setattr(exporting, "_arrow", lambda: None)
    done = export(full, tmp_path / "without.zip")
    assert not done.parquet
    with (
        zipfile.ZipFile(tmp_path / "with.zip") as one,
        zipfile.ZipFile(tmp_path / "without.zip") as other,
    ):
        assert "pyarrow was not installed" in other.read("README.md").decode()
        for name in done.rows:
            assert f"{name}.parquet" not in other.namelist()
            ours, theirs = rows(other, name), rows(one, name)
            assert len(ours) == len(theirs)
            for a, b in zip(ours, theirs, strict=True):
                assert a.keys() == b.keys()
                assert all(a[k] == b[k] or float(a[k]) == float(b[k]) for k in a), name


def test_a_wearer_or_a_range_alone_is_exported(full: SqliteStore, tmp_path: Path) -> None:
    start, end = T0 + 7200 + 600, T0 + 7200 + 1200
    done = export(full, tmp_path / "part.zip", wearers=[ZOE.id], start=start, end=end)
    assert done.rows[f"{ZOE.id}/frames"] == 600
    assert done.rows[f"{ZOE.id}/minutes"] == 10
    assert not any(name.startswith(ADA.id) for name in done.rows)
    assert done.rows["sensors"] == 1
    with zipfile.ZipFile(tmp_path / "part.zip") as file:
        assert all(
            ADA.id.encode() not in file.read(name) for name in file.namelist() if ".csv" in name
        )
        times = [int(row["time"]) for row in rows(file, f"{ZOE.id}/frames")]
    assert times == list(range(start, end))


def test_what_cannot_be_exported_is_said_and_leaves_no_file(
    full: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there.zip").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        export(full, tmp_path / "there.zip")
    with pytest.raises(NotFoundError, match="no wearer 'bob'"):
        export(full, tmp_path / "x.zip", wearers=["bob"])
    with pytest.raises(InputError, match="cannot be written"):
        export(full, tmp_path / "no folder" / "x.zip")

    def refuse(*_: object) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "json_schema", refuse)
    with pytest.raises(InputError, match="No space left"):
        export(full, tmp_path / "x.zip")
    assert [file.name for file in tmp_path.iterdir()] == ["there.zip"]


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_any_backend_is_exported(backend: str, tmp_path: Path) -> None:
    store: Store = BACKENDS[backend](tmp_path / "store")
    store.write(Batch(frames=(_make_frames("ada", range(T0, T0 + 90)),)), now=T0)
    steps: list[tuple[float, float]] = []
    done = export(store, tmp_path / "x.zip", told=lambda at, of: steps.append((at, of)))
    assert (done.rows["ada/frames"], done.rows["ada/minutes"]) == (90, 2)
    assert sorted(set(steps)) == [(0, 1), (1, 1)]
    store.close()


def test_the_command_exports_while_a_service_has_the_store(
    full: SqliteStore, tmp_path: Path, sitwell: Run
) -> None:
    data, file = ("--data-dir", str(full._path.parent)), str(tmp_path / "mine.zip")
    done = sitwell(
        *("store", "export", file, *data, "--wearer", ADA.id),
        *("--from", "2026-09-22T02:30:00+00:00", "--to", "2026-09-22T02:31:00+00:00"),
    )
    assert done.returncode == 0, done.stderr
    assert "60  ada/frames" in done.stdout
    assert "README.md in it says how to read them" in done.stdout
    with zipfile.ZipFile(file) as opened:
        assert len(rows(opened, "ada/frames")) == 60
