"""Channels over the API: what there is, the test, the order a wearer chooses, the log."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.live import LiveHub
from domain.deliveries import Delivery, DeliveryState
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.api.channels_fake import FakeChannels
from tests.api.conftest import BASE
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import T0, FakeService, fill
from tests.api.test_problems import problem
from tests.api.wishes_made import people_of, wishes_of

V1 = "/api/v1"


@pytest.fixture
def fake() -> FakeChannels:
    return FakeChannels()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        fill(store)
        store.write(
            Batch(
                deliveries=tuple(
                    Delivery(
                        f"a{n}-1", "hook" if n % 2 else "desktop", "ada" if n < 4 else "bob", f"a{n}",
                        "sitting", T0 + n, T0 + n + 600, T0 + n, T0 + n,
                        DeliveryState.WAITING if n == 3 else DeliveryState.FAILED, n, "no answer",
                    )
                    for n in range(5)
                )
            ),
            now=T0,
        )  # fmt: skip
        yield store


@pytest.fixture
def client(store: SqliteStore, fake: FakeChannels) -> Iterator[TestClient]:
    app = create_app(
        store=store, service=FakeService(), live=LiveHub(1), keeper=FakeKeeper(),
        wishes=wishes_of(store),
        people=people_of(store), exporter=FakeExporter(), channels=fake, static=None,
    )  # fmt: skip
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
        yield client


def test_channels_say_what_they_can_how_they_do_and_what_they_did_last(client: TestClient) -> None:
    items = client.get(f"{V1}/channels").json()["items"]
    assert [(each["name"], each["problem"]) for each in items] == [
        ("desktop", None),
        ("hook", "hook.example answered 500"),
    ]
    assert items[0]["last_delivery"]["announcement"] == "a4-1"
    (hook,) = client.get(f"{V1}/channels?wearer=bob").json()["items"]
    assert (hook["name"], hook["wearers"], hook["last_delivery"]) == ("hook", ["bob"], None)


def test_the_test_button_says_what_came_of_it(client: TestClient, fake: FakeChannels) -> None:
    done = client.post(f"{V1}/channels/desktop/test", json={}).json()
    assert (done["state"], done["kind"], done["alert"], done["due_at"]) == (
        "delivered",
        "test",
        None,
        None,
    )
    client.post(f"{V1}/channels/hook/test?wearer=bob", json={})
    assert fake.tried == [("desktop", "ada"), ("hook", "bob")]


def test_a_test_that_cannot_be_says_why(client: TestClient, fake: FakeChannels) -> None:
    problem(client.post(f"{V1}/channels/none/test", json={}), 404)
    problem(client.post(f"{V1}/channels/desktop/test?wearer=bob", json={}), 404)
    assert (
        "name the one" in problem(client.post(f"{V1}/channels/hook/test", json={}), 422)["detail"]
    )
    fake.busy = True
    problem(client.post(f"{V1}/channels/desktop/test", json={}), 409)


def test_a_wearer_chooses_the_order(client: TestClient) -> None:
    path = f"{V1}/wearers/ada/channels"
    before = client.get(path).json()
    assert before == {"order": ["desktop", "hook"], "beside": [], "escalate_after_s": 120.0}
    wanted = {"order": ["hook"], "beside": ["desktop"], "escalate_after_s": 300.0}
    assert client.put(path, json=wanted).json() == wanted
    assert client.get(path).json() == wanted
    problem(client.put(path, json={"order": ["none"]}), 422)
    problem(client.put(path, json={"order": [], "escalate_after_s": 1}), 422)
    problem(client.get(f"{V1}/wearers/eve/channels"), 404)


def test_the_log_is_read_page_by_page(client: TestClient) -> None:
    first = client.get(f"{V1}/deliveries?limit=3").json()
    rest = client.get(f"{V1}/deliveries?limit=3&cursor={first['next_cursor']}").json()
    told = [each["announcement"] for each in (*first["items"], *rest["items"])]
    assert told == ["a4-1", "a3-1", "a2-1", "a1-1", "a0-1"]
    assert rest["next_cursor"] is None
    waiting = first["items"][1]
    assert (waiting["state"], waiting["problem"]) == ("waiting", "no answer")
    assert waiting["due_at"] == "2026-11-22T10:10:03Z"


def test_the_log_is_narrowed_to_a_wearer_and_a_channel(client: TestClient) -> None:
    items = client.get(f"{V1}/deliveries?wearer=ada&channel=hook").json()["items"]
    assert [each["announcement"] for each in items] == ["a3-1", "a1-1"]
    of_one = client.get(f"{V1}/deliveries?alert=a3").json()["items"]
    assert [each["announcement"] for each in of_one] == ["a3-1"]
    problem(client.get(f"{V1}/deliveries?wearer=eve"), 404)
    problem(client.get(f"{V1}/deliveries?cursor=nonsense"), 422)
