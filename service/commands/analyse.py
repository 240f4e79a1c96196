"""`sitwell analyse`: recordings from files, measured and written as tables."""

import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from analysis.settings import AnalysisSettings
from collector.recording import RecordingFile
from domain.errors import ConfigError, InputError
from domain.metrics import Metric
from domain.placement import Placement
from domain.samples import Recording
from service.commands.replay import settings_of
from service.config import load_config, local_timezone
from service.day_metrics import day_metrics
from service.day_rows import DayRow, day_rows
from service.day_tables import day_table, figure_table, missing_figures
from service.measured import Measured, is_recording, measured, measured_recording
from service.poses_in_files import calibrated, calibrations_in
from service.reading.files import SourceFile, read_parts
from service.reading.table import Reading
from service.reading.units import ACC_IN_G, GYRO_IN_DPS, ISO, TIME_IN_S
from service.results import WRITERS, staged, write_results
from storage.days import day_bounds

#: What a column that could not be measured is called, where nothing else in the table has the same reason.
_COLUMN_WORDS = {
    "p_sitting": "sitting, as a probability",
    "lean_deg": "lean",
    "side_deg": "lean to a side",
    "twist_deg": "twist",
    "turn_dps": "turns",
    "mad_mg": "movement (MAD)",
    "enmo_mg": "movement (ENMO)",
    "cadence_spm": "steps",
}


@dataclass(frozen=True, slots=True)
class AnalyseOptions:
    """What the command line said; see `sitwell analyse --help`."""

    files: tuple[str, ...]
    placement: str | None = None
    out: Path | None = None
    form: str = "csv"
    columns: str = ""
    acc_unit: str | None = None
    gyro_unit: str | None = None
    time_unit: str | None = None
    rate_hz: float | None = None
    start: str | None = None
    timezone: str | None = None
    skip_lines: int = 0
    upright: tuple[str, ...] = ()
    slouch: tuple[str, ...] = ()
    calibration: Path | None = None
    settings: tuple[str, ...] = ()
    wearer: str | None = None
    config: Path | None = None


def run_analyse(options: AnalyseOptions) -> None:
    """Read, measure, write and print. Raises InputError, RecordingError, ConfigError."""
    timezone = options.timezone or local_timezone()
    day_bounds(date(2000, 1, 1), timezone)  # refuses a zone that does not exist
    if options.form not in WRITERS:
        raise ConfigError("--format", f"{options.form!r} is none of {', '.join(WRITERS)}")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_politely_ended())
        folder = stack.enter_context(staged(options.out)) if options.out else None
        # The samples lie where there is room for results, which the system's own place may lack.
        samples = stack.enter_context(
            tempfile.TemporaryDirectory(
                prefix=".samples.", dir=options.out.parent if options.out else None,
                ignore_cleanup_errors=True,
            )
        )  # fmt: skip
        found = _measured(options, timezone, Path(samples))
        days = day_rows(found.frames, found.episodes, timezone)
        metrics = day_metrics(found, days)
        rows = None
        if folder is not None:
            rows = write_results(folder, found, days, metrics, timezone, options.form)
    _tell(found, days, metrics, timezone, options.out, rows)


def _measured(options: AnalyseOptions, timezone: str, samples: Path) -> Measured:
    given = {} if options.calibration is None else calibrations_in(options.calibration)
    placed = files_by_placement(options.files, options.placement)
    paths = [path for part in placed.values() for path in part]
    config = load_config(options.config) if options.config else load_config(None)
    base = config.analysis if options.config else AnalysisSettings()
    if is_recording(paths):
        if len(paths) > 1 or options.upright or options.slouch:
            raise InputError(
                "a recording of Sitwell's own is analysed alone, with the calibrations that it carries"
            )
        if not options.config:
            base = settings_of(RecordingFile(paths[0]))
        return measured_recording(
            paths[0], config, wearer=options.wearer, calibration=given,
            settings=overridden_settings(base, options.settings),
        )  # fmt: skip
    if "" in placed:
        raise InputError(
            f"where was it worn? Say so with --placement, one of {', '.join(Placement)}; several sensors "
            "as thigh=FILE upper_back=FILE"
        )
    settings = overridden_settings(base, options.settings)
    how = _reading(options, timezone)
    recordings = _read(placed, how, samples)
    calibration = calibrated(
        {place: recording for place, (recording, _) in recordings.items()},
        upright=options.upright,
        slouch=options.slouch,
        given=given,
        timezone=timezone,
    )
    return measured(recordings, calibration, settings)


def files_by_placement(words: Sequence[str], placement: str | None) -> dict[str, list[Path]]:
    """`FILE` or `PLACEMENT=FILE` each; several of one placement are parts of one recording.

    A file without a placement is under "" when `placement` does not say it. Raises InputError.
    """
    if placement is not None and placement not in list(Placement):
        raise ConfigError("--placement", f"no placement {placement!r}: {', '.join(Placement)}")
    placed: dict[str, list[Path]] = {}
    for word in words:
        place, equals, name = word.partition("=")
        if not (equals and place in list(Placement)):
            if equals and not Path(word).exists():
                raise InputError(
                    f"{word}: no placement {place!r}; there are {', '.join(Placement)}"
                )
            place, name = placement or "", word
        path = Path(name)
        if not path.is_file():
            raise InputError(f"{name}: there is no such file")
        placed.setdefault(place, []).append(path)
    return placed


