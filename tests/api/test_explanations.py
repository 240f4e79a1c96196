"""Why: over HTTP, by what was in force then."""

from dataclasses import asdict, replace
from typing import get_args

import pytest

from analysis.languages import WORDINGS
from analysis.settings import AnalysisSettings
from analysis.version import ALGORITHM_VERSION
from api.explanations import LanguageCode, Why
from domain.context import AnalysisContext, ReferenceInForce, SensorInForce
from domain.episodes import Episode, EpisodeKind
from domain.readings import LinkReading
from storage.contract import Batch
from tests.api.service_fake import CALIBRATION, SENSOR, T0, frames

V1 = "/api/v1"
SLOUCH = Episode(
    EpisodeKind.SLOUCH, "ada", T0 - 900, T0 - 800, 16.0, 13.0, 21.7, 0.9, 10.2, "upper_back"
)


def context(since: int, **settings: float) -> AnalysisContext:
    reference = ReferenceInForce.of(CALIBRATION)
    worn = SensorInForce(
        SENSOR.id, "Clip then", SENSOR.driver, SENSOR.placement, reference, ("acc",)
    )
    return AnalysisContext(
        "ada", since, ALGORITHM_VERSION, asdict(AnalysisSettings(**settings)), (worn,)
    )


@pytest.fixture
def explained(store):
    """An hour of frames and a slouch, with settings that changed after it."""
    contexts = (context(T0 - 3600, slouch_delay_s=45.0), context(T0 - 600, slouch_delay_s=5.0))
    reading = LinkReading(SENSOR.id, (T0 - 900) // 60 * 60, 80.0, -60.0, 52.0, 3000, 60, 0, 60, 60)
    store.write(Batch(episodes=(SLOUCH,), contexts=contexts, readings=(reading,)), now=float(T0))
    return store


def test_an_episode_is_explained_by_the_settings_of_then(client, explained) -> None:
    answer = client.get(f"{V1}/episodes/{SLOUCH.id}/explanation")
    assert answer.status_code == 200
    why = Why.model_validate(answer.json())
    assert why.headline == "You leaned 13 deg forward of your upright for 1 min 40 s."
    assert why.settings["slouch_delay_s"] == 45.0, "not the 5 of today"
    assert why.in_force_since == "2026-11-22T09:10:00Z"
    (sensor,) = why.sensors
    assert (sensor.name, sensor.decided, sensor.nominal_hz) == ("Clip then", True, 52.0)
    assert sensor.received_hz == 50.0
    assert sensor.lost_share == pytest.approx(60 / 3060)
    assert sensor.calibration is not None
    assert sensor.calibration.sigma_deg == 0.4
    limits = {row.name: row.limit for row in why.rows}
    assert (limits["mean_deg"], limits["lasted_s"]) == (10.2, 45.0)


def test_a_second_is_explained(client, explained) -> None:
    params = {"wearer": "ada", "time": "2026-11-22T10:59:30.7+01:00"}
    answer = client.get(f"{V1}/explain", params=params)
    assert answer.status_code == 200
    why = answer.json()
    assert (why["about"], why["id"], why["start"]) == ("frame", None, "2026-11-22T09:59:30Z")
    assert why["headline"] == "You were sitting."
    assert "97 % probable, and is shown from 90 % on" in why["because"]
    assert why["algorithm_version"] == ALGORITHM_VERSION


def test_what_was_measured_before_anything_was_kept_says_so(client, store) -> None:
    answer = client.get(f"{V1}/explain", params={"wearer": "ada", "time": "2026-11-22T10:00:01Z"})
    why = answer.json()
    assert (why["algorithm_version"], why["in_force_since"], why["sensors"]) == (None, None, [])
    assert why["settings"] == {}
    assert "those of today are not put in their place" in why["unknown"][0]


def test_a_slouch_that_goes_on_is_explained_up_to_now(client, store) -> None:
    store.write(Batch(episodes=(replace(SLOUCH, end=None),), contexts=(context(0),)), now=T0)
    why = client.get(f"{V1}/episodes/{SLOUCH.id}/explanation").json()
    assert why["end"] is None
    assert {row["name"]: row["value"] for row in why["rows"]}["lasted_s"] == 900


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/episodes/0123456789abcdef/explanation", 404),
        ("/explain?wearer=nobody&time=2026-11-22T10:00:01Z", 404),
        ("/explain?wearer=ada&time=2020-11-22T10:00:01Z", 404),
        ("/explain?wearer=ada&time=yesterday", 422),
        ("/explain?wearer=ada&time=9999-11-22T10:00:01Z", 422),
        ("/explain?wearer=ada", 422),
        ("/explain?time=2026-11-22T10:00:01Z", 422),
    ],
)
def test_what_cannot_be_explained_is_a_problem(client, path: str, status: int) -> None:
    answer = client.get(f"{V1}{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_made_up_frame_has_all_that_is_explained() -> None:
    assert {frame.source for frame in frames("ada", T0, 5)} == {SENSOR.placement}


def test_it_is_said_in_the_language_asked_for(client, explained) -> None:
    assert get_args(LanguageCode) == tuple(WORDINGS)
    path = f"{V1}/episodes/{SLOUCH.id}/explanation"
    english, german = (client.get(path, params={"language": it}).json() for it in ("en", "de"))
    assert english == client.get(path).json()
    assert german["headline"] == (
        "Du warst 1 min 40 s lang 13 Grad weiter vorn als in deiner aufrechten Haltung."
    )
    assert german["rows"][0]["words"] == "Neigung, im Mittel"
    texts = ("headline", "because", "confidence_from")
    assert not [name for name in texts if german[name] == english[name]]
    for one, other in zip(english["rows"], german["rows"], strict=True):
        assert {**one, "words": "", "note": ""} == {**other, "words": "", "note": ""}
    second = {"wearer": "ada", "time": "2026-11-22T10:59:30+01:00", "language": "de"}
    why = client.get(f"{V1}/explain", params=second).json()
    assert why["headline"] == "Du hast gesessen."
    assert "zu 97 % wahrscheinlich, und wird ab 90 % gezeigt" in why["because"]
    assert client.get(path, params={"language": "xx"}).status_code == 422
