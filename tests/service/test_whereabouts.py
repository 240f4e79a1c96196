"""Commands find the service that runs, whatever port it took."""

import json
import os
import stat
from pathlib import Path

import pytest

from domain.errors import RemoteAwayError
from service.commands.address import address
from service.commands.token import TokenOptions, run_login
from service.store_file import STORE_FILE, open_store
from service.whereabouts import FILE, found, told


def test_the_address_is_there_while_the_service_runs_and_for_its_owner_alone(tmp_path: Path):
    with open_store(tmp_path), told(tmp_path, "http://127.0.0.1:4321/"):
        assert found(tmp_path) == "http://127.0.0.1:4321"
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert found(tmp_path) is None
    assert not (tmp_path / FILE).exists()


def test_of_a_service_that_died_the_address_is_not_believed(tmp_path: Path):
    dead = {"url": "http://127.0.0.1:4321", "pid": 2**22 + 12345}
    lock = tmp_path / f"{STORE_FILE}.lock"
    (tmp_path / FILE).write_text(json.dumps(dead))
    assert found(tmp_path) is None, "nobody holds the store"
    lock.write_text(f"process {dead['pid']} on desk")
    assert found(tmp_path) is None, "whoever held it is no more"
    (tmp_path / FILE).write_text(json.dumps(dead | {"pid": os.getpid()}))
    assert found(tmp_path) is None, "another one holds it"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 1}', '{"url": "http://x", "pid": "1"}'])
def test_what_is_no_address_is_none(text: str, tmp_path: Path):
    (tmp_path / FILE).write_text(text)
    assert found(tmp_path) is None


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a file has no owner like that")
def test_what_somebody_else_wrote_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with open_store(tmp_path), told(tmp_path, "http://127.0.0.1:4321/"):
        assert found(tmp_path) is not None
        if os.getuid() == 0:
            os.chown(tmp_path / FILE, 12345, -1)
        else:
            monkeypatch.setattr("os.getuid", lambda: 12345)
        assert found(tmp_path) is None, "a token would be sent to them"


@pytest.mark.parametrize(
    ("url", "asked"),
    [("http://0.0.0.0:81/", "http://127.0.0.1:81"), ("http://[::]:81/", "http://[::1]:81")],
)
def test_who_listens_everywhere_is_asked_at_this_machine(url: str, asked: str, tmp_path: Path):
    with open_store(tmp_path), told(tmp_path, url):
        assert found(tmp_path) == asked


def test_with_tls_nothing_is_said_and_a_disk_that_refuses_stops_nobody(tmp_path: Path):
    with told(tmp_path, "https://127.0.0.1:4321/"):
        assert not (tmp_path / FILE).exists()
    with told(tmp_path / "nowhere", "http://127.0.0.1:4321/"):
        pass


def test_a_folder_names_the_service_that_keeps_its_data_there(tmp_path: Path):
    with pytest.raises(RemoteAwayError, match="no service is known to run"):
        address("http://desk:1", None, None, {}, data_dir=tmp_path)
    with open_store(tmp_path), told(tmp_path, "http://127.0.0.1:4321/"):
        assert address("http://desk:1", None, None, {}, data_dir=tmp_path).url == (
            "http://127.0.0.1:4321"
        )


def test_a_login_link_leads_to_the_service_that_runs_unless_it_has_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    config = tmp_path / "sitwell.toml"
    config.write_text(f'[service]\nport = 9001\ndata_dir = "{tmp_path.as_posix()}"\n')
    options = TokenOptions(config)

    def link() -> str:
        run_login(options, ("read",), wearer=None, url=None)
        return capsys.readouterr().out.partition("/#login=")[0]

    assert link() == "http://127.0.0.1:9001"
    with open_store(tmp_path), told(tmp_path, "http://127.0.0.1:4321/"):
        assert link() == "http://127.0.0.1:4321"
        config.write_text(config.read_text() + '[api]\nhosts = ["sitwell.example"]\n')
        assert link() == "http://sitwell.example:9001"


def test_a_command_asks_the_service_that_runs_and_an_option_wins(tmp_path: Path):
    config = tmp_path / "sitwell.toml"
    config.write_text(f'[service]\nport = 9001\ndata_dir = "{tmp_path.as_posix()}"\n')
    assert address(None, None, config, {}).url == "http://127.0.0.1:9001"
    with open_store(tmp_path), told(tmp_path, "http://127.0.0.1:4321/"):
        assert address(None, None, config, {}).url == "http://127.0.0.1:4321"
        assert address("http://desk:1", None, config, {}).url == "http://desk:1"
