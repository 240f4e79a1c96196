"""What a sensor is set to once its driver has started it, found without a radio: both are pure."""

import copy
from collections import deque

from collector.drivers.contract import (
    INFORMATION,
    Command,
    Encoder,
    Read,
    Repeat,
    Sent,
    Write,
)
from collector.drivers.registry import driver_of

_LONGEST = 1000  # commands; no handshake comes near


def started(encoder: Encoder) -> Encoder:
    """A copy of `encoder` as its driver's start leaves it: rate_hz, chunk and full scale may differ.

    A source for the sensor is to have this rate. Raises HandshakeError when the driver is refused.
    """
    sensor = copy.deepcopy(encoder)
    driver = driver_of(sensor)
    commands: deque[Command] = deque(driver.start())
    for _ in range(_LONGEST):
        if not commands:
            break
        for message in perform(sensor, commands.popleft()):
            events = driver.feed(message.characteristic, message.payload, 0.0)
            commands.extend(event for event in events if isinstance(event, Write | Read))
    return sensor


def perform(sensor: Encoder, command: Command) -> tuple[Sent, ...]:
    """What the sensor answers to one command; nothing to what it does not have."""
    if isinstance(command, Repeat):
        command = command.command
    if isinstance(command, Write):
        return sensor.written(command.characteristic, command.payload)
    own = {one.uuid for service in sensor.gatt() for one in service.characteristics}
    if command.characteristic not in own:
        # the battery, which the peripheral adds; or information it does not have
        silent = command.characteristic not in INFORMATION
        return () if silent else (Sent(command.characteristic, b""),)
    return (Sent(command.characteristic, sensor.read(command.characteristic)),)
