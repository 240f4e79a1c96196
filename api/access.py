"""Letting in: from what a request shows to who asks; sessions, and the tokens they are made of.

Tokens are kept in the store, and here for a second, since `sitwell token` may write them beside the
service. One that is not known here is looked for at once, one that was revoked elsewhere is good for that
second at the most.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import anyio

from api.exposure import Exposure
from api.limits import Buckets, Slots
from api.principal import HERE, Principal, acting, held
from api.reading import read
from api.tokens import LOGIN, SESSION, id_of, is_good, made, matches
from domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from domain.records import AuditEntry, Token
from storage.contract import Store

_log = logging.getLogger(__name__)

#: How old what is known of the tokens may be, s.
FRESH_S: Final = 1.0
#: For what is not known the store is asked so often a second at the most.
LOOKS_PER_S: Final = 20
#: When a token was used last is kept to the minute.
USED_EVERY_S: Final = 60.0
#: How long a login link works, s [J].
LOGIN_S: Final = 600.0
#: The oldest of more than these go when one is made.
MOST: Final = {SESSION: 200, LOGIN: 20}
#: Tokens that were revoked or expired so long ago are not listed any more, s.
REMEMBERED_S: Final = 366 * 86_400.0


class Access:
    """Who may come in.

    now: Unix s of the wall, by which tokens expire; ticks: seconds that never run back.
    """

    def __init__(
        self,
        store: Store,
        exposure: Exposure,
        *,
        now: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.exposure = exposure
        self.now = now
        self.ticks = ticks
        self.streams = Slots(exposure.streams, exposure.streams_per_client)
        self.writes = Buckets(exposure.writes_per_min, 60.0)
        self.logins = Buckets(10, 60.0)
        self.failures = Buckets(20, 60.0)
        self.noted_failures = Buckets(10, 3600.0)
        self._looks = Buckets(LOOKS_PER_S, 1.0)
        self._store = store
        self._tokens: Mapping[str, Token] = {}
        self._read_at = float("-inf")
        self._changes = 0
        self._lock = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    async def of_secret(self, secret: str, kinds: tuple[str, ...]) -> Principal | None:
        """Whoever shows this secret of one of these kinds; None for one that is not good. Raises
        StoreUnavailableError."""
        token = await self._known(secret)
        if token is None or token.kind not in kinds or not self._good(token):
            return None
        self._used(token)
        return Principal(
            who=f"{token.kind} {token.id}",
            rights=held(token.rights),
            wearer=token.wearer or None,
            credential=token.id,
            expires_at=token.expires_at,
        )

    async def still(self, principal: Principal) -> bool:
        """Whether what let them in is still good. Raises StoreUnavailableError."""
        if principal is HERE:
            return True
        await self._fresh(FRESH_S)
        token = self._tokens.get(principal.credential)
        return token is not None and self._good(token)

    async def log_in(self, secret: str) -> tuple[Principal, str] | None:
        """Make a session of a login link, which then is used up, or of a token, and answer with its secret.

        None for one that is not good. Raises StoreUnavailableError.
        """
        token = await self._known(secret)
        if token is None or token.kind == SESSION or not self._good(token):
            return None
        if token.kind == LOGIN:
            try:
                await self._written(self._store.remove_token, token.id, expected=token.revision)
            except (ConflictError, NotFoundError):
                return None  # somebody else was here first
        ends = self.now() + self.exposure.session_s
        session, shown = made(
            token.name,
            token.rights,
            now=self.now(),
            expires_at=ends if token.expires_at is None or token.kind == LOGIN
            else min(ends, token.expires_at),
            wearer=token.wearer,
            kind=SESSION,
            parent="" if token.kind == LOGIN else token.id,
        )  # fmt: skip
        await self.keep(session)
        principal = await self.of_secret(shown, (SESSION,))
        return None if principal is None else (principal, shown)

    async def tokens(self) -> list[Token]:
        """All there are, sessions and login links too, oldest first. Raises StoreUnavailableError."""
        await self._fresh(0.0)
        return sorted(self._tokens.values(), key=lambda each: (each.made_at, each.id))

    async def keep(self, token: Token) -> None:
        """Keep a new one, and forget what nobody can use any more. Raises StoreUnavailableError."""
        await self._written(self._store.put_token, token, expected=0)
        for old in self._stale(await self.tokens()):
            try:
                await self._written(self._store.remove_token, old.id)
            except NotFoundError:
                continue

    async def revoke(self, token_id: str) -> Token:
        """Let it in no more, nor the sessions made of it; a session or link is forgotten.

        Raises NotFoundError, StoreUnavailableError.
        """
        found = next((each for each in await self.tokens() if each.id == token_id), None)
        if found is None:
            raise NotFoundError("token", token_id)
        if found.kind in MOST:
            await self._written(self._store.remove_token, found.id)
        elif found.revoked_at is None:
            await self._written(self._store.put_token, replace(found, revoked_at=self.now()))
        return found

    async def note(self, what: str, detail: str, *, wearer: str = "") -> None:
        """Have the audit say that whoever asks did this. Raises StoreUnavailableError."""
        entry = AuditEntry(self.now(), acting.get(), what, wearer, detail)
        await self._written(self._store.add_audit, entry)

    def _good(self, token: Token) -> bool:
        if token.parent:
            parent = self._tokens.get(token.parent)
            if parent is None or not is_good(parent, self.now()):
                return False
        return is_good(token, self.now())

    def _stale(self, tokens: list[Token]) -> list[Token]:
        now, stale = self.now(), []
        for kind, most in MOST.items():
            of_kind = [each for each in tokens if each.kind == kind]
            good = [each for each in of_kind if self._good(each)]
            stale += [each for each in of_kind if each not in good]
            stale += good[: max(0, len(good) - most)]
        for each in tokens:
            ended = [t for t in (each.revoked_at, each.expires_at) if t is not None]
            if each.kind not in MOST and ended and min(ended) < now - REMEMBERED_S:
                stale.append(each)
        return stale

    async def _known(self, secret: str) -> Token | None:
        key = id_of(secret)
        if key is None:
            return None
        await self._fresh(FRESH_S)
        if key not in self._tokens and self._looks.wait_s("all", self.ticks()) <= 0:
            await self._fresh(0.0)
        token = self._tokens.get(key)
        return token if matches(secret, token) else None

    async def _fresh(self, age_s: float) -> None:
        if self.ticks() - self._read_at < age_s:
            return
        async with self._lock:
            if self.ticks() - self._read_at < age_s:
                return
            begun, changes = self.ticks(), self._changes
            self._tokens = {each.id: each for each in await read(self._store.tokens)}
            if changes == self._changes:  # else it may be of before a change
                self._read_at = begun

    def _used(self, token: Token) -> None:
        now = self.now()
        if token.last_used_at is not None and now - token.last_used_at < USED_EVERY_S:
            return
        used = replace(token, last_used_at=now)
        self._tokens = {**self._tokens, token.id: used}
        task = asyncio.create_task(self._keep_use(used), name="token used")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _keep_use(self, used: Token) -> None:
        try:
            await self._written(self._store.put_token, used, expected=used.revision)
        except ConflictError:
            return  # changed meanwhile, revoked perhaps: that is what counts
        except StoreUnavailableError as error:
            _log.debug("when a token was used is not kept: %s", error)

    async def settle(self) -> None:
        """Return when nothing is being written any more."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _written(self, call: Callable[..., object], *args: object, **words: object) -> None:
        """`call` on the store in a thread, to its end even when whoever asked goes away."""
        with anyio.CancelScope(shield=True):
            try:
                await read(call, *args, **words)
            finally:
                self._changes += 1
                self._read_at = float("-inf")
