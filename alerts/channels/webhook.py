"""A webhook: the alert as JSON in a POST, signed as Standard Webhooks wants it.

Anything but 2xx is a failure. 3xx is not followed, and 410 means that nobody wants it any more; neither
is tried again, nor is what the receiver says is wrong with the request (4xx). What follows later carries
the same `webhook-id`, by which a receiver knows what it has already.
"""

import json
import logging
import ssl
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from alerts.channels.contract import (
    Ability,
    Announcement,
    Clock,
    Delivered,
    NotDelivered,
    Result,
)
from alerts.channels.signature import headers_for
from alerts.channels.targets import Resolve, checked_address, is_here, resolved
from domain import __version__
from domain.errors import ConfigError, InputError, first_line
from domain.figures import known, share

#: They log whole addresses, and one of a webhook is often a secret.
for _library in ("httpx2", "httpcore2"):
    logging.getLogger(_library).setLevel(logging.WARNING)

#: How long one attempt may take, s (the specification: 15 to 30).
PATIENCE_S: Final = 15.0
#: Longer waits are not asked of anybody, s: an alert is no news by then.
LONGEST_PAUSE_S: Final = 3600.0
#: May succeed later though the status blames the request: timeout, conflict, too early, too many.
_AGAIN: Final = frozenset({408, 409, 425, 429})


class Webhook:
    """Posts to one address. secrets: none signs nothing.

    now: the machine's clock, for the time of the attempt, which the receiver holds against its own.
    tls: whom to trust; the system's authorities without.
    """

    kind = "webhook"
    ability = Ability(knows_repeats=True)

    def __init__(
        self,
        name: str,
        url: str,
        secrets: Sequence[bytes],
        *,
        now: Clock,
        allow_private: bool = False,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolved,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.name = name
        self._url = httpx2.URL(url)
        self._secrets = tuple(secrets)
        self._now = now
        self._allow_private = allow_private
        self._tls = tls
        self._resolve = resolve
        self._patience_s = patience_s
        self._problem: str | None = None
        self._client: httpx2.AsyncClient | None = None

    def problem(self) -> str | None:
        """What went wrong the last time."""
        return self._problem

    async def deliver(self, announcement: Announcement) -> Result:
        """See the contract."""
        result = await self._post(announcement)
        self._problem = None if isinstance(result, Delivered) else result.problem
        return result

    async def withdraw(self, alert_id: str) -> None:
        """What was posted is posted."""

    async def run(self) -> None:
        """Nothing goes on between two posts."""

    async def close(self) -> None:
        """See the contract."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _post(self, announcement: Announcement) -> Result:
        host = self._url.host
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        body = body_of(announcement)
        try:
            address = await checked_address(
                host, port, allow_private=self._allow_private, resolve=self._resolve
            )
            headers = {
                "content-type": "application/json",
                "user-agent": f"sitwell/{__version__}",
                "host": self._url.netloc.decode("ascii"),
            }
            headers |= headers_for(self._secrets, announcement.id, int(self._now()), body)
            request = self._opened.build_request(
                "POST",
                self._url.copy_with(host=address),
                content=body,
                headers=headers,
                # The certificate has to be of the name, whatever address it was found at.
                extensions={"sni_hostname": host},
            )
            answer = await self._opened.send(
                request, stream=True
            )  # its words are nobody's business
            await answer.aclose()
        except InputError as error:
            return NotDelivered(first_line(error), again=False)
        except (httpx2.TimeoutException, TimeoutError):
            return NotDelivered(f"{host} did not answer in time", again=True)
        except httpx2.TransportError as error:
            return NotDelivered(f"{host} cannot be reached ({type(error).__name__})", again=True)
        except OSError:
            return NotDelivered(f"{host} has no address here", again=True)
        return _judged(host, answer)

    @property
    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            # No proxy of the environment: it would be connected to instead of what was checked.
            self._client = httpx2.AsyncClient(
                timeout=self._patience_s,
                verify=self._tls or True,
                follow_redirects=False,
                trust_env=False,
                limits=httpx2.Limits(max_connections=8, max_keepalive_connections=0),
            )
        return self._client


def check_webhook_url(path: str, url: str, *, allow_http: bool) -> None:
    """Raise ConfigError, at the dotted `path`, for an address that cannot be posted to."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError(path, "is no address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.fragment:
        raise ConfigError(path, "wants an address like https://home.example/hooks/sitwell")
    if parts.username or parts.password:
        raise ConfigError(path, "carries a login; what is secret belongs into the signature")
    if parts.scheme == "http" and not (allow_http or is_here(parts.hostname)):
        raise ConfigError(
            path, "would go over the network unencrypted; use https, or set allow_http = true"
        )


def body_of(announcement: Announcement) -> bytes:
    """The payload, as docs/channels.md describes it."""
    data: dict[str, Any] = {
        "wearer": announcement.wearer,
        "kind": announcement.kind,
        "title": announcement.title,
        "message": announcement.message,
        "why": announcement.why,
        "language": announcement.language,
    }
    alert = announcement.alert
    if alert is not None:
        why = alert.explanation
        data |= {
            "alert": alert.id,
            "severity": alert.severity.value,
            "opened_at": _moment(alert.opened_at),
            "said": alert.said,
            "explanation": {
                **asdict(why),
                "value": known(why.value),
                "limit": known(why.limit),
                "confidence": share(why.confidence),
            },
        }
    payload = {
        "type": "alert.test" if alert is None else "alert.said",
        "timestamp": _moment(announcement.made_at),
        "data": data,
    }
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _judged(host: str, answer: httpx2.Response) -> Result:
    status = answer.status_code
    if 200 <= status < 300:
        return Delivered()
    if 300 <= status < 400:
        return NotDelivered(f"{host} redirects ({status}), which is not followed", again=False)
    if status == 410:
        return NotDelivered(f"{host} does not want it any more (410)", again=False)
    again = status >= 500 or status in _AGAIN
    return NotDelivered(f"{host} answered {status}", again=again, after_s=_pause_s(answer))


def _pause_s(answer: httpx2.Response) -> float | None:
    """Retry-After in seconds; its other form, a date, is not needed by the services there are."""
    words = answer.headers.get("retry-after", "")
    return min(float(words), LONGEST_PAUSE_S) if words.isascii() and words.isdigit() else None


def _moment(time: float) -> str:
    return (
        datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
