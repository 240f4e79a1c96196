"""One sensor of a wearer, from its samples to the verdicts of its rules."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.anchor import Anchor
from analysis.anchor import Mounted as Mounted  # the name callers import from here
from analysis.columns import Bools, Columns, lay_out, no_second, restful, without_strength
from analysis.cut import Grid, cut, with_up
from analysis.faults import FaultWatch
from analysis.features import FROM_UP, WIDTH, Col, reduce_seconds
from analysis.fusion import GravityFusion
from analysis.heading import HeadingRule, Headings
from analysis.intake import Intake
from analysis.range_end import RangeEnd
from analysis.resolution import Grain, Resolution
from analysis.settings import AnalysisSettings
from analysis.sides import YAW, sides_of
from analysis.spikes import without_spikes
from analysis.tenths import Tenths, none, tenths
from analysis.thigh import ThighRule
from analysis.trunk import TrunkRule
from analysis.verdict import Verdict
from analysis.wear import Wear, WearRule
from domain.people import ReferenceMethod
from domain.placement import KNOWLEDGE, Placement
from domain.posture import Activity, Quality
from domain.samples import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What one sensor says on the grid; worn, shifted: (k,). headings: None without a gyro. faulty: where
    it is not believed, (k,), and then it counts as absent; None when it is believed throughout."""

    columns: Columns
    verdict: Verdict
    worn: NDArray[np.bool_]
    wear: Wear
    shifted: NDArray[np.bool_]
    tenths: Tenths
    headings: Headings | None
    faulty: Bools | None = None


