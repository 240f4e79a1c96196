"""Which store is meant by a word on the command line."""

import re
from pathlib import Path

from domain.errors import InputError, NotFoundError
from service.serve import STORE_FILE
from storage.sqlite import SqliteStore
from storage.sqlite_reader import SqliteReader

_SCHEME = re.compile(r"([a-z][a-z0-9]+):(.*)", re.DOTALL)


def file_of(word: str) -> Path:
    """The SQLite file that is meant: a data folder's, or the one named, with or without `sqlite:`.

    Raises InputError for a kind of store that there is none of.
    """
    scheme = _SCHEME.fullmatch(word)
    if scheme is not None and scheme[1] != "sqlite":
        raise InputError(
            f"{word}: there are no stores of the kind {scheme[1]!r}; name a data folder or a file as "
            "sitwell.db"
        )
    path = Path(word if scheme is None else scheme[2]).expanduser()
    if path.is_dir() or not (path.suffix or path.is_file()):
        return path / STORE_FILE
    return path


def reader_at(word: str) -> SqliteReader:
    """A store that is there, to be read, also while a service has it. Raises InputError, StoreError."""
    path = file_of(word)
    if not path.is_file():
        raise NotFoundError("store at", str(path))
    return SqliteReader.of(path)


def store_at(word: str) -> SqliteStore:
    """A store to write to, made when it is not there. Raises InputError, StoreError."""
    return SqliteStore(file_of(word))


def same_store(one: str, other: str) -> bool:
    """Whether both words mean the same store."""
    return file_of(one).resolve() == file_of(other).resolve()
