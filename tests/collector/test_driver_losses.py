"""No sample is lost in silence: what came and what was booked as lost is what each simulated sensor sent.

Encoder, a script of faults, driver and stream in virtual time. The faults: packets lost at random and in
bursts, notifications twice, bytes that are no frame, a silence, links lost for seconds to minutes, a
restart of the sensor. Nothing overtakes anything, for Bluetooth LE does not: a link is in order (Core
5.4, vol 6 B 4.5.9), and an advertiser says one thing after the other. A new twin is covered by being
registered.

How exact the count is depends on what the sensor gives to count from:

- a counter: to the sample. Advertisers that say nothing of the kind, but whose period is a thousand
  times the jitter of their advertisements, are counted to the sample as well.
- a clock: to the sample.
- either, over a restart of the sensor: its counter and clock begin anew, and the host's clock alone says
  how long it was away. RESTART_S of samples: a first packet that was held up is taken for a later one, and
  a new clock that happens to read within collector.unwrapping.MISMATCH_S of what the old one would.
- arrivals alone: ARRIVALS_S of samples at any time, however much was lost, once the drift is learnt. A step
  that lasts is a loss, and its size is rounded after the jitter of the link. Until then some of a loss that
  is steady looks like a slow crystal: STEADY_SHARE of a sensor that loses from its first second on, every
  time it connects. A notification that comes twice cannot be told from two
  samples: each is counted once too often, and once more as the fit returns from it.
- FILLED, whose driver fills in what a sensor leaves out while nothing changes: to FILLED_SHARE, for what was
  lost in the air cannot be told from what was alike.
"""

import random

import pytest

from collector.drivers.registry import ENCODERS
from collector.unwrapping import MISMATCH_S
from tests.collector.virtual_life import Life

LEARNING_S = 40.0  # until a drift of 0.7 % is learnt well enough for outages of minutes
RESTART_S = MISMATCH_S
ARRIVALS_S = 1.0
STEADY_SHARE = 0.03
FILLED = {"infinitime"}
FILLED_SHARE = 0.05  # the clock fit's limit
DRIFT = 0.007

everything = pytest.mark.parametrize("name", list(ENCODERS))


def garbled(rng, payload):
    """What no sensor sends: cut off, nothing, too long, or anything."""
    return rng.choice(
        [payload[:-1], b"", payload + rng.randbytes(7), rng.randbytes(rng.randrange(1, 30))]
    )


class Faults:
    """One life of a sensor, fault after fault; after each it is checked what the stream says."""

    def __init__(self, name, seed, *, twice=0.3):
        encoder = ENCODERS[name]()
        self.stretch = 1.0 if encoder.rate_hz > 2.0 else 8.0  # as many packets of a slow advertiser
        self.twice = twice
        self.fault = None
        drift = random.Random(f"drift {name} {seed}").uniform(-DRIFT, DRIFT)
        self.life = Life(name, drift, seed, fate=self.fate)
        self.twins = self.garbage = 0
        self.worst = {}
        self.life.connect()

    def fate(self, at_s, rng, payload):
        match self.fault:
            case "lost" if rng.random() < 0.05:
                return 0
            case "burst" | "silence":
                return 0
            case "twice" if rng.random() < self.twice:
                self.twins += 1
                return 2
            case "garbage" if rng.random() < 0.25:
                self.garbage += 1
                return garbled(rng, payload)
        return 1

    def during(self, fault, seconds, *, quiet_s=4.0):
        """`seconds` with the fault, and some without."""
        life = self.life
        self.fault = fault
        life.live(life.now_s + seconds)
        self.fault = None
        life.live(life.now_s + quiet_s * self.stretch)
        self.worst[fault] = self.error

    def without_link(self, seconds, *, reboot=False):
        """Returns which step is the first after it."""
        life = self.life
        life.reboot() if reboot else life.drop()
        first = len(life.steps)
        life.live(life.now_s + seconds)
        life.connect()
        self.during("reboot" if reboot else f"no link for {seconds:g} s", 0.0, quiet_s=6.0)
        return first

    @property
    def error(self):
        """Samples that the stream knows of, more than were sent."""
        counters = self.life.stream.counters
        return counters.received + counters.lost - self.life.sent

    def everything(self):
        stretch = self.stretch
        self.during("nothing", LEARNING_S * stretch)
        assert self.life.stream.counters.lost == 0
        self.during("lost", 25.0 * stretch)
        for seconds in (0.3, 2.0, 7.0):
            self.during("burst", seconds * stretch)
        if self.life.kind != "arrivals":
            self.during("twice", 6.0 * stretch)
        self.during("garbage", 8.0 * stretch)
        self.during("silence", 12.0)
        for seconds in (3.0, 20.0, 170.0):
            self.without_link(seconds)
        first = self.without_link(8.0, reboot=True)
        self.during("lost", 5.0 * stretch)
        return first


def lives_through_everything(name, seed):
    faults = Faults(name, seed)
    restart = faults.everything()
    life, rate_hz = faults.life, faults.life.rate_hz
    counters = life.stream.counters
    print(name, life.kind, f"{life.drift:+.4f}", counters, "sent", life.sent, faults.worst)
    assert counters.received == sum(step.received for step in life.steps)
    assert counters.lost == sum(step.said_lost for step in life.steps)
    assert counters.lost > 0.2 * life.sent, "faults that cost nothing are none"
    assert faults.garbage > 0
    if name in FILLED:
        assert max(map(abs, faults.worst.values())) <= FILLED_SHARE * life.sent
    elif life.kind == "arrivals":
        assert max(map(abs, faults.worst.values())) <= ARRIVALS_S * rate_hz + 1.0
    else:
        wrong = [step for step in life.steps if step.missing != step.said_lost]
        first = life.steps[restart]
        assert [step for step in wrong if step is not first] == []
        assert abs(first.missing - first.said_lost) <= RESTART_S * rate_hz + 1.0
        assert faults.twins > 0


@everything
def test_what_came_and_what_was_lost_is_what_was_sent_whatever_goes_wrong(name):
    lives_through_everything(name, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@everything
def test_other_drifts_and_other_luck_change_nothing_about_that(name, seed):
    lives_through_everything(name, seed)


@everything
def test_a_loss_that_is_steady_from_the_first_second_on_is_found_as_far_as_can_be(name):
    faults = Faults(name, 0)
    for _ in range(3):
        faults.during("lost", 40.0 * faults.stretch, quiet_s=0.0)
        faults.without_link(5.0)
    if name in FILLED:
        assert abs(faults.error) <= FILLED_SHARE * faults.life.sent
    elif faults.life.kind == "arrivals":
        assert abs(faults.error) <= STEADY_SHARE * faults.life.sent
    else:
        assert faults.error == 0


@everything
def test_notifications_that_come_twice_are_dropped_where_anything_tells_them_apart(name):
    faults = Faults(name, 0)
    faults.during("nothing", LEARNING_S * faults.stretch)
    faults.during("twice", 10.0 * faults.stretch, quiet_s=20.0)
    counters = faults.life.stream.counters
    assert faults.twins > 0
    if faults.life.kind == "arrivals":
        assert 0 <= faults.error <= 2 * faults.twins * faults.life.encoder.chunk
    else:
        assert faults.error == 0
        # of a text that comes in pieces, a piece that comes twice spoils a line, which is lost then
        assert counters.lost == 0 or counters.bad_payloads > 0
