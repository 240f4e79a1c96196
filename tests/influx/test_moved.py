"""`sitwell store copy` and `sitwell store erase` where what is measured is at a real InfluxDB."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import ConfigError, InputError, ServerError, StoreError
from service.commands.store_copy import run_copy
from service.commands.store_erase import EraseOptions, run_erase
from service.config import load_config
from service.stores import open_configured, send_owed
from storage.influx.asking import Asker
from storage.influx.lines import MEASUREMENTS
from storage.influx.settings import InfluxSettings
from storage.influx.store import InfluxStore
from storage.sqlite import SqliteStore
from tests.influx.real_servers import influxd, shared_influxd, victoria_metrics
from tests.service.test_store_copy import fill, whole
from tests.storage.conftest import _make_frames
from tests.storage.test_erasing import ADA, BAND, CLIP, MARKS, T0, ZOE, calibration, life

DAY_S = 86_400


def configured(folder: Path, url: str, **more: object) -> Path:
    """A configuration whose store is in `folder` and whose server is at `url`."""
    file = folder / "sitwell.toml"
    words = "".join(f"{name} = {value!r}\n" for name, value in more.items())
    file.write_text(
        f"[service]\ndata_dir = '{folder / 'data'}'\n[storage]\nmetrics = 'influx'\n"
        f"[storage.influx]\nurl = '{url}'\n{words}"
    )
    return file


def database(path: Path) -> str:
    return f"t{abs(hash(str(path))):x}"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store that is only read by the tests."""
    with SqliteStore(tmp_path_factory.mktemp("full") / "sitwell.db") as store:
        fill(store)
        yield store


def exported(url: str, wearer: str) -> list[dict[str, list[int]]]:
    """The activities of a wearer that a VictoriaMetrics has, which shows them a moment after it took them."""
    match = urllib.parse.quote(f'{{__name__="frames_activity",wearer="{wearer}"}}')
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{url}/internal/force_flush"):
            pass
        with urllib.request.urlopen(f"{url}/api/v1/export?start=0&match[]={match}") as answer:
            if found := [json.loads(line) for line in answer.read().splitlines()]:
                return found
        time.sleep(0.1)
    return []


def opened(file: Path) -> InfluxStore:
    store = open_configured(load_config(file))
    assert isinstance(store, InfluxStore)
    return store


