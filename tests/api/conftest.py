"""An application over a real store, and a client on the loopback name."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.live import LiveHub
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import T0, FakeService, fill
from tests.api.wishes_made import people_of, wishes_of

BASE = "http://127.0.0.1:8765"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store with something in it, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "sitwell.db"
    with SqliteStore(path) as store:
        fill(store)
    return path


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Iterator[SqliteStore]:
    path = shutil.copy(filled, tmp_path / "sitwell.db")
    with SqliteStore(path) as store:
        store.write(Batch(states={"opened": b""}), now=float(T0))  # so that it has committed once
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
    wishes = wishes_of(store)
    return create_app(
        store=store,
        service=service,
        live=hub,
        keeper=keeper,
        wishes=wishes,
        people=people_of(store, wishes),
        exporter=exporter,
        static=page,
    )


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
        yield client
