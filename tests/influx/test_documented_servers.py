"""InfluxDB 2.x and 3 Core, by stand-ins that answer as their documentation says."""

import functools
import json
import math
from collections.abc import Callable, Iterator

import pytest

from domain.errors import ServerError
from domain.posture import FrameBlock
from storage.contract import Batch
from storage.influx.asking import Asker
from storage.influx.forwarder import Forwarder
from storage.influx.local import LocalStore
from storage.influx.server import Server
from storage.influx.settings import InfluxSettings
from storage.influx.wire import open_wire
from tests.influx.documented import Documented, serving

T0 = 1_790_035_200
TOKEN = "t0ken-that-nobody-sees"
MakeFrames = Callable[..., FrameBlock]


@pytest.fixture(params=["2.7.12", "3.2.1"])
def server(request: pytest.FixtureRequest) -> Iterator[Documented]:
    with serving(Documented(request.param, TOKEN)) as documented:
        yield documented


async def send(store: LocalStore, settings: InfluxSettings) -> None:
    asker = Asker(settings)
    connect = functools.partial(open_wire, squeeze=True)  # as to any other machine
    forwarder = Forwarder(store, Server(settings, asker), settings, connect=connect)
    try:
        await forwarder.drain(now=math.inf)
    finally:
        await forwarder.close()
        asker.close()


async def test_points_arrive_and_the_token_is_in_a_header_alone(
    server: Documented, store: LocalStore, make_frames: MakeFrames, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 50)),)), now=T0)
    await send(store, InfluxSettings(url=server.url, org="home", token=TOKEN, retention_days=30))
    assert len(server.lines) == 52
    assert store.debt().points == 0
    (write,) = [asked for asked in server.asked if asked.path == "/api/v2/write"]
    assert write.query["bucket"] == ["sitwell"]
    assert write.query["precision"] == ["s"]
    assert write.headers["content-encoding"] == "gzip"
    for asked in server.asked:
        assert TOKEN not in asked.path + repr(asked.query) + asked.body.decode()
    assert TOKEN not in caplog.text
    if server.version.startswith("3"):
        assert server.buckets == {"sitwell": ["30d"]}
    else:
        assert server.buckets == {"sitwell": [{"type": "expire", "everySeconds": 30 * 86400}]}


async def test_a_wrong_token_is_said_in_one_line_without_it(
    server: Documented, store: LocalStore, make_frames: MakeFrames
) -> None:
    store.write(Batch(frames=(make_frames("ada", [T0]),)), now=T0)
    with pytest.raises(ServerError, match="check the token") as caught:
        await send(store, InfluxSettings(url=server.url, org="home", token="wr0ng"))
    assert caught.value.status == 401
    assert "wr0ng" not in str(caught.value)
    assert store.debt().points == 3


async def test_what_is_replaced_is_deleted_where_that_can_be_done(
    server: Documented, store: LocalStore, make_frames: MakeFrames
) -> None:
    store.write(Batch(frames=(make_frames("ada", range(T0, T0 + 50)),)), now=T0)
    store.replace("ada", T0, T0 + 10, Batch(), now=T0)
    await send(store, InfluxSettings(url=server.url, org="home", token=TOKEN))
    assert store.debt().points == 0
    deletions = [asked for asked in server.asked if asked.path == "/api/v2/delete"]
    if server.version.startswith("3"):
        assert deletions == []
        assert len(store.dead_letters()) == 4
        return
    first = json.loads(deletions[0].body)
    assert first == {
        "start": "2026-09-22T00:00:00Z",
        "stop": "2026-09-22T00:00:09.999999999Z",
        "predicate": '_measurement="frames" AND wearer="ada"',
    }
    assert deletions[0].query == {"org": ["home"], "bucket": ["sitwell"]}
    assert store.dead_letters() == []


def test_a_clock_that_is_an_hour_off_is_said(server: Documented) -> None:
    server.date = "Tue, 22 Sep 2026 01:00:00 GMT"
    settings = InfluxSettings(url=server.url, org="home", token=TOKEN)
    found = Server(settings, Asker(settings), clock=lambda: float(T0)).check()
    assert any("3600 s ahead" in warning for warning in found.warnings)
    assert found.major == int(server.version[0])


def test_a_bucket_that_forgets_too_soon_is_said() -> None:
    rules = [{"type": "expire", "everySeconds": 7 * 86400}]
    with serving(Documented("2.7.12", TOKEN, {"sitwell": rules})) as server:
        settings = InfluxSettings(url=server.url, org="home", token=TOKEN)
        found = Server(settings, Asker(settings)).check()
    assert any("forgets after 7 days" in warning for warning in found.warnings)
