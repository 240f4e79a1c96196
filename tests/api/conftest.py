"""An application over a real store, and a client on the loopback name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.live import LiveHub
from storage.sqlite import SqliteStore
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import FakeService, fill
from tests.api.wishes_made import wishes_of

BASE = "http://127.0.0.1:8765"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        fill(store)
        yield store


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def hub() -> LiveHub:
    return LiveHub(first_id=1000)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A dashboard's folder with one of each."""
    folder = tmp_path / "static"
    (folder / "js").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Sitwell</title>")
    (folder / "js" / "app.js").write_text("export {};")
    (folder / "js" / "chart.mjs").write_text("export {};")
    (tmp_path / "outside.txt").write_text("secret")
    return folder


@pytest.fixture
def keeper() -> FakeKeeper:
    return FakeKeeper()


@pytest.fixture
def exporter() -> FakeExporter:
    return FakeExporter()


@pytest.fixture
def app(
    store: SqliteStore,
    service: FakeService,
    hub: LiveHub,
    keeper: FakeKeeper,
    exporter: FakeExporter,
    page: Path,
) -> FastAPI:
    return create_app(
        store=store,
        service=service,
        live=hub,
        keeper=keeper,
        wishes=wishes_of(store),
        exporter=exporter,
        static=page,
    )


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
        yield client
