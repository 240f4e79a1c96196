"""A copy is the whole store, goes on where it was broken off, and says so when it is not the same."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.alerts import AlertKind
from domain.decisions import Decision, Reason
from domain.deliveries import Delivery
from domain.errors import InputError, StoreUnavailableError
from domain.people import Sensor
from domain.records import Adjustment, AuditEntry, DiaryEntry, Setting, Token
from service.commands.store_copy import run_copy
from service.copying import KINDS, Copied, copy_store
from service.store_address import file_of
from storage.contract import RESOLUTIONS_S, Batch, Store
from storage.sqlite import SqliteStore
from tests.storage.conftest import _make_frames
from tests.storage.test_erasing import ADA, BAND, CLIP, T0, ZOE, calibration, life

Run = Callable[..., subprocess.CompletedProcess[str]]
DAY_S = 86_400
#: Another moment of the same day for each, so that days are not alike.
LATE = ((ADA, CLIP), (ZOE, BAND))


def fill(store: Store) -> None:
    """Two wearers with one of everything, three days apart, the first of which was pruned."""
    for wearer, sensor in LATE:
        store.put_wearer(wearer)
        store.put_sensor(sensor)
        store.add_calibration(calibration(sensor, T0 - 30.0))
        store.write(life(wearer, sensor, _make_frames, hours=3), now=T0)
        later = _make_frames(wearer.id, range(T0 + 3 * DAY_S, T0 + 3 * DAY_S + 5000, 2), 5)
        store.write(Batch(frames=(later,), states={"demo": b"\x00"}), now=T0)
    store.put_sensor(replace(CLIP, wearer=ZOE.id), since=T0 + 86400.0)
    store.put_sensor(Sensor("CC", "polar", "Old", "ada", CLIP.placement, T0 + 0.5))
    store.remove_sensor("CC", now=T0 + 77.5)
    store.prune(frames_before=T0 + 3 * 3600 + 30)
    store.put_diary_entry(DiaryEntry("d", "ada", T0 + 0.5, "words", 3, {"region": "neck"}))
    said = Delivery("a1-1", "desktop", "ada", "a1", "slouch", T0, T0 + 600.0, T0, T0 + 0.5)
    why = Decision(
        "x1", "ada", T0 + 0.5, AlertKind.SLOUCH, "e1", Reason.PAUSED, "lean_deg", 9.5, 8.0, "deg"
    )
    store.write(Batch(deliveries=(said,), decisions=(why,)), now=T0)
    store.put_adjustment(Adjustment("j1", "ada", "a1", "slouch_margin_deg", 2.0, T0 + 0.5))
    store.put_setting(Setting("limit", 30.0))
    store.put_token(Token("t", "phone", "aa" * 32, ("read",), T0 + 0.5))
    for n in range(3):
        store.add_audit(AuditEntry(T0, "api", "pair", "ada", f"{n // 2}"))


def whole(store: Store) -> list[str]:
    """All that readers can see, comparable; a repr of floats is exact."""
    seen = [repr(store.spans()), repr(store.known_sensors()), repr(store.states())]
    for wearer in store.spans():
        frames = store.frames(wearer, 0, 2**40)
        seen += [repr(getattr(frames, name).tolist()) for name in ("times", "lean_deg", "source")]
        for width_s in RESOLUTIONS_S:
            series = store.series(wearer, 0, 2**33, width_s)
            seen += [repr(series.times.tolist()), repr(series.seconds.tolist())]
            seen += [repr({k: v.tolist() for k, v in series.means.items()})]
        seen += [repr(store.rollups(wearer, 0, 2**33, 60).seen.tolist())]
        seen += [repr(store.episodes(wearer, 0, 2**40)), repr(store.contexts(wearer, 0, 2**40))]
        seen += [repr(store.alerts(wearer, limit=2**40)), repr(store.deliveries(wearer))]
        seen += [repr(store.decisions(wearer, 0, 2**40))]
        seen += [repr([replace(each, revision=0) for each in store.adjustments(wearer)])]
        seen += [repr([replace(each, revision=0) for each in store.diary(wearer, 0, 2**40)])]
    for sensor in store.known_sensors():
        seen += [repr(store.readings(sensor, 0, 2**33)), repr(store.assignments(sensor))]
        for block in store.samples(sensor, 0, 2**40):
            seen += [repr((block.times.tolist(), block.acc_g.tolist(), block.rate_hz))]
    records = (*store.wearers(), *store.sensors(), *store.calibrations(), *store.settings())
    seen += [repr([replace(each, revision=0) for each in (*records, *store.tokens())])]
    return [*seen, repr(store.audit())]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store that is only read by the tests."""
    with SqliteStore(tmp_path_factory.mktemp("full") / "sitwell.db") as store:
        fill(store)
        yield store


