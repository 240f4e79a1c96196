"""Coming in: sessions of browsers, and tokens for programs."""

from typing import Annotated, Self

from fastapi import APIRouter, HTTPException, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.access import LOGIN_S, Access
from api.answer import Answer, Time
from api.guard import COOKIE, SECURE_COOKIE, session_cookie
from api.limits import client_key
from api.openapi import problems
from api.parts import PartsDep, PrincipalDep, find_wearer
from api.principal import Principal, Right, acting
from api.tokens import LOGIN, SESSION, TOKEN, made
from api.views import rfc3339, rfc3339_or_null
from domain.records import Token

router = APIRouter(tags=["access"])

DAY_S = 86_400.0


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoginWish(_Wish):
    """What a login link carries behind its `#`, or a token."""

    secret: str = Field(min_length=1, max_length=200)


class _Bound(_Wish):
    rights: list[Right] = Field(min_length=1, max_length=4)
    wearer: str | None = Field(default=None, max_length=32, description="reaches that one alone")

    @model_validator(mode="after")
    def _one_wearer_is_not_everybody(self) -> Self:
        if self.wearer is not None and not {*self.rights} <= {Right.READ, Right.WRITE}:
            raise ValueError("admin and organisation are about everybody: leave wearer out")
        return self


class LinkWish(_Bound):
    """A login link."""

    rights: list[Right] = Field(default=[Right.WRITE], min_length=1, max_length=4)


class TokenWish(_Bound):
    """A token for a program."""

    name: str = Field(min_length=1, max_length=60, pattern=r"^\P{C}+$")
    days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        default=365, description="how long it is good, null for ever"
    )


class Session(Answer):
    """Who you are here. who: what let you in; wearer: whom alone you reach, null for everybody."""

    who: str
    rights: list[Right]
    wearer: str | None
    expires_at: Time | None


class TokenState(Answer):
    """A token, a session or a login link, without its secret. parent: the token a session was made of."""

    id: str
    kind: str
    name: str
    rights: list[str]
    wearer: str | None
    parent: str | None
    made_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    last_used_at: Time | None


class TokenStates(Answer):
    """All there are, oldest first."""

    items: list[TokenState]


class NewToken(Answer):
    """A token and its secret, which is never shown again."""

    token: TokenState
    secret: str


class LoginLink(Answer):
    """`path` opens the page and logs in, once; put it behind the address of the service."""

    path: str
    expires_at: Time


@router.post("/login", responses=problems(401, 422, 429))
async def log_in(parts: PartsDep, request: Request, response: Response, wish: LoginWish) -> Session:
    """Make a session of a login link or a token: the answer sets an HttpOnly cookie."""
    access = parts.access
    client = client_key(request.client.host if request.client else None)
    wait_s = access.logins.wait_s(client, access.ticks())
    if wait_s > 0:
        retry = {"retry-after": str(max(1, round(wait_s + 0.5)))}
        raise HTTPException(429, "too many logins; wait a moment", retry)
    done = await access.log_in(wish.secret)
    if done is None:
        if access.noted_failures.wait_s("all", access.ticks()) <= 0:
            await access.note("login refused", f"from {client}")
        raise HTTPException(401, "this does not let you in: used already, expired, or no secret")
    principal, secret = done
    before = acting.set(principal.who)
    try:
        await access.note("login", f"from {client}", wearer=principal.wearer or "")
    finally:
        acting.reset(before)
    secure = request.url.scheme == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        secret,
        max_age=max(0, round((principal.expires_at or access.now()) - access.now())),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
    return _session(principal)


@router.post("/logout", status_code=204)
async def log_out(
    parts: PartsDep, principal: PrincipalDep, request: Request, response: Response
) -> None:
    """End the session of this browser."""
    secure = request.url.scheme == "https"
    if session_cookie(request.headers, secure=secure) and principal.who.startswith(SESSION):
        await parts.access.revoke(principal.credential)
        await parts.access.note("logout", "", wearer=principal.wearer or "")
    name = SECURE_COOKIE if secure else COOKIE
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")


@router.get("/session")
async def get_session(principal: PrincipalDep) -> Session:
    """Who you are here."""
    return _session(principal)


@router.post("/login-links", status_code=201, responses=problems(404, 422))
async def make_login_link(parts: PartsDep, wish: LinkWish) -> LoginLink:
    """Make a link that logs a browser in, once."""
    expires_at = parts.access.now() + LOGIN_S
    _, secret = await _make(parts, "login link", wish, LOGIN, expires_at)
    return LoginLink(path=f"/#login={secret}", expires_at=rfc3339(expires_at))


@router.get("/tokens")
async def list_tokens(parts: PartsDep) -> TokenStates:
    """Tokens, sessions and login links; never a secret."""
    return TokenStates(items=[_state(token) for token in await parts.access.tokens()])


@router.post("/tokens", status_code=201, responses=problems(404, 422))
async def make_token(parts: PartsDep, wish: TokenWish) -> NewToken:
    """Make a token; its secret is in this answer alone."""
    days = wish.days
    expires_at = None if days is None else parts.access.now() + days * DAY_S
    token, secret = await _make(parts, wish.name, wish, TOKEN, expires_at)
    return NewToken(token=_state(token), secret=secret)


@router.delete("/tokens/{token}", status_code=204, responses=problems(404))
async def revoke_token(parts: PartsDep, token: Annotated[str, Path(description="its id")]) -> None:
    """Let a token in no more, nor the sessions made of it; or end a session."""
    found = await parts.access.revoke(token)
    await parts.access.note("token revoked", f"{found.kind} {found.id}", wearer=found.wearer)


async def _make(
    parts: PartsDep, name: str, wish: _Bound, kind: str, expires_at: float | None
) -> tuple[Token, str]:
    access: Access = parts.access
    if wish.wearer is not None:
        await find_wearer(parts, wish.wearer)
    rights = [right.value for right in Right if right in wish.rights]
    token, secret = made(
        name,
        rights,
        now=access.now(),
        expires_at=expires_at,
        wearer=wish.wearer or "",
        kind=kind,
    )
    await access.keep(token)
    detail = f"{kind} {token.id} for {', '.join(rights)}"
    await access.note(f"{kind} made", detail, wearer=token.wearer)
    return token, secret


def _session(principal: Principal) -> Session:
    return Session(
        who=principal.who,
        rights=[right for right in Right if principal.may(right)],
        wearer=principal.wearer,
        expires_at=rfc3339_or_null(principal.expires_at),
    )


def _state(token: Token) -> TokenState:
    return TokenState(
        id=token.id,
        kind=token.kind,
        name=token.name,
        rights=list(token.rights),
        wearer=token.wearer or None,
        parent=token.parent or None,
        made_at=rfc3339(token.made_at),
        expires_at=rfc3339_or_null(token.expires_at),
        revoked_at=rfc3339_or_null(token.revoked_at),
        last_used_at=rfc3339_or_null(token.last_used_at),
    )
