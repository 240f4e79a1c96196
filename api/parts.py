"""What the routers work with, and how they read the store without blocking the loop."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Path
from fastapi.requests import HTTPConnection

from api.access import Access
from api.channels import ChannelKeeper
from api.contract import ServiceView
from api.exporting import Exporter
from api.keeping import SensorKeeper
from api.leans import LeanHub
from api.live import LiveHub
from api.memory import Memory
from api.people import PeopleKeeper
from api.principal import Principal
from api.reading import read
from api.samples import SampleHub
from api.wishing import AlertWishes
from domain.errors import NotFoundError
from domain.people import Wearer
from storage.contract import Store

__all__ = [
    "ExporterDep",
    "KeeperDep",
    "Parts",
    "PartsDep",
    "PrincipalDep",
    "WearerDep",
    "find_wearer",
    "read",
]


@dataclass(frozen=True, slots=True)
class Parts:
    """The collaborators that `create_app` was given."""

    store: Store
    service: ServiceView
    hub: LiveHub
    keeper: SensorKeeper
    wishes: AlertWishes
    people: PeopleKeeper
    exporter: Exporter
    samples: SampleHub
    leans: LeanHub
    access: Access
    channels: ChannelKeeper
    memory: Memory


def parts_of(connection: HTTPConnection) -> Parts:
    """The collaborators of the application that serves `connection`."""
    parts = connection.app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError("the application was not made by create_app")
    return parts


async def _parts(connection: HTTPConnection) -> Parts:
    return parts_of(connection)


# These are coroutines, however little they do: FastAPI runs each plain function in a thread of its own.
PartsDep: TypeAlias = Annotated[Parts, Depends(_parts)]


async def _keeper_of(parts: PartsDep) -> SensorKeeper:
    return parts.keeper


def principal_of(connection: HTTPConnection) -> Principal:
    """Who asks; the guard has let them in."""
    principal = connection.scope.get("principal")
    if not isinstance(principal, Principal):
        raise TypeError("the guard was not asked who this is")
    return principal


async def _principal(connection: HTTPConnection) -> Principal:
    return principal_of(connection)


PrincipalDep: TypeAlias = Annotated[Principal, Depends(_principal)]
KeeperDep: TypeAlias = Annotated[SensorKeeper, Depends(_keeper_of)]


async def _exporter_of(parts: PartsDep) -> Exporter:
    return parts.exporter


ExporterDep: TypeAlias = Annotated[Exporter, Depends(_exporter_of)]


async def find_wearer(parts: Parts, wearer: str) -> Wearer:
    """The wearer of this id. Raises NotFoundError."""
    found = (await parts.memory.wearers.get()).get(wearer)
    if found is None:
        raise NotFoundError("wearer", wearer)
    return found


async def _wearer_of_path(
    parts: PartsDep, wearer: Annotated[str, Path(description="id of the wearer")]
) -> Wearer:
    return await find_wearer(parts, wearer)


WearerDep: TypeAlias = Annotated[Wearer, Depends(_wearer_of_path)]
