"""Clients that are let in by a token or a session, for any test of the API.

    client = token_client(app, store, "read", wearer="ada")     # Authorization: Bearer
    page = session_client(app, store, "write")                  # the cookie of a browser

`closed(app)` has an application ask also somebody at this machine for a token.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.exposure import Exposure
from api.live import LiveHub
from api.tokens import LOGIN, TOKEN, made
from domain.records import Token
from storage.contract import Store
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import FakeService
from tests.api.wishes_made import people_of, wishes_of

BASE = "http://127.0.0.1:8765"


def made_app(
    store: Store,
    page: Path | None = None,
    *,
    service: FakeService | None = None,
    exposure: Exposure | None = None,
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """An application over `store` and collaborators that are made up."""
    return create_app(
        store=store,
        service=FakeService() if service is None else service,
        live=LiveHub(1000),
        keeper=FakeKeeper(),
        wishes=wishes_of(store),
        people=people_of(store),
        exporter=FakeExporter(),
        static=page,
        exposure=exposure,
        clock=clock,
    )


def kept_token(
    store: Store,
    *rights: str,
    wearer: str = "",
    kind: str = TOKEN,
    expires_at: float | None = None,
    now: float | None = None,
) -> tuple[Token, str]:
    """A token in the store, and its secret."""
    at = time.time() if now is None else now
    token, secret = made("a test", rights, now=at, expires_at=expires_at, wearer=wearer, kind=kind)
    store.put_token(token)
    return token, secret


def bearer(secret: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"authorization": f"Bearer {secret}"}


def any_client(app: FastAPI, base: str = BASE) -> TestClient:
    """Somebody who shows nothing."""
    return TestClient(app, base_url=base, raise_server_exceptions=False)


def token_client(app: FastAPI, store: Store, *rights: str, wearer: str = "") -> TestClient:
    """A program with a token for `rights`, of one wearer or of everybody."""
    client = any_client(app)
    client.headers |= bearer(kept_token(store, *rights, wearer=wearer)[1])
    return client


def session_client(app: FastAPI, store: Store, *rights: str, wearer: str = "") -> TestClient:
    """A browser that has logged in through a link; its cookie is in `client.cookies`."""
    client = any_client(app)
    _, secret = kept_token(store, *rights, wearer=wearer, kind=LOGIN)
    assert client.post("/api/v1/login", json={"secret": secret}).status_code == 200
    return client


def closed(app: FastAPI) -> FastAPI:
    """`app`, which now asks everybody for a token or a session."""
    access = app.state.parts.access
    access.exposure = replace(access.exposure, require_token=True)
    return app
