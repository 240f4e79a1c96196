"""Where the server is, and what of a token anybody gets to see."""

import os
from pathlib import Path

import pytest

from domain.errors import ConfigError
from storage.influx.asking import authorization
from storage.influx.settings import TOKEN_VARIABLE, InfluxSettings, read_token

TOKEN = "s3cr3t-t0ken=="


@pytest.mark.parametrize(
    "url",
    ["https://influx.example", "https://10.0.0.5:8086/base", "http://127.0.0.1:8086",
     "http://localhost:8086", "http://[::1]:8086"],
)  # fmt: skip
def test_https_and_loopback_are_taken(url: str) -> None:
    assert InfluxSettings(url=url).url == url


@pytest.mark.parametrize("url", ["http://influx.example:8086", "http://192.168.1.5:8086"])
def test_plain_http_to_another_machine_wants_to_be_allowed(url: str) -> None:
    with pytest.raises(ConfigError, match="allow_http"):
        InfluxSettings(url=url)
    assert InfluxSettings(url=url, allow_http=True).url == url


@pytest.mark.parametrize(
    "url",
    ["influx.example", "ftp://influx.example", "https://", "https://a:99999999", "https://a:0",
     "https://ada:pw@influx.example", "https://influx.example/?token=x", "https://[::1"],
)  # fmt: skip
def test_anything_but_an_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        InfluxSettings(url=url)
    assert caught.value.path == "storage.influx.url"
    assert "pw" not in caught.value.problem


def test_a_token_comes_from_the_environment_first(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("of the file\n")
    path.chmod(0o600)
    assert read_token(str(path), {TOKEN_VARIABLE: f" {TOKEN}\n"}) == TOKEN
    assert read_token("", {}) == ""


def test_a_token_comes_from_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    assert read_token(str(path), {}) == TOKEN
    if os.name == "posix":
        path.chmod(0o640)
        with pytest.raises(ConfigError, match="chmod 600") as caught:
            read_token(str(path), {})
        assert TOKEN not in str(caught.value)


def test_a_token_that_is_not_there_or_no_token_is_said_without_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_token(str(tmp_path / "nothing"), {})
    with pytest.raises(ConfigError, match="header") as caught:
        read_token("", {TOKEN_VARIABLE: "two words"})
    assert "two words" not in str(caught.value)


def test_a_token_does_not_show_and_goes_into_a_header_alone() -> None:
    settings = InfluxSettings(url="https://influx.example", token=TOKEN)
    assert TOKEN not in repr(settings)
    assert authorization(settings) == {"Authorization": f"Token {TOKEN}"}
    of_1x = InfluxSettings(url="https://influx.example", username="ada", token="pw")
    assert authorization(of_1x) == {"Authorization": "Basic YWRhOnB3"}
    assert authorization(InfluxSettings(url="https://influx.example")) == {}
