"""What the store keeps of the links: the sensors' counters, cut into minutes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.link import LinkState, SensorStatus
from domain.people import Sensor
from domain.readings import MINUTE_S, LinkReading
from service.timebase import Timebase
from storage.contract import Store

#: A longer pause between two looks was slept through: nobody saw the links in it.
GAP_S = 10.0


@dataclass(slots=True)
class _Minute:
    """A reading in the making."""

    time: int
    battery_percent: float | None = None
    rssi_dbm: float | None = None
    nominal_hz: float | None = None
    received: int = 0
    lost: int = 0
    reconnects: int = 0
    streaming_s: float = 0.0
    observed_s: float = 0.0

    def reading(self, sensor: str) -> LinkReading:
        """The minute so far."""
        return LinkReading(
            sensor=sensor,
            time=self.time,
            battery_percent=self.battery_percent,
            rssi_dbm=self.rssi_dbm,
            nominal_hz=self.nominal_hz,
            received=self.received,
            lost=self.lost,
            reconnects=self.reconnects,
            streaming_s=min(MINUTE_S, round(self.streaming_s)),
            observed_s=min(MINUTE_S, round(self.observed_s)),
        )


@dataclass(slots=True)
class _Watched:
    """One sensor as it was at the last look."""

    minute: _Minute
    seen_at: float | None = None
    counts: tuple[int, int, int] = (0, 0, 0)


@dataclass(slots=True)
class LinkLog:
    """Looks at the links about once a second and tells what each minute was like when it is over.

    The counters it reads begin at 0 with every run, and with every pairing; what it tells are
    differences, so their sum is all that was ever counted. What happened between two looks is shared
    out to the minutes between them by time. A pause longer than `gap_s` counts as not observed, and so
    does the time that a clock which was set back repeats.

    past: readings of the minute in which the run starts, by sensor, which it goes on with.
    """

    gap_s: float = GAP_S
    past: dict[str, LinkReading] = field(default_factory=dict)
    _watched: dict[str, _Watched] = field(init=False, default_factory=dict)

    def look(self, now: float, links: Mapping[str, SensorStatus]) -> tuple[LinkReading, ...]:
        """The minutes that are over by `now`, Unix s, and those of sensors that are gone."""
        told = [self._let_go(sensor) for sensor in [*self._watched] if sensor not in links]
        for sensor, status in links.items():
            watched = self._watched.get(sensor)
            if watched is None:
                watched = self._watched[sensor] = _Watched(self._begin(sensor, _minute_of(now)))
            told += self._follow(watched, now, status)
        return tuple(told)

    def finish(self) -> tuple[LinkReading, ...]:
        """The minutes under way, as far as they were seen."""
        return tuple(self._let_go(sensor) for sensor in [*self._watched])

    def _follow(self, watched: _Watched, now: float, status: SensorStatus) -> Iterator[LinkReading]:
        news = _difference(watched, status)
        heard = news[0] > 0 or status.state is LinkState.STREAMING
        shared = (0, 0, 0)
        for time, share, observed_s in _parts(watched.seen_at, now, self.gap_s):
            if time > watched.minute.time:
                yield watched.minute.reading(status.sensor)
                watched.minute = self._begin(status.sensor, time)
            so_far = (round(news[0] * share), round(news[1] * share), round(news[2] * share))
            minute = watched.minute
            minute.received += so_far[0] - shared[0]
            minute.lost += so_far[1] - shared[1]
            minute.reconnects += so_far[2] - shared[2]
            shared = so_far
            minute.observed_s += observed_s
            if status.state is LinkState.STREAMING:
                minute.streaming_s += observed_s
            if heard:
                _note(minute, status)
        watched.seen_at = now

    def _begin(self, sensor: str, time: int) -> _Minute:
        past = self.past.get(sensor)
        if past is None or past.time != time:
            return _Minute(time)
        return _Minute(
            time,
            past.battery_percent,
            past.rssi_dbm,
            past.nominal_hz,
            past.received,
            past.lost,
            past.reconnects,
            past.streaming_s,
            past.observed_s,
        )

    def _let_go(self, sensor: str) -> LinkReading:
        reading = self._watched.pop(sensor).minute.reading(sensor)
        self.past[sensor] = reading
        return reading


def _minute_of(time: float) -> int:
    return int(time // MINUTE_S) * MINUTE_S


def _difference(watched: _Watched, status: SensorStatus) -> tuple[int, int, int]:
    before = watched.counts
    after = watched.counts = (status.received, status.lost, status.reconnects)
    if after[0] < before[0]:
        return after  # counted anew: the sensor was paired again
    return (after[0] - before[0], max(0, after[1] - before[1]), max(0, after[2] - before[2]))


def _parts(since: float | None, now: float, gap_s: float) -> Iterator[tuple[int, float, float]]:
    """The time from the last look until `now`, cut into minutes: which one, the share of the whole that
    has passed by its end (1 for the last), seconds of it that were observed."""
    if since is None or not 0 < now - since <= gap_s:
        yield _minute_of(now), 1.0, 0.0
        return
    begin, minute = since, _minute_of(since)
    while minute + MINUTE_S < now:
        end = minute + MINUTE_S
        yield minute, (end - since) / (now - since), end - begin
        begin, minute = end, end
    yield minute, 1.0, now - begin


def _note(minute: _Minute, status: SensorStatus) -> None:
    if status.battery_percent is not None:
        minute.battery_percent = status.battery_percent
    if status.rssi_dbm is not None:
        minute.rssi_dbm = status.rssi_dbm
    if status.rate_hz is not None:
        minute.nominal_hz = status.rate_hz


def link_log(sensors: Sequence[Sensor], store: Store, timebase: Timebase) -> LinkLog:
    """What goes on with the readings of this minute, if an earlier run began it."""
    now = int(timebase.now())
    began = {sensor.id: store.readings(sensor.id, now, now + 1) for sensor in sensors}
    past = {sensor: readings[-1] for sensor, readings in began.items() if readings}
    return LinkLog(gap_s=GAP_S * timebase.speed, past=past)
