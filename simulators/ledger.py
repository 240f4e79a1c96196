"""What became of every sample a simulated sensor took, so that a test can account for each of them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_KEPT_SPANS = 100_000  # some megabytes; hours of a sensor that loses every twentieth packet


class Fate(StrEnum):
    """What became of a sample: handed to the radio, lost in the air, or never sent."""

    SENT = "sent"
    DROPPED = "dropped"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of samples; `taken` is the sum of the other three."""

    sent: int = 0
    dropped: int = 0
    withheld: int = 0

    @property
    def taken(self) -> int:
        """Samples the sensor took."""
        return self.sent + self.dropped + self.withheld


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive samples of one fate: indices `first` up to and without `end`."""

    first: int
    end: int
    fate: Fate


class Ledger:
    """Books samples in the order of their index, without gaps.

    The totals cover everything since the start; of the spans the newest 100,000 are kept.
    A sample counts as sent when it was handed to a link that was up; a link that breaks before the
    host has it loses it all the same.
    """

    def __init__(self) -> None:
        self._spans: deque[Span] = deque(maxlen=_KEPT_SPANS)
        self._totals = dict.fromkeys(Fate, 0)

    @property
    def tally(self) -> Tally:
        """Everything since the start."""
        return Tally(**{str(fate): n for fate, n in self._totals.items()})

    @property
    def first_index(self) -> int | None:
        """Index of the first sample that is still booked singly, None before there is one."""
        return self._spans[0].first if self._spans else None

    @property
    def end_index(self) -> int | None:
        """One past the index of the newest sample, None before there is one."""
        return self._spans[-1].end if self._spans else None

    @property
    def spans(self) -> tuple[Span, ...]:
        """The kept spans, oldest first; neighbours differ in fate."""
        return tuple(self._spans)

    def book(self, first: int, n: int, fate: Fate) -> None:
        """Book samples `first` to `first + n - 1`. Raises ValueError unless they follow the last ones."""
        end = self.end_index
        if n <= 0 or (end is not None and first != end):
            raise ValueError(f"samples {first}..{first + n - 1} after {end}")
        self._totals[fate] += n
        if self._spans and self._spans[-1].fate is fate:
            self._spans[-1] = Span(self._spans[-1].first, first + n, fate)
        else:
            self._spans.append(Span(first, first + n, fate))

    def between(self, first: int, end: int) -> Tally:
        """The fates of samples `first` up to and without `end`.

        Raises ValueError when some of them are not booked, or are no longer.
        """
        if not self._spans or first < self._spans[0].first or end > self._spans[-1].end:
            raise ValueError(f"samples {first}..{end - 1} are not all booked")
        counts = dict.fromkeys(Fate, 0)
        for span in self._overlapping(first, end):
            counts[span.fate] += min(end, span.end) - max(first, span.first)
        return Tally(**{str(fate): n for fate, n in counts.items()})

    def _overlapping(self, first: int, end: int) -> Iterator[Span]:
        return (span for span in self._spans if span.first < end and span.end > first)
