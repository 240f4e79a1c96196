"""The configuration: every key known, every value checked, errors that point at the key."""

from pathlib import Path

import pytest
import tomli_w

from domain.errors import ConfigError
from domain.placement import Placement
from service.commands.config import effective_toml, run_config
from service.config import load_config, parse_config

SENSOR = {"address": "A0:9E:1A:00:00:01", "driver": "polar", "placement": "upper_back"}
SECRET = SENSOR | {
    "driver": "bthome",
    "address": "54:48:E6:8F:80:A5",
    "key": "231D39C1D7CC1AB1AEE224CD096DB932",
}


def test_no_configuration_at_all_is_a_whole_configuration() -> None:
    config = parse_config({})
    assert config.service.host == "127.0.0.1"
    assert [wearer.id for wearer in config.wearers] == ["me"]
    assert config.sensors == ()
    assert config.data_dir.name


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ({"servce": {}}, "servce"),
        ({"service": {"prot": 1}}, "service.prot"),
        ({"service": {"port": "8765"}}, "service.port"),
        ({"service": {"port": 70000}}, "service.port"),
        ({"service": {"host": "nowhere.example"}}, "service.host"),
        ({"api": {"hosts": ["Sitwell.example:8765/"]}}, "api.hosts"),
        ({"api": {"trusted_proxies": ["proxy.example"]}}, "api.trusted_proxies"),
        ({"api": {"session_days": 0}}, "api.session_days"),
        ({"service": 3}, "service"),
        ({"storage": {"frames_days": 0}}, "storage.frames_days"),
        ({"analysis": {"no_such_limit": 1.0}}, "analysis.no_such_limit"),
        ({"alerts": {"no_such_limit": 1.0}}, "alerts.no_such_limit"),
        ({"wearers": {}}, "wearers"),
        ({"wearers": [{"id": "Me!"}]}, "wearers[0].id"),
        ({"wearers": [{"timezone": "Mars/Olympus"}]}, "wearers[0].timezone"),
        ({"wearers": [{"id": "a"}, {"id": "a"}]}, "wearers"),
        ({"sensors": [SENSOR | {"driver": "polra"}]}, "sensors[0].driver"),
        ({"sensors": [SENSOR | {"placement": "nose"}]}, "sensors[0].placement"),
        ({"sensors": [SENSOR | {"wearer": "nobody"}]}, "sensors[0].wearer"),
        ({"sensors": [SENSOR, SENSOR]}, "sensors"),
        ({"sensors": [{"driver": "polar", "placement": "thigh"}]}, "sensors[0].address"),
        ({"sensors": [SENSOR | {"key": "00" * 16}]}, "sensors[0].key"),
        ({"sensors": [SENSOR, SECRET | {"key": "zz" * 16}]}, "sensors[1].key"),
        ({"sensors": [SECRET | {"key": "00" * 15}]}, "sensors[0].key"),
        ({"sensors": [SECRET | {"key": 12}]}, "sensors[0].key"),
        ({"sensors": [SECRET | {"address": "2F1C0A7E-0000"}]}, "sensors[0].key"),
    ],
)
def test_a_wrong_key_or_value_is_refused_with_its_path(table: dict, path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(table)
    assert caught.value.path == path


def test_a_misspelt_key_is_told_what_it_may_have_meant() -> None:
    with pytest.raises(ConfigError, match="did you mean 'port'"):
        parse_config({"service": {"prot": 1}})


def test_a_sensor_in_the_file_is_a_sensor_of_the_service() -> None:
    (sensor,) = parse_config({"sensors": [SENSOR]}).sensors
    assert sensor.id == SENSOR["address"]
    assert sensor.placement is Placement.UPPER_BACK
    assert sensor.wearer == "me"


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sitwell.toml"
    path.write_text("[service\n")
    with pytest.raises(ConfigError, match="not valid TOML") as caught:
        load_config(path)
    assert caught.value.path == str(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.toml")


def test_what_is_printed_as_effective_reads_back_to_the_same_configuration(tmp_path: Path) -> None:
    config = parse_config(
        {
            "service": {"data_dir": str(tmp_path)},
            "sensors": [SENSOR],
            "storage": {"frames_days": 30},
        }
    )
    path = tmp_path / "effective.toml"
    path.write_text(effective_toml(config))
    assert load_config(path) == config


def test_the_key_of_a_sensor_reaches_its_driver_and_is_never_shown(tmp_path: Path, capsys) -> None:
    path = tmp_path / "secret.toml"
    path.write_text(tomli_w.dumps({"sensors": [SECRET]}))
    config = load_config(path)
    assert config.sensors[0].key_hex == SECRET["key"].lower()
    run_config(path)
    shown = capsys.readouterr().out
    assert "keys of sensors are left out" in shown
    for text in (shown, effective_toml(config), repr(config)):
        assert SECRET["key"].lower() not in text.lower()


@pytest.mark.parametrize("key", ["00" * 15, "231D39C1D7CC1AB1AEE224CD096DB93x"])
def test_what_is_said_of_a_wrong_key_does_not_tell_it(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"sensors": [SECRET | {"key": key}]})
    assert key not in str(caught.value)


def test_adapters_are_named_as_bluez_names_them():
    config = parse_config({"bluetooth": {"adapters": ["hci0", "hci1"]}})
    assert config.bluetooth.adapters == ["hci0", "hci1"]
    with pytest.raises(ConfigError, match="hci0, hci1") as refused:
        parse_config({"bluetooth": {"adapters": ["usb"]}})
    assert refused.value.path == "bluetooth.adapters"
