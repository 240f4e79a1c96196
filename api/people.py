"""What the API needs to know of who is a wearer, and to change of it."""

from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias

from domain.people import Wearer

#: The configuration file names them, they were added over the API, or only their past is there.
Origin: TypeAlias = Literal["configuration", "added", "past"]


class PeopleKeeper(Protocol):
    """Who is a wearer. Called on the event loop; nothing blocks. Changes are committed on return, and hold
    at once; those that change raise StoreError."""

    @property
    def timezone(self) -> str:
        """This machine's, of whoever says no other."""
        ...

    def origin(self, wearer: str) -> Origin:
        """Where a wearer that the store knows comes from."""
        ...

    def own(self, wearer: str) -> tuple[str, ...]:
        """What the wearer set themselves, of `name` and `timezone`."""
        ...

    async def change(self, wearer: str, values: Mapping[str, str | None]) -> Wearer:
        """Set `name` or `timezone`, or take them back with None; the wearer as they are then.

        Raises NotFoundError for who is none or only has a past, ConfigError for a value that cannot be.
        """
        ...

    async def add(self, wearer: Wearer) -> Wearer:
        """One more wearer, from now on and after every start. Raises ConflictError for an id that is there,
        ConfigError for a value that cannot be."""
        ...

    async def remove(self, wearer: str) -> None:
        """Somebody of whom there is nothing is no wearer any more.

        Raises NotFoundError, and ConflictError for one of the configuration file, one who wears a sensor,
        and one of whom there are data: those are erased first.
        """
        ...
