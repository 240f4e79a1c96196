"""Integers on the wire and the physical values they stand for, both ways."""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from domain.samples import Floats

#: Four times the widest ranges of such chips, +-16 g and +-2000 deg/s.
MOST_G: Final = 64.0
MOST_DPS: Final = 8000.0


def triplets(payload: bytes, dtype: DTypeLike, *, offset: int = 0, count: int = -1) -> Floats:
    """`count` rows of x, y, z from `offset` (all that are there by default), shape (n, 3), as they stand.

    dtype: of one value with its byte order, as "<i2". The caller has checked the length; bytes that
    make no whole row raise ValueError.
    """
    values = 3 * count if count >= 0 else -1
    return as_floats(np.frombuffer(payload, dtype, values, offset).reshape(-1, 3))


def as_floats(values: NDArray[Any]) -> Floats:
    """`values` as 64-bit floats, without a warning of a NaN that signals."""
    if values.dtype.kind != "f":
        return values.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return values.astype(np.float64)


def measurable(acc_g: Floats, gyro_dps: Floats | None = None) -> bool:
    """Whether a chip that is worn can have measured it: sent as floats, damage can be any number or none."""
    fits = bool((np.abs(acc_g) <= MOST_G).all())  # false for NaN
    return fits and (gyro_dps is None or bool((np.abs(gyro_dps) <= MOST_DPS).all()))


def to_counts(values: Floats, per_unit: float, dtype: DTypeLike) -> NDArray[Any]:
    """`values` x `per_unit`, rounded and saturated to an integer dtype; what is no number becomes 0."""
    lowest, highest = _limits(np.dtype(dtype))
    counts = np.asarray(values, np.float64) * per_unit
    counts = np.rint(np.where(np.isnan(counts), 0.0, counts))
    saturated = np.maximum(np.minimum(counts, highest), lowest)
    return saturated.astype(dtype)


@cache
def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return limits.min, limits.max


def quantised(values: Floats, full_scale: float) -> Floats:
    """What a chip of 16 bits leaves of `values`; what is no number becomes 0."""
    counts: Floats = to_counts(values, 2**15 / full_scale, "<i2") * (full_scale / 2**15)
    return counts


def directions(vectors: Floats) -> Floats:
    """(n, 3) vectors of any scale at length 1; NaN where the length is 0."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    out: Floats = vectors / np.where(length > 0.0, length, np.nan)
    return out
