"""deploy/influxdb: every panel's query on what the forwarder wrote, and what its files may not say."""

import json
import math
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from domain.posture import Activity, FrameBlock
from storage.contract import Batch
from storage.influx.asking import Asker, Table
from storage.influx.lines import FIELD_TYPES
from tests.influx.forwarded import ForwardedStore, forwarded_store

MakeFrames = Callable[..., FrameBlock]
BERLIN = "Europe/Berlin"
#: The clock goes forward on the second.
DAYS = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]
HOUR_S = 3600


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(BERLIN)).timestamp())


START, END = midnight(DAYS[0]), midnight(DAYS[-1] + timedelta(days=1))
#: The strip is asked for on a day of its own: an hour of each activity, then nothing, then one second.
STRIP = END + 10 * 24 * HOUR_S


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "deploy" / "influxdb"


@pytest.fixture(scope="module")
def dashboard(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (folder / "grafana" / "dashboards" / "sitwell.json").read_text()
    )
    return found


@pytest.fixture(scope="module")
def store(
    tmp_path_factory: pytest.TempPathFactory, make_frames: MakeFrames
) -> Iterator[ForwardedStore]:
    store = forwarded_store(tmp_path_factory.mktemp("deployed"))
    times = np.arange(START, END - 2 * HOUR_S, 17)
    strip = tuple(
        make_frames("ada", range(STRIP + i * HOUR_S, STRIP + (i + 1) * HOUR_S), activity=int(what))
        for i, what in enumerate(Activity)
    )
    last = make_frames("ada", [STRIP + 8 * HOUR_S], activity=int(Activity.LYING))
    # A wearer of whom no angle is known and who only lies: neither trend has anything to say of them.
    lying = make_frames("bob", range(START, START + 60), activity=int(Activity.LYING))
    frames = (make_frames("ada", times, seed=3), *strip, last, lying)
    for block in frames:
        store.write(Batch(frames=(block,)), now=END)
    yield store
    store.close()


@pytest.fixture(scope="module")
def asker(store: ForwardedStore) -> Asker:
    return store.server._asker


def filled(query: str, start: int, end: int, wearer: str = "ada", interval: str = "10m") -> str:
    """The query as Grafana sends it: its InfluxQL data source puts both ends, in ms, into the filter."""
    values = {
        "$timeFilter": f"time >= {1000 * start}ms and time <= {1000 * end - 1}ms",
        "$__interval": interval,
        "$__timezone": BERLIN,
        "$wearer": wearer,
    }
    for name, value in values.items():
        query = query.replace(name, value)
    assert "$" not in query, "a variable that Grafana is not known to have"
    return query


def query_of(dashboard: dict[str, Any], title: str) -> str:
    (panel,) = [panel for panel in dashboard["panels"] if panel["title"] == title]
    (target,) = panel["targets"]
    return str(target["query"])


def answer(asker: Asker, query: str) -> Table:
    """The one table; its times in ms, as Grafana asks for them."""
    ((table,),) = asker.ask(query, epoch="ms")
    return table


def day_of(time_ms: int) -> date:
    return datetime.fromtimestamp(time_ms / 1000, tz=ZoneInfo(BERLIN)).date()


