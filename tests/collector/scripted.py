"""A radio, a sensor and a driver of our own making, for sessions that have to go wrong on cue."""

import asyncio
import contextlib
import struct
from collections import deque

import numpy as np

from collector.drivers.contract import (
    BATTERY_LEVEL,
    Advertisement,
    Guide,
    Halted,
    Read,
    Started,
    Write,
    manufacturer_channel,
)
from domain.errors import HandshakeError, PayloadError
from domain.people import Sensor
from domain.placement import Placement
from domain.samples import DeviceBlock

ADDRESS = "C0:FF:EE:00:00:01"
CONTROL, DATA = "control", "data"
BEACON = manufacturer_channel(0x1234)
RATE_HZ = 50.0
CHUNK = 10


def payload(first: int, n: int = CHUNK) -> bytes:
    """Samples `first` to `first + n - 1`."""
    return b"S" + struct.pack("<IB", first, n)


class ToyDriver:
    """`S` + number of the first sample + count; answers `OK` to `GO` on the control characteristic."""

    name = "toy"
    title = "Toy"
    connects = True
    measures = ("acc",)
    guide = Guide(("Toy",), (Placement.SEAT,), "Anyhow.", (), "this file")

    @classmethod
    def matches(cls, advertisement):
        return advertisement.name == "Toy"

    def subscriptions(self):
        return (CONTROL, DATA)

    def start(self):
        return (Write(CONTROL, b"GO"),)

    def stop(self):
        return (Write(CONTROL, b"STOP"),)

    def feed(self, characteristic, payload, now):
        if characteristic == CONTROL:
            if payload == b"OK":
                return (Started(RATE_HZ),)
            if payload == b"HALT":
                return (Halted("asked to"),)
            if payload == b"ASK":
                return (Read(CONTROL),)
            raise HandshakeError(self.name, "refused", code=7)
        if payload[:1] != b"S" or len(payload) != 6:
            raise PayloadError(self.name, "no frame", payload)
        first, n = struct.unpack("<IB", payload[1:])
        times = (first + np.arange(n)) / RATE_HZ
        return (DeviceBlock(times, np.zeros((n, 3)), None, RATE_HZ),)


class ToyBeacon(ToyDriver):
    name = "beacon"
    connects = False

    def subscriptions(self):
        return (BEACON,)

    def start(self):
        return ()

    def feed(self, characteristic, payload, now):
        (number,) = struct.unpack("<H", payload)
        return (DeviceBlock(None, np.zeros((1, 3)), None, 1.0, number, 65535),)


class ScriptedConnection:
    """What a sensor does with its host: records the writes, answers `GO` unless told not to."""

    def __init__(self, radio, address, on_lost):
        self.radio, self.address, self.on_lost = radio, address, on_lost
        self.subscribed, self.writes = {}, []
        self.lost = self.closed = False
        self.index = None

    def has(self, characteristic, service=None):
        return characteristic in self.radio.characteristics

    async def subscribe(self, characteristic, on_payload):
        await asyncio.sleep(0)
        self.subscribed[characteristic] = on_payload

    async def write(self, characteristic, payload, *, response, service=None):
        await asyncio.sleep(0)
        if self.radio.writes_hang:
            await asyncio.sleep(3600)
        self.writes.append(payload)
        if payload == b"GO" and self.radio.answer is not None:
            self.subscribed[CONTROL](self.radio.answer)

    async def read(self, characteristic):
        await asyncio.sleep(0)
        return b"\x57" if characteristic == BATTERY_LEVEL else b"OK"

    async def close(self):
        await asyncio.sleep(0)
        self.lost = self.closed = True

    def drop(self):
        self.lost = True
        self.on_lost()

    def send(self, first, n=CHUNK):
        self.subscribed[DATA](payload(first, n))


class ScriptedRadio:
    """Stands in for collector.radio.Radio. `refusals`: errors that the next connects raise, in order."""

    def __init__(self):
        self.problem = None
        self.refusals = deque()
        self.answer = b"OK"
        self.writes_hang = False
        self.characteristics = {CONTROL, DATA}
        self.connections = []
        self.connecting = 0
        self.connect_hangs = False
        self.listeners = []
        self.freed = []
        self.forgotten = []
        self.connected = asyncio.Event()

    @contextlib.contextmanager
    def listening(self, listener):
        self.listeners.append(listener)
        try:
            yield
        finally:
            self.listeners.remove(listener)

    def advertise(self, address=ADDRESS, **data):
        for listener in list(self.listeners):
            listener(Advertisement(address, "Toy", -50, 0.0, **data))

    async def free(self, address):
        self.freed.append(address)

    async def forget(self, address):
        self.forgotten.append(address)

    async def connect(self, address, on_lost):
        self.connecting += 1
        if self.connect_hangs:
            await asyncio.sleep(3600)
        if self.refusals:
            raise self.refusals.popleft()
        connection = ScriptedConnection(self, address, on_lost)
        self.connections.append(connection)
        self.connected.set()
        return connection

    async def run(self):
        await asyncio.sleep(3600)


def sensor(driver="toy", address=ADDRESS):
    return Sensor(address, driver, "my toy", "me", Placement.UPPER_BACK, 0.0)
