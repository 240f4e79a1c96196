"""Tokens and the audit of the configured store, whether or not a service has it open."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from domain.errors import NotFoundError, StoreError, StoreHeldError
from domain.records import AuditEntry
from service.config import Config
from service.store_file import STORE_FILE
from service.stores import open_configured
from storage.beside import RecordsBeside
from storage.sqlite import SqliteStore

_log = logging.getLogger(__name__)
COMMAND_LINE = "command line"


@contextmanager
def records_of(config: Config) -> Iterator[SqliteStore | RecordsBeside]:
    """The store, made when it is missing; beside a service what may be written of it then.

    Raises ConfigError, StoreError.
    """
    try:
        store: SqliteStore | RecordsBeside = open_configured(config)
    except StoreHeldError:
        store = RecordsBeside(config.data_dir / STORE_FILE)
    with store:
        yield store


def note_command(config: Config, what: str, detail: str, *, wearer: str = "") -> None:
    """Have the audit say that a command that only reads has been run; where the store cannot be written
    that is logged, since whoever may only read may read all the same."""
    entry = AuditEntry(time.time(), COMMAND_LINE, what, wearer, detail)
    with suppress(NotFoundError):
        try:
            with RecordsBeside(config.data_dir / STORE_FILE) as records:
                records.add_audit(entry)
        except StoreError as error:
            _log.warning("this is not in the audit: %s", error)
