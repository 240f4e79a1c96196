"""Where the running service is: a file beside its store, for commands on this machine.

It is there while the service runs and says nothing secret, but whom to ask; so only its owner reads and
writes it. Of a service that died it is stale: then its process is no more, or the store has another holder.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx2

from service.store_file import STORE_FILE

FILE: Final = "service.json"
#: Addresses that mean every one of this machine; asked is the one that is only here.
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}
MOST_BYTES: Final = 4096


@contextmanager
def told(folder: Path, url: str) -> Iterator[None]:
    """Have the file in `folder` say `url` inside the `with`. With TLS nothing is written: a certificate is
    of a name, which the service does not know. A disk that refuses keeps nobody from running."""
    mine = folder / FILE
    if url.startswith("http://"):
        with suppress(OSError):
            _write(mine, json.dumps({"url": _local(url), "pid": os.getpid()}))
    try:
        yield
    finally:
        with suppress(OSError):
            if _read(mine).get("pid") == os.getpid():
                mine.unlink()


def found(folder: Path) -> str | None:
    """Where the service of the store in `folder` is; None when none runs as far as can be known."""
    said = _read(folder / FILE)
    url, pid = said.get("url"), said.get("pid")
    if not isinstance(url, str) or not isinstance(pid, int):
        return None
    with suppress(OSError):
        holder = (folder / f"{STORE_FILE}.lock").read_text(encoding="utf-8", errors="replace")
        return url if f"process {pid} " in holder and _is_there(pid) else None
    return None


def _is_there(pid: int) -> bool:
    if os.name != "posix":
        return True  # there the lock alone has to do: asking would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # of somebody else
    return True


def _local(url: str) -> str:
    parsed = httpx2.URL(url)
    return str(parsed.copy_with(host=_ANY.get(parsed.host, parsed.host))).rstrip("/")


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_uid not in (0, os.getuid()):
                return {}  # whoever else wrote it would have our token sent to them
            said = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
