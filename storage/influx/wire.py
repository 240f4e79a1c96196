"""Sending: line protocol to /api/v2/write through influxdb-client, or to /write of servers before 1.8.

A request is tried once; what to do about a refusal is the forwarder's business (`storage.influx.forwarder`).
"""

import asyncio
import gzip
import logging
import ssl
from typing import Final, Protocol

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException

from storage.influx.asking import authorization, refusal, unreachable
from storage.influx.settings import InfluxSettings

#: A batch that is not taken in this time is sent again.
SEND_TIMEOUT_S: Final = 30.0
_CONNECT_TIMEOUT_S: Final = 5.0
#: Of gzip to /write: the quickest, which makes lines an eighth of their size.
GZIP_LEVEL: Final = 1

# The client writes whole answers of the server to its log; what matters of them is in our errors.
logging.getLogger("influxdb_client").addHandler(logging.NullHandler())


class Wire(Protocol):
    """A way to send lines."""

    async def write(self, lines: bytes) -> None:
        """Send lines, times in whole seconds. Raises ServerError; some may have been stored then."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class V2Wire:
    """/api/v2/write, of 2.x, 3 and 1.8, by influxdb-client's async API; made on the running loop."""

    def __init__(
        self, settings: InfluxSettings, context: ssl.SSLContext, *, v1: bool, squeeze: bool
    ) -> None:
        self._base = settings.url.rstrip("/")
        token = settings.token
        if v1 and settings.username:
            token = f"{settings.username}:{settings.token}"  # as 1.8 wants it
        self._bucket = f"{settings.database}/" if v1 else settings.database
        self._org = settings.org or "-"  # 1.8 and 3 have none, the client wants one
        self._client = InfluxDBClientAsync(
            self._base,
            token,
            self._org,
            timeout=_timeout(),
            enable_gzip=squeeze,
            ssl_context=context,
            allow_redirects=False,
        )

    async def write(self, lines: bytes) -> None:
        """See Wire."""
        try:
            await self._client.write_api().write(
                self._bucket,
                self._org,
                lines,
                WritePrecision.S,  # type: ignore[arg-type]  # it is annotated as its own class
            )
        except ApiException as error:
            raise refusal(self._base, error.status or 0, error.body, error.headers) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(self._base, error) from error

    async def close(self) -> None:
        """See Wire."""
        await self._client.close()  # type: ignore[no-untyped-call]  # it has no annotation


class V1Wire:
    """/write, of servers before 1.8; made on the running loop."""

    def __init__(self, settings: InfluxSettings, context: ssl.SSLContext, *, squeeze: bool) -> None:
        self._base = settings.url.rstrip("/")
        self._squeeze = squeeze
        self._query = {"db": settings.database, "precision": "s"}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context),
            timeout=_timeout(),
            headers=authorization(settings),
        )

    async def write(self, lines: bytes) -> None:
        """See Wire."""
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if self._squeeze:
            lines = await asyncio.to_thread(gzip.compress, lines, GZIP_LEVEL)
            headers["Content-Encoding"] = "gzip"
        try:
            async with self._session.post(
                f"{self._base}/write",
                params=self._query,
                data=lines,
                headers=headers,
                allow_redirects=False,
            ) as response:
                if not 200 <= response.status < 300:
                    body = await response.read()
                    raise refusal(self._base, response.status, body, response.headers)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(self._base, error) from error

    async def close(self) -> None:
        """See Wire."""
        await self._session.close()


def _timeout() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=SEND_TIMEOUT_S, sock_connect=_CONNECT_TIMEOUT_S)


async def open_wire(
    settings: InfluxSettings, version: tuple[int, ...] | None, *, squeeze: bool | None = None
) -> Wire:
    """The way to send to a server of `version`; None: it does not say, and speaks as 2.x does.

    squeeze: whether lines are sent as gzip; None: to another machine, where a tenth of the bytes is worth the
    time that it takes.
    """
    context = await asyncio.to_thread(ssl.create_default_context)  # reads files
    squeeze = not settings.on_this_machine if squeeze is None else squeeze
    if version is not None and version < (1, 8):
        return V1Wire(settings, context, squeeze=squeeze)
    return V2Wire(settings, context, v1=version is not None and version < (2,), squeeze=squeeze)
