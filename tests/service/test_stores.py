"""Which store the configuration asks for, and what it says while nobody takes what is owed."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domain.errors import ConfigError, StoreUnavailableError
from service.config import parse_config
from service.stores import forwarding, influx_settings, open_configured
from storage.influx.settings import TOKEN_VARIABLE
from storage.influx.store import InfluxStore
from storage.outbox import is_owing
from storage.sqlite import SqliteStore


def config(folder: Path, **influx: Any) -> Any:
    table: dict[str, Any] = {"service": {"data_dir": str(folder)}, "storage": {}}
    if influx:
        table["storage"] = {"metrics": "influx", "influx": influx}
    return parse_config(table)


def owing(store: SqliteStore) -> bool:
    with store._snapshot() as connection:
        return is_owing(connection)


def test_without_a_word_it_is_one_file_that_owes_nobody(tmp_path: Path) -> None:
    plain = config(tmp_path)
    with open_configured(plain, serving=True) as store:
        assert type(store) is SqliteStore
        assert not owing(store)
        assert forwarding(plain, store) == []


def test_a_command_leaves_what_is_owed_and_the_service_decides(tmp_path: Path) -> None:
    with open_configured(config(tmp_path, url="http://127.0.0.1:1"), serving=True) as store:
        assert isinstance(store, InfluxStore)
        assert owing(store)
    with open_configured(config(tmp_path)) as store:
        assert owing(store), "a command that does not know of the server forgets nothing"
        with pytest.raises(StoreUnavailableError, match="InfluxDB"):
            store.erase("me")
    with open_configured(config(tmp_path), serving=True) as store:
        assert not owing(store)
        store.erase("me")


def test_a_missing_client_is_said_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "storage.influx.store", None)
    with pytest.raises(ConfigError, match=r"sitwell\[influx\]"):
        open_configured(config(tmp_path, url="http://127.0.0.1:1"))


@pytest.mark.parametrize(
    ("influx", "path"),
    [
        ({"url": "http://influx.example"}, "storage.influx.url"),
        ({"url": "https://a", "token": "x"}, "storage.influx.token"),
        ({"url": "https://a", "database": "a/b"}, "storage.influx.database"),
        ({"url": "https://a", "username": "ada:pw"}, "storage.influx.username"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_starts(
    tmp_path: Path, influx: dict[str, Any], path: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, **influx)
    assert caught.value.path == path


def test_a_user_without_a_password_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="password"):
        influx_settings(config(tmp_path, url="https://a", username="ada"))
    monkeypatch.setenv(TOKEN_VARIABLE, "pw")
    settings = influx_settings(config(tmp_path, url="https://a", username="ada"))
    assert (settings.username, settings.token) == ("ada", "pw")


async def test_while_nobody_takes_it_the_wearer_is_told(tmp_path: Path) -> None:
    asked = config(tmp_path, url="http://127.0.0.1:1")
    service: Any = SimpleNamespace(view=SimpleNamespace(trouble={}))
    with open_configured(asked, serving=True) as store:
        (forward,) = forwarding(asked, store)
        running = asyncio.ensure_future(forward(service))
        async with asyncio.timeout(20):
            while "influx" not in service.view.trouble:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait({running})
        health = store.health()
    assert "http://127.0.0.1:1" in service.view.trouble["influx"]
    assert health.ok, "the file is well"
    assert health.forwarding is not None
    assert health.forwarding.trouble is not None
    assert (health.backend, health.forwarding.owed_points) == ("influx", 0)
