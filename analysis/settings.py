"""What can be tuned in the analysis: each with its unit, its default's source and its range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from analysis.knob import knob as _setting
from analysis.rotation_settings import RotationSettings
from domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class AnalysisSettings(RotationSettings):
    """The knobs of the pipeline. Sources: evidence.md section 2, analysis.md sections 3 to 7.

    Raises ConfigError, with the field's name as its path, for a value out of its range. `range`,
    `sentence` and, where one is named, `source` of each are in the field's metadata.
    """

    vqf_tau_acc_s: float = _setting(
        3.0, 0.5, 10.0, "Time constant of the inclination correction of the gyro fusion (VQF)."
    )
    gap_s: float = _setting(2.0, 1.0, 10.0, "A hole in the samples longer than this is unknown.")
    lag_s: float = _setting(
        2.0, 1.0, 10.0, "A sensor further behind the newest one is treated as gone."
    )
    bridge_s: float = _setting(
        60.0, 5.0, 300.0, "Unknown time up to this is bridged, longer ends a bout as censored."
    )
    dynamic_g: float = _setting(
        0.1, 0.02, 1.0, "Mean |a| further than this from 1 g makes angles less certain."
    )
    dynamic_sd_g: float = _setting(0.2, 0.02, 2.0, "So does an acceleration that varies by more.")
    still_sd_g: float = _setting(0.030, 0.005, 0.1, "Below this standard deviation one is still.")
    moving_sd_g: float = _setting(
        0.1, 0.02, 0.5, "Above this standard deviation along the vertical one is moving (Acti4)."
    )
    trunk_moving_sd_g: float = _setting(
        0.07, 0.02, 0.5, "The same on the trunk, which steps shake less (umafall, chest)."
    )
    running_sd_g: float = _setting(0.72, 0.3, 2.0, "Above this one runs (Acti4).")
    thigh_sit_deg: float = _setting(
        45.0, 25.0, 65.0, "A thigh further than this from vertical is sitting or lying (Acti4)."
    )
    thigh_hysteresis_deg: float = _setting(
        3.0, 0.0, 10.0, "Half the width of the band in which the thigh keeps its class."
    )
    thigh_brisk_sd_g: float = _setting(
        0.25, 0.1, 1.0, "Above this along the vertical, even a raised thigh is moving (stairs)."
    )
    sit_dwell_s: float = _setting(5.0, 1.0, 30.0, "Sitting or lying shorter than this is no bout.")
    upright_dwell_s: float = _setting(
        2.0, 1.0, 30.0, "Standing or moving shorter than this interrupts nothing."
    )
    lying_enter_deg: float = _setting(
        65.0, 45.0, 80.0, "A trunk inclined further than this is lying."
    )
    lying_leave_deg: float = _setting(60.0, 30.0, 75.0, "Below this it is no longer lying.")
    prone_dwell_s: float = _setting(
        15.0, 2.0, 60.0, "Inclined forward it is a bend until it has lasted for this."
    )
    waist_sit_deg: float = _setting(
        11.6, 8.0, 16.0, "A belt sensor tilted further than this from walking is sitting."
    )
    shown_from_p: float = _setting(
        0.9, 0.6, 0.999, "Sitting or standing is shown from this probability on, else unknown."
    )
    partial_break_s: float = _setting(
        60.0, 30.0, 900.0, "Upright for this is a break: the bout ends and its clock pauses."
    )
    full_break_s: float = _setting(
        300.0, 60.0, 3600.0, "Upright for this is a full break: the clock starts again."
    )
    forget_s: float = _setting(
        900.0, 120.0, 7200.0, "Unknown for this, the sitting clock starts again."
    )
    slouch_share: float = _setting(
        0.6, 0.2, 1.0, "Slouch entry as a share of the wearer's own upright-to-slouch range."
    )
    slouch_fallback_deg: float = _setting(
        8.0, 4.0, 35.0, "Slouch entry when only the upright pose is known."
    )
    slouch_exit_share: float = _setting(0.7, 0.3, 1.0, "Slouch exit as a share of its entry.")
    slouch_exit_s: float = _setting(2.0, 1.0, 30.0, "Below the exit for this ends a slouch.")
    slouch_delay_s: float = _setting(30.0, 0.0, 600.0, "A slouch shorter than this is none.")
    shift_deg: float = _setting(
        20.0, 10.0, 45.0, "A reference that moved by more than this asks for a new calibration."
    )
    not_worn_s: float = _setting(
        3600.0, 600.0, 5400.0, "Motionless for this is not worn, in any position."
    )
    not_worn_flat_s: float = _setting(
        600.0, 600.0, 5400.0, "Motionless in a position no body holds, for this is not worn."
    )
    not_worn_sd_g: float = _setting(
        0.013, 0.005, 0.03, "Motionless: standard deviation below this (van Hees)."
    )
    not_worn_range_g: float = _setting(
        0.050, 0.01, 0.2, "Motionless: second means within this range (van Hees)."
    )

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Self:
        """The defaults with `values` by name. Raises ConfigError, its path the name that is wrong."""
        known = [knob.name for knob in fields(cls)]
        for name in values:
            if name not in known:
                raise ConfigError(name, f"no such setting; there are {', '.join(known)}")
        return cls(**values)

    def __post_init__(self) -> None:
        for knob in fields(self):
            low, high = knob.metadata["range"]
            value = getattr(self, knob.name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or not low <= value <= high:
                raise ConfigError(knob.name, f"{value!r} is not a number from {low} to {high}")
        if not self.lying_leave_deg < self.lying_enter_deg:
            raise ConfigError("lying_leave_deg", "must be below lying_enter_deg")
        if not self.partial_break_s < self.full_break_s:
            raise ConfigError("full_break_s", "must be above partial_break_s")
        if not self.moving_sd_g < self.running_sd_g:
            raise ConfigError("running_sd_g", "must be above moving_sd_g")
        if not self.bend_leave_deg < self.bend_enter_deg:
            raise ConfigError("bend_leave_deg", "must be below bend_enter_deg")
        if not self.held_bend_least_s <= self.held_bend_most_s:
            raise ConfigError("held_bend_least_s", "must not be above held_bend_most_s")
        if not self.twist_often_deg <= self.twist_deg:
            raise ConfigError("twist_often_deg", "must not be above twist_deg")
