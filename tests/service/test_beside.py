"""`sitwell status`, `alerts` and `snooze` beside a running service, over real HTTP."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.live import LiveHub
from api.views import alert_model
from domain.alerts import AlertKind, Outcome
from domain.errors import ConfigError, ConflictError, InputError, RemoteAwayError
from service.cli import app as cli
from service.commands.address import Address, address
from service.commands.alerts import AlertsOptions, run_alerts, standing
from service.commands.lasting import lasting_s
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import ALERT, T0, FakeService, fill
from tests.api.serving import Serving
from tests.api.wishes_made import people_of, wishes_of


class Beside:
    """A service and the words said beside it."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "sitwell.db")
        fill(self.store)
        self.service = FakeService()
        self.hub = LiveHub(1000)
        app = create_app(
            store=self.store, service=self.service, live=self.hub, keeper=FakeKeeper(),
            exporter=FakeExporter(), static=None, wishes=wishes_of(self.store), people=people_of(self.store),
        )  # fmt: skip
        self.serving = Serving(app, self.hub)

    def say(self, *words: str):
        return CliRunner().invoke(cli, [*words, "--url", self.serving.url], catch_exceptions=True)

    def stop(self) -> None:
        self.serving.stop()
        self.store.close()


@pytest.fixture
def beside(tmp_path: Path, monkeypatch) -> Iterator[Beside]:
    monkeypatch.delenv("SITWELL_TOKEN", raising=False)
    beside = Beside(tmp_path)
    yield beside
    beside.stop()


def test_status_says_how_the_service_is_and_what_everybody_does(beside):
    said = beside.say("status")
    assert said.exit_code == 0, said.output
    lines = said.output.splitlines()
    assert lines[0].endswith("1 of 2 sensors stream; what it shows is simulated.")
    assert lines[1].startswith("Ada: sitting since 2026-11-22 ")
    assert "leaning 12 deg forward, sat for 31 min of 30 min." in lines[1]
    assert lines[1].endswith("lean is good to about 5 degrees in motion.")
    assert lines[2] == "Bob: nothing measured yet."
    assert lines[3].startswith("Open alert: ") and lines[3].endswith("[open, a1]")
    whole = json.loads(beside.say("status", "--wearer", "ada", "--json").output)
    assert [each["wearer"] for each in whole["now"]] == ["ada"]
    assert isinstance(beside.say("status", "--wearer", "eve").exception, InputError)


def test_alerts_are_told_the_newest_last(beside):
    lines = beside.say("alerts").output.splitlines()
    assert lines[0].endswith("[break taken after 2 min]")
    assert lines[1].endswith("[open, a1]")
    assert beside.say("alerts", "--open").output.splitlines() == lines[1:]
    assert beside.say("alerts", "--open", "--wearer", "bob").output == "No alert is open.\n"


def test_alerts_are_followed_as_they_come(beside):
    class EnoughError(Exception):
        pass

    printed: list[str] = []

    def listen(words: str, **_: object) -> None:
        printed.append(words)
        if len(printed) == 2:
            later = replace(ALERT, id="a2", message="You leaned.", opened_at=T0 + 5.0)
            beside.serving.loop.call_soon_threadsafe(
                lambda: beside.hub.publish("alert", alert_model(later), wearer="ada")
            )
        if len(printed) == 3:
            raise EnoughError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("builtins.print", listen)
        with pytest.raises(EnoughError):
            run_alerts(AlertsOptions(Address(beside.serving.url), "ada", follow=True))
    assert printed[2].endswith("You leaned.  [open, a2]")


def test_the_one_open_alert_is_snoozed_without_naming_it(beside):
    said = beside.say("snooze", "--for", "1h")
    assert said.output.startswith("Snoozed")
    assert beside.service.done == [("snooze", "a1", 60)]
    assert beside.say("snooze", "a1", "--fine").output == "Noted: it was fine.\n"
    assert beside.service.done[1] == ("acknowledge", "a1", True)


