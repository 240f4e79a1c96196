"""What the API needs to ask and change of what a wearer wants of alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from alerts.effective import Choice, Effective
from domain.records import Adjustment
from domain.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Wished:
    """choice: what the wearer chose; effective: what holds; revision: a word that is another one after every
    change of what was chosen. days: since the way to the preset began, None when there is none."""

    choice: Choice
    effective: Effective
    revision: str
    days: int | None


class AlertWishes(Protocol):
    """What each wearer wants of alerts. Called on the event loop; nothing blocks. Changes are committed on
    return, and hold from the next second on. Every method raises NotFoundError for a wearer that is not
    known; those that change raise StoreError."""

    def wished(self, wearer: str) -> Wished:
        """What was chosen, and what holds."""
        ...

    async def change(
        self,
        wearer: str,
        values: Mapping[str, Any],
        *,
        whole: bool = False,
        revision: str | None = None,
    ) -> Wished:
        """Set settings by name, or take them back with None; whole: and take back all others.

        Raises ConfigError for one that cannot be, ConflictError when `revision` is another one by now.
        """
        ...

    async def choose(self, wearer: str, preset: str | None, *, ramp_up: bool) -> Wished:
        """Take a preset, at once or by and by, or none."""
        ...

    def foreseen(self, wearer: str, preset: str | None, *, days: int | None) -> Wished:
        """What would hold with a preset, or none, so many days after the way to it has begun, None for at
        once. Nothing is changed."""
        ...

    def surroundings(self, wearer: str) -> Surroundings:
        """What is known of where the wearer is, now."""
        ...

    async def pause(self, wearer: str, minutes: float | None) -> Surroundings:
        """Be silent for so long, or no longer (None)."""
        ...

    async def meet(self, wearer: str, minutes: float | None) -> Surroundings:
        """The wearer is in a meeting for so long, or no longer (None)."""
        ...

    def adjustments(self, wearer: str) -> Sequence[Adjustment]:
        """What "that was fine" has moved, oldest first."""
        ...

    async def undo(self, wearer: str, adjustment: str) -> Adjustment:
        """Take one back. Raises NotFoundError, ConflictError when it was taken back already."""
        ...
