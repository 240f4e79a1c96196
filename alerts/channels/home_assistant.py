"""What Home Assistant is told of a wearer over MQTT: one device with its entities, found by itself. Pure.

Form: Home Assistant's "MQTT device discovery" (home-assistant.io/integrations/mqtt), one retained message a
wearer on `<discovery prefix>/device/<id>/config`; what all entities share is said once.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from alerts.channels.contract import Announcement
from alerts.languages import LANGUAGES
from alerts.sentences import Sentence
from domain import __version__
from domain.alerts import AlertKind
from domain.deliveries import TEST
from domain.people import Wearer
from domain.posture import Activity, WearerStatus

ONLINE: Final = "online"
OFFLINE: Final = "offline"
PRESS: Final = "PRESS"
#: The postures as Home Assistant gets them; unknown is one of its own.
POSTURES: Final = tuple(activity.word for activity in Activity)


@dataclass(frozen=True, slots=True)
class Topics:
    """Where what is published. base: of this Sitwell, as `sitwell`; discovery: Home Assistant's prefix."""

    base: str
    discovery: str

    @property
    def available(self) -> str:
        """`online` or `offline`, retained; also the last will."""
        return f"{self.base}/available"

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.discovery}/status"

    def state(self, wearer: str) -> str:
        """What is so, as JSON, retained."""
        return f"{self.base}/{wearer}/state"

    def wearer_of(self, topic: str) -> str | None:
        """Whose state a topic is, None for any other topic."""
        before, after = f"{self.base}/", "/state"
        middle = topic.removeprefix(before).removesuffix(after)
        return middle if topic == f"{before}{middle}{after}" and "/" not in middle else None

    def alert(self, wearer: str) -> str:
        """Alerts as they are said, not retained."""
        return f"{self.base}/{wearer}/alert"

    def snooze(self, wearer: str) -> str:
        """Where a press of the button comes in."""
        return f"{self.base}/{wearer}/snooze"

    def config(self, wearer: str) -> str:
        """The discovery of the wearer's device, retained."""
        return f"{self.discovery}/device/{self.device(wearer)}/config"

    def device(self, wearer: str) -> str:
        """The id of the wearer's device; topics of two Sitwells give two."""
        return re.sub(r"[^a-zA-Z0-9_-]", "_", f"{self.base}_{wearer}")


def discovery(topics: Topics, wearer: Wearer, language: str) -> str:
    """The device of a wearer, its entities named in their language."""
    key, say = topics.device(wearer.id), LANGUAGES[language].say

    def entity(word: str, platform: str, **more: Any) -> Mapping[str, Any]:
        return {
            "platform": platform,
            "unique_id": f"{key}_{word}",
            "name": say(Sentence(f"home.{word}")),
            **more,
        }

    payload = {
        "device": {
            "identifiers": [key],
            "name": f"Sitwell {wearer.name}",
            "manufacturer": "Sitwell",
            "sw_version": __version__,
        },
        "origin": {"name": "Sitwell", "sw_version": __version__},
        "availability_topic": topics.available,
        "state_topic": topics.state(wearer.id),
        "qos": 1,
        "components": {
            "posture": entity(
                "posture",
                "sensor",
                device_class="enum",
                options=list(POSTURES),
                value_template="{{ value_json.posture }}",
                icon="mdi:seat-outline",
            ),
            "lean": entity(
                "lean",
                "sensor",
                state_class="measurement",
                unit_of_measurement="°",
                value_template="{{ value_json.lean_deg }}",
                icon="mdi:angle-acute",
            ),
            "sitting": entity(
                "sitting",
                "sensor",
                device_class="duration",
                state_class="measurement",
                unit_of_measurement="min",
                value_template="{{ value_json.sitting_min }}",
            ),
            "alert": entity(
                "alert",
                "event",
                state_topic=topics.alert(wearer.id),
                event_types=[*AlertKind, TEST],
                icon="mdi:bell-outline",
            ),
            "snooze": entity(
                "snooze",
                "button",
                command_topic=topics.snooze(wearer.id),
                payload_press=PRESS,
                icon="mdi:alarm-snooze",
            ),
        },
    }
    return _json(payload)


def state(status: WearerStatus | None) -> str:
    """What is so: whole degrees and minutes; null is what cannot be known, and None is that nothing is."""
    if status is None:
        return _json({"posture": "unknown", "lean_deg": None, "sitting_min": None})
    lean_deg = round(status.lean_deg) if math.isfinite(status.lean_deg) else None
    return _json(
        {
            "posture": status.activity.word,
            "lean_deg": lean_deg,
            "sitting_min": status.sitting_clock_s // 60,
        }
    )


def is_state(payload: bytes) -> bool:
    """Whether this is what `state` makes; another program's message is not ours to remove."""
    try:
        found = json.loads(payload)
    except ValueError:
        return False
    return isinstance(found, dict) and found.keys() == {"posture", "lean_deg", "sitting_min"}


def event(announcement: Announcement) -> str:
    """An alert as it is said, with what automations can go by."""
    alert = announcement.alert
    return _json(
        {
            "event_type": announcement.kind,
            "id": announcement.id,
            "title": announcement.title,
            "message": announcement.message,
            "why": announcement.why,
            "alert": None if alert is None else alert.id,
            "severity": None if alert is None else alert.severity.value,
            "said": None if alert is None else alert.said,
        }
    )


def _json(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
