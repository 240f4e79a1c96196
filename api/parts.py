"""What the routers work with, and how they read the store without blocking the loop."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ParamSpec, TypeAlias, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Path
from fastapi.requests import HTTPConnection

from api.contract import ServiceView
from api.exporting import Exporter
from api.keeping import SensorKeeper
from api.live import LiveHub
from api.samples import SampleHub
from domain.errors import NotFoundError, StoreUnavailableError
from domain.people import Wearer
from storage.contract import Store

#: A read that takes longer than this has hit a medium that does not answer.
READ_TIMEOUT_S = 10.0
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parts:
    """The collaborators that `create_app` was given."""

    store: Store
    service: ServiceView
    hub: LiveHub
    keeper: SensorKeeper
    exporter: Exporter
    samples: SampleHub


def parts_of(request: HTTPConnection) -> Parts:
    """The collaborators of the application that serves `request`, or a WebSocket."""
    parts = request.app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError("the application was not made by create_app")
    return parts


PartsDep: TypeAlias = Annotated[Parts, Depends(parts_of)]


def _keeper_of(parts: PartsDep) -> SensorKeeper:
    return parts.keeper


KeeperDep: TypeAlias = Annotated[SensorKeeper, Depends(_keeper_of)]


def _exporter_of(parts: PartsDep) -> Exporter:
    return parts.exporter


ExporterDep: TypeAlias = Annotated[Exporter, Depends(_exporter_of)]


async def read(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`call(...)` in a thread. Raises StoreUnavailableError when it does not come back in time."""
    try:
        with anyio.fail_after(READ_TIMEOUT_S):
            work = partial(call, *args, **kwargs)
            return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    except TimeoutError as error:
        raise StoreUnavailableError(f"no answer within {READ_TIMEOUT_S:g} s") from error


async def find_wearer(parts: Parts, wearer: str) -> Wearer:
    """The wearer of this id. Raises NotFoundError."""
    for found in await read(parts.store.wearers):
        if found.id == wearer:
            return found
    raise NotFoundError("wearer", wearer)


async def _wearer_of_path(
    parts: PartsDep, wearer: Annotated[str, Path(description="id of the wearer")]
) -> Wearer:
    return await find_wearer(parts, wearer)


WearerDep: TypeAlias = Annotated[Wearer, Depends(_wearer_of_path)]
