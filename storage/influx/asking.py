"""Questions to the server: InfluxQL over /query, which 1.x, 2.x and 3 all answer, and the few others.

Everything here blocks, with a timeout, and may be called from any thread.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlencode

import urllib3

from domain.errors import ServerError, first_line
from storage.influx.settings import InfluxSettings

CONNECT_TIMEOUT_S: Final = 5.0
ANSWER_TIMEOUT_S: Final = 30.0
#: Of what a server says when it refuses.
MOST_WORDS: Final = 300


@dataclass(frozen=True, slots=True)
class Table:
    """One series of an answer: its tags, the names of its columns, its rows."""

    tags: Mapping[str, str]
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


class Asker:
    """One server, asked as the settings say. `close` lets go of its connections."""

    def __init__(
        self, settings: InfluxSettings, *, answer_timeout_s: float = ANSWER_TIMEOUT_S
    ) -> None:
        self._settings = settings
        self._base = settings.url.rstrip("/")
        self._headers = authorization(settings)
        self._pool = urllib3.PoolManager(
            maxsize=8,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=answer_timeout_s),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def ask(self, *statements: str, epoch: str = "s") -> list[list[Table]]:
        """The answer to each InfluxQL statement. Raises ServerError."""
        fields = {"db": self._settings.database, "epoch": epoch, "q": ";".join(statements)}
        response = self.request("POST", "/query", fields=fields)
        try:
            results = json.loads(response.data)["results"]
            for result in results:
                if "error" in result:
                    words = str(result["error"])[:MOST_WORDS]
                    raise ServerError(f"{self._base}: {words}", status=400, words=words)
            return [
                [
                    Table(series.get("tags", {}), series["columns"], series.get("values", []))
                    for series in result.get("series", [])
                ]
                for result in results
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ServerError(
                f"{self._base} answers a question with no answer of InfluxDB's; is the address right?"
            ) from error

    def request(
        self,
        method: str,
        path: str,
        *,
        fields: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> urllib3.BaseHTTPResponse:
        """A request: `fields` go as a form, `body` as JSON. Raises ServerError for all but a 2xx."""
        url, headers = self._base + path, dict(self._headers)
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields)
        elif body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        try:
            response = self._pool.urlopen(method, url, redirect=False, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise unreachable(self._base, error) from error
        if not 200 <= response.status < 300:
            raise refusal(self._base, response.status, response.data, response.headers)
        return response


def authorization(settings: InfluxSettings) -> dict[str, str]:
    """The header that says who asks; a token is never in an address."""
    if settings.username:
        pair = f"{settings.username}:{settings.token}".encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    return {"Authorization": f"Token {settings.token}"} if settings.token else {}


def unreachable(base: str, error: BaseException) -> ServerError:
    """The error of a server that gave no answer."""
    cause = (
        re.sub(
            r"^.*?(Failed to establish a new connection: |object at 0x\w+>?[:,]? ?)",
            "",
            first_line(error),
        )
        or type(error).__name__
    )
    return ServerError(f"{base} does not answer: {cause[:MOST_WORDS]}")


def refusal(
    base: str, status: int, body: bytes | str | None, headers: Mapping[str, str] | None
) -> ServerError:
    """The error of a server that answered with `status`."""
    words = _words(body) or f"HTTP {status}"
    advice = _ADVICE.get(status, "")
    return ServerError(
        f"{base} refuses ({status}): {words}{advice}",
        status=status,
        words=words,
        retry_after_s=_retry_after_s(headers or {}),
    )


_ADVICE: Final = {
    401: "; check the token",
    403: "; the token may not do this, give it read and write on the database",
    404: "; check the address, the organisation and the database",
}


def _words(body: bytes | str | None) -> str:
    text = (body or b"").decode(errors="replace") if isinstance(body, bytes) else body or ""
    try:
        answer = json.loads(text)
        found = answer.get("message") or answer.get("error") or text
        text = str(found)
    except (ValueError, AttributeError):
        pass
    return " ".join(text.split())[:MOST_WORDS]


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds of Retry-After, which is a number or a date; a date is held against the server's own."""
    said = headers.get("Retry-After") or ""
    try:
        wait_s = float(said)
    except ValueError:
        try:
            then, now = (parsedate_to_datetime(text) for text in (said, headers.get("Date") or ""))
        except ValueError:
            return None
        wait_s = max((then - now).total_seconds(), 0.0)
    return wait_s if 0 <= wait_s < 1e9 else None
