"""An exporter as the API sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.exporting import ExportJob, ExportState
from domain.errors import ConflictError, NotFoundError


@dataclass
class FakeExporter:
    """Holds what it is given; nothing goes on by itself."""

    jobs: dict[str, ExportJob] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    full: bool = False

    def begin(self, wearer: str, start: int | None, end: int | None) -> ExportJob:
        if self.full:
            raise ConflictError("there are 8 exports already")
        job = ExportJob(f"x{len(self.jobs)}", wearer, start, end, 1_795_342_200.0)
        self.jobs[job.id] = job
        return job

    def exports(self, wearer: str) -> Sequence[ExportJob]:
        return [job for job in reversed(self.jobs.values()) if job.wearer == wearer]

    def export(self, wearer: str, export_id: str) -> ExportJob:
        job = self.jobs.get(export_id)
        if job is None or job.wearer != wearer:
            raise NotFoundError("export", export_id)
        return job

    def file(self, wearer: str, export_id: str) -> Path:
        if self.export(wearer, export_id).state is not ExportState.DONE:
            raise ConflictError("the export is waiting: wait for it")
        return self.files[export_id]

    async def remove(self, wearer: str, export_id: str) -> None:
        del self.jobs[self.export(wearer, export_id).id]
