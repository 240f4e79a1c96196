"""Sensors that come and go in memory, as the API asks for them; what was asked is kept."""

from collections.abc import Sequence
from dataclasses import replace

from api.keeping import Deafness, PairingRequest, PoseTaken
from collector.discovery import FoundDevice
from collector.drivers import DRIVERS
from collector.drivers.contract import Driver
from domain.errors import (
    CalibrationRefused,
    ConflictError,
    HandshakeError,
    NotFoundError,
    PeerLostError,
    RefusalReason,
)
from domain.people import Calibration, Sensor
from domain.placement import Placement
from tests.api.service_fake import CALIBRATION, SENSOR, SPARE, T0

CLIP = FoundDevice(
    address="C0:03",
    name="Posture-0003",
    rssi_dbm=-58,
    driver="posture-profile",
    title="Open posture profile",
    measures=("acc", "gyro"),
    times_heard=9,
    placements=(Placement.UPPER_BACK,),
    heard_at=float(T0),
)
PHONE = FoundDevice("77:01", None, None, None, None, (), 2, (), T0 - 5.5)


class FakeKeeper:
    """Two paired sensors, two devices on the air."""

    def __init__(self) -> None:
        self.paired = {sensor.id: sensor for sensor in (SENSOR, SPARE)}
        self.identified: list[str] = []
        self.poses: list[tuple[str, str]] = []
        self.requests: list[PairingRequest] = []
        self.deaf: Deafness | None = None
        #: What the next poses and calibrations are refused with, in turn; None takes one.
        self.refusals: list[CalibrationRefused | None] = []
        self.air: list[FoundDevice] = [CLIP, PHONE]

    def drivers(self) -> Sequence[type[Driver]]:
        return DRIVERS

    def sensors(self) -> Sequence[Sensor]:
        return tuple(self.paired.values())

    def sensor(self, sensor_id: str) -> Sensor:
        if sensor_id not in self.paired:
            raise NotFoundError("sensor", sensor_id)
        return self.paired[sensor_id]

    def calibration(self, sensor_id: str) -> Calibration | None:
        return CALIBRATION if sensor_id == CALIBRATION.sensor else None

    def found(self) -> Sequence[FoundDevice]:
        return tuple(self.air)

    def deafness(self) -> Deafness | None:
        return self.deaf

    async def pair(self, request: PairingRequest) -> Sensor:
        self.requests.append(request)
        if request.address in self.paired:
            raise ConflictError("it is paired already")
        if request.address != CLIP.address:
            raise NotFoundError("sensor on the air at", request.address)
        sensor = Sensor(
            request.address,
            request.driver or "posture-profile",
            request.name or "Posture-0003",
            request.wearer,
            request.placement,
            float(T0),
            key_hex=request.key_hex,
        )
        self.paired[sensor.id] = sensor
        return sensor

    async def simulate(self, wearer: str, placements: Sequence[Placement]) -> Sequence[Sensor]:
        if wearer not in ("ada", "bob", "me"):
            raise NotFoundError("wearer", wearer)
        made = [
            Sensor(f"F2:53:57:{wearer}:{each}", "polar", "Made up", wearer, each, float(T0), True)
            for each in placements
        ]
        for sensor in made:
            if sensor.id in self.paired:
                raise ConflictError("it is there already")
        self.paired |= {sensor.id: sensor for sensor in made}
        return made

    async def change(
        self,
        sensor_id: str,
        *,
        name: str | None = None,
        wearer: str | None = None,
        placement: Placement | None = None,
    ) -> Sensor:
        before = self.sensor(sensor_id)
        after = replace(
            before,
            name=name or before.name,
            wearer=wearer or before.wearer,
            placement=placement or before.placement,
        )
        self.paired[sensor_id] = after
        return after

    async def unpair(self, sensor_id: str) -> None:
        del self.paired[self.sensor(sensor_id).id]

    async def identify(self, sensor_id: str) -> None:
        self.sensor(sensor_id)
        if sensor_id == SPARE.id:
            raise PeerLostError("the link was lost")
        self.identified.append(sensor_id)

    async def take_pose(self, sensor_id: str, pose: str) -> PoseTaken:
        self.sensor(sensor_id)
        if sensor_id == SPARE.id:
            raise CalibrationRefused(
                RefusalReason.MOVED, "You moved. Hold still and try again.", pose=pose
            )
        self._refuse()
        self.poses.append((sensor_id, pose))
        return PoseTaken(pose, 8.02, T0 + 600.0)

    async def calibrate(self, sensor_id: str) -> Calibration:
        self.sensor(sensor_id)
        if sensor_id == SPARE.id:
            raise HandshakeError("witmotion", "it refuses")
        if (sensor_id, "upright") not in self.poses:
            raise ConflictError("take the upright pose first: it is the reference")
        self._refuse()
        return replace(CALIBRATION, sensor=sensor_id)

    def _refuse(self) -> None:
        refusal = self.refusals.pop(0) if self.refusals else None
        if refusal is not None:
            raise refusal
