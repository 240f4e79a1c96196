"""The recorded person of the demo: a file of samples, worn through a simulated sensor."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.calibration import calibrate
from collector.drivers.registry import encoder_named
from domain.errors import ConfigError
from domain.people import Calibration, Wearer
from domain.placement import Placement
from domain.samples import Recording
from service.person import DemoPerson
from service.simulation import SimulatedSensor
from simulators.handshake import started
from simulators.loading import load_recording
from simulators.recorded import Label, RecordedBody
from simulators.sensor import SensorModel

#: A recording begins so many wall seconds after the start, when its sensor is connected; until then
#: its first sample is held.
CURTAIN_S = 4.0
ADDRESS = "A0:9E:1A:51:77:02"

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Poses:
    """Where a recording shows the poses of a calibration: from and to, s from its first sample.

    upright: standing for a thigh or a belt, sitting or standing upright for a trunk. slouch: the
    wearer's own, trunk placements only; None for a calibration from one pose.
    """

    upright: Span | None = None
    slouch: Span | None = None


def recorded_person(
    recording: Recording,
    placement: Placement,
    poses: Poses,
    *,
    anchor: int,
    speed: float,
    wearer: Wearer,
    address: str = ADDRESS,
    labels: Sequence[Label] = (),
) -> DemoPerson:
    """Who wore the recording at `placement`, from Unix `anchor` on a clock `speed` times as fast.

    The sensor is a Verity Sense where there is a gyro, else an H10, and adds nothing of its own but
    its rate, range and number format: mounting, noise and offsets are those of the recording.
    labels: what is true, s from the first sample. Raises ConfigError, CalibrationRefused.
    """
    kind = "polar-h10" if recording.gyro_dps is None else "polar-verity"
    body = RecordedBody({placement: recording}, start=anchor + CURTAIN_S * speed, labels=labels)
    simulated = SimulatedSensor(kind, address, "Recorded sensor", placement, seed=0)
    encoder = started(encoder_named(kind)())
    model = SensorModel(
        body=body,
        placement=placement,
        rate_hz=encoder.rate_hz,
        power_on=float(anchor),
        full_scale_g=encoder.full_scale_g,
        gyro_full_scale_dps=encoder.gyro_full_scale_dps,
    )
    found = _calibration(recording, placement, poses, address, float(anchor))
    return DemoPerson(
        wearer=wearer,
        body=body,
        sensors=(simulated.paired(wearer.id, float(anchor)),),
        worn=((simulated, model),),
        calibrations={} if found is None else {address: found},
        lead=None,
        ends_at=body.end,
    )


def person_from_file(
    path: Path,
    placement: str,
    *,
    standing: str | None,
    slouching: str | None,
    anchor: int,
    speed: float,
    timezone: str,
) -> DemoPerson:
    """The person of the file, in the words of the command line; spans are written as 3-11.

    Raises ConfigError, RecordingError, CalibrationRefused.
    """
    if placement not in list(Placement):
        raise ConfigError("--placement", f"no placement {placement!r}: {', '.join(Placement)}")
    place = Placement(placement)
    poses = Poses(_span("--standing", standing), _span("--slouching", slouching))
    if poses.slouch is not None and poses.upright is None:
        raise ConfigError("--slouching", "needs --standing as well")
    wearer = Wearer("me", "Recorded person", timezone)
    recording = load_recording(path)
    return recorded_person(recording, place, poses, anchor=anchor, speed=speed, wearer=wearer)


def _calibration(
    recording: Recording, placement: Placement, poses: Poses, sensor: str, made_at: float
) -> Calibration | None:
    if poses.upright is None:
        return None
    upright = _part(recording, "--standing", poses.upright)
    slouch = None if poses.slouch is None else _part(recording, "--slouching", poses.slouch)
    return calibrate(upright, slouch, sensor=sensor, placement=placement, made_at=made_at)


def _span(option: str, text: str | None) -> Span | None:
    if text is None:
        return None
    try:
        begin, end = (float(part) for part in text.split("-"))
    except ValueError:
        raise ConfigError(option, f"{text!r} is no span; write it as 3-11") from None
    if not begin < end:
        raise ConfigError(option, f"{text!r} ends before it begins")
    return begin, end


def _part(recording: Recording, option: str, span: Span) -> Recording:
    begin, end = span
    times = recording.times - recording.times[0]
    rows = (times >= begin) & (times < end)
    if not rows.any():
        raise ConfigError(
            option, f"{begin:g}-{end:g} is outside the recording, which lasts {times[-1]:.0f} s"
        )
    return recording.take(rows)
