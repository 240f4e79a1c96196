"""`sitwell store copy`: everything from one store into another."""

import time

from domain.errors import InputError, StoreError
from service.commands.progress import progress
from service.copying import KINDS, Copied, copy_store
from service.store_address import reader_at, same_store, store_at
from service.tables import aligned


def run_copy(source: str, target: str) -> None:
    """Copy and compare. Raises InputError, StoreError, also when the stores differ afterwards."""
    if same_store(source, target):
        raise InputError("--from and --to are the same store")
    with reader_at(source) as reading, store_at(target) as writing, progress("Copying") as told:
        copied = copy_store(reading, writing, now=time.time(), told=told)
    _tell(copied)


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
            "or the second store has rows of its own of the same days"
        )
    if copied.written_days:
        print(f"{copied.written_days:,} days were written; both stores have the same.")
    else:
        print("Nothing was to be written; both stores have the same.")
