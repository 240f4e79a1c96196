"""The page's files travel packed, and nothing else does."""

import asyncio
import gzip
import os

import pytest

from api.app import STATIC
from api.packed import Packed

V1 = "/api/v1"


@pytest.fixture
def page():
    """The real one."""
    return STATIC


@pytest.fixture
def asked(client):
    """What is sent for a path, before a client unpacks it: headers and bytes."""

    def ask(path, **headers):
        with client.stream("GET", path, headers=headers) as answer:
            return answer.status_code, answer.headers, b"".join(answer.iter_raw())

    return ask


@pytest.mark.parametrize("path", ["/", "/js/main.js", "/style/page.css"])
def test_a_file_is_the_same_packed_and_much_smaller(asked, path):
    status, headers, body = asked(path, **{"accept-encoding": "br, gzip;q=0.8"})
    assert (status, headers["content-encoding"]) == (200, "gzip")
    whole = (STATIC / (path[1:] or "index.html")).read_bytes()
    assert gzip.decompress(body) == whole
    assert len(body) == int(headers["content-length"]) < 0.6 * len(whole)
    assert "accept-encoding" in headers["vary"].lower()


@pytest.mark.parametrize("taken", ["", "identity", "br", "gzip;q=0", "x-gzipped"])
def test_who_does_not_take_it_packed_gets_it_as_it_is(asked, taken):
    _, headers, body = asked("/js/main.js", **{"accept-encoding": taken})
    assert "content-encoding" not in headers
    assert body == (STATIC / "js" / "main.js").read_bytes()


def test_what_has_not_changed_is_not_sent_again(asked):
    _, headers, _ = asked("/js/main.js", **{"accept-encoding": "gzip"})
    wanted = {"accept-encoding": "gzip", "if-none-match": headers["etag"]}
    assert headers["etag"].startswith('W/"')
    assert asked("/js/main.js", **wanted)[0] == 304


def test_what_is_kept_is_sent_as_it_was_before(asked):
    _, first, body = asked("/js/main.js", **{"accept-encoding": "gzip"})
    status, headers, again = asked("/js/main.js", **{"accept-encoding": "gzip"})
    assert (status, again) == (200, body)
    assert dict(headers) == dict(first)
    wanted = {"accept-encoding": "gzip", "if-none-match": f'"other", {first["etag"]}'}
    status, headers, nothing = asked("/js/main.js", **wanted)
    assert (status, nothing, headers["etag"]) == (304, b"", first["etag"])


def test_a_part_of_a_file_is_a_part_of_the_file(asked):
    status, headers, body = asked(
        "/js/main.js", **{"accept-encoding": "gzip", "range": "bytes=0-9"}
    )
    assert status == 206
    assert "content-encoding" not in headers
    assert body == (STATIC / "js" / "main.js").read_bytes()[:10]


@pytest.mark.parametrize("path", [f"{V1}/wearers", f"{V1}/openapi.json", "/metrics", "/nothing.js"])
def test_what_the_api_says_and_what_is_not_there_is_left_as_it_is(asked, path):
    assert "content-encoding" not in asked(path, **{"accept-encoding": "gzip"})[1]


def test_a_changed_file_is_packed_anew(tmp_path):
    sent = []
    file = tmp_path / "a.css"

    async def keep(message):
        sent.append(message)

    async def run():
        asked = []

        async def app(_scope, _receive, send):
            body = file.read_bytes()
            asked.append(body)
            kind = (b"content-type", b"text/css")
            length = (b"content-length", str(len(body)).encode())
            headers = [kind, length, (b"etag", b'"' + body[:9].hex().encode() + b'"')]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body[:50], "more_body": True})
            await send({"type": "http.response.body", "body": body[50:]})

        moment = [0.0]
        packed = Packed(app, tmp_path, lambda: moment[0])
        asking = [(b"accept-encoding", b"gzip")]
        scope = {"type": "http", "method": "GET", "path": "/a.css", "headers": asking}
        for moment[0], version in ((0.0, 1), (1.0, 1), (1.9, 20), (2.0, 20)):
            file.write_bytes(f"/* {version} */".encode() * 200)
            os.utime(file, (version, version))
            await packed(scope, None, keep)
        return len(asked)

    assert asyncio.run(run()) == 2
    said = [gzip.decompress(it["body"])[:6] for it in sent[1::2]]
    assert said == [b"/* 1 *", b"/* 1 *", b"/* 1 *", b"/* 20 "], "within a second"
