"""Files of samples: whatever they are written as, the same samples come out, and faults name their line."""

import builtins
import contextlib
import gzip
import struct
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InputError, RecordingError
from domain.samples import Recording
from service.reading import csv_table, npz_table, parquet_table, units
from service.reading.files import SourceFile, read_parts
from service.reading.table import Reading
from tests.service.written_tables import columns_of, csv_text, write_table

T0 = 1_790_000_000.0
RATE_HZ = 50.0
N = 60


def samples(n: int = N, *, seed: int = 0, start: float = T0) -> tuple[np.ndarray, ...]:
    """Times, accelerations about 1 g, and turning rates too fast for rad/s."""
    rng = np.random.default_rng(seed)
    times = np.round(start + np.arange(n) / RATE_HZ, 6)
    acc_g = np.round(rng.normal(0.0, 0.05, (n, 3)) + np.array([0.0, 0.6, 0.8]), 4)
    return times, acc_g, np.round(rng.normal(0.0, 300.0, (n, 3)), 3)


def read(*paths: Path, **how: Any) -> tuple[Recording, tuple[SourceFile, ...]]:
    """The samples in memory, so that their files may go."""
    with TemporaryDirectory() as folder:
        recording, sources = read_parts(paths, Reading(**how), Path(folder))
        gyro = recording.gyro_dps
        copied = Recording(
            recording.times.copy(), recording.acc_g.copy(), None if gyro is None else gyro.copy()
        )
    return copied, sources


def refusal(path: Path, **how: Any) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read(path, **how)
    return caught.value


class TestRoundTrips:
    @settings(max_examples=120, deadline=None)
    @given(
        end=st.sampled_from((".csv", ".csv.gz", ".npz", ".parquet")),
        acc_unit=st.sampled_from(("g", "mg", "m/s2")),
        gyro_unit=st.sampled_from((None, "deg/s", "rad/s")),
        time=st.sampled_from(("s", "ms", "us", "ns", "iso", "offset", "local")),
        separator=st.sampled_from((",", ";", "\t")),
        chunk=st.sampled_from((7, 59, 1000)),
        seed=st.integers(0, 99),
    )
    def test_what_was_written_is_read(
        self, end: str, acc_unit: str, gyro_unit: str | None, time: str, separator: str, chunk: int,
        seed: int,
    ) -> None:  # fmt: skip
        times, acc_g, gyro_dps = samples(seed=seed)
        table = columns_of(
            times, acc_g, None if gyro_unit is None else gyro_dps, acc_unit=acc_unit,
            gyro_unit=gyro_unit or "deg/s", time=time, zone="America/New_York",
        )  # fmt: skip
        with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            for module in (csv_table, npz_table, parquet_table):
                patch.setattr(module, "CHUNK_ROWS", chunk)
            path = write_table(Path(folder) / f"x{end}", table, separator=separator)
            back, (source,) = read(path, gyro_unit=gyro_unit, timezone="America/New_York")
        exact = time == "s"
        np.testing.assert_allclose(
            back.times, times, rtol=0, atol=0 if exact else 0.00051 if time == "ms" else 1e-6
        )
        np.testing.assert_allclose(back.acc_g, acc_g, rtol=1e-12)
        if gyro_unit is None:
            assert back.gyro_dps is None
        else:
            np.testing.assert_allclose(back.gyro_dps, gyro_dps, rtol=1e-12, atol=1e-12)
        assert (source.acc_unit, source.gyro_unit, source.rows) == (acc_unit, gyro_unit, N)
        assert source.time_unit == (time if time in units.TIME_IN_S else "iso")

    @pytest.mark.parametrize("end", [".csv", ".csv.gz", ".npz", ".parquet"])
    def test_grams_and_seconds_come_back_to_the_last_bit(self, end: str, tmp_path: Path) -> None:
        rng = np.random.default_rng(3)
        times = T0 + np.sort(rng.random(500)) * 10
        acc_g = rng.normal(0.0, 0.3, (500, 3)) + np.array([0.0, 0.0, 1.0])
        path = write_table(tmp_path / f"x{end}", columns_of(times, acc_g))
        back, _ = read(path)
        np.testing.assert_array_equal(back.times, times)
        np.testing.assert_array_equal(back.acc_g, acc_g)

    def test_the_hour_that_a_clock_change_repeats_is_read_once_and_once_more(
        self, tmp_path: Path
    ) -> None:
        begin = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
        times = begin + np.arange(0.0, 2.5 * 3600, 20.0)
        acc_g = np.tile([0.0, 0.0, 1.0], (len(times), 1))
        path = write_table(
            tmp_path / "x.csv", columns_of(times, acc_g, time="local", zone="Europe/Berlin")
        )
        back, _ = read(path, timezone="Europe/Berlin")
        np.testing.assert_array_equal(back.times, times)

    def test_timestamps_of_parquet_are_moments_with_a_zone_and_local_without(
        self, tmp_path: Path
    ) -> None:
        times, acc_g, _ = samples()
        table = columns_of(times, acc_g)
        micros = np.rint(times * 1e6).astype(np.int64)
        table["t"] = pa.array(micros, pa.timestamp("us", "UTC"))
        back, _ = read(write_table(tmp_path / "utc.parquet", table), timezone="Asia/Tokyo")
        np.testing.assert_allclose(back.times, times, atol=1e-6)
        table["t"] = pa.array(micros, pa.timestamp("us"))
        back, _ = read(write_table(tmp_path / "local.parquet", table), timezone="Asia/Tokyo")
        np.testing.assert_allclose(back.times, times - 9 * 3600, atol=1e-6)


