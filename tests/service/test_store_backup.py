"""`sitwell store backup` and `restore`, as a person uses them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import NotFoundError
from service.commands.store_backup import BackupOptions, run_backup, run_restore
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.service.test_cli import refused

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_backup_is_made_while_a_service_has_the_store_and_put_back_when_it_has_not(
    tmp_path: Path, sitwell: Run
) -> None:
    data, file = ("--data-dir", str(tmp_path)), str(tmp_path / "monday.db")
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.write(Batch(states={"n": b"1"}), now=0.0)
        done = sitwell("store", "backup", file, *data)
        assert done.returncode == 0, done.stderr
        assert "looked through for damage" in done.stdout
        assert "is there already" in refused(sitwell("store", "backup", file, *data), 2)
        store.write(Batch(states={"n": b"2"}), now=0.0)
        told = refused(sitwell("store", "restore", file, *data), 4)
        assert "held by process" in told
        assert "while the service is stopped" in told
    done = sitwell("store", "restore", file, *data)
    assert done.returncode == 0, done.stderr
    assert "What was there before is kept as" in done.stdout
    with SqliteStore(tmp_path / "sitwell.db") as store:
        assert store.state("n") == b"1"
        assert [entry.what for entry in store.audit()] == ["restore"]
    (kept,) = tmp_path.glob("*.before-restore-*")
    with SqliteStore(kept) as store:
        assert store.state("n") == b"2"


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    options = BackupOptions(tmp_path / "b.db", data_dir=tmp_path)
    with pytest.raises(NotFoundError, match="no store at"):
        run_backup(options)
    with pytest.raises(NotFoundError, match="no backup at"):
        run_restore(options)
