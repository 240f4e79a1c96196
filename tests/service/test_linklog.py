"""Links cut into minutes: nothing counted is lost or told twice, whenever one looks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.link import LinkState, SensorStatus
from domain.readings import LinkReading
from service.linklog import GAP_S, LinkLog, link_log
from service.timebase import Timebase
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.service.made_up import CLIP

T0 = 1_763_800_020  # a full minute
STREAMING = SensorStatus(
    CLIP.id, LinkState.STREAMING, float(T0), rssi_dbm=-61, battery_percent=84.0, rate_hz=52.0
)


def links(status: SensorStatus) -> Mapping[str, SensorStatus]:
    return {status.sensor: status}


def at(second: float, **changes: object) -> SensorStatus:
    """A sensor that has sent 50 samples a second since T0, and lost one a second."""
    counts = {"received": round(50 * second), "lost": round(second)}
    return replace(STREAMING, **(counts | changes))


def watch(log: LinkLog, seconds: Iterable[float]) -> list[LinkReading]:
    told: list[LinkReading] = []
    for second in seconds:
        told += log.look(T0 + second, links(at(second)))
    return told


def test_a_minute_is_told_when_it_is_over() -> None:
    log = LinkLog()
    assert watch(log, range(61)) == []
    (minute,) = watch(log, [61])
    assert minute == LinkReading(CLIP.id, T0, 84.0, -61, 52.0, 3000, 60, 0, 60, 60)
    assert minute.rate_hz == 50.0, "measured, not what the sensor says"
    assert log.look(T0 + 62, links(at(62))) == ()


def test_looks_that_miss_the_full_minute_share_what_came_between_them() -> None:
    told = watch(LinkLog(), [0.7 + 1.37 * i for i in range(140)])
    assert [minute.time for minute in told] == [T0, T0 + 60, T0 + 120]
    for minute in told[1:]:
        assert minute.received == pytest.approx(3000, abs=2)
        assert (minute.observed_s, minute.streaming_s) == (60, 60)


def test_a_sensor_that_is_away_has_minutes_without_samples_battery_and_signal() -> None:
    log = LinkLog()
    watch(log, range(60))
    away = at(59, state=LinkState.SCANNING)
    told = [m for second in range(60, 190) for m in log.look(T0 + second, links(away))]
    first, second, third = told
    assert (first.received, first.streaming_s) == (2950, 59)
    for minute in (second, third):
        assert (minute.received, minute.streaming_s, minute.observed_s) == (0, 0, 60)
        assert (minute.battery_percent, minute.rssi_dbm, minute.nominal_hz) == (None, None, None)
        assert (minute.rate_hz, minute.lost_share) == (0.0, None)


def test_a_restart_in_the_middle_of_a_minute_goes_on_with_it() -> None:
    first = LinkLog()
    watch(first, range(26))
    (kept,) = first.finish()
    assert (kept.received, kept.observed_s) == (1250, 25)

    second = LinkLog(past={CLIP.id: kept})
    told: list[LinkReading] = []
    for late in range(30, 62):  # its counters begin at nothing
        told += second.look(T0 + late, links(at(late, received=50 * (late - 30), lost=0)))
    (minute,) = told
    assert (minute.time, minute.received, minute.lost) == (T0, 1250 + 1500, 25)
    assert minute.observed_s == 55, "five seconds nobody saw"
    assert minute.rate_hz == 50.0
    (rest,) = second.finish()
    assert rest.received == 50


def test_a_restart_in_a_later_minute_leaves_the_earlier_one_alone() -> None:
    past = LinkReading(CLIP.id, T0 - 60, 84.0, -61, 52.0, 77, 0, 0, 9, 9)
    log = LinkLog(past={CLIP.id: past})
    log.look(T0 + 5, links(at(5)))
    (reading,) = log.finish()
    assert (reading.time, reading.received) == (T0, 250)


def test_a_sensor_that_is_gone_is_told_at_once_and_goes_on_when_it_comes_back() -> None:
    log = LinkLog()
    watch(log, range(11))
    (gone,) = log.look(T0 + 11, {})
    assert gone.received == 500
    log.look(T0 + 20, links(at(0, received=30, lost=0)))
    (again,) = log.finish()
    assert (again.received, again.lost) == (530, 10)


def test_time_slept_through_is_not_observed() -> None:
    log = LinkLog()
    watch(log, range(31))
    night = 8 * 3600
    (before,) = log.look(T0 + night, links(at(30, state=LinkState.SILENT)))
    assert (before.time, before.observed_s) == (T0, 30)
    (after,) = log.finish()
    assert (after.time, after.received, after.observed_s) == (T0 + night, 0, 0)


def test_a_clock_that_is_set_back_repeats_nothing() -> None:
    log = LinkLog()
    told = watch(log, range(65))
    told += log.look(T0 + 20, links(at(65)))
    told += log.look(T0 + 21, links(at(66)))
    told += log.finish()
    assert [m.time for m in told] == [T0, T0 + 60]
    assert sum(m.received for m in told) == 50 * 66


counts = st.tuples(st.integers(0, 900), st.integers(0, 9), st.integers(0, 1))


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.floats(0.05, 200), counts, st.sampled_from(LinkState)), min_size=1, max_size=60
    ),
    speed=st.sampled_from([1.0, 30.0]),
)
def test_the_minutes_add_up_to_what_was_counted(
    steps: list[tuple[float, tuple[int, int, int], LinkState]], speed: float
) -> None:
    log = LinkLog(gap_s=GAP_S * speed)
    now, total, told = float(T0), (0, 0, 0), []
    for passed_s, news, state in steps:
        now += passed_s
        total = (total[0] + news[0], total[1] + news[1], total[2] + news[2])
        status = SensorStatus(
            CLIP.id, state, now, received=total[0], lost=total[1], reconnects=total[2]
        )
        told += log.look(now, links(status))
    told += log.finish()
    assert (
        sum(m.received for m in told),
        sum(m.lost for m in told),
        sum(m.reconnects for m in told),
    ) == total
    assert all(a.time < b.time for a, b in pairwise(told)), "each minute once, in order"
    for minute in told:
        assert minute.time % 60 == 0
        assert 0 <= minute.streaming_s <= minute.observed_s <= 60
        assert min(minute.received, minute.lost, minute.reconnects) >= 0


def test_a_service_goes_on_with_the_minute_that_is_stored(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        stored = LinkReading(CLIP.id, T0, 84.0, -61, 52.0, 1250, 3, 1, 25, 25)
        older = replace(stored, time=T0 - 60)
        store.write(Batch(readings=(older, stored)), now=T0 + 25.0)
        log = link_log((CLIP,), store, Timebase(start=T0 + 40.0))
        assert log.past == {CLIP.id: stored}
        later = link_log((CLIP,), store, Timebase(start=T0 + 75.0, speed=30.0))
        assert (later.past, later.gap_s) == ({}, 30 * GAP_S)
