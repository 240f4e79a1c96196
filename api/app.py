"""The application: the API under /api/v1 and the dashboard at /."""

import mimetypes
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI

from api.access import Access
from api.channels import ChannelKeeper, NoChannels
from api.contract import ServiceView
from api.exporting import Exporter
from api.exposure import Exposure
from api.guard import Guard
from api.idempotency import Idempotency
from api.keeping import SensorKeeper
from api.leans import LeanHub
from api.live import LiveHub
from api.memory import Memory
from api.openapi import describe
from api.packed import Packed
from api.parts import Parts
from api.people import PeopleKeeper
from api.problems import add_problem_handlers
from api.quick import Quick
from api.routers import (
    about,
    alerts,
    audit,
    decisions,
    erasing,
    explanations,
    exports,
    history,
    metrics,
    organisation,
    pairing,
    posture,
    probes,
    sensors,
    wearers,
)
from api.routers import access as access_router
from api.routers import channels as channels_router
from api.routers import leans as leans_router
from api.routers import live as live_router
from api.routers import samples as samples_router
from api.routers import service as service_router
from api.routers import wishes as wishes_router
from api.rules import authorise
from api.samples import SampleHub
from api.wishing import AlertWishes
from domain import __version__
from storage.contract import Store

PREFIX = "/api/v1"
STATIC = Path(__file__).parent / "static"


def create_app(
    *,
    store: Store,
    service: ServiceView,
    live: LiveHub,
    keeper: SensorKeeper,
    wishes: AlertWishes,
    people: PeopleKeeper,
    exporter: Exporter,
    samples: SampleHub | None = None,
    leans: LeanHub | None = None,
    channels: ChannelKeeper | None = None,
    static: Path | None = STATIC,
    exposure: Exposure | None = None,
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """The application over its collaborators; nothing is global. static: the dashboard's folder.

    exposure: how far it can be reached, by default from this machine alone, where nobody is asked for a
    token; clock: Unix s, by which tokens and sessions expire.
    """
    access = Access(store, Exposure() if exposure is None else exposure, now=clock)
    raw = SampleHub() if samples is None else samples
    leaning = LeanHub() if leans is None else leans

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        live.close()
        raw.close()
        leaning.close()
        await access.settle()

    app = FastAPI(
        title="Sitwell",
        version=__version__,
        description="Posture and activity of the people who wear a sensor, as it is measured.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # both pages load their scripts from a CDN
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.parts = Parts(
        store=store,
        service=service,
        hub=live,
        keeper=keeper,
        wishes=wishes,
        people=people,
        exporter=exporter,
        samples=raw,
        leans=leaning,
        access=access,
        channels=NoChannels() if channels is None else channels,
        memory=Memory(store),
    )
    allowed = [Depends(authorise)]
    for each in (
        service_router, about, wearers, sensors, pairing, posture, history, explanations, alerts, decisions,
        wishes_router, exports, erasing, live_router, samples_router, leans_router, access_router,
        audit, organisation, channels_router,
    ):  # fmt: skip
        app.include_router(each.router, prefix=PREFIX, dependencies=allowed)
    for bare in (metrics, probes):  # where Prometheus and supervisors look
        app.include_router(bare.router, dependencies=allowed)
    if static is not None:
        _name_types()
        app.frontend("/", directory=static, fallback=None)
        app.add_middleware(Packed, folder=static)
    add_problem_handlers(app)
    app.add_middleware(Idempotency)  # within the guard, which is added last
    app.add_middleware(Quick, state=app.state, prefix=PREFIX)
    app.add_middleware(Guard, access=access)
    describe(app)
    return app


def _name_types() -> None:
    """A Windows registry may call scripts plain text, which browsers then refuse to run."""
    for suffix, media_type in (
        (".js", "text/javascript"),
        (".mjs", "text/javascript"),
        (".css", "text/css"),
        (".svg", "image/svg+xml"),
        (".webmanifest", "application/manifest+json"),
    ):
        mimetypes.add_type(media_type, suffix)
