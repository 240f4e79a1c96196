"""Figures as they are told: rounded to what can be known, and nothing becomes certain by it."""

import math

#: Digits that figures are rounded to: finer than any sensor here can know.
FIGURE_DIGITS = 3


def known(value: float | None) -> float | None:
    """The figure in FIGURE_DIGITS, or None where it cannot be known (NaN, infinite)."""
    if value is None or not math.isfinite(value):
        return None
    return round(value, FIGURE_DIGITS) + 0.0  # no -0.0


def share(value: float | None) -> float | None:
    """A probability likewise; only what is quite certain is 0 or 1."""
    rounded = known(value)
    if value is None or rounded is None or not 0.0 < value < 1.0:
        return rounded
    least = 10.0**-FIGURE_DIGITS
    return min(max(rounded, least), 1.0 - least)
