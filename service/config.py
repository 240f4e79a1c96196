"""The configuration: one TOML file, every key known, every value checked before anything starts."""

import ipaddress
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
import tzlocal
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, field_validator

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from collector.drivers.contract import Driver
from collector.drivers.registry import Drivers, driver_factory, known_drivers
from domain.errors import ConfigError, InputError
from domain.people import Sensor, Wearer
from domain.placement import Placement
from domain.retention import Retention
from service.channel_config import ChannelsSection, check_channels
from service.own_sensor import DriverSection, own_driver
from storage.influx.settings import check_url

DEFAULT_PORT = 8765
APP = "sitwell"
Settings = TypeVar("Settings")


class _Section(BaseModel):
    """A table of the file: unknown keys are errors, and types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ServiceSection(_Section):
    """Where the service listens and keeps its data."""

    host: str = "127.0.0.1"
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    data_dir: str = ""

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        check_address(host)
        return host


class ApiSection(_Section):
    """Who may reach the service, and what it asks of them."""

    require_token: bool = False
    hosts: list[str] = Field(default_factory=list, max_length=32)
    trusted_proxies: list[str] = Field(default_factory=list, max_length=32)
    tls_certificate: str = ""
    tls_key: str = ""
    session_days: int = Field(default=30, ge=1, le=366)
    writes_per_min: int = Field(default=120, ge=10, le=100_000)
    streams: int = Field(default=256, ge=1, le=10_000)
    streams_per_client: int = Field(default=32, ge=1, le=10_000)

    @field_validator("hosts")
    @classmethod
    def _names(cls, names: list[str]) -> list[str]:
        for name in names:
            if not re.fullmatch(r"[a-z0-9]([a-z0-9.:-]{0,250}[a-z0-9])?", name):
                raise ValueError(
                    f"{name!r} is no name in small letters, as sitwell.example or 192.168.1.7, "
                    "without a port"
                )
        return names

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, addresses: list[str]) -> list[str]:
        for address in addresses:
            try:
                ipaddress.ip_address(address)
            except ValueError as error:
                raise ValueError(f"{address!r} is no address, as 127.0.0.1") from error
        return addresses


class InfluxSection(_Section):
    """The InfluxDB server that what is measured goes to; its token is never in the file."""

    url: str = "http://127.0.0.1:8086"
    database: str = Field(default="sitwell", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    org: str = Field(default="", max_length=200)
    username: str = Field(default="", max_length=200, pattern=r"^[^:]*$")
    token_file: str = ""
    allow_http: bool = False
    retention_days: int = Field(default=0, ge=0, le=36500)
    local_days: int = Field(default=30, ge=2, le=3650)
    outbox_mb: int = Field(default=2048, ge=1, le=1_000_000)
    outbox_days: int = Field(default=60, ge=1, le=3650)


class StorageSection(_Section):
    """How long what is kept for a while is kept, and whether a server is owed what is measured; rollups
    and episodes stay for ever."""

    frames_days: int = Field(default=90, ge=1, le=3650)
    raw_days: int = Field(default=0, ge=0, le=3650)
    deliveries_days: int = Field(default=90, ge=1, le=3650)
    audit_days: int = Field(default=365, ge=30, le=3650)
    metrics: Literal["sqlite", "influx"] = "sqlite"
    influx: InfluxSection = InfluxSection()


class BluetoothSection(_Section):
    """Which of the machine's Bluetooth adapters are used."""

    adapters: list[str] = Field(default_factory=list, max_length=8)

    @field_validator("adapters")
    @classmethod
    def _named_as_bluez_does(cls, names: list[str]) -> list[str]:
        for name in names:
            if not re.fullmatch(r"hci[0-9]{1,2}", name):
                raise ValueError(f"{name!r} is no adapter; BlueZ calls them hci0, hci1, ...")
        return names