@pytest.fixture
def target(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        yield store


def copied(source: Store, target: Store, **more: object) -> Copied:
    return copy_store(source, target, now=float(T0), **more)  # type: ignore[arg-type]


class TestACopy:
    def test_is_the_whole_store(self, full: SqliteStore, target: SqliteStore) -> None:
        steps: list[tuple[float, float]] = []
        result = copied(full, target, told=lambda done, of: steps.append((done, of)))
        assert result.differing == ()
        assert whole(target) == whole(full)
        assert all(result.source[kind].count for kind in KINDS), "else nothing is tested"
        assert steps[-1][0] == steps[-1][1] == len(steps)

    def test_made_again_writes_nothing(self, full: SqliteStore, target: SqliteStore) -> None:
        copied(full, target)
        before = whole(target)
        again = copied(full, target)
        assert (again.written_days, again.differing) == (0, ())
        assert whole(target) == before

    def test_that_was_broken_off_goes_on_where_it_was(
        self, full: SqliteStore, target: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write, days = target.write, 0

        def fail_at_the_third(batch: Batch, *, now: float) -> None:
            nonlocal days
            days += not (batch.deliveries or batch.decisions)
            if days == 3:
                raise StoreUnavailableError("the disk is full")
            write(batch, now=now)

        monkeypatch.setattr(target, "write", fail_at_the_third)
        with pytest.raises(StoreUnavailableError):
            copied(full, target)
        monkeypatch.undo()
        rest = copied(full, target)
        assert rest.differing == ()
        assert whole(target) == whole(full)
        with SqliteStore(target._path.parent / "other.db") as other:
            assert rest.written_days == copied(full, other).written_days - 2

    def test_puts_right_what_differs_in_the_target(
        self, full: SqliteStore, target: SqliteStore
    ) -> None:
        target.write(
            Batch(frames=(_make_frames("ada", range(T0 + 15000, T0 + 15100), 99),)), now=T0
        )
        assert copied(full, target).differing == ()
        assert whole(target) == whole(full)

    def test_leaves_what_the_target_has_of_others(
        self, full: SqliteStore, target: SqliteStore
    ) -> None:
        target.write(Batch(frames=(_make_frames("bob", range(T0, T0 + 100)),)), now=T0)
        assert copied(full, target).differing == ()
        assert len(target.frames("bob", T0, T0 + 100)) == 100

    def test_says_what_differs_when_the_target_has_more_of_the_same_day(
        self, full: SqliteStore, target: SqliteStore
    ) -> None:
        target.write(Batch(frames=(_make_frames("ada", [T0 + 3 * DAY_S + 1]),)), now=T0)
        assert copied(full, target).differing == ("seconds", "minutes")


class TestTheCommand:
    def test_copies_compares_and_says_so(
        self, full: SqliteStore, tmp_path: Path, sitwell: Run
    ) -> None:
        words = ("store", "copy", "--from", str(full._path.parent), "--to", str(tmp_path / "new"))
        done = sitwell(*words)
        assert done.returncode == 0, done.stderr
        assert "both stores have the same" in done.stdout
        lines = {line.split("  ")[0]: line.split()[-3:] for line in done.stdout.splitlines()}
        assert lines["alerts"] == ["6", "6", "equal"]
        assert "Nothing was to be written" in sitwell(*words).stdout

    def test_refuses_what_cannot_be_copied(self, full: SqliteStore, tmp_path: Path) -> None:
        here = str(full._path)
        with pytest.raises(InputError, match="the same store"):
            run_copy(here, str(full._path.parent))
        with pytest.raises(InputError, match="no store at"):
            run_copy(str(tmp_path / "none"), here)
        with pytest.raises(InputError, match="no stores of the kind 'postgres'"):
            run_copy(here, "postgres:there")


def test_a_store_is_named_by_its_folder_or_its_file(tmp_path: Path) -> None:
    store = tmp_path / "sitwell.db"
    for word in (str(tmp_path), str(store), f"sqlite:{store}", f"sqlite:{tmp_path}"):
        assert file_of(word) == store
    assert file_of(str(tmp_path / "new")) == tmp_path / "new" / "sitwell.db"
