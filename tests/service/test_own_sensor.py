"""A described sensor in the configuration: what it takes, and where an error points."""

import re
import tomllib
from pathlib import Path

import pytest

from domain.errors import ConfigError
from service.commands.config import effective_toml
from service.config import parse_config

BOARD = {
    "name": "desk-board",
    "match_name": "DeskBoard",
    "characteristic": "ffe4",
    "start": [{"to": "ffe9", "bytes": "01 02"}],
    "sample": "<3h",
    "sample_fields": ["acc_x", "acc_y", "acc_z"],
    "rate_hz": 50.0,
    "acc_per_g": 8192.0,
}
WORN = {"address": "C0:00:00:00:00:01", "driver": "desk-board", "placement": "upper_back"}


def refused(**change):
    with pytest.raises(ConfigError) as error:
        parse_config({"drivers": [{**BOARD, **change}]})
    return error.value


def test_a_described_sensor_can_be_worn_and_is_asked_first():
    config = parse_config({"drivers": [BOARD], "sensors": [WORN]})
    assert config.sensors[0].driver == "desk-board"
    assert config.drivers.all[0] is config.drivers.named("desk-board")
    assert config.drivers.named("polar")


def test_the_effective_configuration_reads_back_the_same():
    config = parse_config({"drivers": [BOARD], "sensors": [WORN]})
    again = parse_config(tomllib.loads(effective_toml(config)))
    assert again.own_sensors == config.own_sensors
    assert again.sensors == config.sensors


def test_the_page_for_people_shows_descriptions_that_work(root: Path):
    samples = re.findall(r"```toml\n(.*?)```", (root / "docs/own-sensor.md").read_text(), re.DOTALL)
    assert samples
    for sample in samples:
        config = parse_config(tomllib.loads(sample))
        assert config.own_sensors


@pytest.mark.parametrize(
    ("change", "path", "problem"),
    [
        ({"name": "polar"}, "drivers[0].name", "another driver"),
        ({"characteristic": "zz"}, "drivers[0].characteristic", "no UUID"),
        ({"sample": "3h"}, "drivers[0].sample", "begins with"),
        ({"sample_fields": ["acc_x"]}, "drivers[0].sample_fields", "1 names for the 3 values"),
        ({"header": "<q"}, "drivers[0].header_fields", "0 names"),
        ({"start": [{"to": "ffe9", "bytes": "0x"}]}, "drivers[0].start[0].bytes", "no hex bytes"),
        ({"start": [{"to": "ffe9"}]}, "drivers[0].start[0].bytes", "Field required"),
        ({"rate_hz": "fast"}, "drivers[0].rate_hz", "valid number"),
        ({"rat_hz": 50}, "drivers[0].rat_hz", "did you mean 'rate_hz'"),
    ],
)
def test_what_is_wrong_is_named_where_it_is(change, path, problem):
    error = refused(**change)
    assert error.path == path
    assert problem in error.problem


def test_a_sensor_whose_driver_nobody_described_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match="no driver 'toaster'; there are polar") as error:
        parse_config({"sensors": [{**WORN, "driver": "toaster"}]})
    assert error.value.path == "sensors[0].driver"
