"""docs/configuration.md names every key there is, with its default and its range, and no other."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from alerts.settings import AlertSettings, knobs
from analysis.settings import AnalysisSettings
from service.channel_config import (
    AppriseSection,
    ChannelsSection,
    MqttSection,
    ServingSection,
    WebhookSection,
)
from service.config import (
    ApiSection,
    BluetoothSection,
    DriverSection,
    InfluxSection,
    SensorSection,
    ServiceSection,
    StorageSection,
    WearerSection,
    load_config,
)

PAGE = Path("docs") / "configuration.md"
ROW = re.compile(
    r"^\| `(?P<key>[a-z_]+)` \| (?P<default>[^|]*) \| (?P<range>[^|]*) \| (?P<words>.+) \|$"
)
SECTIONS: dict[str, type[BaseModel]] = {
    "service": ServiceSection,
    "api": ApiSection,
    "bluetooth": BluetoothSection,
    "storage": StorageSection,
    "storage.influx": InfluxSection,
    "wearers": WearerSection,
    "sensors": SensorSection,
    "drivers": DriverSection,
    "channels": ChannelsSection,
    "channels.desktop": ServingSection,
    "channels.sensor": ServingSection,
    "channels.webhook": WebhookSection,
    "channels.apprise": AppriseSection,
    "channels.mqtt": MqttSection,
}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / PAGE).read_text()


@pytest.fixture(scope="module")
def tables(page: str) -> dict[str, dict[str, tuple[str, str, str]]]:
    """(default, range, sentence) of every key, by section."""
    found: dict[str, dict[str, tuple[str, str, str]]] = {}
    section = ""
    for line in page.splitlines():
        if heading := re.match(r"^## `\[+([a-z.]+)\]+`", line):
            section = heading[1]
            found[section] = {}
        elif line.startswith("## "):
            section = ""
        elif (row := ROW.match(line)) and section:
            assert row["key"] not in found[section], f"{row['key']} is there twice"
            cells = (row["default"].strip(), row["range"].strip(), row["words"].strip())
            found[section][row["key"]] = cells
    return found


def shown(value: object) -> str:
    """A default as the page writes it."""
    if isinstance(value, str):
        return f'`"{value}"`'
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def sections() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every section's defaults by key; a key without a default has PydanticUndefined."""
    for name, model in SECTIONS.items():
        yield (
            name,
            {
                key: info.get_default(call_default_factory=True)
                for key, info in model.model_fields.items()
                if f"{name}.{key}" not in SECTIONS
            },
        )
    for name, settings in (("analysis", AnalysisSettings()), ("alerts", AlertSettings())):
        yield name, {knob.name: getattr(settings, knob.name) for knob in fields(settings)}


def test_every_key_is_named_with_its_default_and_nothing_else(
    tables: dict[str, dict[str, tuple[str, str, str]]],
) -> None:
    expected = {
        name: {
            key: "required" if default is PydanticUndefined else shown(default)
            for key, default in defaults.items()
        }
        for name, defaults in sections()
    }
    told = {name: {key: cells[0] for key, cells in rows.items()} for name, rows in tables.items()}
    assert told == expected


def test_every_range_is_the_one_that_is_checked(
    tables: dict[str, dict[str, tuple[str, str, str]]],
) -> None:
    for knob in fields(AnalysisSettings):
        low, high = knob.metadata["range"]
        assert tables["analysis"][knob.name][1] == f"{low:g} to {high:g}"
        assert tables["analysis"][knob.name][2] == knob.metadata["sentence"]
    for key, alert_knob in knobs().items():
        if alert_knob.low is not None:
            assert tables["alerts"][key][1] == f"{alert_knob.low:g} to {alert_knob.high:g}"
        assert tables["alerts"][key][2] == alert_knob.sentence
    for name in ("service", "api", "storage", "storage.influx", "channels", "channels.mqtt"):
        for key, info in SECTIONS[name].model_fields.items():
            bounds = [
                m.ge if isinstance(m, Ge) else m.le for m in info.metadata if isinstance(m, Ge | Le)
            ]
            if bounds:
                assert tables[name][key][1] == f"{bounds[0]} to {bounds[1]}"


def test_every_key_has_a_sentence(
    tables: dict[str, dict[str, tuple[str, str, str]]],
) -> None:
    for rows in tables.values():
        for key, (_, _, words) in rows.items():
            assert words.endswith("."), key
            assert len(words) > 10, key


def test_the_sample_is_a_configuration(page: str, tmp_path: Path) -> None:
    samples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert samples
    for number, sample in enumerate(samples):
        path = tmp_path / f"sample-{number}.toml"
        path.write_text(sample)
        config = load_config(path)
        assert config.wearers
    assert {sensor.wearer for sensor in config.sensors} <= {w.id for w in config.wearers}
    assert len(config.sensors) == 2
