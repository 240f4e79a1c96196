"""The calls that pages and programs make again and again, answered at once from memory.

Finding the route, resolving dependencies and validating take the framework several times as long as the
answer itself. So a call that is asked plainly, by somebody who may, and whose answer is in memory is
answered here, within the guard. Everything else is left to the framework, which says what is wrong with
a question and asks the store: nothing is refused here. tests/api/test_quick.py holds both to one answer.
"""

from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import parse_qsl

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from api import views
from api.parts import Parts
from api.principal import Principal
from api.ranges import FEWEST_POINTS, MOST_POINTS, USUAL_POINTS, Time, asked_range
from api.rules import RULES
from domain.errors import InputError, SitwellError

_TIME: Final[TypeAdapter[AwareDatetime]] = TypeAdapter(Time)
_POINTS: Final = TypeAdapter(Annotated[int, Field(ge=FEWEST_POINTS, le=MOST_POINTS)])
_WHOLE: Final = TypeAdapter(int)
Answering = Callable[[Parts, str, bytes], bytes | None]


class Quick:
    """Answers what it can, hands on the rest. parts_of: the application's `state`, which has the parts."""

    def __init__(self, app: ASGIApp, state: State, prefix: str) -> None:
        self._app = app
        self._state = state
        self._of_wearer = f"{prefix}/wearers/"
        self._alerts = f"{prefix}/alerts"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["root_path"]:
            body = self._answer(scope)
            if body is not None:
                headers = [
                    (b"content-length", b"%d" % len(body)),
                    (b"content-type", b"application/json"),
                ]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": body})
                return
        await self._app(scope, receive, send)

    def _answer(self, scope: Scope) -> bytes | None:
        """None for what is left to the framework, errors too."""
        try:
            return self._found(scope)
        except SitwellError:
            return None

    def _found(self, scope: Scope) -> bytes | None:
        path: str = scope["path"]
        query: bytes = scope["query_string"]
        principal: Principal = scope["principal"]
        if path.startswith(self._of_wearer):
            wearer, slash, what = path[len(self._of_wearer) :].partition("/")
            answering = _OF_WEARER.get(what)
            if not slash or answering is None or not _may(principal, what, wearer, query):
                return None
            known = self._parts.memory.wearers.ready()
            return answering(self._parts, wearer, query) if known and wearer in known else None
        if path == self._alerts and query == b"state=open":
            return self._open_alerts(principal)
        return None

    @property
    def _parts(self) -> Parts:
        parts: Parts = self._state.parts
        return parts

    def _open_alerts(self, principal: Principal) -> bytes | None:
        rule = RULES["list_alerts"]
        if principal.wearer is not None or rule.right is None or not principal.may(rule.right):
            return None
        return self._parts.memory.open_alerts(None).ready()


def _may(principal: Principal, what: str, wearer: str, query: bytes) -> bool:
    """Whether they certainly may; a query that names a wearer too is for those who look closer."""
    right = RULES[f"get_{what}"].right
    reached = principal.wearer is None or (principal.wearer == wearer and b"wearer" not in query)
    return reached and right is not None and principal.may(right)


def _now(parts: Parts, wearer: str, _query: bytes) -> bytes:
    return views.now_model(parts.service, wearer).model_dump_json().encode()


def _series(parts: Parts, wearer: str, query: bytes) -> bytes | None:
    """None also for a question that is not quite right."""
    asked = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    values = dict(asked)
    if len(values) < len(asked) or not values.keys() <= {"start", "end", "points", "resolution_s"}:
        return None
    try:
        start = _TIME.validate_python(values["start"])
        end = _TIME.validate_python(values["end"])
        points = _POINTS.validate_python(values.get("points", USUAL_POINTS))
        forced = values.get("resolution_s")
        forced_s = None if forced is None else _WHOLE.validate_python(forced)
        asked_for = asked_range(start, end, points, forced_s)
    except (KeyError, ValidationError, InputError):
        return None
    begin, until = asked_for.start, asked_for.end
    return parts.memory.series.ready(
        wearer,
        begin,
        until,
        asked_for.resolution_s,
        simulated=parts.service.simulated_in(wearer, begin, until),
        replayed=parts.service.replayed_in(wearer, begin, until),
    )


_OF_WEARER: Final[dict[str, Answering]] = {"now": _now, "series": _series}
