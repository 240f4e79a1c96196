"""Simulated sensors whose every sample says its own number, and a collector that listens to them."""

import asyncio
import contextlib
from array import array

import numpy as np

from collector.collector import Collector
from collector.drivers.contract import Encrypts
from collector.drivers.registry import encoder_named
from collector.radio import Radio
from collector.timings import Timings
from domain.people import Sensor
from domain.placement import Placement
from simulators.peripheral import Peripheral
from simulators.radio import BumbleClient, BumbleScanner, BumbleWorld
from tests.virtual_time import now_s

QUICK = Timings(silent_after_s=0.6, handshake_s=5.0, backoff_first_s=0.1, backoff_cap_s=0.4)
EPOCH = 1_763_805_600.0
AHEAD = 4096  # samples made at once
DIGIT = 1900  # numbers in two digits, as mg from -0.95 g to 0.95 g: a sensor of 2 g carries them


def numbered(indices):
    """acc_g (n, 3) from which `numbers` reads the indices again."""
    x = indices % DIGIT - DIGIT // 2
    y = indices // DIGIT % DIGIT - DIGIT // 2
    return np.stack([x, y, np.full(len(indices), 500)], axis=1) / 1000.0


def numbers(acc_g):
    x, y = np.round(acc_g[:, :2] * 1000.0).astype(int).T + DIGIT // 2
    return x + DIGIT * y


class NumberedSource:
    """A sensor's samples, true to their number; the device clock drifts, the air loses packets."""

    def __init__(self, rate_hz, power_on, *, drift=0.0, loss=0.0, seed=0):
        self.rate_hz, self.power_on, self.drift = rate_hz, power_on, drift
        self._lost = np.random.default_rng(seed).random(1 << 16) < loss
        self._made_from, self._made = 0, (np.empty(0), np.empty((0, 3)), np.empty((0, 3)))

    def samples(self, first_index, n):
        start = first_index - self._made_from
        if start < 0 or start + n > len(self._made[0]):
            indices = np.arange(first_index, first_index + max(n, AHEAD))
            still = np.zeros((len(indices), 3))
            self._made_from, start = first_index, 0
            self._made = indices / self.rate_hz, numbered(indices), still
        times, acc_g, gyro_dps = (made[start : start + n] for made in self._made)
        return times, acc_g, gyro_dps

    def true_time(self, index):
        return self.power_on + index / self.rate_hz * (1.0 + self.drift)

    def index_at(self, true_time):
        return int(np.floor((true_time - self.power_on) * self.rate_hz / (1.0 + self.drift)))

    def is_lost(self, packet_index):
        return bool(self._lost[packet_index % len(self._lost)])


class Account:
    """Follows one sensor's blocks by the numbers in them, and what became of the samples between."""

    def __init__(self):
        self.blocks = self.received = self.lost = 0
        self.first = self.last = None
        self.misses = []  # (expected number, number) where lost_before was not what was missing
        self.errors_s = array("d")  # of a soak there are many
        self.last_time = -np.inf

    def take(self, block, source):
        index = numbers(block.acc_g)
        assert (np.diff(index) == 1).all(), "samples inside a block follow each other"
        assert block.times[0] > self.last_time
        self.last_time = float(block.times[-1])
        if self.first is None:
            self.first = int(index[0])
        elif int(index[0]) != self.last + 1 + block.lost_before:
            self.misses.append((self.last + 1 + block.lost_before, int(index[0])))
        self.last = int(index[-1])
        self.blocks += 1
        self.received += len(block)
        self.lost += block.lost_before
        self.errors_s.append(float(block.times[-1] - source.true_time(self.last)))

    @property
    def taken(self):
        """Samples the sensor took from the first to the last one received."""
        return self.last - self.first + 1


class Bench:
    """A world with sensors of some kinds, and a collector on it; `speed` times as fast as the loop.

    wearers: who wear the sensors, in turn. radio_options: further ones of the radio. encoders: of kinds
    that are not to be as delivered.
    """

    def __init__(
        self,
        kinds,
        *,
        speed=8.0,
        drift=0.003,
        loss=0.0,
        timings=QUICK,
        wearers=("w",),
        radio_options=None,
        encoders=None,
    ):
        self.kinds, self.speed, self.drift, self.loss = kinds, speed, drift, loss
        self.timings = timings
        self.wearers = wearers
        self.radio_options = radio_options or {}
        self.encoders = encoders or {}
        self.peripherals, self.sources, self.accounts = {}, {}, {}
        self.statuses = []

    def clock(self):
        return EPOCH + now_s() * self.speed

    async def __aenter__(self):
        async with contextlib.AsyncExitStack() as stack:
            self.world = await stack.enter_async_context(BumbleWorld())
            sensors = []
            for k, kind in enumerate(self.kinds):
                address = f"C0:00:00:00:00:{k + 1:02X}"
                encoder = self.encoders.get(kind, encoder_named(kind))()
                source = NumberedSource(
                    encoder.rate_hz, EPOCH - 50.0, drift=self.drift, loss=self.loss, seed=k
                )
                self.peripherals[kind] = await stack.enter_async_context(
                    Peripheral(
                        self.world,
                        address=address,
                        encoder=encoder,
                        source=source,
                        clock=self.clock,
                        speed=self.speed,
                    )
                )
                self.sources[address] = source
                self.accounts[address] = self.accounts[kind] = Account()
                sensors.append(
                    Sensor(
                        address,
                        encoder.driver,
                        kind,
                        self.wearers[k % len(self.wearers)],
                        Placement.UPPER_BACK,
                        0.0,
                        simulated=True,
                        key_hex=encoder.key_hex if isinstance(encoder, Encrypts) else "",
                    )
                )
            self.sensors = sensors
            self.radio = Radio(
                clock=self.clock,
                scanner_kwargs={"backend": BumbleScanner, "world": self.world},
                client_kwargs={"backend": BumbleClient},
                **self.radio_options,
            )
            self.collector = Collector(
                self.radio,
                sensors,
                clock=self.clock,
                on_block=self._on_block,
                on_status=self.statuses.append,
                timings=self.timings,
            )
            self.stack = stack.pop_all()
        self.task = asyncio.create_task(self.collector.run())
        return self

    async def __aexit__(self, *exc):
        await self.stop()
        await self.stack.aclose()

    async def stop(self):
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    def _on_block(self, block):
        self.accounts[block.sensor].take(block, self.sources[block.sensor])

    def address(self, kind):
        return self.peripherals[kind].address

    def status(self, kind):
        return self.collector.status(self.address(kind))

    def states(self, kind):
        """The states the sensor went through, in order."""
        address = self.address(kind)
        states = [s.state.value for s in self.statuses if s.sensor == address]
        return [s for k, s in enumerate(states) if k == 0 or s != states[k - 1]]

    async def until(self, condition, seconds=20.0):
        async with asyncio.timeout(seconds):
            while not condition():
                assert not self.task.done(), self.task.exception()
                await asyncio.sleep(0.01)

    async def more(self, kind, samples):
        """Until so many more samples have come."""
        wanted = self.accounts[kind].received + samples
        await self.until(lambda: self.accounts[kind].received >= wanted)