def overridden_settings(base: AnalysisSettings, words: Sequence[str]) -> AnalysisSettings:
    """`base` with what `name=number` says instead. Raises ConfigError."""
    values: dict[str, float] = asdict(base)
    for word in words:
        name, _, number = word.partition("=")
        try:
            values[name.strip()] = float(number)
        except ValueError:
            raise ConfigError("--set", f"{word!r} is no setting; write it as name=number") from None
    return AnalysisSettings.of(values)


def _reading(options: AnalyseOptions, timezone: str) -> Reading:
    for option, said, known in (
        ("--acc-unit", options.acc_unit, (*ACC_IN_G,)),
        ("--gyro-unit", options.gyro_unit, (*GYRO_IN_DPS,)),
        ("--time-unit", options.time_unit, (*TIME_IN_S, ISO)),
    ):
        if said is not None and said not in known:
            raise ConfigError(option, f"{said!r} is none of {', '.join(known)}")
    pairs = [pair.partition("=") for pair in options.columns.split(",") if pair.strip()]
    if not all(equals and name.strip() for _, equals, name in pairs):
        raise ConfigError("--columns", "is written as t=time,ax=X,ay=Y,az=Z")
    return Reading(
        columns={role.strip(): name.strip() for role, _, name in pairs},
        acc_unit=options.acc_unit,
        gyro_unit=options.gyro_unit,
        time_unit=options.time_unit,
        rate_hz=options.rate_hz,
        start=None if options.start is None else _start(options.start, timezone),
        timezone=timezone,
        skip_lines=options.skip_lines,
    )


def _start(word: str, timezone: str) -> float:
    with contextlib.suppress(ValueError):
        return float(word)
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        raise ConfigError("--start", f"{word!r} is no moment as 2026-11-30T09:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).timestamp()


def _read(
    placed: Mapping[str, Sequence[Path]], how: Reading, samples: Path
) -> dict[str, tuple[Recording, tuple[SourceFile, ...]]]:
    recordings = {}
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    ) as bar:  # fmt: skip
        for place, paths in placed.items():
            task = bar.add_task(f"Reading {', '.join(path.name for path in paths)}", total=None)

            def told(done: int, of: int, task: object = task) -> None:
                bar.update(task, completed=done, total=of)  # type: ignore[arg-type]  # its own id

            folder = samples / place
            folder.mkdir()
            recordings[place] = read_parts(paths, how, folder, told)
    return recordings


@contextlib.contextmanager
def _politely_ended() -> Iterator[None]:
    """A polite kill clears up like Ctrl-C."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(
    found: Measured,
    days: Sequence[DayRow],
    metrics: Sequence[Mapping[str, Metric]],
    timezone: str,
    out: Path | None,
    rows: Mapping[str, int] | None,
) -> None:
    console = Console(soft_wrap=not sys.stdout.isatty(), highlight=False)
    for sensor in found.sensors:
        gyro = ", gyro too" if sensor.gyro else ""
        begin, end = (_minute(at, timezone) for at in (sensor.start, sensor.end))
        span = "nothing came" if not sensor.samples else f"{begin} to {end}"
        where = Placement(sensor.placement).words
        console.print(
            f"{where}: {sensor.samples:,} samples at {sensor.rate_hz:.4g} Hz{gyro}, {span}"
        )
        how = found.calibration.get(sensor.placement)
        if how is not None:
            method = how.method.value.replace("_", " ")
            console.print(f"  reference: {method}, good to {how.sigma_deg:.1f} deg")
        for source in sensor.files:
            units = [source.acc_unit, source.gyro_unit, f"time: {source.time_unit}"]
            console.print(Text(f"  {source.path} ({', '.join(u for u in units if u)})"))
    console.print()
    if days:
        console.print(day_table(days))
        console.print()
        console.print(figure_table(days, metrics))
    else:
        console.print("Nothing could be measured.")
    if found.faults:
        console.print("\nWhat is wrong with a sensor; what it said then is left out:")
        for fault in found.faults:
            console.print(Text(f"  {_minute(fault.since, timezone)}  {fault.sentence}"))
    missing = missing_figures(metrics)
    told = set(missing.values())
    missing |= {name: why for name, why in found.reasons.items() if why not in told}
    if missing:
        console.print("\nWhat could not be measured, and what would help:")
        for name, sentence in missing.items():
            console.print(Text(f"  {_COLUMN_WORDS.get(name, name)}: {sentence}"))
    if out is not None and rows is not None:
        listed = ", ".join(
            f"{name} ({count:,} {'row' if count == 1 else 'rows'})" for name, count in rows.items()
        )
        console.print(Text(f"\nWritten to {out}: {listed}, manifest.json"))


def _minute(at: float, timezone: str) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")
