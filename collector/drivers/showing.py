"""Ends the sign by which a sensor shows which one it is, where the sensor would not end it itself."""

from collector.drivers.contract import Write

SHOWN_S = 3.0  # long enough to be seen among others, short enough not to be in the way


class Showing:
    """A driver knows no clock: the time of the first thing it is fed after `begin` starts the count."""

    def __init__(self) -> None:
        self._ending: tuple[Write, ...] = ()
        self._since: float | None = None

    def begin(self, *ending: Write) -> None:
        """The sign has been asked for; `ending` are the writes that end it."""
        self._ending, self._since = ending, None

    def due(self, now: float) -> tuple[Write, ...]:
        """The writes that end the sign, once, when it has lasted SHOWN_S; `now` is Unix s."""
        if not self._ending:
            return ()
        if self._since is None or now < self._since:
            self._since = now
        if now - self._since < SHOWN_S:
            return ()
        ending, self._ending = self._ending, ()
        return ending