class Track:
    """Intake, fusion and rules of one sensor; the features of its last second bridge the chunks."""

    def __init__(self, mounted: Mounted, settings: AnalysisSettings) -> None:
        self.mounted = mounted
        self.intake = Intake()
        self._settings = settings
        self.anchor = Anchor(mounted, settings)
        self._fusion = GravityFusion(settings.vqf_tau_acc_s, settings.gap_s)
        self._last = no_second()
        self._resolution, self._range_end = Resolution(), RangeEnd()
        self._grains: list[tuple[int, Grain]] = []  # what became known of the resolution
        self._sides = sides_of(mounted.placement)
        self._sums: list[Floats] = []  # of the tenths of the new seconds, of a trunk
        self._clear()
        placement, calibration = mounted.placement, mounted.calibration
        self.wear = WearRule(placement, calibration, settings)
        self.faults = FaultWatch(
            mounted.sensor,
            placement,
            scaled=mounted.scaled,
            walking_sd_g=settings.trunk_moving_sd_g,
        )
        thigh = placement is Placement.THIGH
        self.thigh = ThighRule(calibration, settings) if thigh else None
        trunk = KNOWLEDGE[placement].trunk
        self.trunk = TrunkRule(placement, calibration, settings) if trunk else None
        # One that was assumed may have up on another axis: the mean of a day knows better.
        sure = calibration is not None and calibration.method not in (
            ReferenceMethod.NONE, ReferenceMethod.ASSUMED,
        )  # fmt: skip
        upright = calibration.rotation[2] if calibration is not None and sure else None
        self.heading = HeadingRule(settings.gap_s, upright) if YAW in self._sides else None

    @property
    def aligned(self) -> bool:
        """Whether it knows how it sits on the body, given or learnt."""
        rule = self.thigh or self.trunk
        return rule is not None and rule.aligned

    @property
    def fused(self) -> bool:
        """Whether its last second had a gyro."""
        return math.isfinite(float(self._last[Col.UP_X, 0]))

    def settle(self, second: int, *, steady: bool) -> None:
        """Use from `second` on what the seconds before it have shown of the sensor and how it sits.

        steady: nothing is open or pending that a step of the angles could end.
        """
        before, gains = self.anchor.reference, self.anchor.gains
        self.anchor.settle(second, steady=steady)
        if self.anchor.gains is not gains:
            self._range_end.forget()
        if self.anchor.reference is not before or not self.anchor.standing.trusted:
            self._tell()

    def _tell(self) -> None:
        """Tell the rules that go by a given reference how it is seen now."""
        reference = self.anchor.reference
        if reference is not None and self.mounted.calibration is not None:
            for rule in (self.wear, self.thigh, self.trunk):
                if rule is not None:
                    rule.refer(reference)
        if self.thigh is not None and not self.anchor.standing.trusted:
            self.thigh.distrust()

    @property
    def turning(self) -> bool:
        """Whether its turns about the vertical are followed: it has a gyro, on the trunk or the seat."""
        return self.heading is not None and self.heading.heard

    def collect(self, before: int) -> NDArray[np.int64]:
        """Reduce the samples before `before`; returns the seconds they are in."""
        tables: list[Floats] = []
        sides: dict[str, list[Floats]] = {name: [] for name in self._sides}
        for until in self.intake.portions(float(before)):
            rows, lost = self.intake.take(until)
            good = without_spikes(cut(rows, self.anchor.gains))
            self._lost += lost
            self._broken += good.broken.tolist()
            if len(good):
                whole = good
                if good.rows.gyro_dps is not None:
                    whole = with_up(good, self._fusion.up(good.measured()))
                table = reduce_seconds(whole)
                self._grains += self._resolution.learn(whole)
                self._range_end.mark(whole, table, self._resolution.small_from)
                reduced = {name: side.reduce(whole) for name, side in self._sides.items()}
                if whole.up is not None and YAW in reduced:
                    deaf = self.faults.gyro.judge(table, reduced[YAW])
                    if deaf is not None:  # as if it had none
                        whole.sums[4:, :, deaf] = np.nan
                        table[FROM_UP, deaf] = reduce_seconds(whole)[FROM_UP, deaf]
                        reduced[YAW][:, deaf] = np.nan
                tables.append(table)
                for name, one in reduced.items():
                    sides[name].append(one)
                if self.trunk is not None:
                    self._sums.append(whole.sums)
        if tables:
            self._new = _side_by_side(tables)
            self._new_sides = {name: _side_by_side(some) for name, some in sides.items()}
            self.anchor.rest(self._new)
        seconds: Grid = self._new[Col.SECOND].astype(np.int64)
        return seconds

    def columns(self, grid: Grid) -> Columns:
        """What was collected, on `grid`."""
        columns = lay_out(
            grid,
            self._new,
            self._last,
            self._flags(grid),
            self._new_sides,
            self.anchor.told if self.trunk is not None else None,
            self._settings,
        )
        if self._new.shape[1]:
            self._last = self._new[:, -1:].copy()
        self._clear()
        return columns if self.mounted.scaled else without_strength(columns)

    def _clear(self) -> None:
        """Nothing is collected."""
        self._lost: list[int] = []
        self._broken: list[int] = []
        self._new = np.empty((WIDTH, 0))
        self._new_sides = {name: np.empty((side.width, 0)) for name, side in self._sides.items()}

    def _flags(self, grid: Grid) -> NDArray[np.int64] | None:
        """What is known of the samples that are not there, or None when nothing is."""
        if not self._lost and not self._broken:
            return None
        flags = np.zeros(len(grid), dtype=np.int64)
        flags[np.isin(grid, self._broken)] |= Quality.INVALID
        flags[np.isin(grid, self._lost)] |= Quality.LOST
        return flags

    def judge(self, grid: Grid, told: list[int] | None) -> Judged:
        """The verdicts on what was collected. told: see TrunkRule.judge."""
        columns = self.columns(grid)
        fine = self._tenths(columns)
        wear = self.wear.judge(columns, self.intake.charging(grid))
        off = wear.off_since > 0 if np.count_nonzero(wear.off_since) else None
        faulty = self.faults.judge(columns, self._grains)
        self._grains = []
        if faulty is not None:
            if off is not None:
                faulty &= ~off  # off the body it says nothing that could be believed or not
            columns = replace(columns, present=columns.present & ~faulty)
        shifted: Bools = np.zeros(len(grid), dtype=np.bool_)
        shown = columns
        if not self.mounted.scaled:
            shown = restful(columns, self._settings.trunk_moving_sd_g)
        if self.thigh is not None:
            verdict = self.thigh.judge(shown)
        elif self.trunk is not None:
            verdict, shifted = self.trunk.judge(shown, told)
        else:
            verdict = Verdict.none(len(grid))
        worn = columns.present if off is None else columns.present & ~off
        headings = None
        if self.heading is not None:
            rest_sd_g = np.maximum.reduce(columns.sd_second_g, axis=0)
            headings = self.heading.judge(grid, columns.sides[YAW], rest_sd_g)
        if not self.anchor.standing.trusted:
            shifted = np.ones(len(grid), dtype=np.bool_)
        self.anchor.wear(columns, worn, verdict.activity == Activity.LYING, wear.put_on_at)
        return Judged(columns, verdict, worn, wear, shifted, fine, headings, faulty)

    def _tenths(self, columns: Columns) -> Tenths:
        """The tenths of what was collected."""
        sums, self._sums = self._sums, []
        told = self.anchor.told
        if not sums or told is None:
            return none(len(columns.seconds))
        return tenths(columns, sums, told, self._settings.bend_enter_deg)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "mounted": fingerprint(self.mounted),
            "intake": self.intake.save(),
            "fusion": self._fusion.save(),
            "row": self._last[:, 0].tolist(),
            "wear": self.wear.save(),
            "faults": self.faults.save(),
            "resolution": self._resolution.save(),
            "range_end": self._range_end.save(),
            "anchor": self.anchor.save(),
            "thigh": None if self.thigh is None else self.thigh.save(),
            "trunk": None if self.trunk is None else self.trunk.save(),
            "heading": None if self.heading is None else self.heading.save(),
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave; the caller has compared the fingerprints."""
        self.intake.load(saved["intake"], self.mounted.sensor)
        self._fusion.load(saved["fusion"])
        last: Floats = np.array(saved["row"], dtype=np.float64)
        if last.shape != (WIDTH,):
            raise ValueError("the saved row has another width")
        self._last = last[:, None]
        self.wear.load(saved["wear"])
        self.faults.load(saved["faults"])
        self._resolution.load(saved["resolution"])
        self._range_end.load(saved["range_end"])
        self.anchor.load(saved["anchor"])
        if self.thigh is not None:
            self.thigh.load(saved["thigh"])
        if self.trunk is not None:
            self.trunk.load(saved["trunk"])
        if self.heading is not None:
            self.heading.load(saved["heading"])
        self._tell()

    def keep(self, saved: dict[str, Any]) -> None:
        """What `save` gave of the same sensor worn or calibrated otherwise: what it knows of itself."""
        self.anchor.load_rests(saved["anchor"])
        self._tell()


def _side_by_side(tables: list[Floats]) -> Floats:
    return tables[0] if len(tables) == 1 else np.concatenate(tables, axis=-1)


def fingerprint(mounted: Mounted) -> list[Any]:
    """What decides whether saved filters still fit, as JSON values."""
    c = mounted.calibration
    how = None if c is None else [c.made_at, c.method.value, [list(row) for row in c.rotation]]
    kind = [mounted.placement.value, how, None if c is None else c.slouch_deg]
    return kind if mounted.scaled else [*kind, "direction"]
