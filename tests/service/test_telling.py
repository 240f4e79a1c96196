"""Channels in the service: what the configuration makes, what a wearer chooses, what a kill leaves."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.deliveries import DeliveryState
from domain.errors import ConfigError, InputError, NotFoundError
from domain.people import Wearer
from service.channel_config import ChannelsSection
from service.channels import ChannelNeeds, make_channels
from service.commands.config import effective_toml
from service.config import load_config, parse_config
from service.telling import RouteShown, Telling
from service.timebase import Timebase
from service.writer import StoreWriter
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.alerts.channels.benches import SECRET, Answered
from tests.alerts.channels.desk_of_channels import ALERT, Told, until
from tests.alerts.channels.http_receiver import HttpReceiver

ADA, BOB = Wearer("ada", "Ada", "UTC"), Wearer("bob", "Bob", "UTC")
PEOPLE = [{"id": "ada"}, {"id": "bob"}]
PROCESS = Path(__file__).with_name("telling_process.py")


def around(**more: Any) -> ChannelNeeds:
    async def identify(sensor: str) -> None:
        return

    values: dict[str, Any] = {
        "wearers": (ADA, BOB),
        "answers": Answered(),
        "identify": identify,
        "sensors_of": lambda wearer: [],
        "open_alerts": lambda: (),
        "language": lambda wearer: "en",
    }
    return ChannelNeeds(**values | more)


def channels(**table: Any) -> ChannelsSection:
    return parse_config({"wearers": PEOPLE, "channels": table}).channels


def private(folder: Path, name: str, words: str) -> str:
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(words)
    return str(path)


class TestConfiguration:
    def test_without_a_table_there_is_no_channel(self) -> None:
        assert make_channels(channels(), around()) == []

    async def test_each_table_makes_its_channel(self, tmp_path: Path) -> None:
        section = channels(
            desktop={},
            sensor={},
            webhook=[{"url": "https://h.example/", "secret_file": private(tmp_path, "a", SECRET)}],
            apprise=[{"name": "phone", "urls_file": private(tmp_path, "b", "# mine\njson://x/y")}],
            mqtt={"wearers": ["ada"]},
        )
        made = make_channels(section, around())
        assert [each.name for each in made] == ["desktop", "sensor", "webhook", "phone", "mqtt"]
        assert section.serving() == {
            "desktop": (), "sensor": (), "webhook": (), "phone": (), "mqtt": ("ada",),
        }  # fmt: skip

    def test_what_is_printed_is_read_back(self, tmp_path: Path) -> None:
        config = parse_config(
            {
                "wearers": PEOPLE,
                "channels": {
                    "order": ["home"],
                    "desktop": {},
                    "webhook": [{"name": "home", "url": "https://hook.example/"}],
                    "mqtt": {"host": "broker"},
                },
            }
        )
        path = tmp_path / "sitwell.toml"
        path.write_text(effective_toml(config))
        assert load_config(path).channels == config.channels

    @pytest.mark.parametrize(
        ("table", "problem"),
        [
            ({"order": ["phone"]}, r"channels.order: no channel 'phone'; there are none"),
            ({"desktop": {}, "order": ["desktop"] * 2}, "channels.order: names a channel twice"),
            ({"desktop": {"wearers": ["eve"]}}, "channels.desktop.wearers: no wearer 'eve'"),
            ({"desktop": {"wearer": []}}, "channels.desktop.wearer: unknown key"),
            (
                {"webhook": [{"url": "http://hook.example/"}]},
                r"channels.webhook\[0\].url: would go",
            ),
            ({"apprise": [{"name": "mqtt"}]}, "channels: 'mqtt' is the name of two channels"),
            ({"escalate_after_s": 1.0}, "channels.escalate_after_s"),
            (
                {"mqtt": {"host": "far.example", "username": "sitwell"}},
                "channels.mqtt.username: its password would go over the network unencrypted",
            ),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_path(self, table: Any, problem: str) -> None:
        with pytest.raises(ConfigError, match=problem):
            channels(**table)

    def test_a_secret_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        path.write_text(SECRET)
        path.chmod(0o644)
        section = channels(webhook=[{"url": "https://h.example/", "secret_file": str(path)}])
        with pytest.raises(ConfigError, match="can be read by others") as refused:
            make_channels(section, around())
        assert SECRET not in str(refused.value)

    def test_a_secret_may_come_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SITWELL_HOME_HOOK_SECRET", SECRET)
        section = channels(webhook=[{"name": "home-hook", "url": "https://h.example/"}])
        (hook,) = make_channels(section, around())
        assert hook._secrets  # type: ignore[attr-defined]
        monkeypatch.setenv("SITWELL_HOME_HOOK_SECRET", "whsec_short")
        with pytest.raises(ConfigError, match=r"channels.webhook\[0\].secret_file"):
            make_channels(section, around())


@pytest.fixture
def store(tmp_path: Path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        yield store


def telling(store: SqliteStore, *made: Told, table: Any = None, **more: Any) -> Telling:
    section = ChannelsSection(**table or {})
    writer = StoreWriter(store, now=Timebase().now, states=dict)
    return Telling(
        section, around(**more), store=store, writer=writer, timebase=Timebase(), channels=made
    )


class TestAWearer:
    async def test_chooses_an_order_that_outlives_the_service(self, store: SqliteStore) -> None:
        made = (Told("desktop"), Told("phone"))
        first = telling(store, *made)
        assert first.route_shown("ada").order == ("desktop", "phone")
        chosen = RouteShown(("phone",), ("desktop",), 60.0)
        assert await first.choose("ada", chosen) == chosen
        second = telling(store, *made)
        assert second.route_shown("ada") == chosen
        assert second.route_shown("bob").order == ("desktop", "phone")
        third = telling(store, made[1])
        assert third.route_shown("ada") == RouteShown(("phone",), (), 60.0)

    async def test_who_is_erased_has_chosen_nothing(self, store: SqliteStore) -> None:
        told = telling(store, Told("desktop"), Told("phone"))
        store.put_wearer(ADA)
        await told.choose("ada", RouteShown(("phone",), (), 60.0))
        store.erase("ada", None, None)
        told.forget("ada")
        assert told.route_shown("ada").order == ("desktop", "phone")

    async def test_cannot_choose_what_is_not_there(self, store: SqliteStore) -> None:
        told = telling(store, Told("phone"))
        for route in (
            RouteShown(("none",), (), 60.0),
            RouteShown(("phone", "phone"), (), 60.0),
            RouteShown(("phone",), (), 1.0),
        ):
            with pytest.raises(InputError):
                await told.choose("ada", route)
        with pytest.raises(NotFoundError):
            await told.test("none", "ada")

    async def test_is_told_of_their_own_alerts_alone(self, store: SqliteStore) -> None:
        hers, his = Told("desktop"), Told("sensor")
        table = {"desktop": {"wearers": ["ada"]}, "sensor": {"wearers": ["bob"]}}
        told = telling(store, hers, his, table=table)
        running = asyncio.create_task(told.run())
        now = Timebase().now()
        for wearer in ("ada", "bob"):
            told.announce(replace(ALERT, id=wearer, wearer=wearer, last_said_at=now))
        await until(lambda: hers.heard and his.heard)
        running.cancel()
        await asyncio.wait({running})
        assert [each.wearer for each in hers.heard] == ["ada"]
        assert [each.wearer for each in his.heard] == ["bob"]
        assert {each.state for each in store.deliveries()} <= {
            DeliveryState.SENDING,
            DeliveryState.DELIVERED,
        }


@pytest.fixture
async def receiver():
    made = HttpReceiver(hold=True)
    await made.start()
    yield made
    await made.stop()


def started(root: Path, path: Path, receiver: HttpReceiver) -> subprocess.Popen[bytes]:
    urls = f"json://127.0.0.1:{receiver.port}/phone"
    return subprocess.Popen(
        [sys.executable, str(PROCESS), str(path), receiver.url],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "SITWELL_PHONE_URLS": urls},
    )


async def test_a_service_killed_in_the_middle_of_it_tells_nobody_twice(
    root: Path, receiver: HttpReceiver
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sitwell.db"
        with SqliteStore(path) as store:
            now = Timebase().now()
            said = replace(ALERT, opened_at=now, last_said_at=now)
            store.write(Batch(alerts=(said,)), now=now)
        first = started(root, path, receiver)
        await until(lambda: len(receiver.posted) == 2 or first.poll() is not None)
        first.kill()
        first.wait(20)
        receiver.hold = False
        second = started(root, path, receiver)
        await until(lambda: second.poll() is not None)
        assert second.wait(20) == 0
        with SqliteStore(path) as store:
            ended = {each.channel: each.state for each in store.deliveries()}
    assert ended == {"hook": DeliveryState.DELIVERED, "phone": DeliveryState.INTERRUPTED}
    hooks = [posted for posted in receiver.posted if "webhook-id" in posted.headers]
    assert [posted.headers["webhook-id"] for posted in hooks] == ["a1-1", "a1-1"]
    assert json.loads(hooks[0].body) == json.loads(hooks[1].body)
    assert len(receiver.posted) == 3, "the phone was told once"
