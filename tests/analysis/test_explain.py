"""Why a second or an episode is what it is: held against what is true of a simulated person."""

import math
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Mounted, Pipeline
from analysis.episode_rules import TELLERS
from analysis.explain import explain_episode, explain_frame
from analysis.frame_rules import RULES
from analysis.phrases import DID, QUALITY, duration
from analysis.settings import AnalysisSettings
from analysis.unknowns import WHY
from analysis.version import ALGORITHM_VERSION
from domain.context import AnalysisContext, ReferenceInForce, SensorInForce
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.explanation import Comparison, Explanation, Row
from domain.placement import KNOWLEDGE, Knowledge, Placement
from domain.posture import FLOAT_COLUMNS, Activity, PostureFrame, Quality
from domain.readings import LinkReading

NAN = math.nan
SETTINGS = AnalysisSettings()
#: What is never said to a wearer (evidence.md, section 6), and figures that are none.
NEVER = (
    "bad posture", "damage", "correct yourself", "failed", "wrong", "pain", "injur", "nan ", "inf ",
    "None", "!",
)  # fmt: skip


def context(
    *worn: Mounted, settings: AnalysisSettings = SETTINGS, since: int = 0, measures=("acc",)
) -> AnalysisContext:
    sensors = tuple(
        SensorInForce(
            m.sensor,
            f"Clip {m.sensor}",
            "polar",
            m.placement,
            ReferenceInForce.of(m.calibration),
            measures,
        )
        for m in worn
    )
    return AnalysisContext("w", since, ALGORITHM_VERSION, asdict(settings), sensors)


def kept(frame: PostureFrame) -> PostureFrame:
    """The frame as the store gives it back."""
    return replace(
        frame, p_sitting=round(frame.p_sitting, 3), confidence=round(frame.confidence, 3)
    )


def rows(explanation: Explanation) -> dict[str, Row]:
    named = {row.name: row for row in explanation.rows}
    assert len(named) == len(explanation.rows), "no row twice"
    return named


def text(e: Explanation) -> str:
    """All that a wearer reads of it."""
    words = [e.headline, e.because, e.confidence_from, *e.unknown, *e.quality.values()]
    return "\n".join([*words, *(f"{r.words} {r.note}" for r in e.rows)])


def check_words(e: Explanation) -> None:
    said = text(e)
    assert not [word for word in NEVER if word in said], said
    assert e.headline.endswith(".")


@pytest.mark.parametrize("angle_deg", [15, 30, 40, 44, 47, 52, 60, 65, 71, 85])
def test_a_thigh_is_explained_by_its_angle(people, angle_deg: float) -> None:
    worn = people.mounted(Placement.THIGH)
    samples = people.perform([people.Act(30, lean_deg=angle_deg)])
    frame = kept(people.run(Pipeline("w", [worn]), samples.block()).frames.frame(15))
    told = explain_frame(frame, context(worn))
    check_words(told)
    assert frame.source is Placement.THIGH
    assert told.sensors[0].decided
    raised = angle_deg > 48  # one stood before: within 3 deg of 45 that stays
    assert told.headline == f"You were {'sitting' if raised else 'standing'}."
    row = rows(told)["thigh_deg"]
    assert row.limit == told.settings["thigh_sit_deg"] == 45.0
    assert "45 ± 3 deg" in told.because
    if abs(angle_deg - 45) <= 3:
        assert "stays as it was" in row.note
    elif "at least" in row.note:
        assert 66 <= row.value <= angle_deg
    elif "at most" in row.note:
        assert angle_deg <= row.value <= 24
    else:
        assert row.value == pytest.approx(angle_deg, abs=2.0)
        assert f"{row.value:.0f} deg from vertical" in told.because
    if math.isfinite(row.value):
        assert row.comparison is (Comparison.OVER if raised else Comparison.UNDER)
    if raised:
        assert (
            "no sensor on the trunk tells lying from sitting, so it counts as sitting"
            in told.because
        )


def test_a_walk_is_explained_by_how_it_shakes(people) -> None:
    worn = people.mounted(Placement.THIGH)
    samples = people.perform([people.Act(30, bounce_g=0.3)])
    frame = kept(people.run(Pipeline("w", [worn]), samples.block()).frames.frame(15))
    told = explain_frame(frame, context(worn))
    assert told.headline == "You were moving."
    row = rows(told)["sd_g"]
    assert row.limit == 0.1
    assert row.value == pytest.approx(0.3 / math.sqrt(2), rel=0.1)
    assert "so moving" in told.because


