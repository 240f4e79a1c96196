"""A wearer who is erased is gone: from every answer, and from the bytes of the files."""

from collections.abc import Callable
from pathlib import Path

import apsw
import numpy as np
import pytest

from domain.alerts import Alert, AlertKind, Explanation, Severity
from domain.context import AnalysisContext, SensorInForce
from domain.episodes import Episode, EpisodeKind
from domain.errors import StoreUnavailableError
from domain.people import Calibration, ReferenceMethod, Sensor, Wearer
from domain.placement import Placement
from domain.posture import FrameBlock
from domain.readings import LinkReading
from domain.samples import SampleBlock
from storage import erasing
from storage.contract import Batch, Store
from storage.erased import Erased
from storage.schema import MIGRATIONS, migrate
from storage.sqlite import SqliteStore

T0 = 1_790_035_200  # a midnight in UTC
NAN = float("nan")
#: What no file may hold afterwards: the id, the name, the sensor, its name and its key.
ZOE = Wearer("zoe-quartz-7", "Zoe Unmistakable", "Europe/Berlin")
BAND = Sensor(
    "A7:5E:13:99:41:02", "polar", "Zoes red band", ZOE.id, Placement.THIGH, T0 - 60.0,
    key_hex="d00df00dd00df00dd00df00dd00df00d",
)  # fmt: skip
MARKS = (ZOE.id, ZOE.name, BAND.id, BAND.name, BAND.key_hex, "Zoe leans")
ADA = Wearer("ada", "Ada", "UTC")
CLIP = Sensor("C0:00:00:00:00:01", "polar", "Clip", "ada", Placement.STERNUM, T0 - 60.0)

MakeFrames = Callable[..., FrameBlock]


def samples(sensor: str, start: float, count: int = 3000) -> SampleBlock:
    """Ten a second, each distinct."""
    times = start + np.arange(count) / 10.0
    acc_g = np.stack([np.sin(times), np.cos(times), times / T0], axis=1)
    return SampleBlock(sensor, times, acc_g, None, 10.0)


def alert(name: str, wearer: str, opened_at: float) -> Alert:
    why = Explanation("lean_deg", 14.5, 8.0, "deg", 31, "thigh", 0.9)
    words = "Zoe leans" if wearer == ZOE.id else "You lean"
    return Alert(
        name, wearer, "e", AlertKind.SLOUCH, Severity.NUDGE, opened_at, words, why,
        last_said_at=opened_at,
    )  # fmt: skip


def life(wearer: Wearer, sensor: Sensor, make_frames: MakeFrames, hours: int = 10) -> Batch:
    """Some hours with one of everything, from two in the morning on."""
    begin, end = T0 + 7200, T0 + (2 + hours) * 3600
    return Batch(
        frames=(make_frames(wearer.id, range(begin, end)),),
        episodes=tuple(
            Episode(EpisodeKind.SITTING, wearer.id, at, at + 1800, 1, 1, 1, 1, 1, "thigh")
            for at in range(begin, end, 3600)
        ),
        alerts=tuple(alert(f"{wearer.id}-{at}", wearer.id, at) for at in range(begin, end, 3600)),
        states={f"pipeline/{wearer.id}": wearer.id.encode(), f"policy/{wearer.id}": b"{}"},
        readings=tuple(
            LinkReading(sensor.id, at, 90.0, -60, 50.0, 3000, 0, 0, 60, 60)
            for at in range(begin, end, 60)
        ),
        contexts=tuple(
            AnalysisContext(
                wearer.id, at, "1.0", {"delay_s": float(at)},
                (SensorInForce(sensor.id, sensor.name, "polar", sensor.placement, None, ("acc",)),),
            )
            for at in (begin, begin + 3600, begin + 7200)
        ),
        samples=(samples(sensor.id, begin + 0.5),),
    )  # fmt: skip


