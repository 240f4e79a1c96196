"""Each attack of docs/security.md: it fails, and it succeeds once its guard is taken out.

An attack gives whether it succeeded. ATTACKS has for each what takes its guard out; so a guard that guards
nothing, and an attack that was never one, both fail here.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from api import access, body, guard, limits, organisation, rules, tokens
from api.access import Access
from api.exposure import Exposure
from api.headers import RAW_SECURITY_HEADERS, SECURITY_HEADERS
from api.rules import About, Rule
from tests.api.access import (
    any_client,
    bearer,
    closed,
    kept_token,
    made_app,
    session_client,
    token_client,
)
from tests.api.service_fake import FakeService

V1 = "/api/v1"
JSON = {"content-type": "application/json"}
SNOOZE = f"{V1}/alerts/a1/snooze"


@dataclass
class Target:
    """A service that somebody attacks."""

    app: FastAPI
    store: Any
    service: FakeService

    def client(self, base: str = "http://127.0.0.1:8765") -> TestClient:
        return any_client(self.app, base)

    @property
    def access(self) -> Access:
        found: Access = self.app.state.parts.access
        return found


@pytest.fixture
def target(store, service, page) -> Iterator[Target]:
    app = made_app(store, page, service=service, exposure=Exposure(writes_per_min=20))
    app.state.parts.access.ticks = lambda: 0.0  # nothing is let through because time went by
    router = APIRouter()

    @router.get("/new")
    async def a_new_call() -> str:
        return "everybody's data"

    app.include_router(router, prefix=V1, dependencies=[Depends(rules.authorise)])

    @app.websocket(f"{V1}/raw")
    async def raw(socket: WebSocket) -> None:
        """What a WebSocket of the API will be: whoever gets through reads."""
        await socket.accept()
        await socket.send_text("samples")
        await socket.close()

    return Target(app, store, service)


def _reads(target: Target, headers: dict[str, str], path: str = "/wearers") -> bool:
    return "ada" in target.client().get(V1 + path, headers=headers).text


def _writes(target: Target, headers: dict[str, str], text: str = '{"minutes": 5}') -> bool:
    target.client().post(SNOOZE, content=text, headers=JSON | headers)
    return bool(target.service.done)


def _hears(target: Target, headers: dict[str, str]) -> bool:
    try:
        shown = {"host": "127.0.0.1:8765"} | headers
        with target.client().websocket_connect(f"{V1}/raw", headers=shown) as socket:
            return socket.receive_text() == "samples"
    except WebSocketDisconnect:
        return False


def rebind(target: Target) -> bool:
    """A page of evil.example whose name now resolves to this machine reads the API as its own."""
    return _reads(target, {"host": "evil.example:8765"})


def rebind_socket(target: Target) -> bool:
    """The same over a WebSocket."""
    return _hears(target, {"host": "evil.example", "origin": "http://evil.example"})


def post_across(target: Target) -> bool:
    """A page of another site has the wearer's browser change something."""
    return _writes(target, {"origin": "http://evil.example"})


def post_from_another_port(target: Target) -> bool:
    """So does another program's page on this machine."""
    return _writes(target, {"origin": "http://127.0.0.1:9999"})


def hijack_socket(target: Target) -> bool:
    """A page of another site opens a WebSocket, which no CORS keeps it from."""
    return _hears(target, {"origin": "http://evil.example"})


