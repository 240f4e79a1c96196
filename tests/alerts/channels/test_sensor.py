"""The sensor itself as a channel."""

from dataclasses import replace

from alerts.channels.contract import Delivered, NotDelivered
from alerts.channels.sensor import SensorSignal
from alerts.channels.texts import announcement_of
from domain.errors import ConflictError, LinkTimeoutError, UnsupportedError
from tests.alerts.channels.benches import CLIP
from tests.alerts.channels.desk_of_channels import ALERT

SAID = announcement_of(ALERT, "en")
BAND = replace(CLIP, id="BB", name="Band")


class Sensors:
    def __init__(self, **errors: Exception) -> None:
        self.errors = errors
        self.asked: list[str] = []

    async def identify(self, sensor: str) -> None:
        self.asked.append(sensor)
        if sensor in self.errors:
            raise self.errors[sensor]


async def test_one_sensor_is_enough_and_one_that_cannot_is_asked_last_from_then_on() -> None:
    sensors = Sensors(AA=UnsupportedError("it has nothing to do it with"))
    channel = SensorSignal(sensors.identify, lambda wearer: [CLIP, BAND])
    assert await channel.deliver(SAID) == Delivered()
    assert await channel.deliver(SAID) == Delivered()
    assert sensors.asked == ["AA", "BB", "BB"]


async def test_where_none_can_that_is_said_and_not_tried_again() -> None:
    sensors = Sensors(AA=UnsupportedError("no"), BB=UnsupportedError("no"))
    channel = SensorSignal(sensors.identify, lambda wearer: [CLIP, BAND])
    problem = "no sensor that is worn can buzz, beep or blink"
    assert await channel.deliver(SAID) == NotDelivered(problem, again=False)


async def test_one_that_is_not_connected_may_be_later() -> None:
    for error in (ConflictError("not connected"), LinkTimeoutError("no answer")):
        channel = SensorSignal(Sensors(AA=error).identify, lambda wearer: [CLIP])
        result = await channel.deliver(SAID)
        assert isinstance(result, NotDelivered)
        assert result.again
        assert result.problem.startswith("Clip ")


async def test_without_a_sensor_there_is_nothing_to_feel() -> None:
    channel = SensorSignal(Sensors().identify, lambda wearer: [])
    assert await channel.deliver(SAID) == NotDelivered("no sensor is worn", again=True)
