"""One number that a user may set: its range, its sentence, and where its default comes from."""

from dataclasses import field
from typing import Any


def knob(default: float, low: float, high: float, sentence: str, source: str = "") -> Any:
    """A dataclass field with `range` (both ends included), `sentence` and `source` in its metadata."""
    return field(
        default=default, metadata={"range": (low, high), "sentence": sentence, "source": source}
    )
