"""Everything of a wearer in one zip, made while the service runs."""

import math
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from api.answer import Answer
from api.answer import Time as TimeWord
from api.exporting import ExportJob, ExportState
from api.openapi import problems
from api.parts import ExporterDep, PartsDep, WearerDep
from api.ranges import Time, checked_year
from api.views import rfc3339, rfc3339_or_null
from domain.errors import InputError

router = APIRouter(
    prefix="/wearers/{wearer}/exports", tags=["wearers"], responses=problems(404, 422)
)

ExportId = Annotated[str, Path(description="id of an export")]


class ExportWish(BaseModel):
    """What is to be exported: all there is, unless a range is given."""

    model_config = ConfigDict(extra="forbid")
    start: Time | None = Field(None, description="only from here on")
    end: Time | None = Field(None, description="only up to here")


class Export(Answer):
    """One export."""

    id: str
    wearer: str
    start: TimeWord | None
    end: TimeWord | None
    asked_at: TimeWord
    state: ExportState
    done_days: int = Field(description="how far it is; 0 before it has begun")
    total_days: int
    size_bytes: int | None = Field(description="of the file, once it is done")
    trouble: str | None = Field(description="why it failed")
    kept_until: TimeWord | None = Field(description="when its file goes by itself")


class Exports(Answer):
    """The exports of a wearer, newest first."""

    items: list[Export]


def _model(job: ExportJob) -> Export:
    return Export(
        id=job.id,
        wearer=job.wearer,
        start=rfc3339_or_null(job.start),
        end=rfc3339_or_null(job.end),
        asked_at=rfc3339(job.asked_at),
        state=job.state,
        done_days=job.done_days,
        total_days=job.total_days,
        size_bytes=job.size_bytes,
        trouble=job.trouble,
        kept_until=rfc3339_or_null(job.kept_until),
    )


@router.post("", status_code=202, responses=problems(409))
async def begin_export(
    parts: PartsDep, exporter: ExporterDep, wearer: WearerDep, wish: ExportWish
) -> Export:
    """Begin an export; ask for it again until it is `done`, then take its file."""
    for moment in (wish.start, wish.end):
        if moment is not None:
            checked_year(moment)
    start = None if wish.start is None else math.floor(wish.start.timestamp())
    end = None if wish.end is None else math.ceil(wish.end.timestamp())
    if start is not None and end is not None and end <= start:
        raise InputError("the range is empty: end is not after start")
    job = exporter.begin(wearer.id, start, end)
    await parts.access.note(
        "export", "all there is" if start is end is None else "a range", wearer=wearer.id
    )
    return _model(job)


@router.get("")
async def list_exports(exporter: ExporterDep, wearer: WearerDep) -> Exports:
    """Those that are there, newest first; none is kept for longer than a day."""
    return Exports(items=[_model(job) for job in exporter.exports(wearer.id)])


@router.get("/{export}")
async def get_export(exporter: ExporterDep, wearer: WearerDep, export: ExportId) -> Export:
    """How far an export is."""
    return _model(exporter.export(wearer.id, export))


@router.get(
    "/{export}/file",
    response_class=FileResponse,
    responses={
        **problems(409),
        200: {"content": {"application/zip": {}}, "description": "the zip"},
        206: {"content": {"application/zip": {}}, "description": "the part asked for"},
        416: {"description": "there is no such part"},
    },
)
async def get_export_file(
    exporter: ExporterDep,
    wearer: WearerDep,
    export: ExportId,
    range_: Annotated[str | None, Header(alias="range", description="a part only")] = None,
) -> FileResponse:
    """The zip of an export that is done, or a part of it after an interrupted download."""
    path = exporter.file(wearer.id, export)
    return FileResponse(path, media_type="application/zip", filename=f"sitwell-{wearer.id}.zip")


@router.delete("/{export}", status_code=204)
async def remove_export(exporter: ExporterDep, wearer: WearerDep, export: ExportId) -> Response:
    """Give an export up, and remove its file."""
    await exporter.remove(wearer.id, export)
    return Response(status_code=204)
