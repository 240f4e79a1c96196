"""Coming in: tokens, login links, sessions; who did what."""

import asyncio
import logging
import time

import httpx2
import pytest

from api.access import LOGIN_S
from api.exposure import SESSION_S, Exposure, check_exposed
from api.limits import Buckets
from api.tokens import LOGIN, PREFIX, SECRET, digest_of, made, matches
from domain.errors import ConfigError
from domain.records import AuditEntry
from tests.api.access import (
    BASE,
    any_client,
    bearer,
    closed,
    kept_token,
    made_app,
    session_client,
    token_client,
)
from tests.api.test_problems import problem

V1 = "/api/v1"
NOW = 1_795_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(store, page, clock):
    """One that asks everybody, at a time that tests choose."""
    return made_app(store, page, exposure=Exposure(require_token=True), clock=clock)


@pytest.fixture
def client(app):
    with any_client(app) as client:
        yield client


@pytest.fixture
def admin(app, store):
    with token_client(app, store, "admin") as client:
        yield client


def age(app) -> None:
    """Have the application read the tokens anew, as it does after a second."""
    app.state.parts.access._read_at = float("-inf")


def test_a_secret_has_256_random_bits_and_is_kept_as_its_sha256_alone(store):
    token, secret = kept_token(store, "read")
    assert SECRET.fullmatch(secret)
    assert secret.startswith(PREFIX + token.id)
    assert len(secret) - len(f"{PREFIX}12345678_") == 43  # 32 bytes in base64url
    assert token.digest == digest_of(secret)
    assert secret not in repr(store.tokens())
    assert len({made("x", (), now=0.0)[1] for _ in range(50)}) == 50


def test_a_secret_is_compared_whole_and_in_constant_time(monkeypatch):
    token, secret = made("x", ("read",), now=0.0)
    asked = []
    compare = __import__("hmac").compare_digest
    monkeypatch.setattr(
        "api.tokens.hmac.compare_digest", lambda a, b: asked.append((a, b)) or compare(a, b)
    )
    assert matches(secret, token)
    assert not matches(secret[:-1] + ("A" if secret[-1] != "A" else "B"), token)
    assert not matches(secret, None)
    assert len(asked) == 3, "also where there is nothing to compare with"


def test_the_page_is_there_for_everybody_and_what_it_shows_is_not(client):
    assert client.get("/").status_code == 200
    for path in ("/wearers", "/live", "/openapi.json", "/nothing"):
        answer = client.get(V1 + path)
        assert "sitwell login" in problem(answer, 401)["detail"]
        assert answer.headers["www-authenticate"] == "Bearer"
    problem(client.get("/metrics"), 401)


def test_a_token_lets_in_until_it_expires_or_is_revoked(app, client, store, clock, admin):
    _, secret = kept_token(store, "read", expires_at=NOW + 60, now=NOW)
    _, other = kept_token(store, "read", now=NOW)
    assert client.get(f"{V1}/wearers", headers=bearer(secret)).status_code == 200
    assert client.get(f"{V1}/wearers", headers=bearer(other)).status_code == 200
    clock.now += 60
    problem(client.get(f"{V1}/wearers", headers=bearer(secret)), 401)
    key = next(each.id for each in store.tokens() if each.digest == digest_of(other))
    assert admin.delete(f"{V1}/tokens/{key}").status_code == 204
    problem(client.get(f"{V1}/wearers", headers=bearer(other)), 401)


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer ",
        "Bearer nonsense",
        "Basic dXNlcjpwYXNz",
        "Bearer sitwell_00000000_" + "A" * 43,
        "sitwell_00000000_" + "A" * 43,
    ],
)
def test_what_is_no_token_lets_nobody_in_also_where_none_is_asked_for(app, client, shown):
    app.state.parts.access.exposure = Exposure()
    assert client.get(f"{V1}/wearers").status_code == 200
    answer = client.get(f"{V1}/wearers", headers={"authorization": shown})
    problem(answer, 401)
    assert "invalid_token" in answer.headers["www-authenticate"]


def test_when_a_token_was_used_last_is_kept_to_the_minute(app, store, clock):
    token, secret = kept_token(store, "read", now=NOW)

    def used() -> float | None:
        return next(each for each in store.tokens() if each.id == token.id).last_used_at

    async def ask() -> None:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            answer = await client.get(f"{V1}/wearers", headers=bearer(secret))
        assert answer.status_code == 200
        await app.state.parts.access.settle()

    asyncio.run(ask())
    assert used() == NOW
    clock.now += 59
    asyncio.run(ask())
    assert used() == NOW
    clock.now += 1
    asyncio.run(ask())
    assert used() == NOW + 60


