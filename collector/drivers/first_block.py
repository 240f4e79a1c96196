"""The start of a sensor that answers no command to start: its first block says that it streams."""

from collections.abc import Iterable

from collector.drivers.contract import Event, Started
from domain.samples import DeviceBlock


class FirstBlock:
    """Told once a connection. A driver makes a new one in `start`."""

    def __init__(self) -> None:
        self._come = False

    def told(self, blocks: Iterable[DeviceBlock]) -> tuple[Event, ...]:
        """`blocks`, and before the first there ever was Started at its rate."""
        events: tuple[Event, ...] = tuple(blocks)
        if self._come or not events:
            return events
        self._come = True
        assert isinstance(events[0], DeviceBlock)
        return (Started(events[0].rate_hz), *events)
