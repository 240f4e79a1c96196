"""Why a stored frame or episode says what it says: brought together from the store, and as an answer."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from pydantic import Field

from analysis.explain import explain_episode, explain_frame
from analysis.languages import WORDINGS
from api.answer import Answer, Time
from api.models import Known, QualityWord
from api.views import quality_words, rfc3339, rfc3339_or_null
from domain.context import AnalysisContext
from domain.errors import NotFoundError
from domain.explanation import Comparison, Explanation, UsedSensor
from domain.figures import known, share
from domain.placement import Placement
from domain.readings import MINUTE_S, LinkReading
from storage.contract import StoreReader

#: A language that explanations are said in: those of WORDINGS.
LanguageCode: TypeAlias = Literal["en", "de"]
#: Links of what lasted longer are read by the hour.
_BY_MINUTE_S = 6 * 3600


class WhyRow(Answer):
    """One value and what it was held against; `limit` is null where there is none."""

    name: str
    words: str
    value: Known
    unit: str
    limit: Known
    comparison: Comparison
    note: str


class WhyReference(Answer):
    """The calibration in force then; sensor and `made_at` name its version."""

    method: str
    made_at: Time
    age_s: float
    sigma_deg: Known
    slouch_deg: Known


class WhySensor(Answer):
    """A sensor that was worn; `decided` is the one whose word counted. Rates are of its link then."""

    sensor: str
    name: str
    driver: str
    placement: Placement
    decided: bool
    nominal_hz: Known
    received_hz: Known
    lost_share: Known
    calibration: WhyReference | None


class WhyQuality(Answer):
    """Something that is to be held against a frame."""

    word: QualityWord
    words: str


class Why(Answer):
    """The whole answer to "why?", by what was in force then and not by what is set now."""

    about: str = Field(description="frame, or the kind of the episode")
    wearer: str
    id: str | None = Field(description="of the episode, null for a frame")
    start: Time
    end: Time | None
    headline: str
    because: str
    rows: list[WhyRow]
    sensors: list[WhySensor]
    quality: list[WhyQuality]
    confidence: Known
    confidence_from: str
    settings: dict[str, float]
    unknown: list[str]
    algorithm_version: str | None
    in_force_since: Time | None


def frame_explained(store: StoreReader, wearer: str, second: int) -> Explanation:
    """Why the frame of a second is what it is. Raises NotFoundError where there is none, StoreError."""
    frames = store.frames(wearer, second, second + 1)
    if not len(frames):
        raise NotFoundError(f"measured second of {wearer} at", rfc3339(second))
    contexts = store.contexts(wearer, second, second + 1)
    links = _links(store, contexts, second, second + 1)
    return explain_frame(frames.frame(0), contexts[-1] if contexts else None, links)


def episode_explained(store: StoreReader, episode_id: str, now: float) -> Explanation:
    """Why an episode is one. now: Unix s, the end of one that goes on. Raises NotFoundError, StoreError."""
    episode = store.episode(episode_id)
    end = max(episode.start + 1, int(now) if episode.end is None else episode.end)
    contexts = store.contexts(episode.wearer, episode.start, end)
    links = _links(store, contexts, episode.start, end)
    return explain_episode(episode, contexts, links, now=max(int(now), episode.start))


def _links(
    store: StoreReader, contexts: Sequence[AnalysisContext], start: int, end: int
) -> dict[str, list[LinkReading]]:
    resolution_s = MINUTE_S if end - start <= _BY_MINUTE_S else 3600
    sensors = {sensor.sensor for context in contexts for sensor in context.sensors}
    return {sensor: store.readings(sensor, start, end, resolution_s) for sensor in sensors}


def why(explanation: Explanation, language: LanguageCode = "en") -> Why:
    """The answer, in a language."""
    e, say = explanation, WORDINGS[language].say
    return Why(
        about=e.about,
        wearer=e.wearer,
        id=e.id or None,
        start=rfc3339(e.start),
        end=rfc3339_or_null(e.end),
        headline=say(e.headline),
        because=say(e.because),
        rows=[
            WhyRow(
                name=row.name,
                words=say(row.words),
                value=known(row.value),
                unit=row.unit,
                limit=known(row.limit),
                comparison=row.comparison,
                note=say(row.note),
            )
            for row in e.rows
        ],
        sensors=[_sensor(sensor) for sensor in e.sensors],
        quality=[
            WhyQuality(word=word, words=say(words))
            for flag, words in e.quality.items()
            for word in quality_words(flag)
        ],
        confidence=share(e.confidence),
        confidence_from=say(e.confidence_from),
        settings=dict(e.settings),
        unknown=[say(it) for it in e.unknown],
        algorithm_version=e.algorithm_version or None,
        in_force_since=rfc3339_or_null(e.in_force_since),
    )


def _sensor(sensor: UsedSensor) -> WhySensor:
    of = sensor.reference
    return WhySensor(
        sensor=sensor.sensor,
        name=sensor.name,
        driver=sensor.driver,
        placement=sensor.placement,
        decided=sensor.decided,
        nominal_hz=known(sensor.nominal_hz),
        received_hz=known(sensor.received_hz),
        lost_share=sensor.lost_share,
        calibration=None
        if of is None
        else WhyReference(
            method=of.method,
            made_at=rfc3339(of.made_at),
            age_s=of.age_s,
            sigma_deg=known(of.sigma_deg),
            slouch_deg=known(of.slouch_deg),
        ),
    )
