"""The file of the embedded store, by its one name."""

from pathlib import Path

from storage.sqlite import SqliteStore

STORE_FILE = "sitwell.db"


def open_store(data_dir: Path, *, owing: bool | None = None) -> SqliteStore:
    """The store in `data_dir`, which is made when missing; owing: see SqliteStore. Raises StoreError."""
    return SqliteStore(data_dir / STORE_FILE, owing=owing)