class TestACopy:
    def test_to_influxdb_is_at_the_server_and_comes_back_whole(
        self, full: SqliteStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = configured(tmp_path, shared_influxd().url, database=database(tmp_path), local_days=2)
        there, back = f"influx:{file}", str(tmp_path / "back")
        run_copy(str(full._path), there)
        said = capsys.readouterr().out
        assert "differ" not in said
        assert "both stores have the same" in said
        run_copy(str(full._path), there)
        assert "Nothing was to be written" in capsys.readouterr().out
        with opened(file) as store:
            assert store.debt().points == 0
            assert whole(store) == whole(full)
            # As time goes by: most seconds are then at the server alone.
            assert store.prune(frames_before=T0) > 5000
            assert whole(store) == whole(full)
        with opened(file):  # a service has the file
            run_copy(there, back)
        assert "both stores have the same" in capsys.readouterr().out
        with SqliteStore(tmp_path / "back" / "sitwell.db") as store:
            assert whole(store) == whole(full)
        run_copy(there, back)
        assert "Nothing was to be written" in capsys.readouterr().out

    def test_that_a_server_broke_off_goes_on_when_it_is_back(
        self, full: SqliteStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        own = influxd(tmp_path)
        file = configured(tmp_path, own.url)
        with pytest.raises(ServerError, match="does not answer"):
            run_copy(str(full._path), f"influx:{file}")
        own.start()
        try:
            run_copy(str(full._path), f"influx:{file}")
            assert "both stores have the same" in capsys.readouterr().out
        finally:
            own.kill()

    def test_says_what_the_server_does_not_have(
        self, full: SqliteStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Not the file beside it is compared, but the server."""
        name = database(tmp_path)
        file = configured(tmp_path, shared_influxd().url, database=name)
        run_copy(str(full._path), f"influx:{file}")
        asker = Asker(InfluxSettings(url=shared_influxd().url, database=name))
        asker.ask(f"DELETE FROM frames WHERE wearer = 'ada' AND time >= {T0 + 3 * DAY_S + 3000}s")
        capsys.readouterr()
        with pytest.raises(StoreError, match="the stores differ in seconds:"):
            run_copy(str(full._path), f"influx:{file}")

    def test_to_a_server_that_answers_no_questions_compares_the_file(
        self, full: SqliteStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        victoria = victoria_metrics(tmp_path)
        victoria.start()
        try:
            file = configured(tmp_path, victoria.url, org="home")
            run_copy(str(full._path), f"influx:{file}")
            said = capsys.readouterr().out
            assert "both stores have the same" in said
            assert "answers no questions" in said
            for wearer in ("ada", ZOE.id):
                frames = full.frames(wearer, 0, 2**33)
                (each,) = exported(victoria.url, wearer)
                assert [time // 1000 for time in each["timestamps"]] == frames.times.tolist()
                assert each["values"] == frames.activity.tolist()
        finally:
            victoria.kill()

    def test_wants_a_configuration_and_shows_nothing_that_may_be_secret(
        self, full: SqliteStore, tmp_path: Path
    ) -> None:
        here = str(full._path)
        with pytest.raises(InputError, match=r"influx:sitwell\.toml") as caught:
            run_copy(here, "influx:http://ada:s3cret@127.0.0.1:8086/sitwell")
        assert "s3cret" not in str(caught.value)
        plain = tmp_path / "plain.toml"
        plain.write_text("")
        with pytest.raises(ConfigError, match=r"is not \"influx\""):
            run_copy(here, f"influx:{plain}")
        file = configured(full._path.parent, "http://127.0.0.1:1")
        file.write_text(file.read_text().replace("/data'", "'"))
        with pytest.raises(InputError, match="run the service"):
            run_copy(here, f"influx:{file}")


def names_at(url: str, name: str) -> str:
    """All that a server tells of its series: names, tags and text."""
    asker = Asker(InfluxSettings(url=url, database=name))
    questions = ["SHOW SERIES", "SHOW TAG VALUES WITH KEY = wearer"]
    questions += [f"SELECT * FROM {measurement} GROUP BY *" for measurement in MEASUREMENTS]
    return repr(asker.ask(*questions))


class TestErasing:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """Two wearers, all of whom is at the server but for the newest, which is owed still."""
        file = configured(tmp_path, shared_influxd().url, database=database(tmp_path))
        with opened(file) as store:
            for wearer, sensor in ((ZOE, BAND), (ADA, CLIP)):
                store.put_wearer(wearer)
                store.put_sensor(sensor)
                store.add_calibration(calibration(sensor, T0 - 30.0))
                store.write(life(wearer, sensor, _make_frames, hours=3), now=T0)
            send_owed(load_config(file), store)
            store.write(life(ZOE, BAND, _make_frames, hours=1), now=T0)
        return file

    def test_a_wearer_is_then_in_no_file_and_nowhere_at_the_server(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        url, name = shared_influxd().url, database(tmp_path)
        assert ZOE.id in names_at(url, name)
        run_erase(EraseOptions(ZOE.id, yes=True, config=file))
        said = capsys.readouterr().out
        assert "10,800 frames" in said
        assert f"The server {url} has it no more." in said
        for path in (tmp_path / "data").iterdir():
            held = path.read_bytes()
            assert [mark for mark in MARKS if mark.encode() in held] == [], path
        left = names_at(url, name)
        assert ZOE.id not in left
        assert "ada" in left
        with opened(file) as store:
            assert len(store.frames("ada", T0, T0 + DAY_S)) == 10_800
            assert store.debt().points == 0

    def test_a_range_is_gone_at_the_server_too_when_the_command_ends(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run_erase(
            EraseOptions("ada", "2026-09-22T03:00:30", "2026-09-22T04:10", yes=True, config=file)
        )
        assert "has it no more" in capsys.readouterr().out
        begin, end = T0 + 3 * 3600 + 30, T0 + 4 * 3600 + 600
        with opened(file) as store:
            there = store._remote.frames("ada", T0, T0 + DAY_S)
            assert there.times.tolist() == store.frames("ada", T0, T0 + DAY_S).times.tolist()
            assert not ((there.times >= begin) & (there.times < end)).any()
            assert len(there) == 10_800 - (end - begin)
            minutes = store._remote.rollups("ada", T0, T0 + DAY_S, 60)
            here = store.rollups("ada", T0, T0 + DAY_S, 60)
            assert minutes.times.tolist() == here.times.tolist()
            assert minutes.sums.tolist() == here.sums.tolist()

    def test_while_the_server_is_away_no_wearer_goes_and_a_range_is_owed(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        away = file.with_name("away.toml")
        away.write_text(file.read_text().replace(shared_influxd().url, "http://127.0.0.1:1"))
        with pytest.raises(ServerError, match="does not answer"):
            run_erase(EraseOptions(ZOE.id, yes=True, config=away))
        with opened(file) as store:
            assert len(store.frames(ZOE.id, T0, T0 + DAY_S)) == 10_800
        run_erase(
            EraseOptions("ada", "2026-09-22T03:00", "2026-09-22T04:00", yes=True, config=away)
        )
        assert "still has it" in capsys.readouterr().out
        with opened(file) as store:
            assert len(store._remote.frames("ada", T0, T0 + DAY_S)) == 10_800
            send_owed(load_config(file), store)
            assert len(store._remote.frames("ada", T0, T0 + DAY_S)) == 7200
