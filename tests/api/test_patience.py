"""What a connection may send before it is answered; each limit, and what happens without it."""

import asyncio
import contextlib

import pytest
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from api import patience
from api.patience import MOST_HEAD_BYTES, MOST_WAITING, PatientProtocol

ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Wire(asyncio.Transport):
    """A transport without a network: what was written, and whether it is open."""

    def __init__(self):
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 80)})
        self.written = b""
        self.closing = False
        self.reading = True

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closing

    def close(self):
        self.closing = True

    abort = close

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True


class Asked:
    """An application that notes what is asked of it and answers when it may."""

    def __init__(self):
        self.scopes = []
        self.may = asyncio.Event()
        self.may.set()

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        await self.may.wait()
        while (await receive()).get("more_body"):
            pass
        start = {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"2")],
        }
        await send(start)
        await send({"type": "http.response.body", "body": b"ok"})


class Connection:
    """A protocol on a wire."""

    def __init__(self, kind=PatientProtocol):
        self.app, self.wire = Asked(), Wire()
        config = Config(self.app, lifespan="off", log_config=None, ws="none")
        self.state = ServerState()
        self.protocol = kind(config, self.state, {})
        self.protocol.connection_made(self.wire)

    async def send(self, *chunks):
        """Feed, and let what is asked be answered."""
        for chunk in chunks:
            if self.wire.closing:
                break
            self.protocol.data_received(chunk)
            for _ in range(5):
                await asyncio.sleep(0)

    def end(self):
        self.protocol.connection_lost(None)

    @property
    def held_bytes(self):
        """What of requests is kept on it."""
        waiting = [scope for cycle, _ in self.protocol.pipeline for scope in [cycle.scope]]
        return sum(len(k) + len(v) for s in waiting for k, v in s["headers"])


@contextlib.contextmanager
def connected(kind=PatientProtocol):
    connection = Connection(kind)
    yield connection
    connection.end()


async def test_one_request_after_the_other_is_answered_in_any_chunks():
    with connected() as connection:
        whole = ASK * 3
        for size in (1, 2, 7, len(whole)):
            before = len(connection.app.scopes)
            await connection.send(*(whole[i : i + size] for i in range(0, len(whole), size)))
            assert len(connection.app.scopes) == before + 3
        assert connection.wire.written.count(b"HTTP/1.1 200") == 12
        assert not connection.wire.closing


async def grow_a_head(kind, chunk):
    """How much of a head that does not end is taken before the connection is closed, at the most 1 MB."""
    with connected(kind) as connection:
        taken = 0
        await connection.send(b"GET / HTTP/1.1\r\n")
        while taken < 2**20 and not connection.wire.closing:
            await connection.send(chunk)
            taken += len(chunk)
        assert connection.app.scopes == []
        return taken, connection.wire.written


@pytest.mark.parametrize(
    "chunk", [b"x-more: " + b"y" * 1000 + b"\r\n", b"x" * 1000], ids=["fields", "one field"]
)
async def test_a_head_that_grows_is_refused(chunk):
    taken, written = await grow_a_head(PatientProtocol, chunk)
    assert taken <= MOST_HEAD_BYTES + 2000
    assert written.startswith(b"HTTP/1.1 400")
    assert (await grow_a_head(HttpToolsProtocol, b"x-more: " + b"y" * 1000 + b"\r\n"))[0] >= 2**20


async def test_a_large_head_is_refused_though_it_comes_in_one_chunk():
    fields = b"".join(b"x-%d: %s\r\n" % (n, b"y" * 200) for n in range(200))
    ask = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n"
    with connected() as connection:
        await connection.send(ask)
        assert connection.app.scopes == []
        assert connection.wire.written.startswith(b"HTTP/1.1 400")
        assert connection.wire.closing
    with connected(HttpToolsProtocol) as connection:
        await connection.send(ask)
        assert len(connection.app.scopes) == 1


async def test_a_large_body_is_no_large_head():
    post = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"
    with connected() as connection:
        await connection.send(post, *[b"x" * 10_000] * 6, ASK)
        assert connection.wire.written.count(b"HTTP/1.1 200") == 2


async def pile_up(kind):
    """How many requests wait for an answer when thousands are sent at once."""
    with connected(kind) as connection:
        connection.app.may.clear()
        await connection.send(ASK * 3000)
        waiting = len(connection.protocol.pipeline)
        closing = connection.wire.closing
        assert not connection.wire.written
        connection.app.may.set()
        return waiting, closing


async def test_few_requests_wait_for_the_answer_to_another():
    assert await pile_up(PatientProtocol) == (MOST_WAITING, True)
    waiting, closing = await pile_up(HttpToolsProtocol)
    assert waiting > 1000
    assert not closing


async def test_as_many_as_may_wait_are_answered_in_order():
    with connected() as connection:
        asks = [b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % n for n in range(MOST_WAITING)]
        await connection.send(b"".join(asks), b"")
        for _ in range(200):
            await asyncio.sleep(0)
        assert [scope["path"] for scope in connection.app.scopes] == [
            f"/{n}" for n in range(MOST_WAITING)
        ]


async def trail(kind):
    """Whether a field after the body gets among those of the head."""
    body = b"2\r\nhi\r\n0\r\nAuthorization: Bearer other\r\n\r\n"
    with connected(kind) as connection:
        connection.app.may.clear()
        await connection.send(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", body
        )
        names = [name for name, _ in connection.app.scopes[0]["headers"]]
        connection.app.may.set()
        await connection.send(b"")
        return b"authorization" in names


async def test_a_field_after_the_body_is_none_of_the_head():
    assert not await trail(PatientProtocol)
    assert await trail(HttpToolsProtocol)


async def test_what_is_no_request_gets_a_word_unless_another_answer_is_to_come():
    with connected() as connection:
        await connection.send(b"\x16\x03\x01\x02 this is TLS\r\n\r\n")
        assert connection.wire.written.startswith(b"HTTP/1.1 400")
        assert connection.wire.closing
    with connected() as connection:
        connection.app.may.clear()
        await connection.send(ASK, b"\x16\x03\x01\x02 this is not\r\n\r\n")
        assert connection.wire.written == b""
        assert connection.wire.closing
        connection.app.may.set()


async def test_two_lengths_are_refused():
    with connected() as connection:
        await connection.send(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        assert connection.wire.written.startswith(b"HTTP/1.1 400")


async def test_waiting_counts_from_the_last_answer(monkeypatch):
    """By the loop's clock, which is turned here."""
    monkeypatch.setattr(patience, "HEAD_S", 15.0)
    loop = asyncio.get_running_loop()
    timers, now_s = [], 100.0
    monkeypatch.setattr(
        loop, "call_later", lambda s, call, *_: timers.append((now_s + s, call)) or Timer()
    )
    monkeypatch.setattr(loop, "time", lambda: now_s)

    class Timer:
        def cancel(self): ...

    with connected() as connection:
        look = connection.protocol._look_now
        now_s = 110.0
        await connection.send(ASK)
        now_s = 115.0  # when it was first to look
        look()
        assert not connection.wire.closing
        assert timers[-1][0] == 125.0
        now_s = 124.0
        connection.app.may.clear()
        await connection.send(ASK)
        now_s = 200.0  # the answer takes as long as it takes
        look()
        assert not connection.wire.closing
        connection.app.may.set()
        await connection.send(b"")
        now_s = 214.0
        look()
        assert not connection.wire.closing
        now_s = 215.0
        look()
        assert connection.wire.closing