def test_a_sit_with_a_trunk_sensor_says_why_it_is_not_lying(people) -> None:
    thigh, back = people.mounted(Placement.THIGH, "t"), people.mounted(Placement.UPPER_BACK, "b")
    level, leaning = [people.Act(40, lean_deg=80)], [people.Act(40, lean_deg=12, side_deg=-5)]
    blocks = [people.perform(a).block(sensor=s) for a, s in ((level, "t"), (leaning, "b"))]
    out = Pipeline("w", [thigh, back]).push_together(blocks)
    told = explain_frame(kept(out.frames.frame(20)), context(thigh, back))
    named = rows(told)
    assert named["inclination_deg"].value == pytest.approx(13, abs=0.5)
    assert named["inclination_deg"].limit == 65.0
    assert "the trunk was not lying, so sitting" in told.because
    assert named["lean_deg"].limit == pytest.approx(0.6 * 20), "the wearer's own slouch entry"
    assert named["lean_deg"].comparison in (Comparison.OVER, Comparison.UNDER)
    assert [s.decided for s in told.sensors] == [True, False]


def test_lying_is_explained_by_how_far_the_trunk_is_from_upright(people) -> None:
    worn = people.mounted(Placement.STERNUM)
    samples = people.perform([people.Act(20), people.Act(40, lean_deg=-85)])
    frame = kept(people.run(Pipeline("w", [worn]), samples.block()).frames.frame(50))
    told = explain_frame(frame, context(worn))
    assert told.headline == "You were lying."
    row = rows(told)["inclination_deg"]
    assert (row.limit, row.comparison) == (65.0, Comparison.OVER)
    assert "worked back" in row.note, "beyond 60 deg no side is kept, which it takes"
    assert row.value == pytest.approx(85, abs=1.5)
    assert told.settings["lying_leave_deg"] == 60.0


def test_a_trunk_alone_says_what_is_missing_and_what_would_help(people) -> None:
    worn = people.mounted(Placement.UPPER_BACK)
    samples = people.perform([people.Act(20)])
    frame = kept(people.run(Pipeline("w", [worn]), samples.block()).frames.frame(3))
    assert frame.activity is Activity.UNKNOWN
    told = explain_frame(frame, context(worn))
    check_words(told)
    assert told.headline == "What you did is not known."
    assert any("on the thigh would tell" in sentence for sentence in told.unknown)
    assert any("two sensors with a gyroscope" in sentence for sentence in told.unknown)
    assert "between 10 % and 90 %" in told.because
    assert not any(sensor.decided for sensor in told.sensors)


def test_an_uncalibrated_thigh_asks_for_a_walk(people) -> None:
    worn = people.mounted(Placement.THIGH, calibrated=False)
    samples = people.perform([people.Act(20)])
    frame = people.run(Pipeline("w", [worn]), samples.block()).frames.frame(3)
    told = explain_frame(frame, context(worn))
    assert any(sentence.startswith("It is not known yet how") for sentence in told.unknown)
    assert "uncalibrated" not in "".join(told.unknown)
    assert told.quality == {Quality.UNCALIBRATED: QUALITY[Quality.UNCALIBRATED]}


def test_silence_is_explained_as_silence(people) -> None:
    worn = people.mounted(Placement.THIGH)
    pipeline = Pipeline("w", [worn])
    pipeline.push(people.perform([people.Act(20)]).block())
    silent = pipeline.advance(people.START + 40.0).frames.frame(-1)
    told = explain_frame(silent, context(worn))
    assert told.unknown[0].startswith("No sensor was heard.")
    assert "gap" in {(flag.name or "").lower() for flag in told.quality}
    assert told.because == "No rule could decide."


def blank(**known) -> PostureFrame:
    empty = dict.fromkeys(FLOAT_COLUMNS, NAN)
    given = {"wearer": "w", "time": 100, "quality": Quality.GOOD, "source": None, **empty, **known}
    return PostureFrame(**given)


@given(
    st.sampled_from(Activity),
    st.sampled_from([None, *Placement]),
    st.lists(st.sampled_from(Placement), max_size=3, unique=True),
    st.booleans(),
    st.integers(0, 255),
    st.dictionaries(st.sampled_from(FLOAT_COLUMNS), st.floats(0, 1), max_size=9),
)
def test_any_frame_can_be_explained_in_decent_words(
    people, activity, source, places, calibrated, quality, known
) -> None:
    frame = blank(activity=activity, source=source, quality=Quality(quality), **known)
    worn = [people.mounted(place, place.value, calibrated=calibrated) for place in places]
    for held in (context(*worn), None):
        told = explain_frame(frame, held)
        check_words(told)
        assert (told.in_force_since is None) == (held is None)
        if activity is Activity.UNKNOWN:
            assert told.unknown, "unknown always says why"


