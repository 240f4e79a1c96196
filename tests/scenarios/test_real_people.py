"""Recorded real people through everything, and what the API says of them against labels and cameras.

Played: Bumble peripheral, bleak, driver, loss and clock, analysis, store, uvicorn on the loopback. The wiring
is that of `sitwell demo --recording`. How the stretches are made of trials, and what is repeated, stands in
real_people.py. `-s` prints the figures of docs/real-people.md; SITWELL_PEOPLE=all plays everybody.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled import Expected, away_from, expected, second_means, slouches
from numpy.typing import NDArray
from playing import ANCHOR, Answers, play
from real_people import (
    RATE_HZ,
    SLUMPS,
    THIGH_PEOPLE,
    TRUNK_PEOPLE,
    UPRIGHT_S,
    ThighData,
    TrunkData,
    TrunkStretch,
    desk_day,
    still_span,
    trunk_sit,
)

from alerts.settings import AlertSettings
from domain.people import Wearer
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Floats
from service.person import DemoPerson
from service.recorded import Poses, recorded_person
from simulators.recorded import Joined

EVERYBODY = os.environ.get("SITWELL_PEOPLE") == "all"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800 if EVERYBODY else 300)]

LIMIT_S = 1800.0
#: A joint is off by a second where the windows of the thigh rule lie across it, and by one more for the
#: grid of whole seconds; the clock of the sensor is known to some milliseconds times the speed.
EDGE_S = 3.0
#: Frames are held back until their windows are full, and the policy sees them a little later.
ALERT_S = 10.0
CHANGE_S = 2.0
#: Times are late by the smallest delay between a sensor and the collector: milliseconds, times the
#: speed. Whole seconds of it are found by what fits best, and may be one or two.
LAGS_S = range(3)
#: How well a lean of a second is known to the cameras and to us together.
LEAN_DEG = 3.5
EDGE_DEG = 2.0


class Thigh:
    """One played person with a telephone in the pocket."""

    def __init__(self, number: int, day: Joined, person: DemoPerson, answers: Answers) -> None:
        self.number = number
        self.name = person.wearer.name
        self.day = day
        self.answers = answers
        self.start = person.body.start
        self.expected: Expected = expected(day.labels, LIMIT_S)
        truth = person.body.truth(self.start, self.start + day.labels[-1].end_s)
        self._seconds = truth.times.astype(np.float64) - self.start
        self._true = truth.activity.astype(np.int64)
        told = dict(
            zip(answers.seconds.times.tolist(), answers.seconds.activity.tolist(), strict=True)
        )

        def shifted(lag_s: int) -> NDArray[np.int64]:
            return np.array([told.get(second + lag_s, -1) for second in truth.times.tolist()])

        self.lag_s = max(LAGS_S, key=lambda lag_s: np.mean(shifted(lag_s) == self._true))
        self._told = shifted(self.lag_s)
        self._far = away_from(day.changes_s, self._seconds, CHANGE_S)

    def since(self, time: float) -> float:
        """Seconds of the recording at Unix `time` of the service."""
        return time - self.start - self.lag_s

    def agreement(self, *, of_sitting: bool = False, everywhere: bool = False) -> float:
        """Share of seconds that the API calls by the label's word; outside +-CHANGE_S of changes."""
        same = self._told == self._true
        if of_sitting:
            sitting = int(Activity.SITTING)
            same = (self._told == sitting) == (self._true == sitting)
        return float(np.mean(same if everywhere else same[self._far]))

    def spans(self, kind: str) -> list[tuple[float, float]]:
        """Start and end of the API's episodes, s from the start; infinite while open."""
        return [
            (
                each["start"] - self.start,
                np.inf if each["end"] is None else each["end"] - self.start,
            )
            for each in self.answers.of_kind(kind)
        ]

    def edges_off_s(self) -> float:
        """The largest difference of an edge of a bout or break; infinite when the counts differ."""
        worst = 0.0
        for kind, wanted in (("sitting", self.expected.bouts), ("break", self.expected.breaks)):
            found = self.spans(kind)
            if len(found) != len(wanted):
                return np.inf
            pairs = np.abs(np.array(found) - np.array(wanted))
            if kind == "break":
                pairs = pairs.ravel()[:-1]  # the last break is still open
            worst = max(worst, float(np.max(pairs)))
        return worst