@pytest.mark.parametrize(
    ("rights", "allowed"),
    [
        ("read", {"read"}),
        ("write", {"read", "write"}),
        ("admin", {"read", "write", "admin"}),
        ("organisation", set()),
        ("of a newer Sitwell", set()),
    ],
)
def test_a_right_holds_what_it_says(app, store, rights, allowed):
    client = token_client(app, store, rights)
    for right, call in {
        "read": lambda: client.get(f"{V1}/wearers"),
        "write": lambda: client.post(f"{V1}/alerts/a1/snooze", json={"minutes": 5}),
        "admin": lambda: client.get(f"{V1}/tokens"),
    }.items():
        assert call().status_code == (200 if right in allowed else 403), right


def test_a_login_link_works_once_and_makes_a_session(app, store, admin, clock):
    link = admin.post(f"{V1}/login-links", json={"rights": ["read"], "wearer": "ada"}).json()
    assert link["path"].startswith("/#login=")
    secret = link["path"].partition("=")[2]
    page = any_client(app)
    answer = page.post(f"{V1}/login", json={"secret": secret})
    assert answer.status_code == 200
    assert (answer.json()["rights"], answer.json()["wearer"]) == (["read"], "ada")
    cookie = answer.headers["set-cookie"].lower()
    for word in ("httponly", "samesite=strict", "path=/", f"max-age={round(SESSION_S)}"):
        assert word in cookie
    assert "secure" not in cookie, "over http it would never come back"
    assert page.get(f"{V1}/wearers").json()["items"][0]["id"] == "ada"
    problem(any_client(app).post(f"{V1}/login", json={"secret": secret}), 401)
    clock.now += SESSION_S
    problem(page.get(f"{V1}/wearers"), 401)


