"""Tokens: how their secrets are made, and how one that is shown is held against what is kept.

A secret is `sitwell_`, the token's id (8 hex digits) and 43 characters of 256 random bits, so that scanners
for leaked secrets can know it, and a token can be found by its id and then be compared in constant time.
Kept is the SHA-256 of the whole: 256 random bits need no slow hash, there is nothing to guess.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Final

from domain.records import Token

PREFIX: Final = "sitwell_"
SECRET: Final = re.compile(PREFIX + r"([0-9a-f]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
#: Bytes of randomness in a secret.
SECRET_BYTES: Final = 32

TOKEN, LOGIN, SESSION = "token", "login", "session"

_NOBODY: Final = "0" * 64


def made(
    name: str,
    rights: Iterable[str],
    *,
    now: float,
    expires_at: float | None = None,
    wearer: str = "",
    kind: str = TOKEN,
    parent: str = "",
) -> tuple[Token, str]:
    """A new token and its secret, which is nowhere else. now: Unix s."""
    key = secrets.token_hex(4)
    secret = f"{PREFIX}{key}_{secrets.token_urlsafe(SECRET_BYTES)}"
    token = Token(
        id=key,
        name=name,
        digest=digest_of(secret),
        rights=tuple(rights),
        made_at=now,
        expires_at=expires_at,
        wearer=wearer,
        kind=kind,
        parent=parent,
    )
    return token, secret


def digest_of(secret: str) -> str:
    """What is kept of a secret: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def id_of(secret: str) -> str | None:
    """The id that a secret names, None for what is no secret of ours."""
    match = SECRET.fullmatch(secret)
    return None if match is None else match[1]


def matches(secret: str, token: Token | None) -> bool:
    """Whether `secret` is that of `token`, in the same time whatever is wrong with it."""
    kept = _NOBODY if token is None else token.digest
    same = hmac.compare_digest(digest_of(secret), kept)
    return same and token is not None


def is_good(token: Token, now: float) -> bool:
    """Whether it is neither revoked nor expired at `now`, Unix s."""
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)
