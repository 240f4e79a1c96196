"""One service per store: a lock file that the operating system releases when its holder dies."""

import os
import platform
import sys
from pathlib import Path

from domain.errors import StoreHeldError

if sys.platform == "win32":
    import msvcrt

    #: Windows forbids reading what another process locked, so the lock sits far behind the text.
    _LOCKED_BYTE = 1 << 30

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        # flock belongs to the open file, so a second opener in this same process is refused too.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class StoreLock:
    """Held from construction until `release`; `abandoned` when the last holder died without releasing.

    The file names its holder while it is held and is empty after a release. Raises
    StoreHeldError when another service holds it, saying which process on which machine.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o600)
        try:
            _try_lock(descriptor)
        except OSError as error:
            holder = _read(descriptor) or "a service that is just starting"
            os.close(descriptor)
            raise StoreHeldError(
                f"the store beside {path} is held by {holder}; stop that one first,"
                " or give this one another data folder"
            ) from error
        try:
            self.abandoned = bool(_read(descriptor))
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, f"process {os.getpid()} on {platform.node()}".encode())
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Say that the holder left in order; again is harmless."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            try:
                os.ftruncate(descriptor, 0)
            finally:
                os.close(descriptor)


def _read(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 400).decode(errors="replace").strip()