def test_a_login_link_works_once_also_for_those_who_post_idempotently(app, store):
    _, secret = kept_token(store, "read", kind=LOGIN, now=NOW)
    key = {"idempotency-key": "one"}
    first, again = (
        any_client(app).post(f"{V1}/login", json={"secret": secret}, headers=key) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (200, 401)


def test_an_export_is_in_the_audit(app, store, admin):
    assert admin.post(f"{V1}/wearers/ada/exports", json={}).status_code == 202
    (note,) = store.audit()
    assert (note.what, note.wearer) == ("export", "ada")


def test_a_change_of_settings_is_in_the_audit(store, admin):
    path = f"{V1}/wearers/ada/alert-settings"
    assert admin.patch(path, json={"values": {"sitting_after_min": 45}}).status_code == 200
    assert admin.put(f"{V1}/wearers/ada/alert-preset", json={"preset": "gentle"}).status_code == 200
    assert admin.delete(path).status_code == 200
    notes = [(note.what, note.wearer, note.detail) for note in store.audit()]
    assert notes == [
        ("settings", "ada", "all of alerts taken back"),
        ("settings", "ada", "preset gentle"),
        ("settings", "ada", "sitting_after_min = 45.0"),
    ]


def test_a_login_link_is_for_ten_minutes(app, store, clock):
    _, secret = kept_token(store, "read", kind=LOGIN, expires_at=NOW + LOGIN_S, now=NOW)
    clock.now += LOGIN_S
    problem(any_client(app).post(f"{V1}/login", json={"secret": secret}), 401)


async def test_of_two_who_use_a_link_at_once_one_is_let_in(app, store):
    _, secret = kept_token(store, "read", kind=LOGIN, now=NOW)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        answers = await asyncio.gather(
            *(client.post(f"{V1}/login", json={"secret": secret}) for _ in range(4))
        )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_over_tls_the_cookie_is_secure_and_of_this_host_alone(app, store):
    _, secret = kept_token(store, "read", kind=LOGIN)
    page = any_client(app, BASE.replace("http", "https"))
    cookie = page.post(f"{V1}/login", json={"secret": secret}).headers["set-cookie"]
    assert cookie.startswith("__Host-sitwell=")
    assert "; Secure" in cookie
    assert "Domain" not in cookie
    assert page.get(f"{V1}/session").status_code == 200


def test_a_session_ends_with_logging_out(app, store):
    page = session_client(app, store, "write")
    secret = page.cookies["sitwell"]
    assert page.get(f"{V1}/session").json()["who"].startswith("session ")
    assert page.post(f"{V1}/logout", json={}).status_code == 204
    assert "sitwell" not in page.cookies
    assert not [each for each in store.tokens() if each.kind == "session"]
    problem(any_client(app).get(f"{V1}/session", headers={"cookie": f"sitwell={secret}"}), 401)


def test_a_session_made_of_a_token_ends_with_it(app, store, admin):
    token, secret = kept_token(store, "read", expires_at=NOW + 60, now=NOW)
    page = any_client(app)
    assert page.post(f"{V1}/login", json={"secret": secret}).json()["expires_at"] == (
        "2026-11-18T11:07:40Z"
    )
    assert page.get(f"{V1}/wearers").status_code == 200
    assert admin.delete(f"{V1}/tokens/{token.id}").status_code == 204
    problem(page.get(f"{V1}/wearers"), 401)


def test_a_session_is_no_token_and_a_token_no_session(app, store, client):
    page = session_client(app, store, "read")
    problem(client.get(f"{V1}/wearers", headers=bearer(page.cookies["sitwell"])), 401)
    _, secret = kept_token(store, "read")
    problem(client.get(f"{V1}/wearers", headers={"cookie": f"sitwell={secret}"}), 401)
    problem(client.post(f"{V1}/login", json={"secret": page.cookies["sitwell"]}), 401)


def test_sessions_are_bounded_in_number_and_dead_ones_go(app, store, clock, monkeypatch):
    monkeypatch.setitem(__import__("api.access", fromlist=["MOST"]).MOST, "session", 3)
    app.state.parts.access.logins._burst = 100.0
    for _ in range(5):
        clock.now += 1
        session_client(app, store, "read")
    made_at = [each.made_at for each in store.tokens() if each.kind == "session"]
    assert made_at == [NOW + 3, NOW + 4, NOW + 5]
    clock.now += SESSION_S
    session_client(app, store, "read")
    assert len([each for each in store.tokens() if each.kind == "session"]) == 1


def test_a_token_is_made_listed_and_revoked_over_the_api(app, admin, client):
    answer = admin.post(f"{V1}/tokens", json={"name": "Grafana", "rights": ["read"], "days": 7})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    new = answer.json()
    assert client.get(f"{V1}/wearers", headers=bearer(new["secret"])).status_code == 200
    listed = admin.get(f"{V1}/tokens")
    assert new["secret"] not in listed.text
    assert digest_of(new["secret"]) not in listed.text
    assert [each["name"] for each in listed.json()["items"]] == ["Grafana", "a test"]
    assert admin.delete(f"{V1}/tokens/{new['token']['id']}").status_code == 204
    states = {each["name"]: each for each in admin.get(f"{V1}/tokens").json()["items"]}
    assert states["Grafana"]["revoked_at"] == "2026-11-18T11:06:40Z"
    problem(client.get(f"{V1}/wearers", headers=bearer(new["secret"])), 401)
    problem(admin.delete(f"{V1}/tokens/00000000"), 404)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "rights": []},
        {"name": "x", "rights": ["root"]},
        {"name": "", "rights": ["read"]},
        {"name": "x\ny", "rights": ["read"]},
        {"name": "x", "rights": ["read"], "days": 0},
        {"name": "x", "rights": ["admin"], "wearer": "ada"},
        {"name": "x", "rights": ["organisation"], "wearer": "ada"},
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(admin, store, body):
    problem(admin.post(f"{V1}/tokens", json=body), 422)
    problem(
        admin.post(f"{V1}/tokens", json={"name": "x", "rights": ["read"], "wearer": "eve"}), 404
    )
    assert len(store.tokens()) == 1


def test_the_audit_says_who_did_what_without_a_secret(app, store, admin):
    new = admin.post(
        f"{V1}/tokens", json={"name": "tv", "rights": ["read"], "wearer": "ada"}
    ).json()
    page = any_client(app)
    page.post(f"{V1}/login", json={"secret": new["secret"]})
    page.post(f"{V1}/logout", json={})
    page.post(f"{V1}/login", json={"secret": "wrong"})
    admin.delete(f"{V1}/tokens/{new['token']['id']}")
    answer = admin.get(f"{V1}/audit")
    items = answer.json()["items"]
    assert [each["what"] for each in items] == [
        "token revoked",
        "login refused",
        "logout",
        "login",
        "token made",
    ]
    assert items[4]["who"].startswith("token ")
    assert items[3]["who"].startswith("session ")
    assert (items[3]["wearer"], items[1]["who"]) == ("ada", "nobody")
    assert new["secret"] not in answer.text


