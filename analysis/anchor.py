"""What the angles of one sensor are measured from, and what its axes are worth: given, learnt, checked.

Changes come into force in `settle` alone, which the pipeline calls at full hours.
"""

from dataclasses import dataclass
from typing import Any

from analysis.automatic import WALKING_LEAN_DEG, Wearing
from analysis.calibration import with_gains
from analysis.columns import Bools, Columns
from analysis.features import Grid
from analysis.reference import Slip, Standing, differs, facing, learnt_reference, standing
from analysis.rests import Rests
from analysis.settings import AnalysisSettings
from domain.gains import Gains
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from domain.samples import Floats


@dataclass(frozen=True, slots=True)
class Mounted:
    """A sensor on a body: where it is worn and, when it was calibrated, how it sits there.

    scaled: whether the length of its acceleration is known; without, it has length 1 and tells
    directions, never how strong a movement is.
    """

    sensor: str
    placement: Placement
    calibration: Calibration | None
    scaled: bool = True


class Anchor:
    """reference: in force, given or learnt, or None. standing: how a given one stands."""

    def __init__(self, mounted: Mounted, settings: AnalysisSettings) -> None:
        self._mounted = mounted
        self._settings = settings
        self._rests = Rests() if mounted.scaled else None
        knows = mounted.scaled and mounted.placement in WALKING_LEAN_DEG
        self._wearing = Wearing(mounted.placement) if knows else None
        self.reference = mounted.calibration
        self.standing = Standing()

    @property
    def gains(self) -> Gains | None:
        """What its axes are worth, where rest has shown it."""
        return None if self._rests is None else self._rests.gains

    @property
    def told(self) -> Calibration | None:
        """The reference for angles: one whose forward is only assumed could give a lean either sign, and
        is used only when the caller asked for it."""
        own = self.reference
        if own is None or self._mounted.calibration is not None:
            return own
        return None if own.method is ReferenceMethod.ASSUMED else own

    @property
    def finding(self) -> bool:
        """Whether it still has to find out how the sensor sits."""
        return self._wearing is not None and self.told is None

    def rest(self, table: Floats) -> None:
        """Take features (Col, m) of whole seconds, with the gains in force."""
        if self._rests is not None:
            self._rests.feed(table)

    def wear(self, columns: Columns, worn: Bools, lying: Bools, put_on_at: Grid) -> None:
        """Take seconds on the grid (k,)."""
        if self._wearing is None:
            return
        settings = self._settings
        thigh = self._mounted.placement is Placement.THIGH
        from_g = settings.moving_sd_g if thigh else settings.trunk_moving_sd_g
        walking = (columns.sd_g >= from_g) & (columns.sd_g < settings.running_sd_g)
        self._wearing.feed(columns, walking, worn, lying, put_on_at)

    def settle(self, second: int, *, steady: bool) -> None:
        """Use from `second` on what the seconds before it have shown; angles change when steady alone.

        Whether a reference is trusted is settled in any case: one that slipped may itself be what keeps
        an episode open.
        """
        gains = None if self._rests is None or not steady else self._rests.fitted(second)
        if gains is not None and self._rests is not None:
            self._rests.gains = gains
            self._regain()
        if self._wearing is not None:
            self._hold_against(self._wearing, second, steady=steady)

    def _hold_against(self, wearing: Wearing, second: int, *, steady: bool) -> None:
        learnt = wearing.learnt
        wearing.forget()
        if learnt is None:
            return
        given, mounted = self._mounted.calibration, self._mounted
        if given is None or self.reference is None:
            found = learnt_reference(learnt, mounted.sensor, mounted.placement, second)
            if steady and differs(found, self.reference):
                self.reference = found
            return
        if given.method is ReferenceMethod.ASSUMED:
            return
        one = given.method is ReferenceMethod.ONE_POSE
        if one and steady and learnt.forward is not None:
            self.reference = facing(self.reference, learnt.forward)
        self.standing = standing(learnt, wearing.jump_deg, self.reference, self._settings.shift_deg)

    def _regain(self) -> None:
        gains, given = self.gains, self._mounted.calibration
        if gains is not None and given is not None:
            self.reference = with_gains(given, gains)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        own = self.reference
        return {
            "rests": None if self._rests is None else self._rests.save(),
            "wearing": None if self._wearing is None else self._wearing.save(),
            "standing": [self.standing.slip.value, self.standing.off_deg],
            "reference": None if own is None or own is self._mounted.calibration else _save(own),
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave, with the same Mounted."""
        self.load_rests(saved)
        if self._wearing is not None:
            self._wearing.load(saved["wearing"])
        slip, off_deg = saved["standing"]
        self.standing = Standing(Slip(slip), float(off_deg))
        if saved["reference"] is not None:
            self.reference = _load(self._mounted, saved["reference"])

    def load_rests(self, saved: dict[str, Any]) -> None:
        """What was known of the sensor itself, which holds wherever it is worn now."""
        if self._rests is not None and saved["rests"] is not None:
            self._rests.load(saved["rests"])
            self._regain()


def _save(own: Calibration) -> list[Any]:
    rows = [list(row) for row in own.rotation]
    return [own.made_at, own.method.value, rows, own.slouch_deg, own.sigma_deg]


def _load(mounted: Mounted, saved: list[Any]) -> Calibration:
    made_at, method, rows, slouch_deg, sigma_deg = saved
    x, y, z = ((float(a), float(b), float(c)) for a, b, c in rows)
    return Calibration(
        sensor=mounted.sensor,
        placement=mounted.placement,
        made_at=float(made_at),
        method=ReferenceMethod(method),
        rotation=(x, y, z),
        slouch_deg=None if slouch_deg is None else float(slouch_deg),
        sigma_deg=float(sigma_deg),
    )
