"""A simulated sensor, the air and its driver in virtual time: what was sent, and what the stream says came.

No radio and no event loop. Samples are told apart by their direction, which every sensor can tell: number
`index` points into direction `index % codes`. What becomes of a notification is the script's to say.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from collector.drivers.contract import Encrypts, Read, Repeat, Write
from collector.drivers.registry import ENCODERS, driver_factory, driver_named
from collector.stream import SensorStream
from domain.errors import HandshakeError, PayloadError
from domain.samples import DeviceBlock, Notification, SampleBlock
from simulators.handshake import started
from tests.collector.drivers.conftest import answers

ADDRESS = "54:48:E6:8F:80:A5"
EPOCH = 1_795_341_600.0
COARSE_G = 0.01
STALL_S, STALL_EVERY_S = 0.5, 20.0
FED = 32  # more blocks than are ever joined


def directions_g(codes):
    """Accelerations of 1 g, (codes, 3), all different."""
    angles = 2.0 * np.pi * np.arange(codes) / codes
    return np.stack([np.cos(angles), np.sin(angles), np.zeros(codes)], axis=1)


def code_of(acc_g, codes):
    """Which of `codes` directions a sample (3,) is."""
    return round(math.atan2(acc_g[1], acc_g[0]) * codes / (2.0 * math.pi)) % codes


class Air:
    """When what is ready at a time arrives: in order, at the events of a connection, or as advertised.

    stalls: whether deliveries halt for half a second now and then, and come in a burst after it.
    """

    def __init__(self, rng, *, connects, stalls):
        self.rng, self.connects, self.stalls = rng, connects, stalls
        self.interval_s = rng.uniform(0.0075, 0.050)
        self.phase_s = rng.uniform(0.0, self.interval_s)
        self.stall_s = rng.expovariate(1.0 / STALL_EVERY_S)
        self.last = 0.0

    def arrival(self, ready):
        since = ready - EPOCH
        if self.connects:
            event = math.ceil((since - self.phase_s) / self.interval_s)
            since = event * self.interval_s + self.phase_s + self.rng.uniform(0.0, 0.002)
        else:  # advDelay: Core 5.4, vol 6 B 4.4.2.2.1
            since += self.rng.uniform(0.0, 0.010)
        if not self.stalls:
            pass
        elif since >= self.stall_s + STALL_S:
            self.stall_s = since + self.rng.expovariate(1.0 / STALL_EVERY_S)
        elif since >= self.stall_s:
            since = self.stall_s + STALL_S
        self.last = max(self.last, EPOCH + since)
        return self.last


@dataclass(frozen=True, slots=True)
class Step:
    """One block against the truth: when it came, what was missing before it, and what the stream said."""

    at_s: float
    missing: int
    said_lost: int
    received: int


@dataclass
class Life:
    """One sensor from its first connection on. Times are seconds since EPOCH.

    fate: asked for every notification, (at_s, rng) -> how many copies of it arrive: 0 lost, 2 twice;
    or the bytes that arrive in its place.
    """

    name: str
    drift: float = 0.0
    seed: int = 0
    clock_start_s: float = 0.0
    fate: Callable[[float, random.Random, bytes], int | bytes] = lambda at_s, rng, payload: 1
    steps: list[Step] = field(default_factory=list)
    last_device_block: DeviceBlock | None = None

    def __post_init__(self):
        self.rng = random.Random(f"{self.name} {self.seed}")
        fresh = self._made()
        key_hex = fresh.key_hex if isinstance(fresh, Encrypts) else ""
        self._make_driver = driver_factory(driver_named(fresh.driver), ADDRESS, key_hex)
        self.codes = 32 if fresh.resolution_g > COARSE_G else 128
        self._directions_g = directions_g(self.codes)
        self.rate_hz = started(self._made()).rate_hz
        self.encoder = fresh
        self.stream = SensorStream(ADDRESS, lambda: self._watched(self._make_driver()))
        self._judge = self._make_driver()
        self._perform_with(self._judge, self._made())
        self.air = Air(self.rng, connects=fresh.connects, stalls=fresh.connects)
        self.waiting: deque[tuple[float, int, Notification]] = deque()
        self.repeats: list[tuple[float, int, Repeat]] = []
        self.connected = False
        self.now_s = 0.0
        self.index = 0
        self.power_on = 0
        self.newest = -1  # index of the newest sample in what was delivered
        # Last samples of what the driver made of it, and `newest` then: blocks may wait to be joined.
        self.fed: deque[tuple[list[float], int]] = deque(maxlen=FED)
        self.first = self.last = None

    def _made(self):
        encoder = ENCODERS[self.name]()
        if isinstance(encoder, Encrypts):
            encoder.address = ADDRESS
        return encoder

    def _watched(self, driver):
        feed = driver.feed

        def watched(characteristic, payload, now):
            events = feed(characteristic, payload, now)
            for event in events:
                if isinstance(event, DeviceBlock) and len(event):
                    self.last_device_block = event
                    self.fed.append((event.acc_g[-1].tolist(), self.newest))
            return events

        driver.feed = watched
        return driver

    @property
    def kind(self):
        """What the stream can count from: counter, clock or arrivals."""
        block = self.last_device_block
        if block.sequence is not None:
            return "counter"
        return "arrivals" if block.device_times is None else "clock"

    @property
    def sent(self):
        """Samples from the first to the last one received."""
        return self.last - self.first + 1

    def taken_at(self, index):
        """Unix s."""
        return EPOCH + index / self.rate_hz / (1.0 + self.drift)

    def connect(self):
        """Begin a connection (a sensor that only advertises comes into range)."""
        self.connected = True
        self.repeats.clear()
        self._perform(self.stream.reconnected(), EPOCH + self.now_s)

    def drop(self):
        """Lose the link and what is on its way."""
        self._catch_up(EPOCH + self.now_s)
        for block in self.stream.disconnected():
            self._compare(block, self.now_s)
        self.connected = False
        self.waiting.clear()
        self.repeats.clear()
        self.encoder.disconnected()

    def reboot(self):
        """Lose the link; counters and clock begin anew."""
        self.drop()
        self.encoder = self._made()
        self.power_on = self.index
        self.clock_start_s = 0.0

    def live(self, until_s):
        """Go on to `until_s`."""
        until = EPOCH + until_s
        while True:
            encoder, n = self.encoder, self.encoder.chunk
            stride = max(1, round(self.rate_hz / encoder.rate_hz))
            ready = self.taken_at(self.index + n * stride - 1)
            if ready > until:
                break
            self._catch_up(ready)
            self.now_s = ready - EPOCH
            indices = self.index + stride - 1 + np.arange(n) * stride
            device_s = self.clock_start_s + (indices - self.power_on) / self.rate_hz
            still = None if encoder.gyro_full_scale_dps is None else np.zeros((n, 3))
            streaming = encoder.streaming and self.connected
            messages = encoder.samples(device_s, self._directions_g[indices % self.codes], still)
            for sent in messages if streaming else ():
                self._send(sent, ready, int(indices[-1]))
            self.index += n * stride
        self._catch_up(until)
        self.now_s = until_s

    def _send(self, sent, ready, newest):
        fate = self.fate(ready - EPOCH, self.rng, sent.payload)
        payloads = [fate] if isinstance(fate, bytes) else [sent.payload] * fate
        for payload in payloads:
            at = self.air.arrival(ready)
            note = Notification(ADDRESS, sent.characteristic, payload, at)
            if isinstance(fate, bytes) and not self._is_garbage(note):
                continue  # bytes that a sensor might send are no garbage: nobody could tell
            self.waiting.append((at, newest, note))

    def _is_garbage(self, note):
        """Whether a driver that has started can tell that these bytes are no frame."""
        try:
            self._judge.feed(note.characteristic, note.payload, note.received_at)
        except PayloadError:
            return True
        except HandshakeError:
            return False
        return False

    def _catch_up(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            at, newest, note = self.waiting.popleft()
            self.newest = max(self.newest, newest)
            self._feed(note, at)
        while self.repeats and self.repeats[0][0] <= now:
            due, order, repeat = heapq.heappop(self.repeats)
            heapq.heappush(self.repeats, (due + repeat.every_s, order, repeat))
            self._perform((repeat.command,), due)

    def _perform(self, commands, now):
        queue = deque(commands)
        while queue:
            command = queue.popleft()
            if isinstance(command, Repeat):
                heapq.heappush(self.repeats, (now + command.every_s, len(self.repeats), command))
            for sent in answers(self.encoder, command):
                self._feed(Notification(ADDRESS, sent.characteristic, sent.payload, now), now)

    @staticmethod
    def _perform_with(driver, encoder):
        """The handshake of another pair of the same kind."""
        queue = deque(driver.start())
        while queue:
            for sent in answers(encoder, queue.popleft()):
                events = driver.feed(sent.characteristic, sent.payload, EPOCH)
                queue += [event for event in events if isinstance(event, Write | Read)]

    def _feed(self, note, now):
        for output in self.stream.feed(note):
            match output:
                case SampleBlock():
                    self._compare(output, now - EPOCH)
                case Write() | Read():
                    self._perform((output,), now)

    def _compare(self, block, at_s):
        acc_g = block.acc_g[-1].tolist()
        newest = next(newest for fed_g, newest in reversed(self.fed) if fed_g == acc_g)
        last = newest - (newest - code_of(acc_g, self.codes)) % self.codes
        first = last - len(block) + 1
        if self.first is None:
            self.first, missing = first, 0
        else:
            missing = first - self.last - 1
        self.last = last
        self.steps.append(Step(at_s, missing, block.lost_before, len(block)))
