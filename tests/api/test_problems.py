"""Every error is a problem (RFC 9457), says what to do, and leaks nothing."""

import apsw
import pytest

from domain.errors import StoreVersionError

V1 = "/api/v1"
JSON = {"content-type": "application/json"}


def problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    body = answer.json()
    assert set(body) - {"errors"} == {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert body["type"] == "urn:sitwell:problem:" + body["title"].lower().replace(" ", "-")
    return body


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/wearers/eve/now",
        "/wearers/eve/days/today",
        "/alerts?wearer=eve",
        "/live?wearer=eve",
        "/docs",
    ],
)
def test_what_does_not_exist_is_404(client, path):
    problem(client.get(V1 + path), 404)


def test_a_page_that_does_not_exist_is_404_even_for_a_browser(client):
    problem(client.get("/nothing", headers={"accept": "text/html"}), 404)
    problem(client.get(f"{V1}/nothing", headers={"accept": "text/html"}), 404)


def test_the_wrong_method_is_405_and_says_which_is_right(client):
    answer = client.post(f"{V1}/health", json={})
    problem(answer, 405)
    assert answer.headers["allow"] == "GET"
    problem(client.get(f"{V1}/alerts/a1/snooze"), 405)
    problem(client.delete("/index.html"), 405)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/series", "/query/start"),
        ("/series?start=2026-11-22T10:00:00Z&end=yesterday", "/query/end"),
        ("/series?start=2026-11-22T10:00:00&end=2026-11-22T11:00:00Z", "/query/start"),
        ("/series?start=2026-11-22T10:00:00Z&end=2026-11-22T11:00:00Z&points=9", "/query/points"),
        (
            "/series?start=2026-11-22T10:00:00Z&end=2026-11-22T11:00:00Z&points=5001",
            "/query/points",
        ),
        ("/episodes?start=2026-11-22T10:00:00Z&end=2026-11-22T11:00:00Z&kind=nap", "/query/kind/0"),
        ("/series?start=1795342200&end=2026-11-22T11:00:00Z", "/query/start"),
        ("/series?start=2026-11-22T10:00:00+01:00&end=2026-11-22T11:00:00Z", "/query/start"),
        ("/episodes?start=2026-11-22T10:00:00Z&end=1795342200.5", "/query/end"),
        ("/days/2026-02-30", "/path/day"),
        ("/days/tomorrow", "/path/day"),
        ("/days/1795305600", "/path/day"),
        ("/days/2026-11-22T00:00:00", "/path/day"),
    ],
)
def test_a_request_that_does_not_validate_points_at_the_fault(client, path, pointer):
    body = problem(client.get(f"{V1}/wearers/ada{path}"), 422)
    assert pointer in [error["pointer"] for error in body["errors"]]
    assert all(set(error) == {"pointer", "detail"} for error in body["errors"])


def test_alerts_take_times_in_rfc_3339_alone(client):
    (error,) = problem(client.get(f"{V1}/alerts?start=1795342200"), 422)["errors"]
    assert error["pointer"] == "/query/start"
    assert "RFC 3339" in error["detail"]
    assert client.get(f"{V1}/alerts?start=2026-11-22T11:00:00%2B01:00").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "start=2026-11-22T11:00:00Z&end=2026-11-22T11:00:00Z",
        "start=2026-11-22T11:00:00Z&end=2026-11-22T10:00:00Z",
        "start=2026-11-22T11:00:00Z&end=2026-11-22T12:00:00Z&resolution_s=7",
        "start=2026-11-01T00:00:00Z&end=2026-11-22T00:00:00Z&resolution_s=1",
        "start=0001-01-01T00:00:00Z&end=9999-01-01T00:00:00Z",
    ],
)
def test_a_range_that_cannot_be_served_is_422_with_a_sentence(client, query):
    body = problem(client.get(f"{V1}/wearers/ada/series?{query}"), 422)
    assert "errors" not in body


@pytest.mark.parametrize("minutes", [0, 241, 1.5, "10", None, True])
def test_a_snooze_of_no_sensible_length_is_422(client, service, minutes):
    body = problem(client.post(f"{V1}/alerts/a1/snooze", json={"minutes": minutes}), 422)
    assert body["errors"][0]["pointer"] == "/body/minutes"
    assert service.done == []


def test_fields_nobody_asked_for_and_unknown_feedback_are_422(client):
    body = problem(client.post(f"{V1}/alerts/a1/acknowledge", json={"fine": True}), 422)
    assert body["errors"][0]["pointer"] == "/body/fine"
    problem(client.post(f"{V1}/alerts/a1/acknowledge", json={"feedback": "bad"}), 422)
    problem(client.post(f"{V1}/alerts/a1/acknowledge", headers=JSON), 422)


def test_a_body_that_is_not_json_is_400(client):
    problem(client.post(f"{V1}/alerts/a1/snooze", content="{minutes", headers=JSON), 400)


def test_a_body_that_is_too_large_is_413(client):
    problem(client.post(f"{V1}/alerts/a1/snooze", content="[" * 20_000, headers=JSON), 413)


def test_a_body_that_does_not_say_its_length_is_411(client):
    answer = client.post(f"{V1}/alerts/a1/snooze", content=iter([b'{"minutes": 5}']), headers=JSON)
    problem(answer, 411)


@pytest.mark.parametrize("call", ["snooze", "acknowledge"])
def test_an_unknown_alert_is_404_and_a_closed_one_409(client, call):
    body = {"minutes": 5} if call == "snooze" else {}
    problem(client.post(f"{V1}/alerts/nonesuch/{call}", json=body), 404)
    assert problem(client.post(f"{V1}/alerts/a0/{call}", json=body), 409)["detail"] == (
        "this alert is closed"
    )


def test_a_store_that_fails_is_503_and_its_path_stays_here(client):
    answer = client.post(f"{V1}/alerts/full/acknowledge", json={})
    body = problem(answer, 503)
    assert answer.headers["retry-after"] == "2"
    assert "/home" not in answer.text and body["detail"] == "the store is not available"


def test_a_closed_store_is_503_or_degraded_and_never_a_crash(client, store):
    store.close()
    problem(client.get(f"{V1}/wearers"), 503)
    health = client.get(f"{V1}/health")
    assert (health.status_code, health.json()["status"]) == (200, "degraded")


@pytest.mark.parametrize("error", [RuntimeError, StoreVersionError, apsw.Error])
def test_a_fault_of_ours_is_500_without_its_secrets(client, service, error):
    service.broken = error
    answer = client.get(f"{V1}/health")
    problem(answer, 500)
    assert "secret" not in answer.text and "ada" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "days/9999-12-31",
        "days/0001-01-01",
        "series?start=2026-01-01T00:00:00Z&end=9999-12-31T23:59:59-23:00",
        "episodes?start=0001-01-01T00:00:00%2B01:00&end=2026-01-01T00:00:00Z",
    ],
)
def test_years_that_cannot_be_meant_are_refused_not_crashed_on(client, path):
    problem(client.get(f"{V1}/wearers/ada/{path}"), 422)
