"""What can be tuned in the loads: postural shifts, bends, held bends, bends to the side."""

from dataclasses import dataclass

from analysis.knob import knob

_SHIFT = "evidence.md section 2, own judgement"
_ISO_11226 = "ISO 11226 as used in the literature (evidence.md, section 2)"
_BENDS = "analysis.md section 6"
_EN_1005_4 = "EN 1005-4 as used in the literature (evidence.md, section 2)"
_OWN = "own judgement"


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """The part of AnalysisSettings that loads are judged by."""

    posture_shift_deg: float = knob(
        5.0, 2.0, 20.0, "A mean lean or side that changes by more is a change of posture.", _SHIFT
    )
    posture_shift_hold_s: float = knob(
        5.0, 3.0, 30.0, "The new posture, or standing up, has to hold for this.", _SHIFT
    )
    held_bend_deg: float = knob(
        20.0, 10.0, 45.0, "A trunk held further forward than this is a held bend.", _ISO_11226
    )
    held_bend_change_deg: float = knob(
        5.0, 2.0, 15.0, "It is held while it stays within this of its mean.", _BENDS
    )
    held_bend_s: float = knob(4.0, 2.0, 60.0, "Held shorter than this is no hold.", _ISO_11226)
    held_bend_most_s: float = knob(
        240.0, 30.0, 600.0, "How long it may be held where it begins to count.", _ISO_11226
    )
    held_bend_steep_deg: float = knob(
        60.0, 46.0, 90.0, "Further forward than this it may not be held at all.", _ISO_11226
    )
    held_bend_least_s: float = knob(
        60.0,
        4.0,
        240.0,
        "How long it may be held there; between, the line is straight.",
        _ISO_11226,
    )
    bend_enter_deg: float = knob(
        30.0, 15.0, 60.0, "A trunk further forward than this begins a bend.", _BENDS
    )
    bend_leave_deg: float = knob(20.0, 5.0, 45.0, "Below this the bend is over.", _BENDS)
    bend_least_s: float = knob(0.8, 0.3, 5.0, "A bend shorter than this is none.", _BENDS)
    bend_merge_s: float = knob(0.5, 0.1, 3.0, "Bends closer together than this are one.", _BENDS)
    bend_apart_s: float = knob(
        2.0, 0.0, 10.0, "Within this of standing up or sitting down it is part of that.", _BENDS
    )
    bend_side_deg: float = knob(
        15.0, 5.0, 45.0, "Leant further to a side at its peak, a bend is asymmetric.", _BENDS
    )
    bend_turn_deg: float = knob(
        20.0, 5.0, 60.0, "Turned further during it, a bend is asymmetric.", _BENDS
    )
    side_bend_deg: float = knob(
        10.0, 5.0, 45.0, "A trunk further to a side than this counts as bent to it.", _EN_1005_4
    )
    side_bend_exit_share: float = knob(
        0.7, 0.3, 1.0, "Below this share of it, it is back.", "as for a slouch, own judgement"
    )
    side_bend_s: float = knob(60.0, 5.0, 600.0, "Held to a side for this is a load.", _EN_1005_4)
    side_bends_per_min: float = knob(
        2.0, 2.0, 10.0, "So is going there this many times a minute.", _EN_1005_4
    )
