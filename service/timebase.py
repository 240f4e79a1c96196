"""The service's clock: the wall clock, or one that runs faster for the impatient."""

import time


class Timebase:
    """Unix seconds that start at `start` and pass `speed` times as fast as the wall's.

    At speed 1 without a start it is the wall clock itself, clock steps included, because arrival
    times must agree with everything else on the machine. Raises ValueError for a speed below 1.
    """

    def __init__(self, *, speed: float = 1.0, start: float | None = None) -> None:
        if not speed >= 1.0:
            raise ValueError(f"speed {speed}: must be at least 1")
        self.speed = speed
        self._virtual = speed != 1.0 or start is not None
        self._start = time.time() if start is None else start
        self._began = time.monotonic()

    def now(self) -> float:
        """The present time, Unix seconds."""
        if not self._virtual:
            return time.time()
        return self._start + (time.monotonic() - self._began) * self.speed
