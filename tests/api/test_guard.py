"""Who may ask. Each test fails when its guard is taken away."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from api.exposure import Exposure
from api.guard import Asked, host_is_ours
from tests.api.test_problems import problem

V1 = "/api/v1"


def is_loopback_host(host):
    scope = {"type": "http", "method": "GET", "path": "/"}
    return host_is_ours(Asked(scope, Headers({"host": host}), Exposure())) is None


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8765",
        "LOCALHOST:1",
        "localhost.",
        "sitwell.localhost:8765",
        "127.0.0.1",
        "127.8.9.1:80",
        "[::1]",
        "[::1]:8765",
    ],
)
def test_loopback_names_are_this_machine(host):
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "192.168.1.7",
        "0.0.0.0",
        "[::]",
        "[fe80::1]",
        "127.0.0.1:8765@evil.example",
        "evil.example/127.0.0.1",
        "127.0.0.1:notaport",
        "::1",
        "2130706433",
        "127.1",
    ],
)
def test_every_other_name_is_not(host):
    assert not is_loopback_host(host)


@given(
    name=st.from_regex(r"[A-Za-z0-9.-]{0,20}\.[a-z]{2,9}", fullmatch=True),
    port=st.sampled_from(["", ":80", ":8765"]),
)
def test_no_name_of_the_network_is_ours_unless_it_is_listed(name, port):
    scope = {"type": "http", "method": "GET", "path": "/"}

    def ours(*hosts):
        asked = Asked(scope, Headers({"host": name + port}), Exposure(hosts=hosts))
        return host_is_ours(asked) is None

    assume(not name.lower().endswith(".localhost"))
    assert not ours()
    assert not ours("sitwell." + name.lower())
    assert ours(name.lower())


@pytest.mark.parametrize("path", ["/", f"{V1}/wearers", f"{V1}/openapi.json", "/nothing"])
def test_a_foreign_name_that_resolves_to_this_machine_is_turned_away(client, path):
    assert client.get(path).status_code in (200, 404)
    problem(client.get(path, headers={"host": "rebound.example:8765"}), 421)


def test_two_host_headers_are_one_too_many(client):
    problem(client.get("/", headers=[("host", "localhost"), ("host", "localhost")]), 421)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://localhost:8765"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_post_from_another_site_is_refused(client, service, headers):
    problem(client.post(f"{V1}/alerts/a1/snooze", json={"minutes": 5}, headers=headers), 403)
    assert service.done == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8765", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
)
def test_a_post_from_the_page_itself_or_from_a_tool_is_served(client, headers):
    answer = client.post(f"{V1}/alerts/a1/snooze", json={"minutes": 5}, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        None,
    ],
)
def test_a_body_a_form_could_send_is_refused(client, service, content_type):
    headers = {} if content_type is None else {"content-type": content_type}
    answer = client.post(f"{V1}/alerts/a1/snooze", content='{"minutes": 5}', headers=headers)
    problem(answer, 415)
    assert service.done == []


def test_json_with_a_charset_is_still_json(client):
    headers = {"content-type": "application/json; charset=utf-8"}
    answer = client.post(f"{V1}/alerts/a1/snooze", content='{"minutes": 5}', headers=headers)
    assert answer.status_code == 200


def test_no_answer_ever_opens_the_door_to_another_origin(client):
    asked = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    for answer in (
        client.get(f"{V1}/wearers", headers={"origin": "http://evil.example"}),
        client.options(f"{V1}/alerts/a1/snooze", headers=asked),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", f"{V1}/wearers", f"{V1}/nothing", "/js/app.js"])
def test_every_answer_carries_a_strict_policy(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy
    for never in ("object-src", "base-uri", "frame-ancestors"):
        assert f"{never} 'none'" in policy
    assert "form-action 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_measurements_are_never_cached(client):
    assert client.get(f"{V1}/wearers").headers["cache-control"] == "no-store"
