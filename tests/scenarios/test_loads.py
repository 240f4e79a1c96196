"""A scripted hour of work with known bends, holds, changes of posture and bends to the side."""

import numpy as np
import pytest

from analysis import analyse
from analysis.calibration import calibrate
from domain.placement import Placement
from domain.samples import Recording
from simulators.body import Pose, ScriptedBody
from simulators.script import Act, ActKind, Script

START = 1_763_802_000.0
RATE_HZ = 25.0
#: Kind, seconds, and depth for sitting or degrees for what is held.
WORK = (
    (ActKind.SITTING, 120, 0.0), (ActKind.SITTING, 120, 0.55), (ActKind.SITTING, 120, 0.0),
    (ActKind.STANDING, 60, 0.0), (ActKind.BENDING, 240, 0.0), (ActKind.STANDING, 40, 0.0),
    (ActKind.STOOPING, 180, 30.0), (ActKind.STANDING, 60, 0.0), (ActKind.STOOPING, 120, 50.0),
    (ActKind.STANDING, 40, 0.0), (ActKind.TILTING, 90, 18.0), (ActKind.STANDING, 80, 0.0),
    (ActKind.TILTING, 90, -16.0), (ActKind.STANDING, 80, 0.0), (ActKind.WALKING, 120, 0.0),
    (ActKind.SITTING, 240, 0.0),
)  # fmt: skip


#: When they stand up, and sit down at last.
STOOD_S, SAT_S = 361.0, sum(seconds for _, seconds, _ in WORK) - 239.0


def script() -> Script:
    acts, now = [], START
    for kind, seconds, how in WORK:
        sits = kind is ActKind.SITTING
        acts.append(
            Act(
                kind, now, now + seconds, depth=how if sits else 0.0, still=True,
                angle_deg=0.0 if sits else how,
            )
        )  # fmt: skip
        now += seconds
    return Script(tuple(acts))


def bends_of(lean_deg, hz) -> list[tuple[float, float, float]]:
    """(start, end, peak) of every true bend, s from the start: beyond 30 deg until below 20, for 0.8 s,
    and not within 2 s of standing up or sitting down."""
    out, start = [], None
    for i, lean in enumerate(lean_deg):
        if start is None and lean >= 30.0:
            start = i
        elif start is not None and lean < 20.0:
            bows = any(start / hz - 2 <= at <= i / hz + 2 for at in (STOOD_S, SAT_S))
            if i - start >= 0.8 * hz and not bows:
                out.append((start / hz, i / hz, float(lean_deg[start:i].max())))
            start = None
    return out


class Work:
    """One person's hour, measured at the upper back and the thigh."""

    def __init__(self, seed: int, *, gyro: bool) -> None:
        body = ScriptedBody.of(seed, script())
        end = START + sum(seconds for _, seconds, _ in WORK)
        times = np.arange(START, end, 1 / RATE_HZ)
        draw = np.random.default_rng((seed, 11))

        def record(who, placement, at, *, gyro=gyro):
            acc, rate = who.motion(placement, at, gyro=gyro)
            if rate is not None:
                rate = rate + draw.normal(0.0, 0.05, rate.shape) + [0.3, -0.2, 0.1]
            return Recording(at, acc + draw.normal(0.0, 0.004, acc.shape), rate)

        pose_times = np.arange(100.0, 109.0, 1 / RATE_HZ)
        trunk, thigh = Placement.UPPER_BACK, Placement.THIGH
        known = {
            "upper_back": calibrate(
                record(body.held(Pose.UPRIGHT), trunk, pose_times, gyro=False),
                record(body.held(Pose.SLOUCH), trunk, pose_times, gyro=False),
                sensor="u", placement=trunk, made_at=0.0,
            ),
            "thigh": calibrate(
                record(body.held(Pose.STANDING), thigh, pose_times, gyro=False),
                sensor="t", placement=thigh, made_at=0.0,
            ),
        }  # fmt: skip
        recordings = {
            "upper_back": record(body, trunk, times),
            "thigh": record(body, thigh, times, gyro=False),
        }
        self.result = analyse(recordings, calibration=known)
        self.depth_deg = 0.55 * body.slouch_deg
        fine = np.arange(START, end, 0.05) + 0.025
        self.bends = bends_of(
            np.concatenate([body.angles_deg(t)[0] for t in np.split(fine, 20)]), 20
        )

    def found(self, kind: str):
        return [e for e in self.result.episodes if e.kind == kind]

    def starts(self, kind: str) -> list[float]:
        return [e.start - START for e in self.found(kind)]


@pytest.fixture(scope="module", params=[(1, False), (2, True), (3, False), (4, True)], ids=str)
def work(request) -> Work:
    seed, gyro = request.param
    return Work(seed, gyro=gyro)


def test_every_bend_is_found_with_its_time_and_peak_and_no_bow_for_the_chair(work: Work) -> None:
    found = work.found("bend")
    assert len(work.bends) >= 12
    assert len(found) == len(work.bends)
    for bend, (start, end, peak) in zip(found, work.bends, strict=True):
        assert bend.start - START == pytest.approx(start, abs=1.1)
        assert bend.end - START == pytest.approx(end, abs=1.1)
        assert bend.peak == pytest.approx(peak, abs=6.0)


def test_held_bends_are_found_with_their_limits(work: Work) -> None:
    long = [e for e in work.found("held_bend") if e.lasted_s(e.start) >= 30]
    assert [e.start - START for e in long] == pytest.approx([701.5, 941.5], abs=3)
    assert [e.lasted_s(0) for e in long] == pytest.approx([176, 116], abs=4)
    assert [e.mean for e in long] == pytest.approx([30, 50], abs=3)
    assert [e.limit for e in long] == pytest.approx([195, 105], abs=14)
    told = work.result.metrics["held_bends_over_limit"]
    assert told.value == sum(e.lasted_s(0) > e.limit for e in work.found("held_bend"))
    assert long[1].lasted_s(0) > long[1].limit, "50 deg for two minutes is too long"


def test_both_bends_to_the_side_are_found_with_their_side(work: Work) -> None:
    found = work.found("side_bend")
    assert [e.start - START for e in found] == pytest.approx([1102, 1272], abs=3)
    assert [e.peak for e in found] == pytest.approx([18, -16], abs=4)


def test_changes_of_posture_while_sitting_and_standing_up_are_found(work: Work) -> None:
    starts = work.starts("shift")
    for true in (120, 240, 360):
        assert min(abs(start - true) for start in starts) <= 4, true
    sat = [start for start in starts if start < 365]
    assert len(sat) == 3
    peaks = [e.peak for e in work.found("shift") if e.start - START < 350]
    assert peaks == pytest.approx([work.depth_deg] * 2, abs=2.5)


def test_what_is_known_to_be_asymmetric_is_a_share_of_the_bends(work: Work) -> None:
    share = work.result.metrics["asymmetric_bends_share"]
    uneven = sum(bool(e.asymmetry) for e in work.found("bend"))
    assert share.value == pytest.approx(uneven / len(work.found("bend")))