def test_everything_that_can_be_said_has_its_words() -> None:
    assert set(TELLERS) == set(EpisodeKind)
    assert set(DID) == set(Activity)
    assert set(QUALITY) == {flag for flag in Quality if flag}
    assert set(WHY) == set(FLOAT_COLUMNS)
    may_decide = {p for p in Placement if KNOWLEDGE[p].sit_stand is not Knowledge.NO}
    assert set(RULES) == {None, *may_decide}


def found(people, kind: str, acts: Sequence[object], *worn: Mounted, **how: object) -> Episode:
    pipeline = Pipeline("w", list(worn), **how)
    samples = people.perform(acts)
    (episode,) = people.run(pipeline, samples.block()).closed(kind)
    return episode


def test_a_sit_and_a_break_are_explained(people) -> None:
    worn = people.mounted(Placement.THIGH)
    act = people.Act
    acts = [act(300, lean_deg=80), act(100), act(300, lean_deg=80), act(400)]
    result = people.run(Pipeline("w", [worn]), people.perform(acts).block())
    sit, pause = result.closed("sitting")[0], result.closed("break")[0]
    told = explain_episode(sit, [context(worn)], now=sit.end)
    check_words(told)
    assert told.headline == "You sat for 5 min."
    assert told.settings["partial_break_s"] == 60.0
    told = explain_episode(pause, [context(worn)], now=pause.end)
    assert told.headline.startswith("You were on your feet for 1 min")
    named = rows(told)
    assert named["upright_s"].comparison is Comparison.OVER
    assert named["full_break_s"].comparison is Comparison.UNDER
    assert "the sitting clock paused" in told.because


def test_a_slouch_is_explained_by_the_wearers_own_entry(people) -> None:
    worn = people.mounted(Placement.UPPER_BACK, slouch_deg=20.0)
    act = people.Act
    acts = [act(10, bounce_g=0.3), act(200), act(60, lean_deg=17), act(60)]
    slouch = found(people, "slouch", acts, worn)
    told = explain_episode(slouch, [context(worn)], now=slouch.end)
    check_words(told)
    named = rows(told)
    assert named["mean_deg"].value == pytest.approx(17, abs=1)
    assert named["mean_deg"].limit == pytest.approx(12)
    assert "60 % of your own slouch, 20 deg" in named["mean_deg"].note
    assert named["lasted_s"].value == pytest.approx(60, abs=2)
    assert told.headline.startswith("You leaned 17 deg forward of your upright for")
    (sensor,) = told.sensors
    assert sensor.decided and sensor.reference is not None
    assert (sensor.reference.method, sensor.reference.sigma_deg) == ("two_poses", 1.0)
    assert sensor.reference.age_s == slouch.start - sensor.reference.made_at


def test_a_slouch_without_a_slouch_pose_says_that_its_limit_is_a_general_one(people) -> None:
    worn = people.mounted(Placement.UPPER_BACK, slouch_deg=None)
    act = people.Act
    acts = [act(10, bounce_g=0.3), act(200), act(60, lean_deg=17), act(60)]
    slouch = found(people, "slouch", acts, worn)
    told = explain_episode(slouch, [context(worn)], now=slouch.end)
    assert rows(told)["mean_deg"].note == "the general limit: your own slouch was not known"


def test_time_not_worn_is_explained(people) -> None:
    worn = people.mounted(Placement.THIGH)
    acts = [people.Act(60, bounce_g=0.3), people.Act(4200)]
    samples = people.perform(acts, noise_g=0.0005)
    result = people.run(Pipeline("w", [worn]), samples.block())
    (episode,) = result.closed("not_worn")
    told = explain_episode(episode, [context(worn)], now=episode.end)
    check_words(told)
    assert told.headline == "Nothing was worn for 1 h 10 min."
    assert any("ends where the data ended" in sentence for sentence in told.unknown)
    off = next(f for f in result.frames if f.activity is Activity.NOT_WORN)
    assert "lay still as no body does" in explain_frame(off, context(worn)).because


@given(
    st.sampled_from(EpisodeKind),
    st.sampled_from(["", *Placement]),
    st.lists(st.one_of(st.just(NAN), st.floats(-90, 90)), min_size=4, max_size=4),
    st.integers(0, 90_000),
    st.booleans(),
    st.sampled_from([Asymmetry.NONE, Asymmetry.SIDE, Asymmetry.TURN, Asymmetry(3)]),
)
def test_any_episode_can_be_explained(
    people, kind, placement, figures, lasted_s, is_open, asymmetry
) -> None:
    peak, mean, dose, limit = figures
    end = None if is_open else 1000 + lasted_s
    episode = Episode(
        kind, "w", 1000, end, peak, mean, dose, 0.9, limit, str(placement), asymmetry=asymmetry
    )
    held = context(people.mounted(Placement.UPPER_BACK))
    for contexts in ([held], []):
        told = explain_episode(episode, contexts, now=1000 + lasted_s)
        assert (told.about, told.id, told.start, told.end) == (kind.value, episode.id, 1000, end)
        assert rows(told)


