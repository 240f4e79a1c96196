"""The sensor itself: it buzzes, beeps or blinks, where it can, and says no word."""

from collections.abc import Awaitable, Callable, Sequence

from alerts.channels.contract import Ability, Announcement, Delivered, NotDelivered, Result
from domain.errors import ConflictError, DeviceError, LinkError, NotFoundError, UnsupportedError
from domain.people import Sensor


class SensorSignal:
    """identify: has a sensor show itself, as its driver can (`collector.Collector.identify`), and raises
    NotFoundError, ConflictError, UnsupportedError, DeviceError or a LinkError. sensors: of a wearer, now."""

    kind = "sensor"
    name = "sensor"
    ability = Ability(says_words=False)

    def __init__(
        self,
        identify: Callable[[str], Awaitable[None]],
        sensors: Callable[[str], Sequence[Sensor]],
    ) -> None:
        self._identify = identify
        self._sensors = sensors
        #: Those that said that they have nothing to show themselves with.
        self._mute: set[str] = set()

    def problem(self) -> str | None:
        """Which sensors can, is seen when it is tried."""
        return None

    async def deliver(self, announcement: Announcement) -> Result:
        """One of the wearer's sensors is enough; those of before that could not are asked last."""
        sensors = sorted(self._sensors(announcement.wearer), key=lambda each: each.id in self._mute)
        problem, again = "no sensor is worn", True
        for sensor in sensors:
            try:
                await self._identify(sensor.id)
            except UnsupportedError:
                self._mute.add(sensor.id)
                if problem == "no sensor is worn":
                    problem, again = "no sensor that is worn can buzz, beep or blink", False
            except (NotFoundError, ConflictError):
                problem, again = f"{sensor.name} is not connected", True
            except (DeviceError, LinkError):
                problem, again = f"{sensor.name} did not take it", True
            else:
                self._mute.discard(sensor.id)
                return Delivered()
        return NotDelivered(problem, again=again)

    async def withdraw(self, alert_id: str) -> None:
        """A buzz is over by itself."""

    async def run(self) -> None:
        """Nothing goes on between two."""

    async def close(self) -> None:
        """There is nothing to let go of."""
