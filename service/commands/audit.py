"""`sitwell audit`: who did what."""

import time
from pathlib import Path

from service.commands.run import overridden
from service.config import load_config
from service.store_file import STORE_FILE
from service.tables import aligned
from storage.sqlite_reader import SqliteReader

HEAD = ("WHEN", "WHO", "WHAT", "ABOUT", "DETAIL")


def run_audit(limit: int, config_path: Path | None, data_dir: Path | None) -> None:
    """Print the newest entries, newest first. Raises ConfigError, NotFoundError, StoreError."""
    config = overridden(load_config(config_path), data_dir=data_dir)
    with SqliteReader.of(config.data_dir / STORE_FILE) as store:
        names = {each.id: each.name for each in store.tokens()}
        entries = store.audit(limit=limit)
    if not entries:
        print("Nothing was noted yet.")
        return
    rows = []
    for each in entries:
        name = names.get(each.who.partition(" ")[2])
        who = each.who if name is None else f"{each.who} ({name})"
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each.at))
        rows.append((when, who, each.what, each.wearer or "-", each.detail))
    print(aligned(HEAD, rows))
