"""Which time of whom this service did not measure: it was replayed (`sitwell replay --data-dir`).

Kept beside what was replayed, in the same transactions, as a state of the wearer's.
"""

import json
from collections.abc import Mapping
from typing import Final, NamedTuple, Self

from storage.contract import LASTING

_STATE: Final = f"{LASTING}replayed/"


class Span(NamedTuple):
    """Unix s, half-open."""

    start: int
    end: int


class ReplayedTime:
    """Spans by wearer, in order and apart from each other."""

    def __init__(self, spans: Mapping[str, tuple[Span, ...]] | None = None) -> None:
        self._spans = dict(spans or {})

    @classmethod
    def of(cls, states: Mapping[str, bytes]) -> Self:
        """As the states of a store have it."""
        return cls(
            {
                key.removeprefix(_STATE): tuple(Span(*each) for each in json.loads(value))
                for key, value in states.items()
                if key.startswith(_STATE)
            }
        )

    def add(self, wearer: str, span: Span) -> dict[str, bytes]:
        """This too was replayed; returns the state to be written with it."""
        spans: list[Span] = []
        for each in sorted((*self.of_wearer(wearer), span)):
            if spans and each.start <= spans[-1].end:
                spans[-1] = Span(spans[-1].start, max(spans[-1].end, each.end))
            else:
                spans.append(each)
        self._spans[wearer] = tuple(spans)
        return {_STATE + wearer: json.dumps(spans).encode()}

    def of_wearer(self, wearer: str) -> tuple[Span, ...]:
        """All that was replayed of theirs."""
        return self._spans.get(wearer, ())

    def overlaps(self, wearer: str, start: float, end: float) -> bool:
        """Whether any of the wearer's time in [start, end) was."""
        return any(each.start < end and each.end > start for each in self.of_wearer(wearer))

    def forget(self, wearer: str) -> None:
        """All there was of the wearer is erased."""
        self._spans.pop(wearer, None)