class WearerSection(_Section):
    """A person; an empty timezone means this machine's. calendar: who has its address may read it."""

    id: str = Field(default="me", pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    name: str = "Me"
    timezone: str = ""
    calendar: str = Field(default="", repr=False, max_length=2000)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise ValueError(f"no time zone {name!r}; use a name like Europe/Berlin") from error
        return name


class SensorSection(_Section):
    """A sensor that is always read, whether or not it was paired from the command line."""

    address: str = Field(min_length=2)
    driver: str
    placement: str
    wearer: str = "me"
    name: str = ""
    key: str = Field(default="", repr=False)

    @field_validator("placement")
    @classmethod
    def _known_placement(cls, name: str) -> str:
        if name not in list(Placement):
            raise ValueError(f"no placement {name!r}; there are {', '.join(Placement)}")
        return name


def _section_for(settings: type[Any]) -> type[BaseModel]:
    """A section with the fields of a settings dataclass, which checks its own ranges afterwards."""
    hints = get_type_hints(settings)
    columns: dict[str, Any] = {
        f.name: (hints[f.name], None if f.default is MISSING else f.default)
        for f in fields(settings)
    }
    return create_model(settings.__name__, __base__=_Section, **columns)


@dataclass(frozen=True, slots=True)
class Config:
    """The effective configuration: everything a service needs to know before it starts."""

    service: ServiceSection
    api: ApiSection
    bluetooth: BluetoothSection
    storage: StorageSection
    wearers: tuple[Wearer, ...]
    sensors: tuple[Sensor, ...]
    analysis: AnalysisSettings
    alerts: AlertSettings
    channels: ChannelsSection = field(default_factory=ChannelsSection)
    own_sensors: tuple[DriverSection, ...] = ()
    calendars: Mapping[str, str] = field(default_factory=dict, repr=False)
    drivers: Drivers = field(default_factory=known_drivers)

    @property
    def retention(self) -> Retention:
        """For how long what is kept for a while is kept."""
        kept = self.storage
        return Retention(
            frames_days=kept.frames_days,
            raw_days=kept.raw_days,
            deliveries_days=kept.deliveries_days,
            audit_days=kept.audit_days,
        )

    @property
    def data_dir(self) -> Path:
        """The folder of the store: the configured one, or this platform's place for user data."""
        if self.service.data_dir:
            return Path(self.service.data_dir).expanduser()
        return Path(platformdirs.user_data_dir(APP, appauthor=False))


def default_config_path() -> Path:
    """Where the file is looked for when none is named."""
    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "sitwell.toml"


def check_loopback(host: str) -> None:
    """Refuse an address other machines could reach. Raises ValueError."""
    if host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            f"{host!r} can be reached from other machines; use 127.0.0.1, ::1 or localhost"
        )


def check_address(host: str) -> None:
    """Raise ValueError for what is no address to listen on."""
    if host == "localhost":
        return
    try:
        ipaddress.ip_address(host)
    except ValueError as error:
        raise ValueError(f"{host!r} is no address; use one like 127.0.0.1 or 0.0.0.0") from error


def local_timezone() -> str:
    """This machine's IANA time zone, UTC when it has none."""
    try:
        return tzlocal.get_localzone_name() or "UTC"
    except (ZoneInfoNotFoundError, LookupError, ValueError):
        return "UTC"


def load_config(path: Path | None = None) -> Config:
    """Read `path`, or the default file when it exists, or take the defaults.

    Raises ConfigError, whose `path` is the dotted key that is wrong.
    """
    if path is None:
        path = default_config_path()
        if not path.exists():
            return parse_config({})
    try:
        with path.open("rb") as file:
            return parse_config(tomllib.load(file))
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"is not valid TOML: {error}") from error