def test_an_explanation_is_of_the_settings_of_then(people) -> None:
    worn = people.mounted(Placement.UPPER_BACK, slouch_deg=20.0)
    episode = Episode(
        EpisodeKind.SLOUCH, "w", 1000, 1100, 18.0, 15.0, 25.0, 0.9, 12.0, "upper_back"
    )
    old = context(worn, settings=AnalysisSettings(slouch_delay_s=45.0))
    new = context(worn, settings=AnalysisSettings(slouch_delay_s=5.0), since=1040)
    told = explain_episode(episode, [old, new], now=1100)
    assert rows(told)["lasted_s"].limit == told.settings["slouch_delay_s"] == 45.0
    (sentence,) = told.unknown
    assert "at 1970-01-01T00:17:20Z, this changed: slouch_delay_s from 45 to 5." in sentence


def test_what_was_found_before_anything_was_kept_is_not_explained_by_today(people) -> None:
    worn = people.mounted(Placement.UPPER_BACK, slouch_deg=20.0)
    episode = Episode(
        EpisodeKind.SLOUCH, "w", 1000, 1100, 18.0, 15.0, 25.0, 0.9, 12.0, "upper_back"
    )
    told = explain_episode(episode, [context(worn, since=1050)], now=1100)
    assert (told.settings, told.sensors, told.algorithm_version) == ({}, (), "")
    assert told.because == "The limits of then were not kept."
    assert "those of today are not put in their place" in told.unknown[0]
    assert rows(told)["mean_deg"].limit == 12.0, "what the episode itself keeps is told"
    assert math.isnan(rows(told)["lasted_s"].limit)


def test_figures_of_other_rules_are_not_worked_back(people) -> None:
    worn = people.mounted(Placement.THIGH)
    frame = people.run(
        Pipeline("w", [worn]), people.perform([people.Act(30, lean_deg=60)]).block()
    ).frames.frame(15)
    other = replace(context(worn), algorithm_version="0.1")
    assert math.isnan(rows(explain_frame(frame, other))["thigh_deg"].value)
    assert explain_frame(frame, other).algorithm_version == "0.1"


def test_the_links_of_then_are_told(people) -> None:
    worn = people.mounted(Placement.THIGH)
    links = {
        "s": [
            LinkReading("s", 960, 80.0, -60.0, 52.0, 2950, 50, 0, 58, 60),
            LinkReading("s", 1020, 80.0, -60.0, 52.0, 0, 0, 0, 0, 60),
        ]
    }
    frame = blank(activity=Activity.SITTING, source=Placement.THIGH, p_sitting=0.9, confidence=0.9)
    (sensor,) = explain_frame(frame, context(worn), links).sensors
    assert (sensor.nominal_hz, sensor.received_hz) == (52.0, 2950 / 120)
    assert sensor.lost_share == pytest.approx(50 / 3000)
    (unread,) = explain_frame(frame, context(worn)).sensors
    assert (unread.nominal_hz, unread.received_hz, unread.lost_share) == (None, None, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (46, "46 s"), (60, "1 min"), (200, "3 min 20 s"), (3129, "52 min"), (3599, "1 h"),
     (15_000, "4 h 10 min"), (7200, "2 h"), (NAN, "an unknown time")],
)  # fmt: skip
def test_durations_are_said_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_every_setting_that_an_explanation_asks_for_is_one(people) -> None:
    """A name that is none would be taken for not kept, for ever."""
    asked: set[str] = set()

    class Asked(dict[str, float]):
        def __contains__(self, name: object) -> bool:
            asked.add(str(name))
            return super().__contains__(name)

    places = [p for p in RULES if p is not None]
    held = context(*(people.mounted(p, p.value) for p in places))
    held = replace(held, settings=Asked(held.settings))
    for kind in EpisodeKind:
        episode = Episode(kind, "w", 1000, 1100, 18.0, 15.0, 25.0, 0.9, 12.0, "upper_back")
        explain_episode(episode, [held], now=1100)
    for place, rules in RULES.items():
        for activity in rules:
            for p in (0.55, 0.999, 0.3):
                known = dict.fromkeys(FLOAT_COLUMNS, 20.0) | {"p_sitting": p, "confidence": p}
                explain_frame(blank(activity=activity, source=place, **known), held)
    assert asked <= set(asdict(SETTINGS))
    assert len(asked) > 20
    assert np.isfinite(list(held.settings.values())).all()