@pytest.fixture(scope="module")
def thighs(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Thigh]:
    """Played people: one who sits past the limit, the others for a sixth of it."""
    data = ThighData(shared_data)
    if EVERYBODY:
        groups = [THIGH_PEOPLE[i : i + 3] for i in range(0, len(THIGH_PEOPLE), 3)]
        plays = [(group, LIMIT_S + 60.0, 1e9, 50.0) for group in groups]
    else:
        plays = [((3,), LIMIT_S + 60.0, 1e9, 80.0), ((9, 21), 250.0, 100.0, 60.0)]
    found = []
    for numbers, sitting_s, at_once_s, speed in plays:
        days = [
            desk_day(data, number, sitting_s=sitting_s, at_once_s=at_once_s) for number in numbers
        ]
        people = [
            recorded_person(
                day.recording,
                Placement.THIGH,
                Poses(upright=still_span(day.recording, 40.0)),
                anchor=ANCHOR,
                speed=speed,
                wearer=Wearer(f"thigh-{number}", f"M{number:02}", "UTC"),
                address=f"A0:9E:1A:51:77:{number:02X}",
                labels=day.labels,
            )
            for number, day in zip(numbers, days, strict=True)
        ]
        folder = tmp_path_factory.mktemp("thighs")
        answers = asyncio.run(play(people, data_dir=folder, speed=speed))
        found += [
            Thigh(number, day, person, answers[person.wearer.id])
            for number, day, person in zip(numbers, days, people, strict=True)
        ]
    _print_thighs(found)
    return found