class TestTimes:
    def test_rows_without_times_come_evenly_from_the_start(self, tmp_path: Path) -> None:
        _, acc_g, _ = samples()
        table = columns_of(np.zeros(N), acc_g)
        del table["t"]
        path = write_table(tmp_path / "x.csv", table)
        back, _ = read(path, rate_hz=50.0, start=T0)
        np.testing.assert_array_equal(back.times, T0 + np.arange(N) / 50.0)
        assert "--rate and --start" in refusal(path).problem
        assert "--start" in refusal(path, rate_hz=50.0).problem

    @pytest.mark.parametrize(("unit", "step"), [("s", 0.02), ("ms", 20.0), ("us", 20_000.0)])
    def test_times_that_count_from_zero_are_moved_to_the_start(
        self, unit: str, step: float, tmp_path: Path
    ) -> None:
        _, acc_g, _ = samples()
        path = write_table(tmp_path / "x.csv", columns_of(5 * step + np.arange(N) * step, acc_g))
        back, (source,) = read(path, start=T0)
        np.testing.assert_allclose(back.times, T0 + np.arange(N) * 0.02, atol=1e-6)
        assert source.time_unit == unit
        left, _ = read(path, start=0.0)
        assert left.times[0] == pytest.approx(0.1)
        assert "--start" in refusal(path).problem

    def test_a_step_that_could_be_of_two_units_is_asked_for(self, tmp_path: Path) -> None:
        _, acc_g, _ = samples()
        path = write_table(tmp_path / "x.csv", columns_of(np.arange(N) * 0.9, acc_g))
        assert "--time-unit" in refusal(path, start=T0).problem
        back, _ = read(path, start=T0, time_unit="s")
        assert back.times[1] - back.times[0] == pytest.approx(0.9)

    def test_a_rate_wins_over_times_that_jitter(self, tmp_path: Path) -> None:
        times, acc_g, _ = samples()
        path = write_table(tmp_path / "x.csv", columns_of(times, acc_g))
        back, _ = read(path, rate_hz=52.0)
        np.testing.assert_array_equal(back.times, T0 + np.arange(N) / 52.0)

    def test_a_start_for_a_file_that_has_moments_is_refused(self, tmp_path: Path) -> None:
        times, acc_g, _ = samples()
        path = write_table(tmp_path / "x.csv", columns_of(times, acc_g))
        assert "not needed" in refusal(path, start=T0).problem


