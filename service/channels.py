"""The channels that the configuration asks for, made of what the running service has."""

import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from alerts.channels.apprise_urls import Apprise
from alerts.channels.channel_secret import read_secret, variable_of
from alerts.channels.contract import Answers, Channel
from alerts.channels.desktop import Desktop
from alerts.channels.home_assistant import Topics
from alerts.channels.mqtt import Broker, Mqtt
from alerts.channels.sensor import SensorSignal
from alerts.channels.signature import secrets_in
from alerts.channels.webhook import Webhook
from domain.alerts import Alert
from domain.decisions import Reason
from domain.errors import ConfigError, InputError
from domain.people import Sensor, Wearer
from service.channel_config import AppriseSection, ChannelsSection, MqttSection, WebhookSection


@dataclass(frozen=True, slots=True)
class ChannelNeeds:
    """What channels need of the service. identify: has a sensor show itself. language: of a wearer.
    held: what asks for silence around a wearer now."""

    wearers: Sequence[Wearer]
    answers: Answers
    identify: Callable[[str], Awaitable[None]]
    sensors_of: Callable[[str], Sequence[Sensor]]
    open_alerts: Callable[[], Sequence[Alert]]
    language: Callable[[str], str]
    held: Callable[[str], Reason | None] = lambda wearer: None


def make_channels(section: ChannelsSection, around: ChannelNeeds) -> list[Channel]:
    """All of them, in the order of `ChannelsSection.serving`. Raises ConfigError."""
    made: list[Channel] = []
    if section.desktop is not None:
        made.append(Desktop(around.answers))
    if section.sensor is not None:
        made.append(SensorSignal(around.identify, around.sensors_of))
    made += [_webhook(row, each) for row, each in enumerate(section.webhook)]
    made += [_apprise(row, each) for row, each in enumerate(section.apprise)]
    if section.mqtt is not None:
        made.append(_mqtt(section.mqtt, around))
    return made


def _webhook(row: int, section: WebhookSection) -> Webhook:
    path = f"channels.webhook[{row}]"
    variable = variable_of(section.name, "SECRET")
    text = read_secret(f"{path}.secret_file", variable, section.secret_file)
    try:
        secrets = secrets_in(text)
    except InputError as error:
        raise ConfigError(f"{path}.secret_file", str(error)) from error
    tls = None
    if section.ca_file:
        try:
            tls = ssl.create_default_context(cafile=section.ca_file)
        except OSError as error:
            raise ConfigError(f"{path}.ca_file", f"cannot be used: {error.strerror}") from error
    # The machine's clock, not a simulation's: the receiver holds it against its own.
    return Webhook(
        section.name,
        section.url,
        secrets,
        now=time.time,
        allow_private=section.allow_private,
        tls=tls,
    )


def _apprise(row: int, section: AppriseSection) -> Apprise:
    path = f"channels.apprise[{row}].urls_file"
    variable = variable_of(section.name, "URLS")
    lines = read_secret(path, variable, section.urls_file).splitlines()
    words = [word for line in lines if not line.lstrip().startswith("#") for word in line.split()]
    if not words:
        raise ConfigError(path, f"there is no address in it, nor in {variable}")
    return Apprise(section.name, words, path=path)


def _mqtt(section: MqttSection, around: ChannelNeeds) -> Mqtt:
    path = "channels.mqtt.password_file"
    password = read_secret(path, variable_of("mqtt", "PASSWORD"), section.password_file)
    if section.username and not password:
        raise ConfigError(path, f"{section.username!r} wants a password, or SITWELL_MQTT_PASSWORD")
    broker = Broker(
        section.host, section.port, section.username, password, section.tls, section.tls_ca
    )
    told = [wearer for wearer in around.wearers if wearer.id in (section.wearers or [wearer.id])]
    return Mqtt(
        broker,
        Topics(section.topic, section.discovery),
        told,
        around.answers,
        language=around.language,
        open_alerts=around.open_alerts,
        monotonic=time.monotonic,
    )
