"""Stand-ins for servers that are not packaged: the answers that their documentation gives, over HTTP."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Documented:
    """What a server has and has been asked. version: 2 or 3."""

    version: str
    token: str
    buckets: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    date: str | None = None
    url: str = ""

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body."""
        major = int(self.version.split(".")[0])
        if asked.path == "/ping" and major == 2:
            return 204, {"X-Influxdb-Version": f"v{self.version}", "X-Influxdb-Build": "OSS"}, None
        if asked.headers.get("authorization") != f"Token {self.token}":
            return 401, {}, {"code": "unauthorized", "message": "unauthorized access"}
        if asked.path == "/ping":
            return 200, {"x-influxdb-version": self.version}, {"version": self.version}
        if asked.path == "/query":
            statements = parse_qs(asked.body.decode())["q"][0].split(";")
            return 200, {}, {"results": [{"statement_id": n} for n in range(len(statements))]}
        if asked.path == "/api/v2/write":
            bucket = asked.query["bucket"][0]
            if major == 2 and bucket not in self.buckets:
                words = f'bucket "{bucket}" not found'
                return 404, {}, {"code": "not found", "message": words}
            self.lines += asked.body.decode().split("\n")
            return 204, {}, None
        if major == 2 and asked.path == "/api/v2/orgs":
            return 200, {}, {"orgs": [{"id": "0ca2", "name": asked.query["org"][0]}]}
        if major == 2 and asked.path == "/api/v2/buckets":
            return self._buckets(asked)
        if major == 2 and asked.path == "/api/v2/delete":
            return 204, {}, None
        if major == 3 and asked.path == "/api/v3/configure/database":
            body = json.loads(asked.body)
            self.buckets[body["db"]] = [body["retention_period"]]
            return 200, {}, None
        return 404, {}, {"code": "not found", "message": "path not found"}

    def _buckets(self, asked: Asked) -> tuple[int, dict[str, str], Any]:
        if asked.method == "POST":
            body = json.loads(asked.body)
            self.buckets[body["name"]] = body["retentionRules"]
            return 201, {}, {"id": "b1", **body}
        name = asked.query["name"][0]
        if name not in self.buckets:
            words = f'bucket "{name}" not found'
            return 404, {}, {"code": "not found", "message": words}
        rules = self.buckets[name]
        return 200, {}, {"buckets": [{"id": "b1", "name": name, "retentionRules": rules}]}


@contextmanager
def serving(documented: Documented) -> Iterator[Documented]:
    """The stand-in on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: object) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return documented.date or super().date_time_string(timestamp)

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, body)
            documented.asked.append(asked)
            status, more, told = documented.answer(asked)
            data = b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = _serve  # noqa: N815 - as the base class calls it
        do_POST = _serve  # noqa: N815 - as above

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    documented.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield documented
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
