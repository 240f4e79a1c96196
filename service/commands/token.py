"""`sitwell token` and `sitwell login`: who else may come in."""

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from api.access import LOGIN_S
from api.principal import Right
from api.tokens import LOGIN, TOKEN, is_good, made
from domain.errors import ConflictError, InputError, NotFoundError
from domain.people import Wearer
from domain.records import AuditEntry, Token
from service.beside import COMMAND_LINE, records_of
from service.commands.run import overridden
from service.config import Config, load_config
from service.exposing import base_url
from service.tables import aligned
from service.whereabouts import found
from storage.beside import RecordsBeside
from storage.sqlite import SqliteStore

HEAD = ("ID", "NAME", "KIND", "MAY", "OF", "MADE", "UNTIL", "LAST USED")
DAY_S = 86_400.0
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class TokenOptions:
    """Where the store is."""

    config: Path | None = None
    data_dir: Path | None = None

    def loaded(self) -> Config:
        """The configuration. Raises ConfigError."""
        return overridden(load_config(self.config), data_dir=self.data_dir)


def run_create(
    options: TokenOptions, name: str, rights: tuple[str, ...], *, wearer: str | None, days: int
) -> None:
    """Make a token, its secret alone on standard output. Raises ConfigError, InputError, StoreError."""
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable()):
        raise InputError(f"a token's name is 1 to {LONGEST_NAME} characters that can be shown")
    expires_at = time.time() + days * DAY_S if days else None
    token, secret = _make(options, name, rights, wearer, TOKEN, expires_at)
    until = f"until {_day(expires_at)}" if expires_at is not None else "for ever"
    print(
        f"{name} ({token.id}) may {', '.join(token.rights)}, of {wearer or 'everybody'}, {until}. "
        "Its secret is shown this once:",
        file=sys.stderr,
    )
    print(secret)
    print("Programs send it as `Authorization: Bearer sitwell_...`.", file=sys.stderr)


def run_login(
    options: TokenOptions, rights: tuple[str, ...], *, wearer: str | None, url: str | None
) -> None:
    """Print a login link. Raises ConfigError, InputError, StoreError."""
    if url is not None and not url.startswith(("http://", "https://")):
        raise InputError(f"{url!r} is no address of a page, as https://sitwell.example/")
    base = _page(options.loaded()) if url is None else url
    _, secret = _make(options, "login link", rights, wearer, LOGIN, time.time() + LOGIN_S)
    print("Open this in the browser, within ten minutes; it works once:", file=sys.stderr)
    print(f"{base.rstrip('/')}/#login={secret}")


def _page(config: Config) -> str:
    """Where a browser finds the page: by the name it is given, else where the service runs."""
    running = None if config.api.hosts else found(config.data_dir)
    return running or base_url(config)


def run_list(options: TokenOptions) -> None:
    """Print what there is. Raises ConfigError, StoreError."""
    with records_of(options.loaded()) as records:
        tokens = records.tokens()
    if not tokens:
        print("There is no token yet; `sitwell token create NAME` makes one.")
        return
    rows = [
        (
            each.id,
            each.name,
            each.kind,
            ", ".join(each.rights),
            each.wearer or "everybody",
            _day(each.made_at),
            _until(each),
            "-" if each.last_used_at is None else _minute(each.last_used_at),
        )
        for each in tokens
    ]
    print(aligned(HEAD, rows))


def run_revoke(options: TokenOptions, said: str) -> None:
    """Let a token in no more. Raises ConfigError, NotFoundError, ConflictError, StoreError."""
    with records_of(options.loaded()) as records:
        token = _called(said, records.tokens())
        if token.kind == TOKEN:
            records.put_token(replace(token, revoked_at=time.time()))
        else:
            records.remove_token(token.id)
        detail = f"{token.kind} {token.id}"
        records.add_audit(
            AuditEntry(time.time(), COMMAND_LINE, "token revoked", token.wearer, detail)
        )
    print(f"{token.name} ({token.id}) lets nobody in any more.")


def _called(said: str, tokens: list[Token]) -> Token:
    good = [each for each in tokens if is_good(each, time.time())]
    meant = [each for each in tokens if each.id == said] or [
        each for each in good if each.name == said and each.kind == TOKEN
    ]
    if not meant:
        raise NotFoundError("token", said)
    if len(meant) > 1:
        raise ConflictError(
            f"{said} is the name of several tokens, give the id: "
            + ", ".join(each.id for each in meant)
        )
    return meant[0]


def _make(
    options: TokenOptions,
    name: str,
    said: tuple[str, ...],
    wearer: str | None,
    kind: str,
    expires_at: float | None,
) -> tuple[Token, str]:
    unknown = [word for word in said if word not in list(Right)]
    if unknown:
        raise InputError(f"no scope {unknown[0]!r}; there are {', '.join(Right)}")
    if wearer is not None and not {*said} <= {Right.READ, Right.WRITE}:
        raise InputError("admin and organisation are about everybody: leave --wearer out")
    rights = [right.value for right in Right if right in said]
    config = options.loaded()
    with records_of(config) as records:
        known = {each.id for each in (*_stored(records), *config.wearers)}
        if wearer is not None and wearer not in known:
            raise NotFoundError("wearer", wearer)
        token, secret = made(
            name, rights, now=time.time(), expires_at=expires_at, wearer=wearer or "", kind=kind
        )
        records.put_token(token, expected=0)
        detail = f"{kind} {token.id} for {', '.join(rights)}"
        records.add_audit(
            AuditEntry(time.time(), COMMAND_LINE, f"{kind} made", token.wearer, detail)
        )
    return token, secret


def _stored(records: SqliteStore | RecordsBeside) -> list[Wearer]:
    return (records.reader if isinstance(records, RecordsBeside) else records).wearers()


def _until(token: Token) -> str:
    if token.revoked_at is not None:
        return f"revoked {_day(token.revoked_at)}"
    if token.expires_at is None:
        return "for ever"
    word = "" if is_good(token, time.time()) else "expired "
    return word + _minute(token.expires_at)


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))


def _minute(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
