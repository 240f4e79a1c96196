"""`[[drivers]]` of the configuration: a sensor that no driver knows, described by the user."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from collector.drivers.contract import Driver
from collector.drivers.described import describe
from collector.drivers.description import Description
from collector.drivers.layout import Layout
from domain.errors import ConfigError


class StepSection(BaseModel):
    """One write: `{ to = "ff07", bytes = "53 35 02 01 32" }`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    to: str
    bytes: str


class DriverSection(BaseModel):
    """A described sensor; see collector.drivers.description.Description for what the keys mean."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    title: str = ""
    match_name: str = ""
    match_service: str = ""
    characteristic: str
    start: list[StepSection] = Field(default_factory=list)
    stop: list[StepSection] = Field(default_factory=list)
    header: str = ""
    header_fields: list[str] = Field(default_factory=list)
    sample: str
    sample_fields: list[str]
    samples: int = 0
    rate_hz: float
    acc_per_g: float
    gyro_per_dps: float = 0.0
    time_unit_s: float = 0.001
    stamps_last: bool = False


def own_driver(section: DriverSection, path: str, taken: Iterable[str]) -> type[Driver]:
    """The driver that `section`, found at `path`, describes.

    taken: names of other drivers. Raises ConfigError with the dotted path of the key that is wrong.
    """
    if section.name in taken:
        raise ConfigError(f"{path}.name", f"{section.name!r} is the name of another driver")
    try:
        return describe(
            Description(
                name=section.name,
                title=section.title,
                match_name=section.match_name,
                match_service=section.match_service,
                characteristic=section.characteristic,
                start=_steps(section.start, "start"),
                stop=_steps(section.stop, "stop"),
                header=_layout(section.header, section.header_fields, "header"),
                sample=_layout(section.sample, section.sample_fields, "sample"),
                samples=section.samples,
                rate_hz=section.rate_hz,
                acc_per_g=section.acc_per_g,
                gyro_per_dps=section.gyro_per_dps,
                time_unit_s=section.time_unit_s,
                stamps_last=section.stamps_last,
            )
        )
    except ConfigError as error:
        raise ConfigError(f"{path}.{error.path}", error.problem) from error


def _layout(format_: str, fields: list[str], key: str) -> Layout:
    try:
        return Layout(format_, tuple(fields))
    except ConfigError as error:
        where = f"{key}_fields" if error.path == "fields" else key
        raise ConfigError(where, error.problem) from error


def _steps(steps: list[StepSection], key: str) -> tuple[tuple[str, bytes], ...]:
    found = []
    for n, step in enumerate(steps):
        try:
            found.append((step.to, bytes.fromhex(step.bytes)))
        except ValueError:
            raise ConfigError(f"{key}[{n}].bytes", f"{step.bytes!r} are no hex bytes") from None
    return tuple(found)
