"""Exports that are made while the service runs: what the API needs to know of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class ExportState(StrEnum):
    """How far an export is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ExportJob:
    """One export of a wearer, or of [start, end) of their time, Unix s.

    done_days, total_days: of what is to be written, 0 before it is known. size_bytes: of the file, once
    it is done. trouble: why it failed, a sentence. kept_until: Unix s, when the file goes by itself.
    """

    id: str
    wearer: str
    start: int | None
    end: int | None
    asked_at: float
    state: ExportState = ExportState.WAITING
    done_days: int = 0
    total_days: int = 0
    size_bytes: int | None = None
    trouble: str | None = None
    kept_until: float | None = None


class Exporter(Protocol):
    """Makes exports one after the other. Called on the event loop; never blocks it."""

    def begin(self, wearer: str, start: int | None, end: int | None) -> ExportJob:
        """Ask for one. Raises ConflictError when too many wait already."""
        ...

    def exports(self, wearer: str) -> Sequence[ExportJob]:
        """Those of a wearer that are there, newest first."""
        ...

    def export(self, wearer: str, export_id: str) -> ExportJob:
        """One of them. Raises NotFoundError."""
        ...

    def file(self, wearer: str, export_id: str) -> Path:
        """Its file. Raises NotFoundError, ConflictError when it is not done."""
        ...

    async def remove(self, wearer: str, export_id: str) -> None:
        """Give it up and remove its file; on return there is none. Raises NotFoundError."""
        ...
