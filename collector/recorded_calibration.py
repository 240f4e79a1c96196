"""A calibration as a recording carries it: JSON there and back, exactly."""

import math

from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement


def calibration_fields(calibration: Calibration) -> dict[str, object]:
    """The calibration without what the sensor of the recording says already; None for NaN."""
    sigma_deg = calibration.sigma_deg
    return {
        "made_at": calibration.made_at,
        "method": calibration.method.value,
        "rotation": [list(row) for row in calibration.rotation],
        "slouch_deg": calibration.slouch_deg,
        "sigma_deg": None if math.isnan(sigma_deg) else sigma_deg,
        "placement": calibration.placement.value,
    }


def calibration_from(fields: object, sensor: str, placement: Placement) -> Calibration:
    """The calibration of `sensor`, worn at `placement`. Raises ValueError for what is none."""
    if not isinstance(fields, dict):
        raise ValueError("is no object")  # noqa: TRY004 - a file says so, not a caller
    rows = fields.get("rotation")
    if not (isinstance(rows, list) and len(rows) == 3):
        raise ValueError("rotation has no three rows")
    x, y, z = (_row(row) for row in rows)
    slouch_deg, sigma_deg = fields.get("slouch_deg"), fields.get("sigma_deg")
    return Calibration(
        sensor=sensor,
        placement=Placement(fields.get("placement", placement.value)),
        made_at=_number(fields.get("made_at")),
        method=ReferenceMethod(str(fields.get("method"))),
        rotation=(x, y, z),
        slouch_deg=None if slouch_deg is None else _number(slouch_deg),
        sigma_deg=math.nan if sigma_deg is None else _number(sigma_deg),
    )


def _row(values: object) -> tuple[float, float, float]:
    if not (isinstance(values, list) and len(values) == 3):
        raise ValueError("a row of the rotation has no three numbers")
    x, y, z = (_number(value) for value in values)
    return x, y, z


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)
