"""The store that the configuration asks for, and the task that sends what it owes."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from domain.errors import ConfigError, InputError, StoreHeldError
from service.config import Config
from service.serve import STORE_FILE, Service, open_store
from storage.sqlite import SqliteStore

if TYPE_CHECKING:  # an extra, imported only by those who have it
    from storage.influx.forwarding import ForwarderState
    from storage.influx.settings import InfluxSettings

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
