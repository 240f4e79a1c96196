"""The words of an announcement: the alert's own sentence, a title, and why, in the wearer's language."""

import math

from alerts.channels.contract import Announcement
from alerts.languages import LANGUAGES
from alerts.sentences import Language, Sentence
from domain.alerts import Alert, Explanation
from domain.deliveries import TEST, announcement_id

_UNITS = {"s": "why.s", "deg": "why.deg", "%": "why.percent"}


def announcement_of(alert: Alert, language: str) -> Announcement:
    """What a channel is given when the alert is said."""
    words = LANGUAGES[language]
    title = f"title.{alert.kind.value}"
    return Announcement(
        id=announcement_id(alert.id, alert.said),
        wearer=alert.wearer,
        kind=alert.kind.value,
        made_at=alert.last_said_at,
        title=words.say(Sentence(title if words.knows(title) else "title.other")),
        message=alert.message,
        why=explained(alert.explanation, words),
        language=language,
        alert=alert,
    )


def trial_of(key: str, wearer: str, language: str, now: float) -> Announcement:
    """What the test button sends."""
    words = LANGUAGES[language]
    title, message = words.say(Sentence("title.test")), words.say(Sentence("test"))
    return Announcement(key, wearer, TEST, now, title, message, "", language)


def explained(why: Explanation, words: Language) -> str:
    """What was measured, its limit, how long, by which sensor, how sure; what is unknown is left out."""
    parts: list[Sentence] = []
    if math.isfinite(why.value) and math.isfinite(why.limit):
        parts.append(
            Sentence(_UNITS.get(why.unit, "why.other"), {"value": why.value, "limit": why.limit})
        )
    if why.lasted_s > 0:
        parts.append(Sentence("why.lasted", {"lasted": why.lasted_s}))
    if words.knows(f"place.{why.placement}"):
        parts.append(Sentence("why.place", {"place": why.placement}))
    if math.isfinite(why.confidence):
        parts.append(Sentence("why.certain", {"percent": 100 * why.confidence}))
    return " ".join(words.say(part) for part in parts)