def test_whoever_is_refused_again_and_again_does_not_fill_the_audit(app, store):
    app.state.parts.access.logins = Buckets(1000, 60.0)
    client = any_client(app)
    for _ in range(15):
        problem(client.post(f"{V1}/login", json={"secret": "wrong"}), 401)
    assert [note.what for note in store.audit()] == ["login refused"] * 10


def test_two_tokens_at_once_let_nobody_in(app, store):
    closed(app)
    good = bearer(kept_token(store, "read")[1])["authorization"]
    other = bearer(kept_token(store, "read")[1])["authorization"]
    client = any_client(app)
    assert client.get(f"{V1}/wearers", headers=[("authorization", good)]).is_success
    both = [("authorization", good), ("authorization", other)]
    problem(client.get(f"{V1}/wearers", headers=both), 401)


def test_the_audit_is_read_page_by_page(admin, store):
    for n in range(5):
        store.add_audit(AuditEntry(NOW, "api", f"did {n}"))
    first = admin.get(f"{V1}/audit", params={"limit": 3}).json()
    rest = admin.get(f"{V1}/audit", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [each["what"] for each in (*first["items"], *rest["items"])] == [
        f"did {n}" for n in (4, 3, 2, 1, 0)
    ]
    assert rest["next_cursor"] is None
    problem(admin.get(f"{V1}/audit", params={"cursor": "x"}), 422)


def test_no_secret_is_in_the_logs_nor_in_the_stores_files(app, store, admin, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    new = admin.post(f"{V1}/tokens", json={"name": "tv", "rights": ["read"]}).json()
    link = admin.post(f"{V1}/login-links", json={"rights": ["read"]}).json()["path"]
    page = any_client(app)
    page.post(f"{V1}/login", json={"secret": link.partition("=")[2]})
    page.get(f"{V1}/wearers", headers=bearer(new["secret"][:-1]))
    page.post(f"{V1}/login", json={"secret": new["secret"], "also": "what is not taken"})
    secrets = [new["secret"], link.partition("=")[2], page.cookies["sitwell"]]
    secrets.append(admin.headers["authorization"].removeprefix("Bearer "))
    files = b"".join(path.read_bytes() for path in tmp_path.glob("sitwell.db*"))
    assert b"Grafana" not in files and b"a test" in files, "the files are those of the store"
    ours = [record for record in caplog.records if not record.name.startswith("httpx2")]
    for secret in secrets:
        random = secret[len("sitwell_12345678_") : -1]
        assert random.encode() not in files
        assert not [record for record in ours if random in record.getMessage()]


def test_a_store_that_does_not_answer_lets_nobody_in(app, store):
    _, secret = kept_token(store, "read")
    store.close()
    problem(any_client(app).get(f"{V1}/wearers", headers=bearer(secret)), 503)


@pytest.mark.parametrize(
    "exposure",
    [
        Exposure(host="0.0.0.0"),
        Exposure(host="::"),
        Exposure(host="192.168.1.7"),
        Exposure(require_token=True),
        Exposure(hosts=("sitwell.example",)),
        Exposure(trusted_proxies=("127.0.0.1",)),
    ],
)
def test_where_others_can_ask_nothing_starts_without_a_token_that_is_good(exposure):
    assert not exposure.open
    now = time.time()
    with pytest.raises(ConfigError, match="sitwell token create"):
        check_exposed(exposure, [], now)
    good = made("x", ("admin",), now=now)[0]
    expired = made("x", ("admin",), now=now - 9, expires_at=now - 1)[0]
    link = made("x", ("admin",), now=now, kind=LOGIN)[0]
    with pytest.raises(ConfigError):
        check_exposed(exposure, [expired, link], now)
    check_exposed(exposure, [good], now)
    check_exposed(Exposure(), [], now)


def test_somebody_at_this_machine_is_asked_once_it_is_set(store, page):
    app = made_app(store, page)
    client = any_client(app)
    assert client.get(f"{V1}/tokens").status_code == 200
    assert client.get(f"{V1}/session").json()["who"] == "api"
    closed(app)
    problem(client.get(f"{V1}/tokens"), 401)