def calibration(sensor: Sensor, made_at: float) -> Calibration:
    turn = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return Calibration(
        sensor.id, sensor.placement, made_at, ReferenceMethod.ONE_POSE, turn, None, 0.4
    )


@pytest.fixture
def lived(store: Store, make_frames: MakeFrames) -> Store:
    """Two wearers with a sensor each, who both lived half a day."""
    for wearer, sensor in ((ZOE, BAND), (ADA, CLIP)):
        store.put_wearer(wearer)
        store.put_sensor(sensor)
        store.add_calibration(calibration(sensor, T0 - 30.0))
        store.write(life(wearer, sensor, make_frames), now=T0)
    store.write(Batch(states={"demo": b"1"}), now=T0)
    return store


def seen(store: Store, wearer: str, sensor: str) -> list[str]:
    """All that readers can see of a wearer and their sensor, comparable."""
    return [
        repr([getattr(store.frames(wearer, 0, 2**40), name).tolist() for name in ("times", "lean_deg")]),
        *(repr(store.series(wearer, 0, 2**33, width).times.tolist()) for width in (60, 3600, 86400)),
        repr(store.episodes(wearer, 0, 2**40)), repr(store.alerts(wearer)),
        repr(store.contexts(wearer, 0, 2**40)), repr(store.state(f"pipeline/{wearer}")),
        repr(store.readings(sensor, 0, 2**33)), repr(store.sample_spans(sensor, 0, 2**40)),
        repr(store.assignments(sensor)), repr(store.calibrations(sensor)),
        repr([w for w in store.wearers() if w.id == wearer]),
        repr([s for s in store.sensors() if s.id == sensor]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "raw"),
    [
        (None, None, 3000),
        (None, T0 + 3 * 3600, 3000),
        (T0 + 7200 + 60, T0 + 7200 + 120, 600),
        (T0 + 4 * 3600 + 5, T0 + 7 * 3600, 0),
        (T0 + 86_400, None, 0),
    ],
)
@pytest.mark.parametrize("whose", [ZOE.id, "nobody"])
def test_what_would_go_is_counted_and_stays(
    lived: Store, whose: str, start: int | None, end: int | None, raw: int
) -> None:
    before = seen(lived, ZOE.id, BAND.id)
    told = lived.erasable(whose, start, end)
    assert seen(lived, ZOE.id, BAND.id) == before
    assert told.samples == pytest.approx(raw if whose == ZOE.id else 0, abs=2)
    gone = lived.erase(whose, start, end)
    assert (told.episodes, told.alerts, told.calibrations) == (
        gone.episodes, gone.alerts, gone.calibrations,
    )  # fmt: skip
    left = lived.erasable(whose, start, end)
    assert (left.episodes, left.alerts, left.samples, left.calibrations) == (0, 0, 0, 0)


