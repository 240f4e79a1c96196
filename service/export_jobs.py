"""Exports on behalf of the API: one after the other in a thread, their files kept for a day at most."""

import asyncio
import contextlib
import logging
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from api.exporting import ExportJob, ExportState
from domain.errors import ConflictError, NotFoundError, SitwellError, first_line
from service.exporting import export
from storage.contract import StoreReader

_log = logging.getLogger(__name__)

#: A file with all there is of a person does not lie about for longer than it takes to fetch it.
KEPT_S = 24 * 3600.0
#: How many of one wearer may be there at once, done ones included, so that nobody is in another's way.
MOST = 4
SWEEP_INTERVAL_S = 60.0


class _GivenUpError(Exception):
    """The export that runs is wanted no more."""


def exports_folder(data_dir: Path) -> Path:
    """Where the service of this data directory makes its exports; nothing else is kept there."""
    return data_dir / "exports"


class ExportJobs:
    """Implements api.exporting.Exporter over a store. `run` does the work; it belongs into the service's
    task group. folder: where files are made, emptied at the start and the end. now: Unix s."""

    def __init__(self, store: StoreReader, folder: Path, now: Callable[[], float]) -> None:
        self._store = store
        self._folder = folder
        self._now = now
        self._jobs: dict[str, ExportJob] = {}
        self._wake = asyncio.Event()
        self._running: str | None = None
        self._give_up = threading.Event()
        self._idle = asyncio.Condition()

    def begin(self, wearer: str, start: int | None, end: int | None) -> ExportJob:
        """Ask for one. Raises ConflictError when too many are there already."""
        if len(self.exports(wearer)) >= MOST:
            raise ConflictError(
                f"there are {MOST} exports already: fetch and remove one, or wait for it to go"
            )
        job = ExportJob(secrets.token_hex(8), wearer, start, end, self._now())
        self._jobs[job.id] = job
        self._wake.set()
        return job

    def exports(self, wearer: str) -> list[ExportJob]:
        """Those of a wearer that are there, newest first."""
        self._expire()
        return [job for job in reversed(self._jobs.values()) if job.wearer == wearer]

    def export(self, wearer: str, export_id: str) -> ExportJob:
        """One of them. Raises NotFoundError."""
        self._expire()
        job = self._jobs.get(export_id)
        if job is None or job.wearer != wearer:
            raise NotFoundError("export", export_id)
        return job

    def file(self, wearer: str, export_id: str) -> Path:
        """Its file. Raises NotFoundError, ConflictError when it is not done."""
        job = self.export(wearer, export_id)
        if job.state is not ExportState.DONE:
            raise ConflictError(f"the export is {job.state.value}: {job.trouble or 'wait for it'}")
        return self._path(job.id)

    async def remove(self, wearer: str, export_id: str) -> None:
        """Give it up and remove its file; on return there is none. Raises NotFoundError."""
        await self._forget([self.export(wearer, export_id).id])

    async def remove_all(self, wearer: str) -> None:
        """The same for every export of a wearer, who is being erased."""
        await self._forget([job.id for job in self._jobs.values() if job.wearer == wearer])

    async def run(self) -> None:
        """Make what is asked for until cancelled; then no file is left."""
        try:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
            while True:
                self._wake.clear()
                self._expire()
                await asyncio.to_thread(self._sweep, frozenset(self._jobs))
                waiting = [j for j in self._jobs.values() if j.state is ExportState.WAITING]
                if waiting:
                    await self._make(waiting[0])
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), SWEEP_INTERVAL_S)
        finally:
            self._give_up.set()
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _make(self, job: ExportJob) -> None:
        self._give_up.clear()
        self._running = job.id
        self._change(job.id, state=ExportState.RUNNING)
        work = asyncio.ensure_future(asyncio.to_thread(self._write, job))
        try:
            size = await asyncio.shield(work)
        except _GivenUpError:
            pass  # and removed already
        except (SitwellError, OSError) as error:
            _log.warning("an export failed: %s", error)
            self._change(job.id, state=ExportState.FAILED, trouble=first_line(error))
        except asyncio.CancelledError:
            self._give_up.set()  # at the end of the service; the thread notices within a day's rows
            with contextlib.suppress(_GivenUpError, SitwellError, OSError):
                await work
            raise
        else:
            until = self._now() + KEPT_S
            self._change(job.id, state=ExportState.DONE, size_bytes=size, kept_until=until)
        finally:
            self._running = None
            async with self._idle:
                self._idle.notify_all()

    def _write(self, job: ExportJob) -> int:
        """In a thread; the size of the file."""

        def told(done: float, of: float) -> None:
            if self._give_up.is_set():
                raise _GivenUpError
            self._change(job.id, done_days=int(done), total_days=int(of))

        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        export(
            self._store, self._path(job.id),
            wearers=[job.wearer], start=job.start, end=job.end, told=told,
        )  # fmt: skip
        return self._path(job.id).stat().st_size

    def _change(self, export_id: str, **values: object) -> None:
        job = self._jobs.get(export_id)
        if job is not None:
            self._jobs[export_id] = replace(job, **values)  # type: ignore[arg-type]

    def _path(self, export_id: str) -> Path:
        return self._folder / f"{export_id}.zip"

    def _expire(self) -> None:
        now = self._now()
        for job in list(self._jobs.values()):
            if job.kept_until is not None and job.kept_until <= now:
                del self._jobs[job.id]  # its file is swept up

    def _sweep(self, known: frozenset[str]) -> None:
        """In a thread: remove the files of exports that are there no more."""
        for path in self._folder.glob("*.zip"):
            if path.stem not in known:
                path.unlink(missing_ok=True)

    async def _forget(self, export_ids: list[str]) -> None:
        for each in export_ids:
            self._jobs.pop(each, None)
            if self._running == each:
                self._give_up.set()
                async with self._idle:
                    while self._running == each:
                        await self._idle.wait()
            await asyncio.to_thread(self._path(each).unlink, missing_ok=True)
