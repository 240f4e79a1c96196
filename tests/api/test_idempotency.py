"""A post that comes twice is done once."""

import asyncio
import json

import pytest

from api.idempotency import REMEMBERED, REMEMBERED_S, Idempotency

V1 = "/api/v1"


def snooze(client, key, minutes=10):
    return client.post(
        f"{V1}/alerts/a1/snooze", json={"minutes": minutes}, headers={"idempotency-key": key}
    )


def test_the_second_post_gets_the_answer_of_the_first_and_does_nothing(client, service):
    first, second = snooze(client, "k1"), snooze(client, "k1")
    assert first.status_code == 200 and "idempotency-replayed" not in first.headers
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert service.done == [("snooze", "a1", 10)]
    snooze(client, "k2")
    assert len(service.done) == 2


def test_a_key_is_of_one_body_and_of_one_who_asks(client):
    assert snooze(client, "k1").status_code == 200
    other = snooze(client, "k1", minutes=20)
    assert other.status_code == 422 and "another body" in other.json()["detail"]
    elsewhere = client.post(
        f"{V1}/alerts/a1/acknowledge", json={"feedback": None}, headers={"idempotency-key": "k1"}
    )
    assert elsewhere.status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é".encode()])
def test_a_key_that_is_none_is_refused(client, key):
    assert snooze(client, key).status_code == 400


class Counted:
    """An application that counts, and waits until it is let go."""

    def __init__(self) -> None:
        self.calls = 0
        self.statuses = [200]
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, scope, receive, send):
        self.calls += 1
        message = await receive()
        assert message["body"] == b"{}"
        await self.go.wait()
        status = self.statuses.pop() if len(self.statuses) > 1 else self.statuses[0]
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": str(self.calls).encode()})


async def post(app, key: str, who: str = ""):
    sent: list[dict] = []
    scope = {
        "type": "http", "method": "POST", "path": "/x", "query_string": b"",
        "headers": [(b"idempotency-key", key.encode()), (b"authorization", who.encode())],
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(m.get("body", b"") for m in sent)
    return sent[0]["status"], body


async def test_a_post_while_the_first_is_at_work_is_told_to_wait():
    inner = Counted()
    app = Idempotency(inner)
    inner.go.clear()
    first = asyncio.create_task(post(app, "k"))
    await asyncio.sleep(0)
    status, body = await post(app, "k")
    assert status == 409 and "still at work" in json.loads(body)["detail"]
    inner.go.set()
    assert await first == (200, b"1")
    assert await post(app, "k") == (200, b"1")
    assert await post(app, "k", who="Bearer b") == (200, b"2")


async def test_an_answer_that_is_on_its_way_is_not_given_again_in_half():
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        begun.set()
        await go.wait()
        await send({"type": "http.response.body", "body": b"whole"})

    app = Idempotency(slow)
    first = asyncio.create_task(post(app, "k"))
    await begun.wait()
    status, _ = await post(app, "k")
    assert status == 409
    go.set()
    assert await first == await post(app, "k") == (200, b"whole")


async def test_what_failed_here_may_be_tried_again():
    inner = Counted()
    inner.statuses = [200, 429, 503]
    app = Idempotency(inner)
    assert [await post(app, "k") for _ in range(4)] == [
        (503, b"1"), (429, b"2"), (200, b"3"), (200, b"3"),
    ]  # fmt: skip


async def test_what_is_remembered_is_bounded_in_number_and_time():
    now = 0.0
    inner = Counted()
    app = Idempotency(inner, clock=lambda: now)
    for n in range(REMEMBERED + 1):
        await post(app, f"k{n}")
    calls = inner.calls
    await post(app, f"k{REMEMBERED}")
    assert inner.calls == calls
    await post(app, "k0")
    assert inner.calls == calls + 1
    now = REMEMBERED_S + 1
    await post(app, f"k{REMEMBERED}")
    assert inner.calls == calls + 2
