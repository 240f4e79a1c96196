"""MQTT against a real Mosquitto, as Home Assistant would hear it."""

import asyncio
import json
import math
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.channels.contract import Delivered, NotDelivered
from alerts.channels.home_assistant import Topics, discovery, state
from alerts.channels.mqtt import Broker
from alerts.channels.texts import announcement_of
from domain.alerts import AlertKind
from domain.deliveries import DeliveryState
from domain.posture import Activity, Quality, WearerStatus
from tests.alerts.channels.benches import ADA, EVE, MqttBench
from tests.alerts.channels.desk_of_channels import ALERT, T0, Desk, until
from tests.alerts.channels.mosquitto import USER

SAID = announcement_of(ALERT, "en")
CONFIG = "homeassistant/device/sitwell_ada/config"
SITTING = WearerStatus(
    wearer="ada", time=int(T0), activity=Activity.SITTING, activity_since=int(T0) - 900,
    confidence=0.9, p_sitting=0.95, lean_deg=12.4, side_deg=0.0, sitting_clock_s=1979,
    bout_start=int(T0) - 1979, upright_s=0, slouching_since=None, slouch_entry_deg=8.0,
    quality=Quality.GOOD,
)  # fmt: skip


@pytest.fixture
async def mqtt(tmp_path: Path):
    bench = MqttBench(tmp_path)
    await bench.start()
    yield bench
    await bench.stop()


async def test_home_assistant_is_told_of_the_device_and_that_it_is_there(mqtt: MqttBench) -> None:
    await until(lambda: mqtt.retained.get("sitwell/available") == "online")
    told = json.loads(mqtt.retained[CONFIG])
    assert told["device"]["identifiers"] == ["sitwell_ada"]
    assert told["origin"]["name"] == "Sitwell"
    entities = told["components"]
    assert {key: each["platform"] for key, each in entities.items()} == {
        "posture": "sensor", "lean": "sensor", "sitting": "sensor", "alert": "event",
        "snooze": "button",
    }  # fmt: skip
    assert len({each["unique_id"] for each in entities.values()}) == 5
    posture = entities["posture"]
    assert posture["device_class"] == "enum"
    assert set(posture["options"]) == {activity.word for activity in Activity}
    assert set(entities["alert"]["event_types"]) == {*AlertKind, "test"}
    assert told["availability_topic"] == "sitwell/available"


def test_entities_are_named_in_the_language_of_the_wearer() -> None:
    told = json.loads(discovery(Topics("sitwell", "homeassistant"), ADA, "de"))
    names = [each["name"] for each in told["components"].values()]
    assert names == ["Haltung", "Neigung", "Sitzzeit", "Hinweis", "Später"]


def test_two_services_on_one_broker_are_two_devices() -> None:
    one, two = Topics("sitwell", "homeassistant"), Topics("home/office", "homeassistant")
    assert one.config("ada") != two.config("ada")
    assert two.device("ada") == "home_office_ada"


async def test_states_are_whole_numbers_and_go_out_when_they_change(mqtt: MqttBench) -> None:
    mqtt.channel.note(SITTING)
    wanted = {"posture": "sitting", "lean_deg": 12, "sitting_min": 32}
    await until(lambda: mqtt.state() == wanted)
    mqtt.channel.note(replace(SITTING, lean_deg=12.3, time=int(T0) + 1))
    mqtt.channel.note(replace(SITTING, activity=Activity.STANDING))
    await until(lambda: mqtt.state()["posture"] == "standing")
    told = [words for topic, words in mqtt.live if topic == "sitwell/ada/state"]
    assert len(told) == len(set(told)), "nothing is told twice"


async def test_what_nobody_measures_any_more_is_unknown(mqtt: MqttBench) -> None:
    mqtt.channel.note(SITTING)
    await until(lambda: mqtt.state().get("posture") == "sitting")
    mqtt.at += 11.0
    unknown = {"posture": "unknown", "lean_deg": None, "sitting_min": None}
    await until(lambda: mqtt.state() == unknown)


def test_a_lean_that_cannot_be_known_is_null() -> None:
    assert json.loads(state(replace(SITTING, lean_deg=math.nan)))["lean_deg"] is None


async def test_an_alert_is_an_event_that_nobody_hears_later(mqtt: MqttBench) -> None:
    assert await mqtt.channel.deliver(SAID) == Delivered()
    await until(mqtt.received)
    told = json.loads(mqtt.received()[0])
    assert (told["event_type"], told["id"], told["alert"]) == ("sitting", "a1-1", "a1")
    assert told["message"] == ALERT.message
    before = mqtt.retained.pop("sitwell/ada/alert")
    async with mqtt._client() as late:
        await late.subscribe("sitwell/ada/#")
        await late.publish("sitwell/ada/done", "x")
        topics = [str(message.topic) async for message in _until_done(late)]
    assert before
    assert "sitwell/ada/alert" not in topics


async def test_another_language_or_name_is_told_at_once(mqtt: MqttBench) -> None:
    def names() -> list[str]:
        return [each["name"] for each in json.loads(mqtt.retained[CONFIG])["components"].values()]

    await until(lambda: CONFIG in mqtt.retained)
    assert names()[0] == "Posture"
    mqtt.speaks = "de"
    await until(lambda: names()[0] == "Haltung")
    mqtt.channel.know(replace(ADA, name="Ada Lovelace"))
    await until(lambda: "Ada Lovelace" in mqtt.retained[CONFIG])


async def test_who_comes_later_is_found_and_their_button_works(mqtt: MqttBench) -> None:
    mqtt.channel.know(EVE)
    await until(lambda: "homeassistant/device/sitwell_eve/config" in mqtt.retained)
    mqtt.open = [replace(ALERT, id="e1", wearer="eve")]
    await mqtt.publish("sitwell/eve/snooze", "PRESS")
    await until(lambda: mqtt.answers.calls)