class TestAWearer:
    def test_is_gone_and_leaves_the_others_as_they_were(self, lived: Store) -> None:
        ada = seen(lived, "ada", CLIP.id)
        erased = lived.erase(ZOE.id)
        assert erased == Erased(
            frames=36000, minutes=600, episodes=10, alerts=10, contexts=3, states=2, readings=600,
            sample_blocks=6, calibrations=1, sensors=1,
        )  # fmt: skip
        assert lived.latest(ZOE.id) is None
        nothing = seen(lived, ZOE.id, BAND.id)
        assert nothing == seen(lived, "nobody", "no sensor")
        assert seen(lived, "ada", CLIP.id) == ada
        assert lived.state("demo") == b"1"

    def test_who_is_erased_twice_or_was_never_there_is_no_error(self, lived: Store) -> None:
        lived.erase(ZOE.id)
        assert lived.erase(ZOE.id).nothing
        assert lived.erase("nobody").nothing

    def test_may_come_back_and_begins_anew(self, lived: Store, make_frames: MakeFrames) -> None:
        lived.erase(ZOE.id)
        lived.write(Batch(frames=(make_frames(ZOE.id, [T0]),)), now=T0)
        assert lived.frames(ZOE.id, 0, 2**40).times.tolist() == [T0]
        assert lived.series(ZOE.id, T0, T0 + 60, 3600).seconds.sum() == 1

    def test_takes_of_a_shared_sensor_what_it_delivered_while_it_was_theirs(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        handed_over = T0 + 100.0
        store.put_sensor(BAND)
        store.put_sensor(Sensor(**_fields(BAND) | {"wearer": "ada"}), since=handed_over)
        for made_at in (T0 + 10.0, T0 + 200.0):
            store.add_calibration(calibration(BAND, made_at))
        store.write(
            Batch(
                samples=(samples(BAND.id, T0 + 0.05),),
                readings=tuple(
                    LinkReading(BAND.id, T0 + 60 * n, 90.0, -60, 50.0, 3000, 0, 0, 60, 60)
                    for n in range(5)
                ),
            ),
            now=T0,
        )
        store.erase(ZOE.id)
        felt = np.concatenate([block.times for block in store.samples(BAND.id, 0, 2**40)])
        assert felt.tolist() == [
            at for at in samples(BAND.id, T0 + 0.05).times.tolist() if at >= handed_over
        ]
        assert [r.time for r in store.readings(BAND.id, 0, 2**33)] == [
            T0 + 120, T0 + 180, T0 + 240
        ]  # fmt: skip
        assert [c.made_at for c in store.calibrations(BAND.id)] == [T0 + 200.0]
        assert [(a.wearer, a.since) for a in store.assignments(BAND.id)] == [("ada", handed_over)]
        assert [s.wearer for s in store.sensors()] == ["ada"]


class TestARange:
    def test_goes_and_the_rest_is_as_if_it_had_never_been_written(
        self, lived: Store, make_frames: MakeFrames, assert_series: Callable[..., None]
    ) -> None:
        start, end = T0 + 4 * 3600 + 1230, T0 + 6 * 3600 + 45  # neither on a minute
        rest = [f for f in lived.frames(ZOE.id, 0, 2**40) if not start <= f.time < end]
        ada = seen(lived, "ada", CLIP.id)
        erased = lived.erase(ZOE.id, start, end)
        assert erased.frames == end - start
        assert [f.time for f in lived.frames(ZOE.id, 0, 2**40)] == [f.time for f in rest]
        for width_s in (60, 3600, 86_400):
            assert_series(lived.series(ZOE.id, 0, 2**33, width_s), rest)
        for each in lived.episodes(ZOE.id, 0, 2**40):
            assert each.end is not None
            assert each.end <= start or each.start >= end
        assert not [a for a in lived.alerts(ZOE.id) if start <= a.opened_at < end]
        assert len(lived.alerts(ZOE.id)) == 8
        assert lived.state(f"pipeline/{ZOE.id}") is None, "it remembers what is gone"
        assert lived.wearers() == [ADA, ZOE]
        assert len(lived.sensors()) == 2
        assert seen(lived, "ada", CLIP.id) == ada

    def test_leaves_what_held_at_its_end_in_force_from_there_on(self, lived: Store) -> None:
        end = T0 + 7200 + 7000
        lived.erase(ZOE.id, T0, end)
        since = [(c.since, c.settings["delay_s"]) for c in lived.contexts(ZOE.id, T0, T0 + 86400)]
        assert since == [(end, T0 + 7200 + 3600.0), (T0 + 14400, T0 + 14400.0)]

    def test_takes_a_minute_whole_whose_seconds_were_pruned(
        self, store: Store, make_frames: MakeFrames
    ) -> None:
        store.write(Batch(frames=(make_frames("zoe", range(T0, T0 + 240)),)), now=T0)
        store.prune(frames_before=T0 + 150)
        store.erase("zoe", T0 + 70, T0 + 200)
        minutes = store.series("zoe", T0, T0 + 240, 60)
        assert minutes.times.tolist() == [T0, T0 + 180]
        assert minutes.seconds.sum(axis=1).tolist() == [60, 40]
        assert store.series("zoe", T0, T0 + 240, 3600).seconds.sum() == 100

    def test_that_is_empty_removes_nothing(self, lived: Store) -> None:
        before = seen(lived, ZOE.id, BAND.id)
        assert lived.erase(ZOE.id, T0 + 9000, T0 + 9000).nothing
        assert seen(lived, ZOE.id, BAND.id) == before

    def test_may_be_open_to_one_side(self, lived: Store) -> None:
        lived.erase(ZOE.id, None, T0 + 4 * 3600)
        lived.erase(ZOE.id, T0 + 5 * 3600, None)
        times = lived.frames(ZOE.id, 0, 2**40).times
        assert (times[0], times[-1], len(times)) == (T0 + 14400, T0 + 17999, 3600)


def bytes_with(folder: Path, mark: str) -> list[str]:
    """The files below `folder` that hold `mark`, in the encodings that a database might use."""
    forms = (mark.encode(), mark.encode("utf-16-le"), mark.encode("utf-16-be"))
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


class TestTheBytesOfTheFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path, make_frames: MakeFrames) -> Path:
        """A store with both wearers, its log in the file and some of it in the log."""
        path = tmp_path / "sitwell.db"
        SqliteStore(path).close()
        with SqliteStore(path) as store:
            for wearer, sensor in ((ADA, CLIP), (ZOE, BAND)):
                store.put_wearer(wearer)
                store.put_sensor(sensor)
                store.add_calibration(calibration(sensor, T0 - 30.0))
                store.write(life(wearer, sensor, make_frames), now=T0)
            # Rewritten again and again, as a service does: pages with remnants of what was there.
            for n in range(300):
                state = {f"pipeline/{ZOE.id}": (ZOE.id * (1 + n % 50)).encode()}
                store.write(Batch(states=state), now=T0)
        return tmp_path

    def test_hold_no_trace_of_an_erased_wearer(self, folder: Path) -> None:
        assert all(bytes_with(folder, mark) for mark in MARKS), "else nothing is tested"
        with SqliteStore(folder / "sitwell.db") as store:
            store.erase(ZOE.id)
            assert [mark for mark in MARKS if bytes_with(folder, mark)] == []
            assert store.wearers() == [ADA]
        assert [mark for mark in MARKS if bytes_with(folder, mark)] == []
        assert bytes_with(folder, CLIP.id) == ["sitwell.db"]

    def test_hold_no_trace_of_an_erased_range(self, folder: Path) -> None:
        with SqliteStore(folder / "sitwell.db") as store:
            (gone, *_) = store.alerts(ZOE.id, end=T0 + 7201)
            assert bytes_with(folder, gone.id)
            store.erase(ZOE.id, T0, T0 + 9000)
            assert bytes_with(folder, gone.id) == []
            assert bytes_with(folder, ZOE.id) == ["sitwell.db"]

    def test_are_said_to_hold_traces_while_another_program_keeps_an_older_moment(
        self, folder: Path
    ) -> None:
        path = folder / "sitwell.db"
        with SqliteStore(path, busy_timeout_s=0.2) as store:
            browser = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            browser.execute("BEGIN")
            browser.execute("SELECT count(*) FROM frames").fetchall()
            with pytest.raises(StoreUnavailableError, match="erase once more"):
                store.erase(ZOE.id)
            assert store.wearers() == [ADA]
            browser.execute("ROLLBACK")
            browser.close()
            assert store.erase(ZOE.id).nothing
            assert [mark for mark in MARKS if bytes_with(folder, mark)] == []


def test_every_table_is_reached_by_an_erasure_or_said_why_not() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, MIGRATIONS)
    tables = {
        str(name)
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    assert tables == set(erasing.REACHED)


def _fields(sensor: Sensor) -> dict[str, object]:
    return {name: getattr(sensor, name) for name in Sensor.__slots__}
