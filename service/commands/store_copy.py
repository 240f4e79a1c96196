"""`sitwell store copy`: everything from one store into another."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from domain.errors import InputError, StoreError
from service.commands.progress import progress
from service.copying import KINDS, Copied, copy_store
from service.store_address import config_of, reader_at, same_store, store_at
from service.stores import reader_of, send_owed
from service.tables import aligned
from storage.contract import StoreReader


def run_copy(source: str, target: str) -> None:
    """Copy and compare. Raises ConfigError, InputError, StoreError, also when the stores differ then."""
    if same_store(source, target):
        raise InputError(
            "--from and --to are the same store; to bring what a file has to a server, run the service "
            "with the configuration that names it"
            if config_of(source) or config_of(target)
            else "--from and --to are the same store"
        )
    config = config_of(target)
    asked = True
    with ExitStack() as opened:
        reading = opened.enter_context(reader_at(source))
        writing = opened.enter_context(store_at(target))
        told = opened.enter_context(progress("Copying"))

        def arrived(part: Callable[[float], None]) -> StoreReader:
            nonlocal asked
            if config is None:
                return writing
            asked = send_owed(config, writing, part)
            return opened.enter_context(reader_of(config, server_alone=True)) if asked else writing

        copied = copy_store(
            reading,
            writing,
            now=time.time(),
            told=told,
            arrived=arrived if config is not None else None,
        )
    _tell(copied)
    if not asked:
        print(
            "The server confirmed every point and answers no questions about them: the file beside it was "
            "compared."
        )


def _tell(copied: Copied) -> None:
    rows = [
        (
            kind,
            f"{copied.source[kind].count:,}",
            f"{copied.target[kind].count:,}",
            "differ" if kind in copied.differing else "equal",
        )
        for kind in KINDS
        if copied.source[kind].count or copied.target[kind].count
    ]
    print(aligned(("", "FROM", "TO", "COUNTS AND SUMS"), rows) if rows else "There is nothing.")
    if copied.differing:
        raise StoreError(
            f"the stores differ in {', '.join(copied.differing)}: a service wrote meanwhile (run it again), "
            "the second store has rows of its own of the same days, or its server refused some"
        )
    if copied.written_days:
        print(f"{copied.written_days:,} days were written; both stores have the same.")
    else:
        print("Nothing was to be written; both stores have the same.")