def test_every_query_of_the_dashboard_gives_rows(dashboard: dict[str, Any], asker: Asker) -> None:
    queries = [target["query"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(queries) == 4
    for query in queries:
        rows = answer(asker, filled(query, START, END)).rows
        assert any(value is not None for row in rows for value in row[1:]), query


def test_the_strip_shows_each_hour_as_it_was_and_gaps_as_gaps(
    dashboard: dict[str, Any], asker: Asker
) -> None:
    query = filled(query_of(dashboard, "Today"), STRIP, STRIP + 9 * HOUR_S, interval="30m")
    rows = answer(asker, query).rows
    hours = [int(activity) for activity in Activity for _ in range(2)]
    assert [row[1] for row in rows] == [*hours, None, None, None, None, int(Activity.LYING), None]
    mappings = dashboard["panels"][0]["fieldConfig"]["defaults"]["mappings"][0]["options"]
    words = {number: mapping["text"].replace(" ", "_") for number, mapping in mappings.items()}
    assert words == {str(int(activity)): activity.word for activity in Activity}


def test_hours_a_day_are_the_days_that_sitwell_shows(
    dashboard: dict[str, Any], asker: Asker, store: ForwardedStore
) -> None:
    table = answer(asker, filled(query_of(dashboard, "Hours a day"), START, END))
    assert [day_of(row[0]) for row in table.rows] == DAYS
    for row in table.rows:
        told = dict(zip(table.columns, row, strict=True))
        wanted = store.day_summary("ada", day_of(told.pop("time")), BERLIN).seconds
        assert told == {
            activity.word: pytest.approx(wanted[activity] / HOUR_S)
            for activity in Activity
            if activity is not Activity.NOT_WORN
        }


def test_trends_are_those_of_the_days_that_sitwell_shows(
    dashboard: dict[str, Any], asker: Asker, store: ForwardedStore
) -> None:
    leans = answer(asker, filled(query_of(dashboard, "Mean lean a day"), START, END)).rows
    shares = answer(asker, filled(query_of(dashboard, "Share of sitting a day"), START, END)).rows
    assert [day_of(row[0]) for row in leans] == [day_of(row[0]) for row in shares] == DAYS
    for (time_ms, lean), (_, share) in zip(leans, shares, strict=True):
        day = store.day_summary("ada", day_of(time_ms), BERLIN)
        up = [day.seconds[each] for each in (Activity.SITTING, Activity.STANDING, Activity.MOVING)]
        assert lean == pytest.approx(day.lean_mean_deg)
        assert share == pytest.approx(100 * up[0] / sum(up))


@pytest.mark.parametrize("title", ["Mean lean a day", "Share of sitting a day"])
def test_a_day_without_anything_to_average_is_left_out(
    title: str, dashboard: dict[str, Any], asker: Asker, store: ForwardedStore
) -> None:
    assert math.isnan(store.day_summary("bob", DAYS[0], BERLIN).lean_mean_deg)
    query = filled(query_of(dashboard, title), START, END, wearer="bob")
    assert asker.ask(query) == [[]]


def test_wearers_to_choose_from_are_those_who_were_written(
    dashboard: dict[str, Any], asker: Asker
) -> None:
    (variable,) = dashboard["templating"]["list"]
    assert variable["name"] == "wearer"
    assert [row[1] for row in answer(asker, variable["query"]).rows] == ["ada", "bob"]


def test_queries_name_only_what_is_written(dashboard: dict[str, Any]) -> None:
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            (measurement,) = re.findall(r'FROM "(\w+)"', target["query"])
            fields = set(re.findall(r'"(\w+)"', re.sub(r'AS "[\w ]+"', "", target["query"])))
            assert fields - {measurement, "wearer"} <= set(FIELD_TYPES[measurement])


def test_no_variable_stands_between_slashes(dashboard: dict[str, Any]) -> None:
    # Grafana takes what is between two for a regular expression and escapes the slash of a zone there.
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            assert "/" not in target["query"][target["query"].index("$") :]


def test_panels_ask_the_data_source_that_is_provisioned(
    dashboard: dict[str, Any], folder: Path
) -> None:
    source = (folder / "grafana" / "datasources" / "sitwell.yaml").read_text()
    (uid,) = re.findall(r"^    uid: (\S+)$", source, re.MULTILINE)
    (kind,) = re.findall(r"^    type: (\S+)$", source, re.MULTILINE)
    wanted = {"type": kind, "uid": uid}
    asking = [dashboard["templating"]["list"][0], *dashboard["panels"]]
    asking += [target for panel in dashboard["panels"] for target in panel["targets"]]
    assert all(each["datasource"] == wanted for each in asking)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def yaml_files(folder: Path) -> list[Path]:
    return sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")])


def test_the_yaml_is_of_the_plain_kind_that_can_be_checked_by_eye(folder: Path) -> None:
    # No parser of YAML is among what the tests need; these files keep to keys, values and lists.
    plain = re.compile(r'^(  )*(- )?([\w.-]+:( (\S.*))?|"[^"]*"|\S+:\S+)$')
    assert len(yaml_files(folder)) == 3
    for path in yaml_files(folder):
        before = 0
        for line in path.read_text().splitlines():
            if not line or line.lstrip().startswith("#"):
                continue
            assert plain.match(line), (path.name, line)
            indent = len(line) - len(line.lstrip())
            assert indent <= before + 4, (path.name, line)
            before = indent


def test_images_are_pinned_and_nothing_listens_beyond_this_machine(folder: Path) -> None:
    compose = (folder / "compose.yaml").read_text()
    images = re.findall(r"^ +image: (\S+)$", compose, re.MULTILINE)
    assert len(images) == 2
    assert all(re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+(-alpine)?", image) for image in images)
    published = re.findall(r"^    ports:\n((?:      - .*\n)+)", compose, re.MULTILINE)
    ports = [line.strip() for block in published for line in block.splitlines()]
    assert len(ports) == 2
    assert all(re.fullmatch(r'- "127\.0\.0\.1:\d+:\d+"', port) for port in ports)
    assert compose.count("healthcheck:") == len(images)
    for word in ("latest", "0.0.0.0", "network_mode", "privileged"):
        assert word not in compose


def test_every_volume_is_named_and_every_mounted_folder_is_there(folder: Path) -> None:
    services, volumes = (folder / "compose.yaml").read_text().split("\nvolumes:\n")
    declared = set(re.findall(r"^  ([\w-]+):$", volumes, re.MULTILINE))
    mounts = re.findall(r"^      - ([\w./-]+):/\S+$", services, re.MULTILINE)
    assert {mount for mount in mounts if not mount.startswith(".")} == declared
    assert all((folder / mount).is_dir() for mount in mounts if mount.startswith("."))


def test_secrets_come_from_a_file_that_git_does_not_keep(root: Path, folder: Path) -> None:
    compose = (folder / "compose.yaml").read_text()
    wanted = set(re.findall(r"\$\{(\w+):\?", compose))
    assert compose.count("${") == len(re.findall(r"\$\{\w+:\?", compose)), "one has a default"
    example = (folder / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in example if not line.startswith("#"))
    assert given == dict.fromkeys(wanted, "")
    assert "deploy/influxdb/.env" in (root / ".gitignore").read_text().splitlines()
    for path in yaml_files(folder):
        for line in path.read_text().splitlines():
            if re.search(r"(?i)(password|token|secret)\w*: ", line):
                assert re.search(r": \$", line), (path.name, line)


def test_scripts_are_whole_and_may_be_run(folder: Path) -> None:
    scripts = sorted(folder.rglob("*.sh"))
    assert sorted(script.name for script in scripts) == ["10-reader.sh", "sitwell-token.sh"]
    for script in scripts:
        assert os.access(script, os.X_OK), script.name
        done = subprocess.run(
            ["bash", "-n", script], capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode == 0, done.stderr


def test_what_sitwell_is_told_fits_what_is_set_up(folder: Path) -> None:
    compose = (folder / "compose.yaml").read_text()
    readme = (folder / "README.md").read_text()
    source = (folder / "grafana" / "datasources" / "sitwell.yaml").read_text()
    (org,) = re.findall(r"INIT_ORG: (\S+)", compose)
    (bucket,) = re.findall(r"INIT_BUCKET: (\S+)", compose)
    assert f'org = "{org}"' in readme
    assert f'database = "{bucket}"' in readme
    assert f"dbName: {bucket}\n" in source
    assert 'url = "http://127.0.0.1:8086"' in readme
    assert "basicAuthUser: grafana\n" in source
    assert "--username grafana " in (folder / "setup" / "10-reader.sh").read_text()
