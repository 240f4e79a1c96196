"""When it is noted what the analysis goes by, and from which second on."""

from dataclasses import replace

from analysis.settings import AnalysisSettings
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from service.noting import ContextNotes
from tests.service.made_up import BAND, CLIP

IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def reference(made_at: float, method: ReferenceMethod) -> Calibration:
    return Calibration(CLIP.id, Placement.UPPER_BACK, made_at, method, IDENTITY, None, 6.0)


LEARNT = reference(1500.0, ReferenceMethod.AUTOMATIC)
POSED = reference(1500.25, ReferenceMethod.ONE_POSE)


def test_what_is_as_it_was_is_noted_once() -> None:
    notes = ContextNotes(AnalysisSettings())
    (first,) = notes.note("me", 1000, [CLIP], {})
    assert first.since == 1000
    assert notes.note("me", 1001, [CLIP], {}) == ()
    (other,) = notes.note("you", 1001, [CLIP], {})
    assert other.wearer == "you"
    assert notes.note("nobody", 1001, [], {}) == ()


def test_what_a_former_run_noted_is_not_noted_again() -> None:
    (first,) = ContextNotes(AnalysisSettings()).note("me", 1000, [CLIP], {CLIP.id: POSED})
    notes = ContextNotes(AnalysisSettings())
    notes.know([first])
    assert notes.note("me", 2000, [CLIP], {CLIP.id: POSED}) == ()


def test_a_reference_that_was_learnt_holds_from_the_second_it_was_made_in() -> None:
    notes = ContextNotes(AnalysisSettings())
    notes.note("me", 1000, [CLIP, BAND], {})
    (learnt,) = notes.note("me", 1530, [CLIP, BAND], {CLIP.id: LEARNT})
    assert learnt.since == 1500, "frames up to 1530 were judged when it was seen"
    assert learnt.sensors[0].reference is not None
    (better,) = notes.note("me", 1700, [CLIP, BAND], {CLIP.id: replace(LEARNT, made_at=1660.0)})
    assert better.since == 1660


def test_poses_hold_from_the_first_second_that_is_judged_by_them() -> None:
    notes = ContextNotes(AnalysisSettings())
    notes.note("me", 1000, [CLIP], {CLIP.id: LEARNT})
    (posed,) = notes.note("me", 1530, [CLIP], {CLIP.id: POSED})
    assert posed.since == 1530
    (again,) = notes.note("me", 1600, [CLIP, BAND], {CLIP.id: LEARNT})
    assert again.since == 1600, "not only a reference is another one"


def test_gains_that_are_known_better_make_no_other_reference() -> None:
    notes = ContextNotes(AnalysisSettings())
    notes.note("me", 1000, [CLIP], {CLIP.id: POSED})
    turned = ((0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    assert notes.note("me", 1530, [CLIP], {CLIP.id: replace(POSED, rotation=turned)}) == ()
