"""Sensors as they come and go: what is on the air; pair, change, show, calibrate, unpair."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from api import models, views
from api.calibrating import CalibrationOutcome, PoseOutcome, PoseTaken, PoseWish, Refusal
from api.keeping import PairingRequest
from api.openapi import problems
from api.parts import KeeperDep, Parts, PartsDep, PrincipalDep
from api.principal import Principal
from domain.errors import CalibrationRefused, ConflictError, InputError, NotFoundError
from domain.placement import Placement

router = APIRouter(tags=["sensors"])


@router.get("/drivers")
async def list_drivers(keeper: KeeperDep) -> models.Drivers:
    """The kinds of sensors that can be read, and what to know before one is worn."""
    return models.Drivers(items=[views.driver_model(driver) for driver in keeper.drivers()])


@router.get("/discovery")
async def list_found(keeper: KeeperDep, principal: PrincipalDep) -> models.FoundDevices:
    """What was on the air in the last minute: those that can be read first, then by signal; and why
    nothing is heard, where there is no radio."""
    others = {each.id for each in keeper.sensors() if not principal.reaches(each.wearer)}
    found = [device for device in keeper.found() if device.address.upper() not in others]
    items = [views.found_model(device) for device in found]
    deaf = keeper.deafness()
    if deaf is None:
        return models.FoundDevices(items=items)
    return models.FoundDevices(items=items, problem=deaf.sentence, problem_code=deaf.reason)


@router.post("/sensors", status_code=201, responses=problems(404, 409, 422))
async def pair_sensor(
    parts: PartsDep, keeper: KeeperDep, principal: PrincipalDep, wanted: models.PairingWish
) -> models.Sensor:
    """Pair a sensor: it is read from now on."""
    wearer = await _whose(parts, principal, wanted.wearer)
    for other in keeper.sensors():
        if other.id == wanted.address.upper() and not principal.reaches(other.wearer):
            raise ConflictError("this sensor is paired already")  # and not whose it is
    sensor = await keeper.pair(
        PairingRequest(
            address=wanted.address,
            wearer=wearer,
            placement=wanted.placement,
            name=wanted.name,
            driver=wanted.driver,
            key_hex=wanted.key or "",
        )
    )
    return views.sensor_model(parts.service, sensor, None)


class SimulatedWish(models.Wish):
    """Whose simulated sensors, and where they are worn."""

    wearer: str | None = Field(default=None, max_length=32, description="whose, of several")
    placements: list[Literal["upper_back", "thigh"]] = Field(
        default=["upper_back", "thigh"], min_length=1, max_length=2
    )


@router.post("/sensors/simulated", status_code=201, responses=problems(404, 409, 422))
async def simulate_sensors(
    parts: PartsDep, keeper: KeeperDep, principal: PrincipalDep, wish: SimulatedWish
) -> models.Sensors:
    """Start simulated sensors, for who has none at hand: calibrated, on a simulated person. What they measure
    is marked as simulated everywhere; they are unpaired as any other."""
    wearer = await _whose(parts, principal, wish.wearer)
    places = [Placement(each) for each in dict.fromkeys(wish.placements)]
    made = await keeper.simulate(wearer, places)
    return models.Sensors(
        items=[
            views.sensor_model(parts.service, each, keeper.calibration(each.id)) for each in made
        ]
    )


@router.patch("/sensors/{sensor}", responses=problems(404, 409, 422))
async def change_sensor(
    parts: PartsDep,
    keeper: KeeperDep,
    principal: PrincipalDep,
    sensor: str,
    change: models.SensorChange,
) -> models.Sensor:
    """Rename, move or hand over a sensor; its history is kept, its calibration does not move along."""
    if change.wearer is not None and not principal.reaches(change.wearer):
        raise NotFoundError("wearer", change.wearer)
    changed = await keeper.change(
        sensor, name=change.name, wearer=change.wearer, placement=change.placement
    )
    return views.sensor_model(parts.service, changed, keeper.calibration(sensor))


@router.delete("/sensors/{sensor}", status_code=204, responses=problems(404, 409))
async def unpair_sensor(keeper: KeeperDep, sensor: str) -> None:
    """Unpair a sensor: it is read no longer, what it measured stays."""
    await keeper.unpair(sensor)


@router.post(
    "/sensors/{sensor}/identify", status_code=204, responses=problems(404, 409, 422, 502, 504)
)
async def identify_sensor(keeper: KeeperDep, sensor: str) -> None:
    """Have the sensor blink or buzz, where it can: which one is it?"""
    await keeper.identify(sensor)


@router.post("/sensors/{sensor}/poses", responses=problems(404, 409, 422))
async def take_pose(keeper: KeeperDep, sensor: str, wish: PoseWish) -> PoseOutcome:
    """Hold a pose: answers after the eight seconds that are kept for a calibration, or why they are not."""
    try:
        taken = await keeper.take_pose(sensor, wish.pose)
    except CalibrationRefused as refused:
        return PoseOutcome(taken=None, refused=Refusal.of(refused))
    return PoseOutcome(
        taken=PoseTaken(
            pose=taken.pose,
            seconds=round(taken.seconds, 1),
            keeps_until=views.rfc3339(taken.keeps_until),
        ),
        refused=None,
    )


@router.post("/sensors/{sensor}/calibration", responses=problems(404, 409, 422))
async def calibrate_sensor(parts: PartsDep, keeper: KeeperDep, sensor: str) -> CalibrationOutcome:
    """Calibrate from the poses that were held last: it is in force at once, or why they are no reference."""
    try:
        calibration = await keeper.calibrate(sensor)
    except CalibrationRefused as refused:
        return CalibrationOutcome(sensor=None, refused=Refusal.of(refused))
    return CalibrationOutcome(
        sensor=views.sensor_model(parts.service, keeper.sensor(sensor), calibration),
        refused=None,
    )


async def _whose(parts: Parts, principal: Principal, asked: str | None) -> str:
    """Who is to wear it: the one that was asked for, else the only one whom `principal` reaches.

    Raises NotFoundError, and InputError where there are several.
    """
    if asked is not None:
        if not principal.reaches(asked):
            raise NotFoundError("wearer", asked)
        return asked
    known = await parts.memory.wearers.get()
    there = [
        each for each in known if principal.reaches(each) and parts.people.origin(each) != "past"
    ]
    if len(there) != 1:
        raise InputError(f"say whose it is: wearer is one of {', '.join(there)}")
    return there[0]