def _print_thighs(people: Sequence[Thigh]) -> None:
    print(
        "\n| who | played s | late s | activity | activity, all seconds | sitting or not | edges off s |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for person in people:
        print(
            f"| {person.name} | {person.day.labels[-1].end_s:.0f} | {person.lag_s} "
            f"| {person.agreement():.2%} | {person.agreement(everywhere=True):.2%} "
            f"| {person.agreement(of_sitting=True):.2%} | {person.edges_off_s():.0f} |"
        )


def test_every_sample_of_the_played_thighs_arrived(thighs: list[Thigh]) -> None:
    for person in thighs:
        sensor = person.answers.sensor
        assert sensor["bad_payloads"] == 0 and sensor["reconnects"] == 0, person.name
        assert sensor["received"] >= person.day.labels[-1].end_s * sensor["rate_hz"], person.name
        # `typical` air swallows two packets in a thousand; here nothing is lost
        assert sensor["lost"] == 0, person.name


def test_sitting_bouts_and_breaks_begin_and_end_where_the_labels_do(thighs: list[Thigh]) -> None:
    for person in thighs:
        assert len(person.expected.bouts) == 3 and len(person.expected.breaks) == 3
        assert person.edges_off_s() <= EDGE_S, (
            f"{person.name}: bouts {person.spans('sitting')} for {person.expected.bouts}, "
            f"breaks {person.spans('break')} for {person.expected.breaks}"
        )


def test_half_a_minute_on_the_feet_ends_no_bout(thighs: list[Thigh]) -> None:
    for person in thighs:
        start, end = person.spans("sitting")[0]
        sat_s = sum(
            min(label.end_s, end) - label.start_s
            for label in person.day.labels
            if label.activity is Activity.SITTING and start - EDGE_S < label.start_s < end
        )
        first = person.answers.of_kind("sitting")[0]
        assert end - start == pytest.approx(sat_s + 30.0, abs=2 * EDGE_S)
        assert first["dose"] == pytest.approx(sat_s, abs=2 * EDGE_S)


def test_seconds_per_activity_agree_with_the_labels(thighs: list[Thigh]) -> None:
    for person in thighs:
        assert person.agreement() >= 0.99, person.name
        assert person.agreement(of_sitting=True) >= 0.999, person.name
        assert person.agreement(everywhere=True) >= 0.98, person.name


def test_half_an_hour_of_sitting_raises_one_alert_which_the_break_answers(
    thighs: list[Thigh],
) -> None:
    told = [person for person in thighs if person.expected.over_s is not None]
    assert told
    for person in thighs:
        alerts = person.answers.alerts
        over_s, up_s = person.expected.over_s, person.expected.up_s
        if over_s is None or up_s is None:
            assert alerts == [], person.name
            continue
        assert [alert["kind"] for alert in alerts] == ["sitting"]
        (alert,) = alerts
        # It waits for a movement of theirs, but not for long.
        waited_s = person.since(alert["opened_at"]) - over_s
        assert -ALERT_S <= waited_s <= AlertSettings().wait_for_pause_s + ALERT_S
        assert alert["outcome"] == "taken"
        assert alert["response_s"] == pytest.approx(
            up_s - person.since(alert["opened_at"]), abs=EDGE_S
        )
        assert person.since(alert["closed_at"]) == pytest.approx(up_s + 60.0, abs=ALERT_S)
        assert alert["explanation"]["limit"] == LIMIT_S
        assert alert["explanation"]["placement"] == "thigh"
        bout = person.answers.of_kind("sitting")[1]
        assert alert["episode"] == bout["id"]


class Trunk:
    """One played person with a sensor on the upper back, under cameras."""

    def __init__(self, stretch: TrunkStretch, person: DemoPerson, answers: Answers) -> None:
        self.name = person.wearer.name
        self.stretch = stretch
        self.answers = answers
        self.start = person.body.start
        (calibration,) = person.calibrations.values()
        self.slouch_deg = calibration.slouch_deg
        begins = stretch.begins_g @ calibration.matrix().T
        zero_deg = np.degrees(np.arctan2(-begins[:, 0], begins[:, 2]))
        # The cameras know the change since a trial's first pose; the sensor says what that was.
        self.true_deg = second_means(stretch.flexion_deg + zero_deg, RATE_HZ)
        n = len(self.true_deg)
        side_deg = np.abs(stretch.lateral_deg)[: n * RATE_HZ].reshape(n, RATE_HZ).max(axis=1)
        self.sagittal = side_deg < 10.0
        self.as_it_was = np.zeros(n, dtype=np.bool_)
        self.still = np.zeros(n, dtype=np.bool_)
        for name, (begin, end) in stretch.spans.items():
            seconds = slice(int(np.ceil(begin)), int(end))
            if name.startswith(self.name):
                self.as_it_was[seconds] = True
            elif not name.startswith("before"):
                self.still[seconds] = True
        told = dict(
            zip(answers.seconds.times.tolist(), answers.seconds.lean_deg.tolist(), strict=True)
        )

        def shifted(lag_s: int) -> Floats:
            first = int(self.start) + lag_s
            return np.array([told.get(first + k, np.nan) for k in range(n)], dtype=np.float64)

        def off_deg2(lag_s: int) -> float:
            return float(np.mean((np.nan_to_num(shifted(lag_s), nan=180.0) - self.true_deg) ** 2))

        self.lag_s = min(LAGS_S, key=off_deg2)
        self.lean_deg = shifted(self.lag_s)

    def since(self, time: float) -> float:
        """Seconds of the recording at Unix `time` of the service."""
        return time - self.start - self.lag_s

    @property
    def entry_deg(self) -> float:
        """The slouch entry that the evidence gives this person."""
        return 8.0 if self.slouch_deg is None else max(4.0, 0.6 * self.slouch_deg)

    def slouches_by_camera(self, entry_deg: float | None = None) -> list[tuple[float, float]]:
        """Slouches in the part with the slumps, s from the start."""
        part = self.true_deg[: int(self.stretch.slumps_s)]
        return slouches(part, self.entry_deg if entry_deg is None else entry_deg)

    def slouches_told(self) -> list[dict[str, Any]]:
        """The API's slouches that begin in the same part."""
        end = self.start + self.stretch.slumps_s
        return [each for each in self.answers.of_kind("slouch") if each["start"] < end]

    def rmse_deg(self, rows: Floats) -> float:
        """Root mean square of the difference of lean and cameras."""
        off = (self.lean_deg - self.true_deg)[rows.astype(np.bool_)]
        return float(np.sqrt(np.mean(off**2)))


@pytest.fixture(scope="module")
def trunks(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Trunk]:
    """Played people: the two who slump, and one who does not."""
    data = TrunkData(shared_data)
    names = TRUNK_PEOPLE if EVERYBODY else ("P03", *SLUMPS)
    stretches = [trunk_sit(data, name) for name in names]
    speed = 40.0
    people = []
    for number, (name, stretch) in enumerate(zip(names, stretches, strict=True)):
        # The first slump is P13's second pose; P15 has one pose, and the forward axis of the placement.
        begin = stretch.spans.get("slump", (0.0, 0.0))[0]
        slouch = (begin + 10.0, begin + 18.0) if name == "P13" else None
        people.append(
            recorded_person(
                stretch.recording,
                Placement.UPPER_BACK,
                Poses(upright=UPRIGHT_S, slouch=slouch),
                anchor=ANCHOR,
                speed=speed,
                wearer=Wearer(f"trunk-{name.lower()}", name, "UTC"),
                address=f"A0:9E:1A:51:78:{number:02X}",
            )
        )
    folder = tmp_path_factory.mktemp("trunks")
    answers = asyncio.run(play(people, data_dir=folder, speed=speed))
    found = [
        Trunk(stretch, person, answers[person.wearer.id])
        for stretch, person in zip(stretches, people, strict=True)
    ]
    _print_trunks(found)
    return found


def _print_trunks(people: Sequence[Trunk]) -> None:
    print(
        "\n| who | late s | upright and slumped | trials, sagittal | seconds | trials, all | seconds |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for person in people:
        sagittal = person.as_it_was & person.sagittal
        print(
            f"| {person.name} | {person.lag_s} | {person.rmse_deg(person.still):.1f} "
            f"| {person.rmse_deg(sagittal):.1f} | {np.sum(sagittal)} "
            f"| {person.rmse_deg(person.as_it_was):.1f} | {np.sum(person.as_it_was)} |"
        )


def test_lean_agrees_with_the_cameras(trunks: list[Trunk]) -> None:
    for person in trunks:
        assert not np.any(np.isnan(person.lean_deg)), person.name
        assert person.rmse_deg(person.still) <= LEAN_DEG, person.name
        assert person.rmse_deg(person.as_it_was & person.sagittal) <= LEAN_DEG, person.name
        # forward is positive, by more than noise
        assert np.corrcoef(person.lean_deg, person.true_deg)[0, 1] > 0.7, person.name


def test_slouches_are_those_that_the_cameras_show(trunks: list[Trunk]) -> None:
    for person in trunks:
        wanted = person.slouches_by_camera()
        assert len(wanted) == (2 if person.name in SLUMPS else 0), person.name
        found = person.slouches_told()
        spans = [(person.since(each["start"]), person.since(each["end"])) for each in found]
        assert len(spans) == len(wanted), f"{person.name}: {spans} for {wanted}"
        # Where a lean moves slowly past its limit, a little difference in angle is one of seconds.
        sooner = person.slouches_by_camera(person.entry_deg - EDGE_DEG)
        later = person.slouches_by_camera(person.entry_deg + EDGE_DEG)
        for span, each, outer, inner in zip(spans, found, sooner, later, strict=True):
            assert outer[0] - 2 <= span[0] <= inner[0] + 2, f"{person.name}: {span}"
            assert inner[1] - 2 <= span[1] <= outer[1] + 2, f"{person.name}: {span}"
            assert each["limit"] == pytest.approx(person.entry_deg)
            inside = person.true_deg[int(span[0]) : int(span[1])]
            assert each["mean"] == pytest.approx(float(np.mean(inside)), abs=LEAN_DEG)


def test_a_slouch_is_told_while_sitting_is_sure_and_sitting_up_answers_it(
    trunks: list[Trunk],
) -> None:
    told = 0
    for person in trunks:
        sure = person.answers.seconds.times[
            person.answers.seconds.activity == int(Activity.SITTING)
        ]
        wanted = []
        for each in person.slouches_told():
            moments = sure[(sure >= each["start"] + 30) & (sure < each["end"])]
            if len(moments):
                wanted.append((each["id"], int(moments[0]), each["end"]))
        alerts = [alert for alert in person.answers.alerts if alert["kind"] == "slouch"]
        alerts = [a for a in alerts if a["opened_at"] < person.start + person.stretch.slumps_s]
        # The same is not told again within ten minutes.
        assert [alert["episode"] for alert in alerts] == [wanted[0][0]] if wanted else not alerts
        for alert, (_, moment, end) in zip(alerts, wanted, strict=False):
            assert alert["opened_at"] == pytest.approx(moment, abs=ALERT_S)
            assert alert["outcome"] == "taken"
            assert alert["response_s"] == pytest.approx(end - alert["opened_at"], abs=EDGE_S)
            assert alert["explanation"]["placement"] == "upper_back"
            told += 1
    assert told > 0
