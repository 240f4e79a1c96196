"""Erasing over the API: only with the wearer's id said twice."""

from fastapi.testclient import TestClient

from domain.errors import ConflictError, StoreUnavailableError
from tests.api.service_fake import EPISODES, T0, FakeService

DATA = "/api/v1/wearers/ada/data"


def test_a_wearer_is_erased_when_the_id_is_said_twice(
    client: TestClient, service: FakeService
) -> None:
    answer = client.delete(DATA, params={"confirm": "ada"})
    assert answer.status_code == 200
    assert answer.json()["frames"] == 3600
    assert service.done == [("erase", "ada", None, None)]


def test_a_range_is_widened_to_whole_seconds(client: TestClient, service: FakeService) -> None:
    times = {"start": "2026-11-22T10:10:00.5Z", "end": "2026-11-22T11:10:30.5+01:00"}
    assert client.delete(DATA, params={"confirm": "ada", **times}).status_code == 200
    assert service.done == [("erase", "ada", T0, T0 + 31)]


def test_nothing_is_erased_by_mistake(client: TestClient, service: FakeService) -> None:
    empty = {"start": "2026-11-22T10:10:00Z", "end": "2026-11-22T10:10:00Z"}
    for params, status in (
        ({}, 422),
        ({"confirm": "yes"}, 422),
        ({"confirm": "bob"}, 422),
        ({"confirm": "ada", **empty}, 422),
        ({"confirm": "ada", "start": "yesterday"}, 422),
    ):
        assert client.delete(DATA, params=params).status_code == status
    nobody = client.delete("/api/v1/wearers/zoe/data", params={"confirm": "zoe"})
    assert nobody.status_code == 404
    foreign = client.delete(
        DATA, params={"confirm": "ada"}, headers={"origin": "http://evil.example"}
    )
    assert foreign.status_code == 403
    assert service.done == []


def test_a_refusal_says_why(client: TestClient, service: FakeService) -> None:
    service.broken = ConflictError
    assert client.delete(DATA, params={"confirm": "ada"}).status_code == 409
    service.broken = StoreUnavailableError
    assert client.delete(DATA, params={"confirm": "ada"}).status_code == 503


def test_what_would_go_is_counted_before(client: TestClient, service: FakeService) -> None:
    counts = client.get(DATA).json()
    assert counts == {"episodes": len(EPISODES), "alerts": 2, "samples": 0, "calibrations": 1}
    before = client.get(DATA, params={"end": "2026-11-22T00:00:00Z"}).json()
    assert before == {"episodes": 0, "alerts": 0, "samples": 0, "calibrations": 0}
    assert client.get(DATA, params={"end": "yesterday"}).status_code == 422
    assert service.done == []
