"""Recordings of raw notifications: the file format of docs/recordings.md, its writer and its reader."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from collector.drivers.contract import Keyed
from collector.drivers.registry import driver_factory, driver_named
from collector.pseudonyms import Pseudonyms
from collector.recorded_calibration import calibration_fields, calibration_from
from collector.stream import DriverFactory
from domain.errors import RecordingError
from domain.people import Calibration, Sensor
from domain.placement import Placement
from domain.samples import Notification

FORMAT: Final = "sitwell-recording"
VERSION: Final = 1
EVENTS: Final = ("connected", "disconnected")


@dataclass(frozen=True, slots=True)
class RecordedSensor:
    """A sensor of a recording; `id` and `wearer` are pseudonyms when it is redacted.

    calibration: the one in force when the recording began, of the sensor `id`; None without one.
    """

    id: str
    driver: str
    name: str
    placement: Placement
    wearer: str
    calibration: Calibration | None = None


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A connection began (`connected`) or ended (`disconnected`) at `at`, Unix s."""

    sensor: str
    event: str
    at: float


@dataclass(frozen=True, slots=True)
class SensorAdded:
    """From `at`, Unix s, on the recording carries another sensor."""

    sensor: RecordedSensor
    at: float


Entry: TypeAlias = Notification | LinkEvent | SensorAdded


