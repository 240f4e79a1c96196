"""Why a load is one: held against what is true of a simulated person whose script says it."""

from dataclasses import asdict

import pytest

from analysis import AnalysisSettings, Pipeline
from analysis.explain import explain_episode
from analysis.version import ALGORITHM_VERSION
from domain.context import AnalysisContext, ReferenceInForce, SensorInForce
from domain.episodes import EpisodeKind
from domain.explanation import Comparison, Explanation
from domain.placement import Placement


def told(people, kind: EpisodeKind, acts, **how) -> Explanation:
    """Why the one episode of `kind` that these acts bring is one."""
    worn = people.mounted(how.pop("placement", Placement.UPPER_BACK))
    result = people.run(Pipeline("w", [worn]), people.perform(acts, gyro=True).block())
    episode = result.closed(kind)[how.pop("which", 0)]
    reference = ReferenceInForce.of(worn.calibration)
    sensor = SensorInForce("s", "Clip", "polar", worn.placement, reference, ("acc", "gyro"))
    settings = asdict(AnalysisSettings())
    context = AnalysisContext("w", 0, ALGORITHM_VERSION, settings, (sensor,))
    explanation = explain_episode(episode, [context], now=episode.end or 0)
    assert explanation.sensors[0].decided
    assert explanation.settings, "it names what decided"
    assert "unknown" not in f"{explanation.headline} {explanation.because}"
    return explanation


def figures(explanation: Explanation):
    return {row.name: row for row in explanation.rows}


@pytest.mark.parametrize(
    ("placement", "most"), [(Placement.STERNUM, 0.5), (Placement.LOWER_BACK, 1.0)]
)
def test_a_bend_of_the_upper_trunk_alone_may_have_been_a_bow_for_a_chair(
    people, placement, most
) -> None:
    act = people.Act
    why = told(people, EpisodeKind.BEND, [act(20), act(2, 50), act(20)], placement=placement)
    assert why.confidence == pytest.approx(most, abs=0.01)
    assert ("bow for a chair" in why.because) is (most < 1.0)
    assert ("50 %" in why.confidence_from) is (most < 1.0)


def test_a_bend(people) -> None:
    act = people.Act
    why = told(people, EpisodeKind.BEND, [act(20), act(2, 50), act(20)])
    assert figures(why)["peak_deg"].value == pytest.approx(50, abs=2)
    assert figures(why)["peak_deg"].limit == 30.0
    assert why.headline.startswith("You bent forward to ")
    assert "side" not in why.headline
    assert "What you lifted, if anything, cannot be seen" in why.because


def test_an_asymmetric_bend(people) -> None:
    act = people.Act
    why = told(people, EpisodeKind.BEND, [act(20), act(2, 50, 25), act(20)])
    assert "leaning more than 15 deg to a side" in why.headline


def test_a_held_bend(people) -> None:
    act = people.Act
    why = told(people, EpisodeKind.HELD_BEND, [act(20), act(180, 40), act(30)])
    lasted = figures(why)["lasted_s"]
    assert lasted.value == pytest.approx(180, abs=2)
    assert lasted.limit == pytest.approx(150, abs=3), "midway on the line from 240 s to 60 s"
    assert lasted.comparison is Comparison.OVER
    assert "longer than the 2 min 3" in why.headline
    assert "from 4 min at 20 deg to 1 min at 60 deg" in why.because
    short = told(people, EpisodeKind.HELD_BEND, [act(20), act(60, 40), act(30)])
    assert figures(short)["lasted_s"].comparison is Comparison.UNDER
    assert "not longer than" in short.headline


def test_a_side_bend(people) -> None:
    act = people.Act
    why = told(people, EpisodeKind.SIDE_BEND, [act(20), act(70, 0, 15), act(70)])
    assert why.headline.startswith("You leaned to the right, 15 deg on average")
    assert "for 1 min, or 2 times within a minute" in why.because
    left = told(people, EpisodeKind.SIDE_BEND, [act(20), act(70, 0, -15), act(70)])
    assert left.headline.startswith("You leaned to the left")


def test_a_change_of_posture(people) -> None:
    act = people.Act
    why = told(people, EpisodeKind.SHIFT, [act(40), act(40, 9), act(40, 9, 9)], which=1)
    assert why.headline == "You changed how you sit by 9 deg."
    assert figures(why)["kept_s"].value == pytest.approx(40, abs=2)
    assert "holds for 5 s is a shift" in why.because


def test_standing_up(people) -> None:
    act = people.Act
    why = told(people, EpisodeKind.SHIFT, [act(60, 85), act(60, 2)], placement=Placement.THIGH)
    assert why.headline == "You stood up."
