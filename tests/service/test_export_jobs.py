"""Exports for the API are made one after the other, and leave nothing behind."""

import asyncio
import contextlib
import zipfile
from pathlib import Path

import pytest

from api.exporting import ExportJob, ExportState
from domain.errors import ConflictError, NotFoundError
from service.export_jobs import KEPT_S, MOST, ExportJobs
from storage.sqlite import SqliteStore
from tests.api.service_fake import T0, fill

NOW = float(T0)


@pytest.fixture
def store(tmp_path: Path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        fill(store)
        yield store


@contextlib.asynccontextmanager
async def running(jobs: ExportJobs):
    async with asyncio.TaskGroup() as group:
        task = group.create_task(jobs.run())
        yield
        task.cancel()


async def finished(jobs: ExportJobs, job: ExportJob) -> ExportJob:
    async with asyncio.timeout(60):
        while jobs.export(job.wearer, job.id).state in (ExportState.WAITING, ExportState.RUNNING):
            await asyncio.sleep(0.01)
    return jobs.export(job.wearer, job.id)


async def test_a_file_is_made_of_one_wearer_and_gone_with_the_service(store, tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "of-an-earlier-run.zip").write_bytes(b"x")
    jobs = ExportJobs(store, folder, lambda: NOW)
    async with running(jobs):
        first, second = jobs.begin("ada", None, None), jobs.begin("bob", None, None)
        done = await finished(jobs, first)
        assert (done.state, done.trouble) == (ExportState.DONE, None)
        path = jobs.file("ada", first.id)
        assert path.stat().st_size == done.size_bytes
        assert path.stat().st_mode & 0o077 == 0
        with zipfile.ZipFile(path) as file:
            assert "ada/frames.csv" in file.namelist()
            assert not [name for name in file.namelist() if name.startswith("bob")]
            assert b"bob" not in b"".join(file.read(name) for name in file.namelist())
        await finished(jobs, second)
        assert [each.id for each in jobs.exports("ada")] == [first.id]
        with pytest.raises(NotFoundError):
            jobs.export("bob", first.id)
        assert not list(folder.glob("of-an*"))
    assert not folder.exists()


async def test_a_file_goes_after_a_day(store, tmp_path):
    now = NOW
    jobs = ExportJobs(store, tmp_path / "exports", lambda: now)
    async with running(jobs):
        job = await finished(jobs, jobs.begin("ada", None, None))
        path = jobs.file("ada", job.id)
        now += KEPT_S
        with pytest.raises(NotFoundError):
            jobs.export("ada", job.id)
        await finished(jobs, jobs.begin("ada", None, None))  # the next one sweeps
        assert not path.exists()


async def test_no_more_than_some_wait_and_one_can_be_given_up(store, tmp_path):
    jobs = ExportJobs(store, tmp_path / "exports", lambda: NOW)
    every = [jobs.begin("ada", None, None) for _ in range(MOST)]
    with pytest.raises(ConflictError, match="4 exports already"):
        jobs.begin("ada", None, None)
    jobs.begin("bob", None, None)  # is in nobody's way
    with pytest.raises(ConflictError, match="waiting"):
        jobs.file("ada", every[0].id)
    await jobs.remove("ada", every[0].id)
    jobs.begin("ada", None, None)


async def test_what_is_at_work_is_given_up_when_its_wearer_is_erased(store, tmp_path, monkeypatch):
    begun, go = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_store, target, *, told, **_):
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result(30)
        target.write_bytes(b"half")
        told(1, 2)
        raise AssertionError("it went on")

    monkeypatch.setattr("service.export_jobs.export", slow)
    jobs = ExportJobs(store, tmp_path / "exports", lambda: NOW)
    async with running(jobs):
        jobs.begin("ada", None, None)
        await begun.wait()
        removing = asyncio.create_task(jobs.remove_all("ada"))
        await asyncio.sleep(0)
        go.set()
        await removing
        assert jobs.exports("ada") == []
        assert not list((tmp_path / "exports").glob("*"))


async def test_a_full_disk_is_told_and_the_next_export_is_made(store, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    jobs = ExportJobs(store, tmp_path / "exports", lambda: NOW)
    async with running(jobs):
        with monkeypatch.context() as patched:
            patched.setattr("service.export_jobs.export", full)
            failed = await finished(jobs, jobs.begin("ada", None, None))
        assert failed.state is ExportState.FAILED
        assert failed.trouble is not None and "No space left" in failed.trouble
        assert (await finished(jobs, jobs.begin("ada", None, None))).state is ExportState.DONE
