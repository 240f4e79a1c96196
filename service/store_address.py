"""Which store is meant by a word on the command line.

A data folder or a file is a store in one SQLite file; `influx:` and a configuration file the one that this
describes: a SQLite file with the records, and a server with what is measured. The address of the server and
its token are taken from where the service takes them: neither is ever on a command line.
"""

import re
from pathlib import Path

from domain.errors import ConfigError, InputError, NotFoundError
from service.config import Config, load_config
from service.store_file import STORE_FILE
from service.stores import open_configured, reader_of
from storage.sqlite import SqliteStore
from storage.sqlite_reader import SqliteReader

_SCHEME = re.compile(r"([a-z][a-z0-9]+):(.*)", re.DOTALL)


def file_of(word: str) -> Path:
    """The SQLite file that is meant: a data folder's, the one named, with or without `sqlite:`, or that of
    the configuration after `influx:`.

    Raises InputError for a kind of store that there is none of, and as `config_of`.
    """
    config = config_of(word)
    if config is not None:
        return config.data_dir / STORE_FILE
    scheme = _SCHEME.fullmatch(word)
    if scheme is not None and scheme[1] != "sqlite":
        raise InputError(
            f"{word}: there are no stores of the kind {scheme[1]!r}; name a data folder, a file as "
            "sitwell.db, or influx:sitwell.toml"
        )
    path = Path(word if scheme is None else scheme[2]).expanduser()
    if path.is_dir() or not (path.suffix or path.is_file()):
        return path / STORE_FILE
    return path


def config_of(word: str) -> Config | None:
    """The configuration after `influx:`, with nothing after it the usual one; None for another word.

    Raises ConfigError, also for one whose measurements stay in the file.
    """
    scheme = _SCHEME.fullmatch(word)
    if scheme is None or scheme[1] != "influx":
        return None
    if "//" in scheme[2]:
        raise InputError(
            f"{word.split('//')[0]}//...: after influx: comes a configuration file, as influx:sitwell.toml, "
            "whose [storage.influx] says where the server is"
        )
    config = load_config(Path(scheme[2]).expanduser() if scheme[2] else None)
    if config.storage.metrics != "influx":
        raise ConfigError("storage.metrics", f'is not "influx" in the configuration of {word}')
    return config


def reader_at(word: str) -> SqliteReader:
    """A store that is there, to be read, also while a service has it. Raises ConfigError, InputError,
    StoreError."""
    path, config = file_of(word), config_of(word)
    if not path.is_file():
        raise NotFoundError("store at", str(path))
    return SqliteReader.of(path) if config is None else reader_of(config)


def store_at(word: str) -> SqliteStore:
    """A store to write to, made when it is not there. Raises ConfigError, InputError, StoreError."""
    config = config_of(word)
    return SqliteStore(file_of(word)) if config is None else open_configured(config)


def same_store(one: str, other: str) -> bool:
    """Whether both words mean the same file."""
    return file_of(one).resolve() == file_of(other).resolve()
