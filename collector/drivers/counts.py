"""Integers on the wire and the physical values they stand for, both ways."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from domain.samples import Floats


def triplets(payload: bytes, dtype: DTypeLike, *, offset: int = 0, count: int = -1) -> Floats:
    """`count` rows of x, y, z from `offset` (all that are there by default), shape (n, 3), as they stand.

    dtype: of one value with its byte order, as "<i2". The caller has checked the length; bytes that
    make no whole row raise ValueError.
    """
    values = 3 * count if count >= 0 else -1
    flat = np.frombuffer(payload, dtype, values, offset)
    return flat.reshape(-1, 3).astype(np.float64)


def to_counts(values: Floats, per_unit: float, dtype: DTypeLike) -> NDArray[Any]:
    """`values` x `per_unit`, rounded and saturated to an integer dtype; what is no number becomes 0."""
    limits = np.iinfo(np.dtype(dtype))
    counts = np.rint(np.nan_to_num(np.asarray(values, np.float64) * per_unit, nan=0.0))
    return np.clip(counts, limits.min, limits.max).astype(dtype)


def directions(vectors: Floats) -> Floats:
    """(n, 3) vectors of any scale at length 1; NaN where the length is 0."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    out: Floats = vectors / np.where(length > 0.0, length, np.nan)
    return out