class Recorder:
    """Writes a recording. Every method raises RecordingError when the file cannot be written.

    started: host Unix time that the recording's times count from. redact: addresses, names and
    wearers become pseudonyms, also where a sensor repeats its address in what it sends. drivers: finds
    the driver of a sensor that encrypts: what it sends is written without encryption, for neither its
    key nor, redacted, the address that decrypts it are in a recording.
    calibrations: those in force, by sensor id; settings: numbers by name that whoever measures works
    with; both go into the recording, so that it gives the same frames elsewhere.
    Nothing but `flush` (call it once a second) and `close` brings lines to the disk.
    """

    def __init__(
        self,
        path: Path,
        sensors: Sequence[Sensor],
        *,
        started: float,
        redact: bool = True,
        drivers: Callable[[str], DriverFactory] = driver_named,
        calibrations: Mapping[str, Calibration] = MappingProxyType({}),
        settings: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self._path = path
        self._calibrations = calibrations
        self._started = started
        self._pseudonyms = Pseudonyms() if redact else None
        self._drivers = drivers
        self._keyed: dict[str, Keyed] = {}
        recorded = [self._recorded(sensor) for sensor in sensors]
        try:
            self._file: TextIOWrapper | None = path.open("x", encoding="ascii", newline="\n")
        except OSError as error:
            raise RecordingError(str(path), f"cannot be written: {error.strerror}") from error
        self._write(
            {
                "format": FORMAT,
                "version": VERSION,
                "created": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
                "started": started,
                "redacted": redact,
                "settings": dict(settings),
                "sensors": [_sensor_fields(sensor) for sensor in recorded],
            }
        )
        self.flush()

    def add(self, sensor: Sensor, now: float) -> None:
        """From now on the recording carries `sensor` too."""
        recorded = self._recorded(sensor)
        self._write({"t": now - self._started, "add": _sensor_fields(recorded)})

    def notification(self, notification: Notification) -> None:
        """Write down one notification."""
        payload = notification.payload
        if (keyed := self._keyed.get(notification.sensor)) is not None:
            payload = keyed.opened(notification.characteristic, payload)
        if self._pseudonyms is not None:
            payload = self._pseudonyms.in_payload(payload)
        self._write(
            {
                "t": notification.received_at - self._started,
                "sensor": self._sensor_id(notification.sensor),
                "channel": notification.characteristic,
                "payload": payload.hex(),
            }
        )

    def link(self, sensor: str, event: str, now: float) -> None:
        """Write down that a connection began or ended; `event` is one of EVENTS."""
        self._write({"t": now - self._started, "sensor": self._sensor_id(sensor), "event": event})

    def flush(self) -> None:
        """Hand what was written to the operating system."""
        if self._file is not None:
            try:
                self._file.flush()
            except OSError as error:
                raise self._failed(error) from error

    def close(self) -> None:
        """Flush and close; harmless when closed."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                raise self._failed(error) from error
            finally:
                self._file = None

    def _recorded(self, sensor: Sensor) -> RecordedSensor:
        calibration = self._calibrations.get(sensor.id)
        recorded = RecordedSensor(
            sensor.id, sensor.driver, sensor.name, sensor.placement, sensor.wearer, calibration
        )
        if sensor.key_hex:
            driver = driver_factory(self._drivers(sensor.driver), sensor.id, sensor.key_hex)()
            assert isinstance(driver, Keyed)  # or the factory had refused the key
            self._keyed[sensor.id] = driver
        if self._pseudonyms is None:
            return recorded
        pseudonym = self._pseudonyms.sensor(sensor.id)
        wearer = self._pseudonyms.wearer(sensor.wearer)
        if calibration is not None:
            calibration = replace(calibration, sensor=pseudonym)
        return replace(
            recorded, id=pseudonym, name=pseudonym, wearer=wearer, calibration=calibration
        )

    def _sensor_id(self, sensor: str) -> str:
        return sensor if self._pseudonyms is None else self._pseudonyms.sensor(sensor)

    def _write(self, fields: Mapping[str, object]) -> None:
        if self._file is None:
            raise RecordingError(str(self._path), "is closed")
        try:
            self._file.write(json.dumps(fields, separators=(",", ":")) + "\n")
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> RecordingError:
        return RecordingError(str(self._path), f"cannot be written: {error.strerror}")


class RecordingFile:
    """Reads a recording. Raises RecordingError, with the line, for what is no recording.

    torn_lines: 1 after reading a recording whose last line was cut off, by a power failure say; what
    it held is left out. 0 otherwise.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn_lines = 0
        try:
            with path.open(encoding="utf-8", newline="\n") as file:
                first = file.readline()
        except (OSError, UnicodeDecodeError) as error:
            raise RecordingError(str(path), f"cannot be read: {_words(error)}") from error
        header = self._fields(first, 1)
        if header.get("format") != FORMAT:
            raise RecordingError(str(path), "is no recording of Sitwell", line=1)
        if header.get("version") != VERSION:
            raise RecordingError(str(path), f"has version {header.get('version')}", line=1)
        self.started = self._number(header, "started", 1)
        self.redacted = bool(header.get("redacted"))
        settings = header.get("settings", {})
        if not isinstance(settings, dict):
            raise RecordingError(str(path), "settings are no object", line=1)
        self.settings = {str(key): self._number(settings, key, 1) for key in settings}
        listed = header.get("sensors")
        if not isinstance(listed, list):
            raise RecordingError(str(path), "lists no sensors", line=1)
        self.sensors = tuple(self._sensor(fields, 1) for fields in listed)

    def entries(self) -> Iterator[Entry]:
        """All entries in order, times as they were."""
        known = {sensor.id for sensor in self.sensors}
        self.torn_lines = 0
        try:
            with self.path.open(encoding="utf-8", newline="\n") as file:
                file.readline()
                for number, line in enumerate(file, start=2):
                    if not line.endswith("\n") and not _whole(line):
                        self.torn_lines = 1
                        return
                    entry = self._entry(self._fields(line, number), number)
                    if isinstance(entry, SensorAdded):
                        known.add(entry.sensor.id)
                    elif entry.sensor not in known:
                        problem = f"names sensor {entry.sensor!r}, which it has not listed"
                        raise RecordingError(str(self.path), problem, line=number)
                    yield entry
        except (OSError, UnicodeDecodeError) as error:
            raise RecordingError(str(self.path), f"cannot be read: {_words(error)}") from error

    def _entry(self, fields: Mapping[str, object], line: int) -> Entry:
        at = self.started + self._number(fields, "t", line)
        if "add" in fields:
            return SensorAdded(self._sensor(fields["add"], line), at)
        sensor = self._text(fields, "sensor", line)
        if "event" in fields:
            event = self._text(fields, "event", line)
            if event not in EVENTS:
                raise RecordingError(str(self.path), f"unknown event {event!r}", line=line)
            return LinkEvent(sensor, event, at)
        try:
            payload = bytes.fromhex(self._text(fields, "payload", line))
        except ValueError as error:
            raise RecordingError(str(self.path), "payload is not hexadecimal", line=line) from error
        return Notification(sensor, self._text(fields, "channel", line), payload, at)

    def _sensor(self, fields: object, line: int) -> RecordedSensor:
        if not isinstance(fields, dict):
            raise RecordingError(str(self.path), "a sensor is no object", line=line)
        words = {
            key: self._text(fields, key, line)
            for key in ("id", "driver", "name", "placement", "wearer")
        }
        try:
            placement = Placement(words.pop("placement"))
        except ValueError as error:
            raise RecordingError(str(self.path), str(error), line=line) from error
        calibration = fields.get("calibration")
        if calibration is not None:
            try:
                calibration = calibration_from(calibration, words["id"], placement)
            except ValueError as error:
                raise RecordingError(str(self.path), f"calibration: {error}", line=line) from error
        return RecordedSensor(placement=placement, calibration=calibration, **words)

    def _fields(self, text: str, line: int) -> dict[str, object]:
        try:
            fields = json.loads(text)
        except ValueError as error:
            raise RecordingError(str(self.path), "is no JSON", line=line) from error
        if not isinstance(fields, dict):
            raise RecordingError(str(self.path), "is no JSON object", line=line)
        return fields

    def _text(self, fields: Mapping[str, object], key: str, line: int) -> str:
        value = fields.get(key)
        if not isinstance(value, str):
            raise RecordingError(str(self.path), f"{key} is missing", line=line)
        return value

    def _number(self, fields: Mapping[str, object], key: str, line: int) -> float:
        value = fields.get(key)
        finite = isinstance(value, int | float) and abs(value) < 1e11  # NaN compares false
        if not finite or isinstance(value, bool):
            raise RecordingError(str(self.path), f"{key} is no time", line=line)
        assert isinstance(value, int | float)
        return float(value)


def _sensor_fields(sensor: RecordedSensor) -> dict[str, object]:
    made = sensor.calibration
    return {
        **({} if made is None else {"calibration": calibration_fields(made)}),
        "id": sensor.id,
        "driver": sensor.driver,
        "name": sensor.name,
        "placement": sensor.placement.value,
        "wearer": sensor.wearer,
    }


def _whole(line: str) -> bool:
    """Whether a line without its end is complete all the same."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _words(error: OSError | UnicodeDecodeError) -> str:
    return str(error.strerror if isinstance(error, OSError) else "it is not text")
