"""Paired sensors: how each is now, how its link was, whose it was."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import models, views
from api.openapi import problems
from api.parts import Parts, PartsDep, PrincipalDep, read
from api.ranges import End, Start, checked_resolution, fitting_resolution, whole_range
from api.sensor_history import (
    LinkReadings,
    SensorHistory,
    history_model,
    own_calibrations,
    own_readings,
    readings_model,
)
from domain.errors import InputError, NotFoundError
from domain.people import Assignment, Calibration, Sensor, calibration_in_force
from domain.readings import MINUTE_S

router = APIRouter(prefix="/sensors", tags=["sensors"])

SensorId = Annotated[str, Path(description="id of the sensor, as its address A0:9E:1A:51:77:01")]


@router.get("")
async def list_sensors(parts: PartsDep, principal: PrincipalDep) -> models.Sensors:
    """All paired sensors and the state of the link to each."""
    sensors = [each for each in parts.keeper.sensors() if principal.reaches(each.wearer)]
    return models.Sensors(items=[await _model(parts, sensor) for sensor in sensors])


@router.get("/{sensor}", responses=problems(404))
async def get_sensor(parts: PartsDep, sensor: SensorId) -> models.Sensor:
    """A paired sensor and the state of the link to it."""
    return await _model(parts, parts.keeper.sensor(sensor))


@router.get("/{sensor}/readings", responses=problems(404, 422))
async def get_readings(
    parts: PartsDep,
    principal: PrincipalDep,
    sensor: SensorId,
    start: Start,
    end: End,
    points: Annotated[int, Query(ge=10, le=5000, description="most rows wanted")] = 300,
    resolution_s: Annotated[int | None, Query(description="force a resolution")] = None,
) -> LinkReadings:
    """How the link was, at the finest resolution, a minute or more, that needs at most `points` rows."""
    begin, until = whole_range(start, end)
    if resolution_s is None:
        chosen_s = max(MINUTE_S, fitting_resolution(begin, until, points))
    elif resolution_s < MINUTE_S:
        raise InputError(f"readings are {MINUTE_S} s wide or wider")
    else:
        chosen_s = checked_resolution(begin, until, resolution_s)
    assignments = await _known(parts, sensor)
    found = await read(parts.store.readings, sensor, begin, until, chosen_s)
    if principal.wearer is not None:
        found = own_readings(found, assignments, principal.wearer, chosen_s)
    return readings_model(sensor, found, begin, until, chosen_s)


@router.get("/{sensor}/history", responses=problems(404))
async def get_history(parts: PartsDep, principal: PrincipalDep, sensor: SensorId) -> SensorHistory:
    """Whose a sensor was, where it was worn and how it was calibrated; also of one that is unpaired."""
    assignments = await _known(parts, sensor)
    calibrations = await read(parts.store.calibrations, sensor)
    paired = [each for each in await read(parts.store.sensors) if each.id == sensor]
    used = calibration_in_force(calibrations, assignments, paired[0]) if paired else None
    if principal.wearer is not None:
        calibrations = own_calibrations(calibrations, assignments, principal.wearer)
        assignments = [each for each in assignments if each.wearer == principal.wearer]
    return history_model(sensor, assignments, calibrations, used)


async def used_calibration(parts: Parts, sensor: Sensor) -> Calibration | None:
    """The calibration in force. Raises StoreUnavailableError."""
    return (await parts.memory.worn.get()).in_force(sensor)


async def _model(parts: Parts, sensor: Sensor) -> models.Sensor:
    return views.sensor_model(parts.service, sensor, await used_calibration(parts, sensor))


async def _known(parts: Parts, sensor: str) -> Sequence[Assignment]:
    """The assignments of a sensor that is paired or once was. Raises NotFoundError."""
    assignments = await read(parts.store.assignments, sensor)
    if not assignments:
        raise NotFoundError("sensor", sensor)
    return assignments
