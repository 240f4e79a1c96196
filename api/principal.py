"""Who asks, and what they may."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What a token may be made for; the words are stored."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    ORGANISATION = "organisation"


#: What each right holds.
HOLDS: dict[Right, frozenset[Right]] = {
    Right.READ: frozenset({Right.READ}),
    Right.WRITE: frozenset({Right.WRITE, Right.READ}),
    Right.ADMIN: frozenset(Right),
    Right.ORGANISATION: frozenset({Right.ORGANISATION}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever asks. who: for the audit; wearer: the one whose data they reach, None for everybody's.

    credential: the id of what let them in, empty for somebody at this machine whom nobody asked.
    expires_at: Unix s, None is never.
    """

    who: str
    rights: frozenset[Right]
    wearer: str | None = None
    credential: str = ""
    expires_at: float | None = None

    def may(self, right: Right) -> bool:
        """Whether they have it."""
        return right in self.rights

    def reaches(self, wearer: str) -> bool:
        """Whether this wearer's data are for them."""
        return self.wearer is None or self.wearer == wearer

    def narrowed(self, wearer: str | None) -> str | None:
        """Whom a call is about that was asked for `wearer`, None for everybody they may reach."""
        return self.wearer if wearer is None else wearer


def held(rights: Iterable[str]) -> frozenset[Right]:
    """All that stored words stand for; a word of a newer Sitwell stands for nothing."""
    known = set(Right)
    found = [HOLDS[Right(word)] for word in rights if word in known]
    return frozenset().union(*found)


#: Somebody at this machine, where nothing else is asked for.
HERE = Principal("api", frozenset(Right))

#: The `who` of the request that is being served, for the audit; `api` outside requests.
acting: ContextVar[str] = ContextVar("acting", default="api")
