"""A server in memory, which keeps points as InfluxDB does and refuses as it is told to."""

import re
from collections.abc import Callable
from typing import Any

from domain.errors import ServerError
from storage.influx.parcels import Removal
from storage.influx.server import Found

Refusal = Callable[[list[str]], ServerError | None]


def refused(
    status: int | None, words: str = "no", retry_after_s: float | None = None
) -> ServerError:
    return ServerError(f"made up: {words}", status=status, words=words, retry_after_s=retry_after_s)


class MadeUpServer:
    """Its points by measurement and tags, and time. refuse: asked before every write."""

    def __init__(self) -> None:
        self.points: dict[tuple[str, int], str] = {}
        self.refuse: Refusal = lambda lines: None
        self.poison: Callable[[str], bool] = lambda line: False
        self.checks: list[BaseException | None] = []
        self.checked = 0
        self.written: list[int] = []
        self.removed: list[Removal] = []
        self.major = 2

    def check(self) -> Found:
        self.checked += 1
        if self.checks:
            error = self.checks.pop(0)
            if error is not None:
                raise error
        return Found((self.major, 0, 0), f"made up {self.major}")

    def has_before(self, _before: int) -> bool:
        return False

    def remove(self, removal: Removal, _found: Found) -> None:
        if self.major >= 3:
            raise refused(405, "cannot delete points")
        self.removed.append(removal)
        for head, time in list(self.points):
            if (
                head.split(",")[0] == removal.measurement
                and f"wearer={removal.wearer}" in head.split(",")
                and removal.start <= time < removal.end
            ):
                del self.points[head, time]

    async def connect(self, *_args: Any) -> "MadeUpServer":
        return self

    async def write(self, lines: bytes) -> None:
        told = lines.decode().split("\n")
        self.written.append(len(told))
        error = self.refuse(told)
        if error is not None:
            raise error
        bad = [line for line in told if self.poison(line)]
        for line in told:
            if line not in bad:
                head, _, time = re.fullmatch(r"(\S+) (.+) (\S+)", line).groups()  # type: ignore[union-attr]
                self.points[head, int(time)] = line
        if bad:
            raise refused(400, f"partial write: field type conflict dropped={len(bad)}")

    async def close(self) -> None:
        pass
