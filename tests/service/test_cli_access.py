"""`sitwell token`, `login`, `audit`, beside a running service and without one; what commands leave behind."""

import logging
from pathlib import Path

import pytest
import typer
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.exposure import Exposure
from domain.errors import ConfigError, ConflictError, InputError, NotFoundError
from domain.people import Wearer
from service.cli import app as sitwell
from service.config import parse_config
from service.exposing import base_url, check_certificate, exposure_of
from service.store_file import STORE_FILE
from storage.sqlite import SqliteStore
from tests.api.access import any_client, bearer, made_app

V1 = "/api/v1"


@pytest.fixture
def run(tmp_path: Path):
    """A command in this process, over a configuration of its own: what it says on both streams."""
    config = tmp_path / "sitwell.toml"
    config.write_text('[[wearers]]\nid = "ada"\n\n[[wearers]]\nid = "bob"\n')
    runner = CliRunner()

    def run(*words: str):
        more = ["--config", str(config), "--data-dir", str(tmp_path / "data")]
        return runner.invoke(sitwell, [*words, *more], catch_exceptions=False)

    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data" / STORE_FILE


def test_the_secret_is_alone_on_standard_output_and_shown_once(run, data):
    made = run("token", "create", "grafana", "--scope", "read", "--days", "7")
    secret = made.stdout.strip()
    assert secret.startswith("sitwell_") and "\n" not in secret
    assert "grafana" in made.stderr and secret not in made.stderr
    listed = run("token", "list").stdout
    assert "grafana" in listed and secret[17:] not in listed
    with SqliteStore(data) as store:
        (token,) = store.tokens()
    assert (token.rights, token.wearer) == (("read",), "")
    assert token.expires_at == pytest.approx(token.made_at + 7 * 86_400, abs=60)


def test_beside_a_running_service_a_token_lets_in_at_once_and_not_when_it_is_revoked(
    run, tmp_path, data
):
    data.parent.mkdir()
    with SqliteStore(data) as store:
        for name in ("ada", "bob"):
            store.put_wearer(Wearer(name, name.title(), "UTC"))
        app = made_app(store, exposure=Exposure(require_token=True))
        secret = run("token", "create", "tv", "--wearer", "ada").stdout.strip()
        client: TestClient = any_client(app)
        answer = client.get(f"{V1}/wearers", headers=bearer(secret))
        assert [each["id"] for each in answer.json()["items"]] == ["ada"]
        assert run("token", "revoke", "tv").exit_code == 0
        app.state.parts.access._read_at = float("-inf")  # a second later
        assert client.get(f"{V1}/wearers", headers=bearer(secret)).status_code == 401


def test_a_link_logs_in(run, data):
    data.parent.mkdir()
    with SqliteStore(data) as store:
        app = made_app(store, exposure=Exposure(require_token=True))
        said = run("login", "--url", "https://sitwell.example")
        link = said.stdout.strip()
        assert link.startswith("https://sitwell.example/#login=sitwell_")
        page = any_client(app)
        answer = page.post(f"{V1}/login", json={"secret": link.partition("=")[2]})
        assert answer.json()["rights"] == ["read", "write", "admin", "organisation"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("token", "create", "x", "--scope", "root"), InputError),
        (("token", "create", "x", "--scope", "admin", "--wearer", "ada"), InputError),
        (("token", "create", "x", "--wearer", "eve"), NotFoundError),
        (("token", "create", ""), InputError),
        (("token", "create", "a\nb"), InputError),
        (("token", "revoke", "none"), NotFoundError),
        (("login", "--url", "sitwell.example"), InputError),
    ],
)
def test_what_makes_no_sense_is_refused(run, words, error):
    with pytest.raises(error):
        run(*words)


def test_a_name_that_two_tokens_have_is_not_enough(run):
    run("token", "create", "tv")
    run("token", "create", "tv")
    with pytest.raises(ConflictError, match="give the id"):
        run("token", "revoke", "tv")


def test_the_audit_tells_of_commands_and_holds_no_secret(run, tmp_path, data):
    secret = run("token", "create", "tv", "--wearer", "ada").stdout.strip()
    link = run("login").stdout.strip().partition("=")[2]
    run("store", "export", str(tmp_path / "all.zip"))
    run("store", "backup", str(tmp_path / "copy.db"))
    run("token", "revoke", "tv")
    told = run("audit").stdout
    whats = [line.split("  ")[2].strip() for line in told.splitlines()[1:]]
    assert whats == ["token revoked", "backup", "export", "login made", "token made"]
    assert secret[17:] not in told and link[17:] not in told


def test_an_export_that_cannot_be_noted_is_made_all_the_same(
    run, tmp_path, data, monkeypatch, caplog
):
    from domain.errors import StoreUnavailableError
    from storage.beside import RecordsBeside

    def refuse(self, entry):
        raise StoreUnavailableError("read-only")

    run("token", "create", "x")
    monkeypatch.setattr(RecordsBeside, "add_audit", refuse)
    with caplog.at_level(logging.WARNING):
        assert run("store", "export", str(tmp_path / "all.zip")).exit_code == 0
    assert "not in the audit" in caplog.text


def test_no_command_takes_a_secret_as_an_argument():
    def options(command):
        yield from (option for each in command.params for option in each.opts)
        for each in getattr(command, "commands", {}).values():
            yield from options(each)

    secret = ("key", "secret", "password", "token", "bearer")
    found = [o for o in options(typer.main.get_command(sitwell)) if any(w in o for w in secret)]
    bare = [option for option in found if not option.endswith("-file")]
    assert bare == ["token"], "which is the id or the name that is revoked"


def test_the_configuration_says_how_far_it_can_be_reached():
    assert exposure_of(parse_config({})) == Exposure()
    config = parse_config(
        {
            "service": {"host": "0.0.0.0"},
            "api": {"hosts": ["sitwell.example"], "trusted_proxies": ["127.0.0.1"]},
        }
    )
    exposure = exposure_of(config)
    assert not exposure.open
    assert (exposure.hosts, exposure.session_s) == (("sitwell.example",), 30 * 86_400.0)
    assert base_url(config) == "https://sitwell.example/"
    assert base_url(parse_config({"service": {"host": "::1"}})) == "http://[::1]:8765/"
    assert base_url(parse_config({"service": {"host": "0.0.0.0"}})) == "http://localhost:8765/"


def test_a_certificate_that_cannot_be_used_is_told_before_anything_starts(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    with pytest.raises(ConfigError, match="goes together"):
        check_certificate(certificate, None)
    with pytest.raises(ConfigError, match="cannot be read"):
        check_certificate(certificate, key)
    for path in (key, certificate):
        path.write_text("none")
    key.chmod(0o604)
    with pytest.raises(ConfigError, match="others may read it"):
        check_certificate(certificate, key)
    key.chmod(0o600)
    with pytest.raises(ConfigError, match="no certificate"):
        check_certificate(certificate, key)
    check_certificate(None, None)
