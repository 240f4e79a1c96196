"""The `[channels]` of the configuration: which ways there are to reach a wearer, and in which order."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from alerts.channels.targets import is_here
from alerts.channels.webhook import check_webhook_url
from domain.errors import ConfigError

_NAME = r"^[a-z0-9][a-z0-9_-]{0,31}$"
#: Kinds that there is one of, called as their kind.
SINGLE = ("desktop", "sensor", "mqtt")


class _Section(BaseModel):
    """A table of the file: unknown keys are errors, and types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ServingSection(_Section):
    """A channel that is there by its table alone. wearers: whom it tells; without any everybody."""

    wearers: list[str] = Field(default_factory=list)


class MqttSection(ServingSection):
    """The broker; the password is never in the file."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=1883, ge=1, le=65535)
    username: str = ""
    password_file: str = ""
    tls: bool = False
    tls_ca: str = ""
    allow_plain: bool = False
    topic: str = Field(default="sitwell", pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")
    discovery: str = Field(default="homeassistant", pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")


class WebhookSection(ServingSection):
    """An address that is posted to; the secret is never in the file."""

    name: str = Field(default="webhook", pattern=_NAME)
    url: str
    secret_file: str = ""
    ca_file: str = ""
    allow_http: bool = False
    allow_private: bool = False


class AppriseSection(ServingSection):
    """Addresses of apprise; each is a secret, and none is in the file."""

    name: str = Field(default="apprise", pattern=_NAME)
    urls_file: str = ""


class ChannelsSection(_Section):
    """order, beside: names of channels; without an order that of the configuration. Times in s."""

    order: list[str] = Field(default_factory=list)
    beside: list[str] = Field(default_factory=list)
    escalate_after_s: float = Field(default=120.0, ge=10, le=3600)
    expires_after_s: float = Field(default=600.0, ge=30, le=3600)
    desktop: ServingSection | None = None
    sensor: ServingSection | None = None
    webhook: list[WebhookSection] = Field(default_factory=list)
    apprise: list[AppriseSection] = Field(default_factory=list)
    mqtt: MqttSection | None = None

    def named(self) -> "list[WebhookSection | AppriseSection]":
        """Those that are called by a name of their own."""
        return [*self.webhook, *self.apprise]

    def serving(self) -> dict[str, tuple[str, ...]]:
        """Whom each channel tells, by its name, in the order in which they are told by default; nobody
        named is everybody."""
        found: dict[str, tuple[str, ...]] = {}
        for name in ("desktop", "sensor"):
            section = getattr(self, name)
            if section is not None:
                found[name] = tuple(section.wearers)
        for each in self.named():
            found[each.name] = tuple(each.wearers)
        if self.mqtt is not None:
            found["mqtt"] = tuple(self.mqtt.wearers)
        return found


def check_channels(section: ChannelsSection, wearers: Sequence[str]) -> None:
    """Raise ConfigError for names that are there twice, that nothing is called by, or nobody has."""
    named = [each.name for each in section.named()]
    for name in named:
        if name in SINGLE or named.count(name) > 1:
            raise ConfigError("channels", f"{name!r} is the name of two channels")
    serving = section.serving()
    for key in ("order", "beside"):
        names = getattr(section, key)
        for name in names:
            if name not in serving:
                there = ", ".join(serving) or "none"
                raise ConfigError(f"channels.{key}", f"no channel {name!r}; there are {there}")
        if len(set(names)) < len(names):
            raise ConfigError(f"channels.{key}", "names a channel twice")
    for name, told in serving.items():
        for wearer in told:
            if wearer not in wearers:
                raise ConfigError(f"channels.{name}.wearers", f"no wearer {wearer!r} in wearers")
    for row, hook in enumerate(section.webhook):
        check_webhook_url(f"channels.webhook[{row}].url", hook.url, allow_http=hook.allow_http)
    mqtt = section.mqtt
    if (
        mqtt is not None
        and mqtt.username
        and not (mqtt.tls or mqtt.allow_plain or is_here(mqtt.host))
    ):
        raise ConfigError(
            "channels.mqtt.username",
            "its password would go over the network unencrypted; set tls = true, or allow_plain = true",
        )
