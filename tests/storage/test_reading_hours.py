"""Readings of hours and wider are what their minutes come to, whatever happened to these."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.people import Sensor
from domain.placement import Placement
from domain.readings import LinkReading
from storage.contract import Batch, Store

T0 = 1_790_035_200  # a midnight in UTC
BAND = Sensor("AA", "polar", "Band", "ada", Placement.THIGH, float(T0 - 3600))
MINUTES = st.integers(0, 60 * 30)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), MINUTES, st.integers(1, 200)),
        st.tuples(st.just("prune"), MINUTES, st.just(0)),
        st.tuples(st.just("erase"), MINUTES, st.integers(1, 300)),
    ),
    min_size=1,
    max_size=6,
)


def reading(minute: int, salt: int) -> LinkReading:
    known = (minute * 7 + salt) % 5
    return LinkReading(
        "AA", T0 + 60 * minute, (minute + salt) % 1000 / 10 if known else None,
        -60 - (minute * salt) % 30 if known > 1 else None, 50.0 if known else None,
        minute % 3000, salt % 9, known % 2, 60 - known, 60,
    )  # fmt: skip


def mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_hours_are_the_sums_of_the_minutes_there_are(
    backend_at: Callable[[Path], Store], steps: list[tuple[str, int, int]]
) -> None:
    with TemporaryDirectory() as folder:
        store = backend_at(Path(folder))
        try:
            store.put_sensor(BAND)
            for salt, (what, at, count) in enumerate(steps):
                if what == "write":
                    batch = tuple(reading(minute, salt) for minute in range(at, at + count))
                    store.write(Batch(readings=batch), now=T0)
                elif what == "prune":
                    store.prune(frames_before=0, readings_before=T0 + 60 * at + 17)
                else:
                    store.erase("ada", T0 + 60 * at + 30, T0 + 60 * (at + count) + 30)
            minutes = store.readings("AA", 0, 2**33)
            for width_s in (3600, 21_600, 86_400):
                buckets: dict[int, list[LinkReading]] = {}
                for each in minutes:
                    buckets.setdefault(each.time - each.time % width_s, []).append(each)
                found = store.readings("AA", 0, 2**33, width_s)
                assert [each.time for each in found] == sorted(buckets)
                for each in found:
                    inside = buckets[each.time]
                    for name in ("received", "lost", "reconnects", "streaming_s", "observed_s"):
                        assert getattr(each, name) == sum(getattr(one, name) for one in inside)
                    battery = mean([one.battery_percent for one in inside])
                    assert each.battery_percent == pytest.approx(battery)
                    assert each.rssi_dbm == pytest.approx(mean([one.rssi_dbm for one in inside]))
        finally:
            store.close()
