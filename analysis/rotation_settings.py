"""What can be tuned in twists and trunk turns."""

from dataclasses import dataclass

from analysis.knob import knob
from analysis.load_settings import LoadSettings

_EN_1005_4 = "EN 1005-4 as used in the literature (evidence.md, section 2)"
_TURNS = "analysis.md section 6"
_OWN = "own judgement"


@dataclass(frozen=True, slots=True)
class RotationSettings(LoadSettings):
    """The part of AnalysisSettings that twists and turns are judged by, after that of the loads."""

    twist_deg: float = knob(
        20.0, 10.0, 60.0, "A trunk turned further than this against the pelvis is held.", _EN_1005_4
    )
    twist_s: float = knob(30.0, 5.0, 600.0, "Held in a twist for this is a load.", _EN_1005_4)
    twist_often_deg: float = knob(
        10.0, 5.0, 45.0, "Further than this counts as one twist, however short.", _EN_1005_4
    )
    twists_per_min: float = knob(
        2.0, 2.0, 10.0, "Twisting this many times a minute is a load.", _EN_1005_4
    )
    twist_exit_share: float = knob(
        0.7, 0.3, 1.0, "Below this share of it, it is back.", "as for a slouch, own judgement"
    )
    twist_zero_s: float = knob(
        600.0, 60.0, 1800.0, "The zero of a twist is the median of so long a time.", _OWN
    )
    turn_deg: float = knob(
        20.0, 10.0, 90.0, "A trunk turned by more than this from where it faced is a turn.", _TURNS
    )
    turn_baseline_s: float = knob(
        60.0, 10.0, 60.0, "Where it faced is the median of so long a time.", _TURNS
    )
