"""What is kept of people and by people, apart from what was measured: diary, settings, tokens, audit.

Every record but an audit entry carries the `revision` it was read with: 0 before it was ever stored,
higher after every change. It is no part of what the record says, so two that say the same are equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """What a wearer wrote down. at: Unix s it is about. pain: 0 to 10, None when not asked.

    answers: by question, a stable word, as sleep or region (evidence section 5): words or numbers.
    """

    id: str
    wearer: str
    at: float
    text: str = ""
    pain: int | None = None
    answers: Mapping[str, str | float] = field(default_factory=dict)
    revision: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if self.pain is not None and not 0 <= self.pain <= 10:
            raise ValueError(f"pain {self.pain} is not between 0 and 10")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that was set while the service ran. wearer: whose, empty for everybody's; value: of JSON."""

    name: str
    value: str | float | bool | None
    wearer: str = ""
    revision: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A setting of alerts that moved because the wearer said that one was fine. alert: which one.
    setting: its name; change: by how much. made_at, undone_at: Unix s; None: it is in force."""

    id: str
    wearer: str
    alert: str
    setting: str
    change: float
    made_at: float
    undone_at: float | None = None
    revision: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Token:
    """What lets a program or a person in. digest: SHA-256 of its secret in hex: the secret is never kept.

    rights: stable words. made_at, expires_at, revoked_at, last_used_at: Unix s, None is never. wearer: the
    one whose data it reaches, empty for everybody's. kind: `token`; `login`, a link that works once; or
    `session`, what became of one in a browser. parent: the id of the token that a session was made of.
    """

    id: str
    name: str
    digest: str = field(repr=False)
    rights: tuple[str, ...]
    made_at: float
    expires_at: float | None = None
    revoked_at: float | None = None
    wearer: str = ""
    kind: str = "token"
    parent: str = ""
    last_used_at: float | None = None
    revision: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when. at: Unix s. who: `api`, `command line`, or what let them in, as `token 3f09c2aa`.
    what: a stable word, as `erase`.

    wearer: whom it was about, empty for nobody, and for somebody who was erased since; detail: a
    sentence, which goes with them. number: its place in the order of what was done, 0 before it is stored.
    """

    at: float
    who: str
    what: str
    wearer: str = ""
    detail: str = ""
    number: int = field(default=0, compare=False)