def test_with_none_or_several_open_it_says_so(beside):
    beside.store.write(Batch(alerts=(replace(ALERT, id="a2", opened_at=T0 - 30.0),)), now=T0)
    several = beside.say("snooze").exception
    assert isinstance(several, ConflictError) and "a1" in str(several) and "a2" in str(several)
    none = beside.say("snooze", "--wearer", "bob").exception
    assert isinstance(none, ConflictError) and "nothing to snooze" in str(none)
    assert beside.service.done == []


def test_without_a_service_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("SITWELL_URL", "http://127.0.0.1:9")
    error = CliRunner().invoke(cli, ["status"]).exception
    assert isinstance(error, RemoteAwayError)
    assert "Is `sitwell run` running" in str(error)


def test_the_address_is_of_the_option_or_the_configuration(tmp_path):
    config = tmp_path / "sitwell.toml"
    config.write_text('[service]\nhost = "::1"\nport = 9001\n')
    assert address(None, None, config, {}).url == "http://[::1]:9001"
    found = address("https://desk.example", None, config, {"SITWELL_TOKEN": "swt_x"})
    assert (found.url, found.token) == ("https://desk.example", "swt_x")
    assert "swt_x" not in repr(found)


def test_a_token_is_not_sent_unencrypted_to_another_machine():
    token = {"SITWELL_TOKEN": "swt_x"}
    with pytest.raises(ConfigError, match="use https"):
        address("http://desk.example:8765", None, None, token)
    for url in ("https://desk.example", "http://localhost:8765", "http://[::1]:8765"):
        assert address(url, None, None, token).token == "swt_x"
    assert address("http://desk.example:8765", None, None, {}).token is None


def test_a_token_file_is_of_its_owner_alone(tmp_path):
    path = tmp_path / "token"
    path.write_text("swt_abc\n")
    path.chmod(0o600)
    assert address("https://x", path, None, {"SITWELL_TOKEN": "other"}).token == "swt_abc"
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        address("https://x", path, None)
    path.chmod(0o600)
    for text in ("", "two words", "é"):
        path.write_text(text)
        with pytest.raises(ConfigError):
            address("https://x", path, None)
    with pytest.raises(ConfigError, match="cannot be read"):
        address("https://x", tmp_path / "none", None)


def test_certificates_that_are_none_are_told_before_anything_is_asked(tmp_path):
    path = tmp_path / "certificates.pem"
    for text in (None, "no certificate"):
        if text is not None:
            path.write_text(text)
        with pytest.raises(ConfigError, match=r"--ca-file: .*certificates\.pem holds no"):
            address("https://x", None, None, {}, ca_file=path).client()


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("10m", 600), ("1h", 3600), ("1h30m", 5400), ("90", 5400), ("45 min", 2700), ("2d", 172_800),
        ("30s", 30),
    ],
)  # fmt: skip
def test_lengths_of_time_are_understood(word, seconds):
    assert lasting_s("--for", word) == seconds


@pytest.mark.parametrize("word", ["", "soon", "-5m", "0", "5x", "1h5", "1.5h", "m"])
def test_what_is_no_length_of_time_is_refused(word):
    with pytest.raises(ConfigError, match="--for"):
        lasting_s("--for", word)


def test_alerts_are_paused_and_resumed(beside):
    whose = beside.say("pause", "1h").exception
    assert isinstance(whose, ConflictError) and str(whose) == "say whose with --wearer: ada, bob"
    paused = beside.say("pause", "1h30m", "--wearer", "ada")
    assert re.match(r"No alerts until [-0-9 ]*\d\d:\d\d; what is measured goes on", paused.output)
    assert beside.say("resume", "--wearer", "ada").output == "Alerts are on.\n"
    assert isinstance(beside.say("pause", "1h", "--wearer", "eve").exception, InputError)


@pytest.mark.parametrize(
    ("kind", "seconds", "words"),
    [
        ("sitting", 125.0, "break taken after 2 min"),
        ("held_bend", 20.0, "upright again after 20 s"),
    ],
)
def test_only_sitting_is_answered_by_a_break(kind, seconds, words):
    said = replace(ALERT, kind=AlertKind(kind), outcome=Outcome.TAKEN, response_s=seconds)
    assert standing(alert_model(said)) == words
