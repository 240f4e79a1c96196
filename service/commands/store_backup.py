"""`sitwell store backup` and `sitwell store restore`."""

import time
from dataclasses import dataclass
from pathlib import Path

from domain.errors import StoreHeldError
from domain.records import AuditEntry
from service.beside import note_command
from service.commands.progress import progress
from service.commands.run import overridden
from service.config import Config, load_config
from service.store_file import STORE_FILE, open_store
from storage.backups import back_up, restore


@dataclass(frozen=True, slots=True)
class BackupOptions:
    """What the command line said; file: the backup."""

    file: Path
    config: Path | None = None
    data_dir: Path | None = None


def run_backup(options: BackupOptions) -> None:
    """Copy one moment of the store, also while the service runs. Raises InputError, StoreError."""
    store = _store(options)
    with progress("Copying") as told:
        size = back_up(store, options.file, told)
    note_command(_config(options), "backup", "everything")
    print(
        f"{options.file} is a whole copy of {store}, {size / 1e6:,.1f} MB, looked through for damage."
    )
    print(
        "Everything is in it: keep it where nobody else reads. `sitwell store restore` puts it back."
    )


def run_restore(options: BackupOptions) -> None:
    """Put a backup in the place of the store. Raises InputError, StoreError."""
    store = _store(options)
    try:
        with progress("Copying") as told:
            kept = restore(store, options.file, now=time.time(), told=told)
    except StoreHeldError as error:
        raise StoreHeldError(
            f"{error}. A backup is put back while the service is stopped"
        ) from error
    print(f"{store} is now what {options.file} holds.")
    with open_store(
        store.parent
    ) as opened:  # which brings the backup of an older Sitwell up to date
        opened.add_audit(AuditEntry(time.time(), "command line", "restore"))
    if kept is not None:
        print(f"What was there before is kept as {kept}; delete it when you are content.")


def _config(options: BackupOptions) -> Config:
    return overridden(load_config(options.config), data_dir=options.data_dir)


def _store(options: BackupOptions) -> Path:
    return _config(options).data_dir / STORE_FILE
