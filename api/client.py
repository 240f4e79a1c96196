"""A small typed client of a running Sitwell, over its HTTP API: an example of how others may.

    async with Client("http://127.0.0.1:8765") as sitwell:
        for wearer in await sitwell.wearers():
            print((await sitwell.now(wearer.id)).activity)

Every answer is a model of `api.models`; a field that a newer service adds is left out. Every call has a
timeout. What goes wrong is a typed error with the service's own sentence.
"""

import asyncio
import ssl
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from api import models
from api.answer import Problem
from api.wishes import Quiet
from domain.errors import (
    ConflictError,
    InputError,
    RemoteAwayError,
    RemoteDeniedError,
    RemoteError,
    SitwellError,
)

PREFIX = "/api/v1/"
TIMEOUT_S = 10.0
#: The service says something at least every 15 s; a stream that is silent for longer is dead.
SILENCE_S = 45.0
#: How long to wait before asking again after the stream broke, doubled up to the last.
FIRST_WAIT_S, LAST_WAIT_S = 1.0, 30.0
MOST_TRIES = 3
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the live stream: `name` as in docs/api.md, `data` its JSON text."""

    id: str
    name: str
    data: str

    def read(self, model: type[M]) -> M:
        """Its data. Raises RemoteError when it is none of `model`."""
        return _read(model, self.data)


class Client:
    """A client of the service at `url`. token: where it wants one. tls: whom to trust instead of the
    system's authorities. transport: of tests."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        try:
            parsed = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise InputError(f"{url!r} is no address of a service: {error}") from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise InputError(f"{url!r} is no address of a service, such as http://127.0.0.1:8765")
        self.url = str(parsed).rstrip("/")
        self._http = httpx2.AsyncClient(
            base_url=self.url + PREFIX,
            headers={"authorization": f"Bearer {token}"} if token else {},
            timeout=TIMEOUT_S,
            transport=transport,
            verify=True if tls is None else tls,
            trust_env=False,  # a proxy for the web is none for the service at hand
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def health(self) -> models.Health:
        """How the service is. Raises RemoteError, as every call here."""
        return await self._get(models.Health, "health")

    async def wearers(self) -> list[models.Wearer]:
        """All wearers."""
        return (await self._get(models.Wearers, "wearers")).items

    async def now(self, wearer: str) -> models.Now:
        """What is so of a wearer now. Raises InputError for one nobody knows."""
        return await self._get(models.Now, f"wearers/{quote(wearer, safe='')}/now")

    async def alerts(
        self, wearer: str | None = None, *, open_only: bool = False, limit: int = 20
    ) -> list[models.Alert]:
        """The newest alerts, newest first."""
        query = {"state": "open" if open_only else "all", "limit": str(limit)}
        if wearer is not None:
            query["wearer"] = wearer
        return (await self._get(models.Alerts, "alerts", query)).items

    async def acknowledge(self, alert: str, *, fine: bool = False) -> models.Alert:
        """Silence an alert; `fine` closes it as a false alarm. Raises InputError, ConflictError."""
        wish = models.Acknowledgement(feedback="fine" if fine else None)
        return await self._post(models.Alert, f"alerts/{quote(alert, safe='')}/acknowledge", wish)

    async def snooze(self, alert: str, minutes: int) -> models.Alert:
        """Silence an alert for some minutes. Raises InputError, ConflictError."""
        path = f"alerts/{quote(alert, safe='')}/snooze"
        return await self._send(models.Alert, "POST", path, {"minutes": minutes})

    async def pause(self, wearer: str, minutes: int) -> Quiet:
        """No alerts for some minutes; it ends by itself. Raises InputError."""
        path = f"wearers/{quote(wearer, safe='')}/pause"
        return await self._send(Quiet, "POST", path, {"minutes": minutes})

    async def resume(self, wearer: str) -> Quiet:
        """The pause is over. Raises InputError for a wearer nobody knows."""
        return await self._send(Quiet, "DELETE", f"wearers/{quote(wearer, safe='')}/pause")

    async def events(self, wearer: str | None = None) -> AsyncIterator[Event]:
        """The live stream, for ever: when it breaks it goes on from the last event, with a `hello` that
        says whether some were missed. Raises RemoteError when it cannot be had at first or is refused."""
        query = {} if wearer is None else {"wearer": wearer}
        last_id, wait_s, begun = "", FIRST_WAIT_S, False
        while True:
            try:
                async for event in self._stream(query, last_id):
                    begun, wait_s, last_id = True, FIRST_WAIT_S, event.id or last_id
                    yield event
            except RemoteAwayError:
                if not begun:
                    raise
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LAST_WAIT_S)

    async def _stream(self, query: Mapping[str, str], last_id: str) -> AsyncIterator[Event]:
        headers = {"last-event-id": last_id} if last_id else {}
        timeout = httpx2.Timeout(TIMEOUT_S, read=SILENCE_S)
        try:
            async with self._http.stream(
                "GET", "live", params=query, headers=headers, timeout=timeout
            ) as answer:
                if answer.status_code == 503:
                    raise RemoteAwayError("the service is too busy for one more stream")
                if answer.status_code != 200:
                    await answer.aread()
                    raise _refused(answer)
                async for event in httpx2.EventSource(answer):
                    yield Event(event.id, event.event, event.data)
        except httpx2.TransportError as error:
            raise self._away(error) from error

    async def _get(self, model: type[M], path: str, query: Mapping[str, str] | None = None) -> M:
        return await self._send(model, "GET", path, query=query)

    async def _post(self, model: type[M], path: str, wish: BaseModel) -> M:
        return await self._send(model, "POST", path, wish.model_dump())

    async def _send(
        self,
        model: type[M],
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> M:
        # A post whose answer is lost may be sent again: the service does it once.
        headers = {"idempotency-key": str(uuid.uuid4())} if method == "POST" else {}
        tries = 0
        while True:
            tries += 1
            try:
                answer = await self._http.request(
                    method, path, json=body, params=query, headers=headers
                )
            except httpx2.TransportError as error:
                if tries == MOST_TRIES or isinstance(error, httpx2.ConnectError):
                    raise self._away(error) from error
                continue
            wait_s = answer.headers.get("retry-after", "")
            if answer.status_code != 409 or not wait_s.isdecimal() or tries == MOST_TRIES:
                break
            await asyncio.sleep(int(wait_s))  # the first post with this key is still at work
        if not answer.is_success:
            raise _refused(answer)
        return _read(model, answer.content)

    def _away(self, error: Exception) -> RemoteAwayError:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return RemoteAwayError(
                f"the certificate of {self.url} is not trusted ({error}). One of your own, or the "
                "authority that signed it, is named by --ca-file"
            )
        return RemoteAwayError(
            f"no Sitwell answers at {self.url} ({error or type(error).__name__}). "
            "Is `sitwell run` running, and is that its address?"
        )


def _read(model: type[M], content: str | bytes) -> M:
    try:
        return model.model_validate_json(content, extra="ignore")
    except ValidationError as error:
        raise RemoteError(
            f"what answers there is no Sitwell of this kind: {error.error_count()} fields of "
            f"{model.__name__} are not as expected. Are both of one version?"
        ) from error


def _refused(answer: httpx2.Response) -> SitwellError:
    status = answer.status_code
    try:
        problem = Problem.model_validate_json(answer.content, extra="ignore")
        sentence = problem.detail or problem.title
        if problem.errors:
            named = [f"{each.pointer.rpartition('/')[2]}: {each.detail}" for each in problem.errors]
            sentence += ": " + "; ".join(named)
    except ValidationError:
        return RemoteError(f"what answers there is no Sitwell: status {status}", status=status)
    if status == 409:
        return ConflictError(sentence)
    if status in (404, 422):
        return InputError(sentence)
    if status in (401, 403):
        return RemoteDeniedError(sentence, status=status)
    return RemoteError(sentence, status=status)
