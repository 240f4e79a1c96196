"""Calibrations for recordings from files: poses that somebody marked in them, or a file of calibrations."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analysis.calibration import calibrate
from collector.recorded_calibration import calibration_from
from domain.errors import CalibrationRefused, ConfigError, RecordingError, first_line
from domain.people import Calibration
from domain.placement import Placement
from domain.samples import Recording


def calibrated(
    recordings: Mapping[str, Recording],
    *,
    upright: Sequence[str],
    slouch: Sequence[str],
    given: Mapping[str, Calibration],
    timezone: str,
) -> dict[str, Calibration]:
    """Calibrations by placement: `given`, and in their stead those of the poses.

    upright, slouch: spans as `placed_span` reads them. Raises ConfigError for a span that is none,
    CalibrationRefused, with the placement, for a pose that cannot be a reference.
    """
    found = {place: one for place, one in given.items() if place in recordings}
    poses: dict[str, dict[str, Recording]] = {}
    for option, words in (("--upright", upright), ("--slouch", slouch)):
        for word in words:
            place, span = _placed(option, word, recordings)
            poses.setdefault(place, {})[option] = _part(
                recordings[place], option, span, ZoneInfo(timezone)
            )
    for place, held in poses.items():
        if "--upright" not in held:
            raise ConfigError(
                "--slouch", f"needs --upright for the {Placement(place).words} as well"
            )
        pose = held["--upright"]
        try:
            found[place] = calibrate(
                pose,
                held.get("--slouch"),
                sensor=place,
                placement=Placement(place),
                made_at=float(pose.times[-1]),
            )
        except CalibrationRefused as error:
            where = Placement(place).words
            raise CalibrationRefused(error.reason, f"{where}: {error}", pose=error.pose) from error
    return found


def calibrations_in(path: Path) -> dict[str, Calibration]:
    """The calibrations by placement in a JSON file: the manifest of an earlier analysis, or what its
    `calibration` holds. Raises RecordingError."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordingError(str(path), f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise RecordingError(str(path), f"is no JSON: {first_line(error)}") from error
    if isinstance(held, dict) and "calibration" in held:
        held = held["calibration"]
    if not isinstance(held, dict) or not all(place in list(Placement) for place in held):
        raise RecordingError(str(path), "holds no calibrations by placement")
    found = {}
    for place, fields in held.items():
        try:
            found[place] = calibration_from(fields, place, Placement(place))
        except ValueError as error:
            raise RecordingError(str(path), f"calibration of {place}: {error}") from error
    return found


def _placed(option: str, word: str, recordings: Mapping[str, Recording]) -> tuple[str, str]:
    """A span and the placement it is of: `3..11`, or with several sensors `upper_back=3..11`."""
    place, equals, span = word.partition("=")
    if equals:
        if place not in recordings:
            there = ", ".join(recordings)
            raise ConfigError(option, f"there is no recording of {place!r}; there are {there}")
        return place, span
    if len(recordings) > 1:
        example = next(iter(recordings))
        raise ConfigError(option, f"which sensor? Write it as {example}={word}")
    return next(iter(recordings)), word


def _part(recording: Recording, option: str, span: str, zone: ZoneInfo) -> Recording:
    begin, dots, end = span.partition("..")
    if not dots:
        raise ConfigError(option, f"{span!r} is no span; write it as 3..11, or with moments")
    first = float(recording.times.min())
    start, until = (_moment(option, word, first, zone) for word in (begin, end))
    rows = (recording.times >= start) & (recording.times < until)
    if not rows.any():
        lasts = float(recording.times.max()) - first
        raise ConfigError(option, f"{span} is outside the recording, which lasts {lasts:.0f} s")
    return recording.take(rows)


def _moment(option: str, word: str, first: float, zone: ZoneInfo) -> float:
    """Unix s: seconds from the first sample, or a moment in ISO 8601."""
    try:
        seconds = float(word)
    except ValueError:
        seconds = math.nan
    if math.isfinite(seconds):
        return first + seconds
    try:
        moment = datetime.fromisoformat(word.strip())
    except ValueError:
        raise ConfigError(option, f"{word!r} is neither seconds nor a moment") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