class TestColumns:
    @pytest.mark.parametrize(
        "names",
        [
            ("Timestamp", "Acc X", "Acc Y", "Acc Z", "Gyro X", "Gyro Y", "Gyro Z"),
            ("time", "accel_x", "accel_y", "accel_z", "gyr_x", "gyr_y", "gyr_z"),
            ("t", "x", "y", "z", "gx", "gy", "gz"),
            (
                "unix_time",
                "AccelerometerX",
                "AccelerometerY",
                "AccelerometerZ",
                "w_x",
                "w_y",
                "w_z",
            ),
            ("time [s]", "ax (g)", "ay (g)", "az (g)", "gx_dps", "gy_dps", "gz_dps"),
        ],
    )
    def test_usual_names_are_known(self, names: tuple[str, ...], tmp_path: Path) -> None:
        times, acc_g, gyro_dps = samples()
        path = write_table(tmp_path / "x.csv", columns_of(times, acc_g, gyro_dps, names=names))
        back, (source,) = read(path)
        np.testing.assert_array_equal(back.acc_g, acc_g)
        np.testing.assert_array_equal(back.gyro_dps, gyro_dps)
        assert source.columns == dict(
            zip(("t", "ax", "ay", "az", "gx", "gy", "gz"), names, strict=True)
        )

    def test_a_unit_behind_the_name_is_believed_where_the_numbers_say_nothing(
        self, tmp_path: Path
    ) -> None:
        times, acc_g, gyro_dps = samples()
        names = ("t", "ax", "ay", "az", "gx [rad/s]", "gy [rad/s]", "gz [rad/s]")
        table = columns_of(times, acc_g, gyro_dps / 1e3, gyro_unit="rad/s", names=names)
        back, (source,) = read(write_table(tmp_path / "x.csv", table))
        np.testing.assert_allclose(back.gyro_dps, gyro_dps / 1e3, rtol=1e-12)
        assert source.gyro_unit == "rad/s"

    def test_columns_are_named_or_numbered_by_the_caller(self, tmp_path: Path) -> None:
        times, acc_g, _ = samples()
        table = columns_of(times, acc_g, names=("wann", "rauf", "links", "vor"))
        path = write_table(tmp_path / "x.csv", table)
        chosen = {"t": "wann", "ax": "2", "ay": "links", "az": "4"}
        np.testing.assert_array_equal(read(path, columns=chosen)[0].acc_g, acc_g)
        assert "ax" in refusal(path).problem
        assert "there are wann, rauf" in refusal(path, columns={"t": "when"}).problem

    def test_a_file_without_names_is_numbered(self, tmp_path: Path) -> None:
        times, acc_g, _ = samples()
        path = tmp_path / "x.csv"
        path.write_text(csv_text(columns_of(times, acc_g)).partition("\n")[2])
        chosen = {"t": "1", "ax": "2", "ay": "3", "az": "4"}
        back, (source,) = read(path, columns=chosen)
        np.testing.assert_array_equal(back.acc_g, acc_g)
        assert source.rows == N

    def test_lines_before_the_header_are_skipped_as_in_a_makers_export(
        self, tmp_path: Path
    ) -> None:
        _, acc_g, _ = samples()
        table = columns_of(
            np.zeros(N), acc_g, names=("t", "Accelerometer X", "Accelerometer Y", "Accelerometer Z")
        )
        del table["t"]
        lines = [f"--- line {number} of a maker, with, commas ---" for number in range(1, 11)]
        path = tmp_path / "raw.csv"
        path.write_text("\n".join(lines) + "\n" + csv_text(table))
        back, _ = read(path, skip_lines=10, rate_hz=30.0, start=T0)
        np.testing.assert_array_equal(back.acc_g, acc_g)

    def test_two_columns_that_could_be_the_same_are_asked_about(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text("t,acc_x,accel_x,ay,az\n1,2,3,4,5\n")
        assert "could all be ax" in refusal(path).problem

    def test_half_a_gyro_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text("t,ax,ay,az,gx\n1,2,3,4,5\n")
        assert "no column for gy, gz" in refusal(path).problem


class TestUnits:
    def test_turning_rates_that_could_be_either_are_asked_for(self, tmp_path: Path) -> None:
        times, acc_g, gyro_dps = samples()
        path = write_table(tmp_path / "x.csv", columns_of(times, acc_g, gyro_dps / 100))
        assert "--gyro-unit" in refusal(path).problem

    @pytest.mark.parametrize(("factor", "word"), [(3.0, "--acc-unit"), (0.01, "gravity")])
    def test_an_acceleration_that_is_gravity_in_no_unit_is_refused(
        self, factor: float, word: str, tmp_path: Path
    ) -> None:
        times, acc_g, _ = samples()
        path = write_table(tmp_path / "x.csv", columns_of(times, acc_g * factor))
        assert word in refusal(path).problem


def faulty(line: str, at: int = 17) -> str:
    """A CSV in which line `at` is `line`."""
    times, acc_g, _ = samples()
    lines = csv_text(columns_of(times, acc_g)).splitlines()
    lines[at - 1] = line
    return "\n".join(lines) + "\n"


class TestFaults:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (f"{T0 + 0.3},abc,0,1", "ax is 'abc', no number"),
            (f"{T0 + 0.3},1,2", "3 cells under 4 columns"),
            (f"{T0 + 0.3},1,2,3,4", "5 cells under 4 columns"),
            ("later,1,2,3", "t is 'later'"),
            (",1,2,3", "is no time"),
            (f"{T0 - 9},1,2,3", "before one above it"),
            ("inf,1,2,3", "is no time"),
        ],
    )
    @pytest.mark.parametrize("chunk", [5, 16, 1000])
    def test_are_told_with_their_line(
        self, line: str, said: str, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(csv_table, "CHUNK_ROWS", chunk)
        path = tmp_path / "x.csv"
        path.write_text(faulty(line))
        error = refusal(path)
        assert error.line == 17
        assert said in error.problem
        assert str(error).startswith(f"{path}:17: ")

    def test_of_a_moment_are_told_with_their_line(self, tmp_path: Path) -> None:
        times, acc_g, _ = samples()
        lines = csv_text(columns_of(times, acc_g, time="iso")).splitlines()
        lines[6] = "2026-13-01T00:00:00Z,0,0,1"
        path = tmp_path / "x.csv"
        path.write_text("\n".join(lines))
        error = refusal(path)
        assert error.line == 7
        assert "2026-13-01" in error.problem

    def test_empty_cells_and_empty_lines_are_none(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text(faulty(f'"{T0 + 0.3}",,0.5,1').replace("\n", "\n\n", 5))
        back, _ = read(path)
        assert np.isnan(back.acc_g[15]).tolist() == [True, False, False]
        assert len(back.times) == N

    def test_lines_are_counted_over_empty_ones(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text("\n\n" + faulty(f"{T0 + 0.3},abc,0,1").replace("\n", "\n\n", 3))
        assert refusal(path).line == 22

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("x.csv", b"", "is empty"),
            ("x.csv", b"t,ax,ay,az\n", "holds no samples"),
            ("x.csv", b"\xff\xfe\x00t", "no text"),
            (
                "x.csv.gz",
                gzip.compress(b"t,ax,ay,az\n1,2,3,4\n" * 999, mtime=0)[:-9],
                "no whole gzip",
            ),
            ("x.npz", b"PK nothing", "no NPZ"),
            ("x.parquet", b"PAR1 nothing", "no Parquet"),
            ("x.gt3x", b"PK", "ActiGraph"),
            ("x.cwa", b"MD nothing", "no CWA"),
        ],
    )
    def test_what_is_no_such_file_is_said_so(
        self, name: str, content: bytes, said: str, tmp_path: Path
    ) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        assert said in refusal(path).problem

    def test_columns_of_different_length_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "x.npz"
        np.savez(path, t=np.arange(3.0), ax=np.zeros(3), ay=np.zeros(2), az=np.zeros(3))
        assert "differ in length" in refusal(path).problem

    @settings(max_examples=150, deadline=None)
    @given(
        content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
        end=st.sampled_from((".csv", ".csv.gz", ".npz")),
        headed=st.booleans(),
    )
    def test_whatever_is_in_a_file_it_is_read_or_refused_in_our_words(
        self, content: bytes, end: str, headed: bool
    ) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"x{end}"
            path.write_bytes((b"t,ax,ay,az\n" if headed else b"") + content)
            with contextlib.suppress(InputError):
                read(path, start=T0)


class TestParts:
    def test_parts_are_put_in_the_order_of_their_times(self, tmp_path: Path) -> None:
        times, acc_g, _ = samples(200)
        first = write_table(tmp_path / "b.csv", columns_of(times[:90], acc_g[:90]))
        second = write_table(tmp_path / "a.parquet", columns_of(times[90:], acc_g[90:], time="ms"))
        back, sources = read(second, first)
        np.testing.assert_array_equal(back.acc_g, acc_g)
        assert [source.path for source in sources] == [str(first), str(second)]

    def test_parts_that_overlap_are_refused(self, tmp_path: Path) -> None:
        times, acc_g, _ = samples(200)
        first = write_table(tmp_path / "a.csv", columns_of(times[:90], acc_g[:90]))
        second = write_table(tmp_path / "b.csv", columns_of(times[80:], acc_g[80:]))
        with pytest.raises(RecordingError, match="overlaps"):
            read(first, second)


class TestOptionalLibraries:
    @pytest.mark.parametrize(
        ("name", "library"), [("x.parquet", "pyarrow"), ("x.cwa", "cwa_reader_rs")]
    )
    def test_one_that_is_missing_is_named_with_how_to_get_it(
        self, name: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole: Callable[..., Any] = builtins.__import__

        def without(wanted: str, *more: Any, **words: Any) -> Any:
            if wanted.partition(".")[0] == library:
                raise ImportError(wanted)
            return whole(wanted, *more, **words)

        monkeypatch.setattr(builtins, "__import__", without)
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(InputError, match=r"sitwell\[research\]"):
            read(tmp_path / name)


def cwa_bytes(acc_counts: np.ndarray, start: datetime, rate_code: int = 0x4A) -> bytes:
    """A CWA file by Open Movement's published layout (AX3 technical documentation, "Stored Data"):
    a header of 1024 B and blocks of 512 B with 80 samples of three int16 in 1/256 g each.

    rate_code 0x4A: 100 Hz, 8 g. The whole second of a block is that of its first sample.
    """

    def packed(moment: datetime) -> int:
        date = (moment.year - 2000) << 26 | moment.month << 22 | moment.day << 17
        return date | moment.hour << 12 | moment.minute << 6 | moment.second

    header = bytearray(b"\xff" * 1024)
    struct.pack_into("<HHBHIH", header, 0, 0x444D, 1020, 0x17, 1234, 7, 0)
    struct.pack_into("<IIi", header, 13, 0, 0xFFFFFFFF, 0)
    struct.pack_into("<B", header, 36, rate_code)
    blocks = []
    for number in range(len(acc_counts) // 80):
        rows = acc_counts[number * 80 : number * 80 + 80].astype("<i2")
        seconds, hundredths = divmod(number * 80, 100)
        block = bytearray(512)
        fraction = 0x8000 | (hundredths * 32768 // 100)
        moment = datetime.fromtimestamp(start.timestamp() + seconds, start.tzinfo)
        struct.pack_into("<HHHIII", block, 0, 0x5841, 508, fraction, 7, number, packed(moment))
        # The sample of the whole second, which the fraction then moves on to the first one.
        struct.pack_into("<BBhH", block, 24, rate_code, 0x32, -hundredths, 80)
        block[30:510] = rows.tobytes()
        total = sum(struct.unpack("<255H", bytes(block[:510]))) & 0xFFFF
        struct.pack_into("<H", block, 510, -total & 0xFFFF)
        blocks.append(bytes(block))
    return bytes(header) + b"".join(blocks)


def test_a_cwa_file_by_the_published_layout_is_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    counts = np.rint(rng.normal(0.0, 10.0, (800, 3)) + np.array([0, 0, 256])).astype(np.int64)
    start = datetime(2026, 11, 30, 9, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    path = tmp_path / "day.cwa"
    path.write_bytes(cwa_bytes(counts, start))
    back, (source,) = read(path, timezone="Europe/Berlin")
    assert source.format == "cwa"
    assert (source.acc_unit, source.gyro_unit) == ("g", None)
    assert abs(len(back.times) - 800) <= 1
    np.testing.assert_allclose(back.acc_g, counts[: len(back.acc_g)] / 256, atol=1e-6)
    assert back.times[0] == pytest.approx(start.timestamp(), abs=0.011)
    assert np.median(np.diff(back.times)) == pytest.approx(0.01, abs=1e-4)