@pytest.mark.parametrize("how", ["leave", "forget"])
async def test_of_who_is_erased_or_leaves_the_broker_keeps_nothing(mqtt, how: str) -> None:
    mqtt.channel.note(SITTING)
    await until(lambda: mqtt.state().get("posture") == "sitting")
    getattr(mqtt.channel, how)("ada")
    await until(lambda: mqtt.retained[CONFIG] == mqtt.retained["sitwell/ada/state"] == "")
    assert not [topic for topic in await mqtt.kept() if "ada" in topic]
    mqtt.channel.note(SITTING)
    if how == "forget":  # measured again, so they are there again
        await until(lambda: mqtt.state().get("posture") == "sitting" and mqtt.retained[CONFIG])
    else:
        mqtt.channel.know(EVE)  # who is told after anything about Ada would have been
        await until(lambda: mqtt.retained.get("sitwell/eve/state"))
        assert not [topic for topic in await mqtt.kept() if "ada" in topic]


async def test_who_left_between_two_runs_goes_from_the_broker(tmp_path: Path) -> None:
    bench = MqttBench(tmp_path)
    await bench.back()  # the broker has been there all the time
    old = json.dumps({"posture": "sitting", "lean_deg": 3, "sitting_min": 1})
    await bench.publish("sitwell/bob/state", old, retain=True)
    await bench.publish("homeassistant/device/sitwell_bob/config", "{}", retain=True)
    await bench.publish("sitwell/kettle/state", '{"on": true}', retain=True)
    await bench.publish("sitwell/home/bob/state", old, retain=True)
    await bench.start()
    try:
        await until(lambda: bench.retained.get("sitwell/bob/state") == "")
        await until(lambda: bench.retained.get("sitwell/ada/state"))
        kept = await bench.kept()
        assert not [
            topic for topic in kept if topic.endswith(("sitwell_bob/config", "sitwell/bob/state"))
        ]
        assert {"sitwell/kettle/state", "sitwell/home/bob/state", CONFIG} <= kept, "others' stay"
    finally:
        await bench.stop()


async def _until_done(client):
    async for message in client.messages:
        yield message
        if str(message.topic).endswith("/done"):
            return


async def test_the_button_snoozes_what_is_open_of_this_wearer_alone(mqtt: MqttBench) -> None:
    mqtt.open = [ALERT, replace(ALERT, id="b1", wearer="bob")]
    await mqtt.publish("sitwell/ada/snooze", "nonsense")
    await mqtt.publish("sitwell/ada/snooze", "PRESS")
    await until(lambda: mqtt.answers.calls)
    assert mqtt.answers.calls == [("snooze", "a1", 10)]


async def test_a_press_that_a_broker_kept_is_none_of_now(mqtt: MqttBench) -> None:
    mqtt.open = [ALERT]
    await mqtt.publish("sitwell/ada/snooze", "PRESS", retain=True)
    await until(lambda: len(mqtt.answers.calls) == 1)  # this one is live, though it is kept
    await mqtt.away()
    await mqtt.back()
    await until(lambda: mqtt.channel.problem() is None)
    await mqtt.publish("sitwell/ada/snooze", "PRESS")
    await until(lambda: len(mqtt.answers.calls) == 2)
    assert len(mqtt.answers.calls) == 2


async def test_home_assistant_that_starts_anew_is_told_anew(mqtt: MqttBench) -> None:
    await until(lambda: CONFIG in mqtt.retained)
    mqtt.retained.clear()
    await mqtt.publish("homeassistant/status", "offline")
    await mqtt.publish("homeassistant/status", "online")
    await until(lambda: CONFIG in mqtt.retained and "sitwell/ada/state" in mqtt.retained)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_broker_that_goes_and_comes_is_found_again(
    mqtt: MqttBench, how: signal.Signals
) -> None:
    mqtt.broker.stop(how)
    await until(lambda: mqtt.channel.problem() is not None)
    assert await mqtt.channel.deliver(SAID) == NotDelivered(
        f"the broker: {mqtt.channel.problem()}", again=True
    )
    async with Desk([mqtt.channel]).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.failed("mqtt", 1)
        await mqtt.back()
        await until(lambda: mqtt.channel.problem() is None and mqtt._listening.is_set())
        desk.move(5)
        await desk.is_so("mqtt", DeliveryState.DELIVERED)
    await until(mqtt.received)
    assert [json.loads(words)["id"] for words in mqtt.received()] == ["a1-1"]


async def test_the_end_of_the_service_is_told_and_so_is_its_sudden_one(mqtt: MqttBench) -> None:
    await until(lambda: mqtt.retained.get("sitwell/available") == "online")
    mqtt.channel._client._client._sock.shutdown(2)  # the machine is gone: no word of goodbye
    await until(lambda: mqtt.retained.get("sitwell/available") == "offline")
    await until(lambda: mqtt.retained.get("sitwell/available") == "online")
    mqtt._tasks[0].cancel()
    await until(lambda: mqtt.retained.get("sitwell/available") == "offline")


async def test_a_wrong_password_is_said_and_never_shown(
    mqtt: MqttBench, caplog: pytest.LogCaptureFixture
) -> None:
    channel = mqtt.made()
    channel._broker = Broker("127.0.0.1", mqtt.broker.port, USER, "not this one")
    task = asyncio.create_task(channel.run())
    await until(lambda: "uthori" in (channel.problem() or ""))
    task.cancel()
    await asyncio.wait({task})
    assert "not this one" not in caplog.text + repr(channel._broker)
