"""The store that the configuration asks for, and the task that sends what it owes."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from domain.errors import ConfigError, InputError, StoreError, StoreHeldError
from service.config import Config
from service.serve import Service
from service.store_file import STORE_FILE, open_store
from storage.sqlite import SqliteStore
from storage.sqlite_reader import SqliteReader

if TYPE_CHECKING:  # an extra, imported only by those who have it
    from storage.influx.forwarding import ForwarderState
    from storage.influx.settings import InfluxSettings

#: How often it is told how much was sent.
TELL_S: Final = 0.5
_MISSING = "InfluxDB wants its client: pip install 'sitwell[influx]'"


def open_configured(config: Config, *, serving: bool = False) -> SqliteStore:
    """The store of `config`, made when it is missing. serving: for the service, from whose start on a
    server is or is not owed what is stored; commands leave that as it is. Raises ConfigError, StoreError.
    """
    if config.storage.metrics == "sqlite":
        return open_store(config.data_dir, owing=False if serving else None)
    try:
        from storage.influx.store import InfluxStore
    except ImportError as error:
        raise ConfigError("storage.metrics", _MISSING) from error
    return InfluxStore(config.data_dir / STORE_FILE, influx_settings(config))


def reader_of(config: Config, *, server_alone: bool = False) -> SqliteReader:
    """The store of `config` for reading, also while a service has it. server_alone: what is measured from
    the server only. Raises ConfigError, StoreError."""
    path = config.data_dir / STORE_FILE
    if config.storage.metrics == "sqlite":
        return SqliteReader.of(path)
    try:
        from storage.influx.both import FileAndServer
    except ImportError as error:
        raise ConfigError("storage.metrics", _MISSING) from error
    return FileAndServer(path, influx_settings(config), server_alone=server_alone)


def open_alone(config: Config, held: str) -> SqliteStore:
    """The store of `config`, which has to be there, for a command that writes to it while no service runs.

    held: how the sentence goes on that says a service has it. Raises ConfigError, InputError, StoreError.
    """
    if not (config.data_dir / STORE_FILE).exists():
        raise InputError(f"there is no store in {config.data_dir}")
    try:
        return open_configured(config)
    except StoreHeldError as error:
        raise StoreHeldError(f"{error}. {held}") from error


def influx_settings(config: Config) -> "InfluxSettings":
    """What the configuration says of the server, with the token from where that is. Raises ConfigError."""
    from storage.influx.settings import InfluxSettings, read_token

    section = config.storage.influx
    token = read_token(section.token_file)
    if section.username and not token:
        raise ConfigError("storage.influx.username", "wants a password: see token_file")
    return InfluxSettings(token=token, **section.model_dump(exclude={"token_file"}))


def send_owed(
    config: Config, store: SqliteStore, told: Callable[[float], None] = lambda part: None
) -> bool:
    """Send now all that `store` owes to the server of `config`, for a command while no service runs; whether
    that server answers questions about what it has. told: how much of it is there, 0 to 1. Raises
    ConfigError, StoreError, of which ServerError says why something is still owed.
    """
    try:
        from storage.influx.forwarder import Forwarder
        from storage.influx.store import InfluxStore
    except ImportError as error:
        raise ConfigError("storage.metrics", _MISSING) from error
    if not isinstance(store, InfluxStore):
        raise TypeError("the store was not opened by open_configured")
    forwarder, owed = Forwarder(store, store.server, influx_settings(config)), store.debt().points

    async def tell() -> None:
        with suppress(StoreError):
            while owed:
                told(1.0 - min(store.debt().points / owed, 1.0))
                await asyncio.sleep(TELL_S)

    async def send() -> None:
        telling = asyncio.create_task(tell())
        try:
            await forwarder.drain(now=math.inf)
        finally:
            telling.cancel()
            await forwarder.close()

    asyncio.run(send())
    return store.server.check().version is not None


def forwarding(config: Config, store: SqliteStore) -> list[Callable[[Service], Awaitable[None]]]:
    """What runs beside the service to send what `store` owes; nothing when nobody is owed anything."""
    if config.storage.metrics == "sqlite":
        return []
    try:
        from storage.influx.forwarder import Forwarder
        from storage.influx.store import InfluxStore
    except ImportError as error:
        raise ConfigError("storage.metrics", _MISSING) from error
    if not isinstance(store, InfluxStore):
        raise TypeError("the store was not opened by open_configured")
    settings = influx_settings(config)

    async def forward(service: Service) -> None:
        def tell(state: "ForwarderState") -> None:
            trouble = service.view.trouble
            trouble.pop("influx", None)
            trouble.pop("influx warning", None)
            if state.trouble is not None:
                trouble["influx"] = (
                    f"What is measured stays on this machine until InfluxDB takes it: {state.trouble}."
                )
            if state.warnings:
                trouble["influx warning"] = "; ".join(state.warnings) + "."

        await Forwarder(store, store.server, settings, told=tell).run()

    return [forward]
