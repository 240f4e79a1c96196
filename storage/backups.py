"""One moment of a store as a file of its own, and a store put back from one."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import apsw

from domain.errors import InputError, NotFoundError, StoreUnavailableError
from storage.connection import check_library, translated
from storage.encryption import connect
from storage.lock import StoreLock
from storage.schema import check_schema

#: Told (done, of) in pages.
Told = Callable[[int, int], None]

_PAGES_A_STEP = 4000


def back_up(store: Path, target: Path, told: Told = lambda done, of: None) -> int:
    """Copy one moment of the store at `store` to the new file `target`, also while a service writes.

    The copy is a whole store in one file without a log, was looked through for damage, and is on the disk
    when this returns its size in bytes. While it is made the log of the store grows, since the moment is
    kept. Raises NotFoundError, InputError when `target` is there, StoreVersionError,
    StoreUnavailableError; nothing is left at `target` then.
    """
    if not store.is_file():
        raise NotFoundError("store at", str(store))
    if target.exists():
        raise InputError(f"{target} is there already; choose another name or remove it first")
    partial = target.with_name(f".{target.name}.partial")
    with translated(target):
        try:
            _copy(store, partial, told)
            os.replace(partial, target)  # noqa: PTH105 - as the other calls of os here
            _sync_folder(target.parent)
            return target.stat().st_size
        finally:
            partial.unlink(missing_ok=True)


def restore(
    store: Path, backup: Path, *, now: float, told: Told = lambda done, of: None
) -> Path | None:
    """Put `backup`, made by `back_up`, in the place of the store at `store`; returns where the old one is
    kept, None when there was none. A backup of an older Sitwell is brought up to date by the next start.

    now: Unix s, for the old one's name. At any moment of a crash the old store or the new one is in its
    place, whole. Raises NotFoundError, StoreHeldError while a service has the store, StoreVersionError,
    StoreUnavailableError when the backup is damaged or no store; the old one is then as it was.
    """
    if not backup.is_file():
        raise NotFoundError("backup at", str(backup))
    with translated(store):
        if not store.parent.is_dir():
            store.parent.mkdir(mode=0o700, parents=True)
        lock = StoreLock(store.with_name(store.name + ".lock"))
        partial = store.with_name(f".{store.name}.partial")
        try:
            _copy(backup, partial, told)
            return _swap(store, partial, now)
        finally:
            partial.unlink(missing_ok=True)
            lock.release()


def _copy(source: Path, partial: Path, told: Told) -> None:
    check_library()
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with translated(source):
        reading = connect(source, apsw.SQLITE_OPEN_READONLY)
    writing = connect(partial, apsw.SQLITE_OPEN_READWRITE, like=source)
    try:
        with translated(source):
            reading.set_busy_timeout(5000)
            check_schema(reading)
            if not reading.pragma("user_version"):
                raise StoreUnavailableError(f"{source} is empty: no store was ever kept in it")
            # One moment for all steps: without this every write of the service would begin them anew.
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        writing.pragma("page_size", reading.pragma("page_size"))  # else encrypted pages do not fit
        with writing.backup("main", reading, "main") as copying:
            while not copying.done:
                copying.step(_PAGES_A_STEP)
                told(copying.page_count - copying.remaining, copying.page_count)
        writing.pragma("journal_mode", "delete")  # one file, and nothing beside it
        findings = [str(row[0]) for row in writing.execute("PRAGMA integrity_check(5)")]
        if findings != ["ok"]:
            raise StoreUnavailableError(
                f"{source} is damaged ({'; '.join(findings)[:200]}); take an older backup"
            )
    finally:
        writing.close(force=True)
        reading.close(force=True)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())


def _swap(store: Path, partial: Path, now: float) -> Path | None:
    log = store.with_name(store.name + "-wal")
    kept = None
    if store.exists():
        with suppress(
            apsw.Error, StoreUnavailableError
        ):  # a damaged one is kept as it is, with its log
            old = connect(store, apsw.SQLITE_OPEN_READWRITE)
            old.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            old.close()
        moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        kept = store.with_name(f"{store.name}.before-restore-{moment}")
        _keep(store, kept)
        if log.exists():
            _keep(log, kept.with_name(kept.name + "-wal"))
    # A log of the old one must never lie beside the new one, whose own it would be taken for.
    for end in ("-wal", "-shm"):
        store.with_name(store.name + end).unlink(missing_ok=True)
    os.replace(partial, store)  # noqa: PTH105 - as the other calls of os here
    _sync_folder(store.parent)
    return kept


def _keep(path: Path, kept: Path) -> None:
    """A second name for the same bytes; where the file system has no such thing, a copy."""
    try:
        kept.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(path, kept)


def _sync_folder(folder: Path) -> None:
    """Have the names of a folder on the disk, where that can be asked for."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