def fetch_across(target: Target) -> bool:
    """A page of another site has the browser ask for something, to time it or to use up streams."""
    return _reads(target, {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"})


def post_a_form(target: Target) -> bool:
    """A form, which needs no CORS and in old browsers names no origin, where a call wants no body."""
    keeper = target.app.state.parts.keeper
    target.client().post(
        f"{V1}/sensors/C0:01/identify", content="", headers={"content-type": "text/plain"}
    )
    return bool(keeper.identified)


def post_too_much(target: Target) -> bool:
    """A body that fills the memory."""
    return _writes(target, {}, '{"minutes": 5}' + " " * 20_000)


def post_without_end(target: Target) -> bool:
    """A body of no announced length."""
    client = target.client()
    client.post(SNOOZE, content=iter([b'{"minutes"', b": 5}"]), headers=JSON)
    return bool(target.service.done)


def lie_about_length(target: Target) -> bool:
    """A body longer than announced, where no server in front counts."""
    return asyncio.run(_raw_post(target, [b'{"minutes": 5}', b" " * 20_000]))


def dribble(target: Target) -> bool:
    """A body that never ends keeps a request open for ever."""
    return asyncio.run(_raw_post(target, [b'{"minutes": 5'], ends=False))


async def _raw_post(target: Target, parts: list[bytes], *, ends: bool = True) -> bool:
    """Whether the request got past the guard, or was never let go of."""
    sent: list[Any] = []
    left = list(parts)
    scope = {
        "type": "http", "method": "POST", "path": SNOOZE, "raw_path": SNOOZE.encode(),
        "query_string": b"", "http_version": "1.1", "scheme": "http", "root_path": "",
        "server": ("127.0.0.1", 8765), "client": ("127.0.0.1", 50_000),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"),
                    (b"content-length", b"14")],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        if left:
            part = left.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(left) or not ends}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    request = asyncio.ensure_future(target.app(scope, receive, send))
    # The guard gives up soon, on a busy machine later; without it nothing ever does, so a second is enough.
    guarded = guard.whole_body is body.whole_body
    done, _ = await asyncio.wait({request}, timeout=60.0 if guarded else 1.0)
    request.cancel()
    await asyncio.wait({request})
    status = [each["status"] for each in sent if "status" in each]
    return not done or status in ([200], [422], [400])


def come_without_a_token(target: Target) -> bool:
    """Somebody of the network asks."""
    closed(target.app)
    return _reads(target, {})


def come_through_a_proxy(target: Target) -> bool:
    """A proxy on this machine, set up without a token, lets the network in as somebody at this machine."""
    return _reads(target, {"x-forwarded-for": "203.0.113.7"})


def use_an_expired_token(target: Target) -> bool:
    """A token that was good once."""
    closed(target.app)
    _, secret = kept_token(target.store, "read", now=1.0, expires_at=2.0)
    return _reads(target, bearer(secret))


def use_half_a_secret(target: Target) -> bool:
    """Somebody has seen the id of a token, which is in lists and in the audit."""
    closed(target.app)
    token, _ = kept_token(target.store, "read")
    return _reads(target, bearer(f"sitwell_{token.id}_{'A' * 43}"))


def use_what_is_stored(target: Target) -> bool:
    """Somebody who has read the store, or a backup of it, shows what stands there."""
    closed(target.app)
    token, _ = kept_token(target.store, "read")
    (row,) = target.store.tokens()
    stored = [row.digest, f"sitwell_{token.id}_{row.digest[:43]}"]
    return any(_reads(target, bearer(each)) for each in stored)


def use_a_link_twice(target: Target) -> bool:
    """A login link that stayed in a chat or in a history."""
    closed(target.app)
    _, secret = kept_token(target.store, "read", kind="login")
    answers = [target.client().post(f"{V1}/login", json={"secret": secret}) for _ in range(2)]
    assert answers[0].status_code == 200
    return answers[1].status_code == 200


def steal_the_cookie(target: Target) -> bool:
    """A script that got onto the page reads the cookie, or another site has it sent along."""
    closed(target.app)
    _, secret = kept_token(target.store, "read", kind="login")
    answer = target.client().post(f"{V1}/login", json={"secret": secret})
    cookie = answer.headers["set-cookie"].lower()
    return not ("httponly" in cookie and "samesite=strict" in cookie)


def write_with_a_token_to_read(target: Target) -> bool:
    """A wall display's token changes something."""
    token_client(target.app, target.store, "read").post(SNOOZE, json={"minutes": 5})
    return bool(target.service.done)


def make_oneself_a_token(target: Target) -> bool:
    """Whoever may write makes themselves an administrator."""
    client = token_client(target.app, target.store, "write")
    return client.post(f"{V1}/tokens", json={"name": "x", "rights": ["admin"]}).is_success


def read_somebody_else(target: Target) -> bool:
    """A wearer looks at another one."""
    client = token_client(target.app, target.store, "read", wearer="bob")
    return client.get(f"{V1}/wearers/ada/now").is_success


def ask_a_call_that_nobody_thought_of(target: Target) -> bool:
    """A call that was added without saying who may."""
    client = token_client(target.app, target.store, "read", wearer="bob")
    return "everybody's" in client.get(f"{V1}/new").text


def guess_logins(target: Target) -> bool:
    """Login after login, as fast as it goes."""
    target.access.writes = limits.Buckets(1000, 1.0)  # another guard, tested below
    client = target.client()
    answers = [client.post(f"{V1}/login", json={"secret": "x"}).status_code for _ in range(15)]
    return 429 not in answers


def guess_tokens(target: Target) -> bool:
    """Token after token."""
    client = target.client()
    asked = bearer(f"sitwell_00000000_{'A' * 43}")
    return 429 not in [client.get(f"{V1}/wearers", headers=asked).status_code for _ in range(25)]


def flood_with_writes(target: Target) -> bool:
    """A program gone wild, or somebody who wants the disk to be busy."""
    client = target.client()
    most = target.access.exposure.writes_per_min + 10
    answers = [client.post(SNOOZE, json={"minutes": 5}).status_code for _ in range(most)]
    return 429 not in answers


def fill_the_memory_with_clients(target: Target) -> bool:
    """One request each from more addresses than anybody has."""
    buckets = target.access.failures
    for n in range(4096 + 50):
        buckets.wait_s(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", 0.0)
    return len(buckets) > 4096


def hold_all_streams(target: Target) -> bool:
    """One client opens live streams until nobody else gets one."""
    slots = target.access.streams
    key = ["client 10.0.0.1"]
    held = []
    while not (slots.full() or slots.full_for(key)):
        held.append(slots.held(key))
        held[-1].__enter__()
    everybody_else = not slots.full()
    for each in held:
        each.__exit__(None, None, None)
    return not everybody_else


def load_a_script_from_elsewhere(target: Target) -> bool:
    """Text that got onto the page brings a script, in line or from another site."""
    policy = target.client().get("/").headers.get("content-security-policy", "")
    script = next((each for each in policy.split("; ") if each.startswith("script-src")), "")
    return script != "script-src 'self'" or "unsafe" in policy


def frame_the_page(target: Target) -> bool:
    """Another site shows the page under its own buttons."""
    policy = target.client().get("/").headers.get("content-security-policy", "")
    return "frame-ancestors 'none'" not in policy


def single_somebody_out(target: Target) -> bool:
    """An organisation asks for a day on which hardly anybody was measured."""
    client = token_client(target.app, target.store, "organisation")
    path = f"{V1}/organisation/days?first=2026-11-22&last=2026-11-22"
    target.service.time += 5 * 86_400
    return client.get(path).json()["items"][0]["averages"] is not None


def read_with_the_organisations_token(target: Target) -> bool:
    """An organisation's token looks at the people behind the averages."""
    client = token_client(target.app, target.store, "organisation")
    return "ada" in client.get(f"{V1}/wearers").text


def read_secrets_in_the_log(target: Target) -> bool:
    """Somebody reads the log, or it is sent along with a bug report."""
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    root = logging.getLogger("api")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        page = session_client(target.app, target.store, "read")
        _, secret = kept_token(target.store, "read")
        target.client().get(f"{V1}/wearers", headers=bearer(secret))
        target.client().get(f"{V1}/wearers", headers=bearer(secret + "x"))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    told = "\n".join(records)
    return page.cookies["sitwell"] in told or secret in told


def without(check: guard.Check) -> tuple[guard.Check, ...]:
    return tuple(each for each in guard.CHECKS if each is not check)


async def _never_ends(receive: Any) -> Any:
    return receive


async def _nothing(*_: Any) -> None:
    return None


async def _here(*_: Any) -> Any:
    return guard.HERE


class NoLimit(limits.Buckets):
    def wait_s(self, key: str, now: float) -> float:
        return 0.0


def no_limits(monkeypatch: pytest.MonkeyPatch, target: Target, name: str) -> None:
    monkeypatch.setattr(target.access, name, NoLimit(1, 1.0))


def _talkative(monkeypatch: pytest.MonkeyPatch, _target: Target) -> None:
    """An access that logs what it is shown."""
    known = Access._known

    async def told(self: Access, secret: str) -> Any:
        logging.getLogger("api.access").debug("shown %s", secret)
        return await known(self, secret)

    monkeypatch.setattr(Access, "_known", told)


def _everybody_counts(monkeypatch: pytest.MonkeyPatch, _target: Target) -> None:
    monkeypatch.setattr(organisation, "LEAST_WEARERS", 1)
    monkeypatch.setattr(organisation, "LEAST_MEASURED_S", 0)


def loosened(monkeypatch: pytest.MonkeyPatch, word: str, other: str) -> None:
    name = "content-security-policy"
    policy = SECURITY_HEADERS[name].replace(word, other)
    monkeypatch.setitem(RAW_SECURITY_HEADERS, name.encode(), policy.encode())


_set_cookie = Response.set_cookie
Removal = Callable[[pytest.MonkeyPatch, Target], None]
ATTACKS: dict[Callable[[Target], bool], Removal] = {
    rebind: lambda m, t: m.setattr(guard, "CHECKS", without(guard.host_is_ours)),
    rebind_socket: lambda m, t: m.setattr(guard, "CHECKS", without(guard.host_is_ours)),
    post_across: lambda m, t: m.setattr(guard, "CHECKS", without(guard.origin_is_ours)),
    post_from_another_port: lambda m, t: m.setattr(guard, "CHECKS", without(guard.origin_is_ours)),
    hijack_socket: lambda m, t: m.setattr(guard, "CHECKS", without(guard.origin_is_ours)),
    fetch_across: lambda m, t: m.setattr(guard, "CHECKS", without(guard.site_is_ours)),
    post_a_form: lambda m, t: m.setattr(guard, "CHECKS", without(guard.body_is_json)),
    post_too_much: lambda m, t: (
        m.setattr(guard, "CHECKS", without(guard.body_is_small)),
        m.setattr(body, "MOST_BODY_BYTES", 10**9),
    )[0],
    post_without_end: lambda m, t: m.setattr(guard, "CHECKS", without(guard.body_is_small)),
    lie_about_length: lambda m, t: m.setattr(guard, "whole_body", _never_ends),
    dribble: lambda m, t: m.setattr(guard, "whole_body", _never_ends),
    come_without_a_token: lambda m, t: m.setattr(guard, "authenticated", _here),
    come_through_a_proxy: lambda m, t: m.setattr(guard, "_FORWARDED", ()),
    use_an_expired_token: lambda m, t: m.setattr(access, "is_good", lambda token, now: True),
    use_half_a_secret: lambda m, t: m.setattr(access, "matches", lambda secret, token: True),
    use_what_is_stored: lambda m, t: m.setattr(tokens, "digest_of", lambda secret: secret[-64:]),
    use_a_link_twice: lambda m, t: m.setattr(t.store, "remove_token", lambda *_, **__: None),
    steal_the_cookie: lambda m, t: m.setattr(
        Response, "set_cookie", lambda self, key, value, **_: _set_cookie(self, key, value)
    ),
    write_with_a_token_to_read: lambda m, t: m.setattr(rules, "check_right", lambda *_: None),
    make_oneself_a_token: lambda m, t: m.setattr(rules, "check_right", lambda *_: None),
    read_somebody_else: lambda m, t: m.setattr(rules, "check_reach", _nothing),
    ask_a_call_that_nobody_thought_of: lambda m, t: m.setitem(
        rules.RULES, "a_new_call", Rule(None, About.NOBODY)
    ),
    guess_logins: lambda m, t: no_limits(m, t, "logins"),
    guess_tokens: lambda m, t: no_limits(m, t, "failures"),
    flood_with_writes: lambda m, t: no_limits(m, t, "writes"),
    fill_the_memory_with_clients: lambda m, t: m.setattr(limits, "MOST_KEYS", 10**9),
    hold_all_streams: lambda m, t: m.setattr(t.access.streams, "most_each", 10**9),
    load_a_script_from_elsewhere: lambda m, t: loosened(m, "script-src 'self'", "script-src *"),
    frame_the_page: lambda m, t: loosened(m, "frame-ancestors 'none'", "frame-ancestors *"),
    single_somebody_out: _everybody_counts,
    read_with_the_organisations_token: lambda m, t: m.setattr(
        rules, "check_right", lambda *_: None
    ),
    read_secrets_in_the_log: _talkative,
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_the_attack_fails(target, monkeypatch, attack):
    if attack is dribble:
        monkeypatch.setattr("api.body.BODY_S", 0.2)
    assert not attack(target)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_without_its_guard_the_attack_succeeds(target, monkeypatch, attack):
    ATTACKS[attack](monkeypatch, target)
    assert attack(target)


@pytest.mark.parametrize("name", [check.__name__ for check in guard.CHECKS])
def test_every_check_stands_in_the_way_of_some_attack(name):
    source = (Path(__file__).read_text()).partition("ATTACKS: dict")[2]
    assert f"guard.{name}" in source


def test_every_attack_is_in_the_threat_model(root):
    told = (root / "docs" / "security.md").read_text(encoding="utf-8")
    assert not [attack.__name__ for attack in ATTACKS if f"`{attack.__name__}`" not in told]
