"""Debian's InfluxDB 1.6.7 and VictoriaMetrics as processes: what they take, and what they refuse."""

import functools
import json
import math
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from domain.errors import ServerError
from domain.posture import COLUMNS, FrameBlock
from storage.contract import Batch
from storage.influx.asking import Asker
from storage.influx.forwarder import Forwarder
from storage.influx.local import LocalStore
from storage.influx.reader import InfluxReader
from storage.influx.server import Server
from storage.influx.settings import InfluxSettings
from storage.influx.wire import open_wire
from tests.influx.real_servers import RealServer, influxd, shared_influxd, victoria_metrics

T0 = 1_790_035_200
MakeFrames = Callable[..., FrameBlock]


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> InfluxSettings:
    name = f"real_{abs(hash(request.node.name)):x}"
    return InfluxSettings(url=shared_influxd().url, database=name, outbox_days=3650)


async def sent(
    store: LocalStore, settings: InfluxSettings, *, squeeze: bool | None = None
) -> Asker:
    """All that is owed, sent; the server, to be asked. squeeze: as to another machine."""
    asker = Asker(settings)
    connect = functools.partial(open_wire, squeeze=squeeze)
    forwarder = Forwarder(store, Server(settings, asker), settings, connect=connect)
    try:
        await forwarder.drain(now=math.inf)
    finally:
        await forwarder.close()
    return asker


def count(asker: Asker, measurement: str) -> int:
    (tables,) = asker.ask(f"SELECT * FROM {measurement}")
    return sum(len(table.rows) for table in tables)


@pytest.mark.parametrize("squeeze", [True, False])
async def test_what_is_sent_is_what_is_read_with_gzip_and_without(
    store: LocalStore, settings: InfluxSettings, make_frames: MakeFrames, squeeze: bool
) -> None:
    block = make_frames("ada", range(T0, T0 + 8000))
    store.write(Batch(frames=(block,)), now=T0)
    asker = await sent(store, settings, squeeze=squeeze)
    there = InfluxReader(asker).frames("ada", T0, T0 + 8000)
    here = store.frames("ada", T0, T0 + 8000)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))
    assert store.debt().points == 0


async def test_the_database_is_made_with_the_retention_that_is_asked_for(
    store: LocalStore, settings: InfluxSettings
) -> None:
    asker = await sent(store, replace(settings, retention_days=400))
    (tables,) = asker.ask(f'SHOW RETENTION POLICIES ON "{settings.database}"')
    assert tables[0].rows[0][1] == "9600h0m0s"
    found = Server(replace(settings, retention_days=0), asker).check()
    assert found.version == (1, 6, 7)
    assert "forgets after 400 days" in found.warnings[0]


async def test_a_foreign_type_makes_dead_letters_of_the_lines_it_touches_alone(
    store: LocalStore, settings: InfluxSettings, make_frames: MakeFrames
) -> None:
    asker = Asker(settings)
    server = Server(settings, asker)
    server.check()
    body = f"minutes,wearer=ada sitting_s=1.5 {T0 + 600}000000000".encode()
    url = f"{settings.url}/write?db={settings.database}"
    with urllib.request.urlopen(url, data=body):
        pass
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 120)),)), now=T0)
    asker = await sent(store, settings)
    letters = store.dead_letters()
    assert sorted(letter.time for letter in letters) == [T0, T0 + 60]
    assert all("field type conflict" in letter.words for letter in letters)
    assert count(asker, "frames") == 120
    assert "sitting_s is float" in server.check().warnings[0]


async def test_a_small_limit_of_the_body_is_met(
    tmp_path: Path, store: LocalStore, make_frames: MakeFrames
) -> None:
    own = influxd(tmp_path, most_bytes=3000)
    own.start()
    try:
        store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 300)),)), now=T0)
        asker = await sent(store, InfluxSettings(url=own.url))
        assert count(asker, "frames") == 300
        assert store.dead_letters() == []
    finally:
        own.stop()


async def test_logins_are_asked_for_and_said_in_one_line(
    tmp_path: Path, store: LocalStore, make_frames: MakeFrames
) -> None:
    own = influxd(tmp_path, auth=True)
    own.start()
    try:
        query = b"q=CREATE+USER+ada+WITH+PASSWORD+'s3cret'+WITH+ALL+PRIVILEGES"
        with urllib.request.urlopen(f"{own.url}/query", data=query):
            pass
        store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
        wrong = InfluxSettings(url=own.url, username="ada", token="wr0ng")
        with pytest.raises(ServerError, match="check the token") as caught:
            await sent(store, wrong)
        assert caught.value.status == 401
        assert "wr0ng" not in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
        asker = await sent(store, replace(wrong, token="s3cret"))
        assert count(asker, "frames") == 1
    finally:
        own.stop()


async def test_a_database_that_was_dropped_is_made_anew(
    store: LocalStore, settings: InfluxSettings, make_frames: MakeFrames
) -> None:
    asker = Asker(settings)
    forwarder = Forwarder(store, Server(settings, asker), settings)
    try:
        await forwarder.drain(now=math.inf)
        asker.ask(f'DROP DATABASE "{settings.database}"')
        store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
        assert 40 < await forwarder._turn() < 80
        assert "404" in str(store.forwarding.trouble)
        assert store.debt().points == 3
        await forwarder._turn()
        await forwarder.drain(now=math.inf)
        assert count(asker, "frames") == 1
    finally:
        await forwarder.close()


@pytest.fixture
def victoria(tmp_path: Path) -> Iterator[RealServer]:
    folder = tmp_path / "victoria"
    folder.mkdir()
    server = victoria_metrics(folder)
    server.start()
    yield server
    server.stop()


async def test_the_v2_wire_brings_every_point_to_a_server_that_is_not_influxdbs(
    victoria: RealServer, store: LocalStore, make_frames: MakeFrames
) -> None:
    block = make_frames("ada", range(T0, T0 + 3000))
    store.write(Batch(frames=(block,)), now=T0)
    settings = InfluxSettings(url=victoria.url, org="home", token="t0ken")
    await sent(store, settings, squeeze=True)
    with urllib.request.urlopen(f"{victoria.url}/internal/force_flush"):
        pass
    match = urllib.parse.quote('{__name__="frames_activity",wearer="ada"}')
    with urllib.request.urlopen(f"{victoria.url}/api/v1/export?match[]={match}") as answer:
        series = [json.loads(line) for line in answer.read().splitlines()]
    times = [time for each in series for time in each["timestamps"]]
    values = [value for each in series for value in each["values"]]
    assert times == [1000 * time for time in block.times.tolist()]
    assert values == block.activity.tolist()
    assert store.debt().points == 0