def parse_config(table: Mapping[str, Any]) -> Config:
    """The configuration in `table`. Raises ConfigError."""
    known = (
        "service",
        "api",
        "bluetooth",
        "storage",
        "wearers",
        "drivers",
        "sensors",
        "analysis",
        "alerts",
        "channels",
    )
    for key in table:
        if key not in known:
            raise ConfigError(key, _unknown(key, known))
    people = _rows(WearerSection, table.get("wearers", [{}]), "wearers")
    wearers = tuple(Wearer(w.id, w.name, w.timezone or local_timezone()) for w in people)
    names = [wearer.id for wearer in wearers]
    own_sensors = tuple(_rows(DriverSection, table.get("drivers", []), "drivers"))
    drivers = _known_drivers(own_sensors)
    sensors = []
    for row, section in enumerate(_rows(SensorSection, table.get("sensors", []), "sensors")):
        if section.wearer not in names:
            raise ConfigError(f"sensors[{row}].wearer", f"no wearer {section.wearer!r} in wearers")
        words = [driver.name for driver in drivers.all]
        if section.driver not in words:
            problem = f"no driver {section.driver!r}; there are {', '.join(words)}"
            raise ConfigError(f"sensors[{row}].driver", problem)
        try:
            driver_factory(drivers.named(section.driver), section.address, section.key)
        except InputError as error:
            raise ConfigError(f"sensors[{row}].key", str(error)) from error
        sensors.append(
            Sensor(
                # Every radio gives addresses, and identifiers in their stead, in capitals.
                id=section.address.upper(),
                driver=section.driver,
                name=section.name or section.address.upper(),
                wearer=section.wearer,
                placement=Placement(section.placement),
                paired_at=0.0,
                key_hex=section.key.lower(),
            )
        )
    for what, ids in (("wearers", names), ("sensors", [sensor.id for sensor in sensors])):
        doubled = {key for key in ids if ids.count(key) > 1}
        if doubled:
            raise ConfigError(what, f"{min(doubled)!r} is there twice")
    storage = _section(StorageSection, table.get("storage", {}), "storage")
    if storage.metrics == "influx":
        check_url(storage.influx.url, allow_http=storage.influx.allow_http)
    channels = _section(ChannelsSection, table.get("channels", {}), "channels")
    check_channels(channels, names)
    return Config(
        service=_section(ServiceSection, table.get("service", {}), "service"),
        api=_section(ApiSection, table.get("api", {}), "api"),
        bluetooth=_section(BluetoothSection, table.get("bluetooth", {}), "bluetooth"),
        storage=storage,
        wearers=wearers,
        sensors=tuple(sensors),
        analysis=_settings(AnalysisSettings, table.get("analysis", {}), "analysis"),
        alerts=_settings(AlertSettings, table.get("alerts", {}), "alerts"),
        channels=channels,
        own_sensors=own_sensors,
        calendars={w.id: w.calendar for w in people if w.calendar},
        drivers=drivers,
    )


def _known_drivers(own_sensors: Sequence[DriverSection]) -> Drivers:
    described: list[type[Driver]] = []
    for row, section in enumerate(own_sensors):
        taken = [driver.name for driver in known_drivers(described).all]
        described.append(own_driver(section, f"drivers[{row}]", taken))
    return known_drivers(described)


SectionT = TypeVar("SectionT", bound=BaseModel)


def _rows(model: type[SectionT], rows: object, path: str) -> list[SectionT]:
    if not isinstance(rows, list):
        raise ConfigError(path, f"wants a list of tables: [[{path}]]")
    return [_section(model, row, f"{path}[{n}]") for n, row in enumerate(rows)]


def _section(model: type[SectionT], table: object, path: str) -> SectionT:
    if not isinstance(table, Mapping):
        raise ConfigError(path, f"wants a table: [{path}]")
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        first = error.errors()[0]
        key = path + "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in first["loc"])
        if first["type"] == "extra_forbidden":
            raise ConfigError(key, _unknown(str(first["loc"][-1]), model.model_fields)) from None
        raise ConfigError(key, str(first["msg"]).removeprefix("Value error, ")) from None


def _settings(settings: type[Settings], table: object, path: str) -> Settings:
    section = _section(_section_for(settings), table, path)
    given = {name: getattr(section, name) for name in section.model_fields_set}
    try:
        return settings(**given)
    except ConfigError as error:
        raise ConfigError(f"{path}.{error.path.split('.')[-1]}", error.problem) from error


def _unknown(key: str, known: Any) -> str:
    near = get_close_matches(key, list(known), n=1)
    return f"unknown key; did you mean {near[0]!r}?" if near else "unknown key"
