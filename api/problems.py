"""Every error as RFC 9457 problem details; the domain's errors are translated here and nowhere else."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.answer import Problem, ProblemItem
from api.headers import SECURITY_HEADERS
from domain.errors import (
    ConflictError,
    DeviceError,
    InputError,
    LinkError,
    NotFoundError,
    SitwellError,
    StoreUnavailableError,
    first_line,
)

MEDIA_TYPE = "application/problem+json"

#: First match wins, so the special stand before the general.
_STATUS: tuple[tuple[type[SitwellError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (InputError, 422),
    (StoreUnavailableError, 503),
    (LinkError, 504),  # a sensor did not answer
    (DeviceError, 502),  # or refused
)


#: As RFC 9110 words them; older Pythons know other words.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}


def title_of(status: int) -> str:
    """The words of a status, the same on every Python."""
    return _TITLES.get(status) or HTTPStatus(status).phrase


def problem_response(
    status: int,
    detail: str,
    *,
    errors: list[ProblemItem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as a response. `type` is a stable word for the status."""
    phrase = title_of(status)
    problem = Problem(
        type=f"urn:sitwell:problem:{phrase.lower().replace(' ', '-')}",
        title=phrase,
        status=status,
        detail=detail,
        errors=errors,
    )
    return Response(
        problem.model_dump_json(exclude_none=True),
        status,
        {"cache-control": "no-store", **(headers or {})},
        MEDIA_TYPE,
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem."""
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(SitwellError)(_domain)
    app.exception_handler(Exception)(_crash)


async def _invalid(_request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    items = [ProblemItem(pointer=_pointer(e["loc"]), detail=str(e["msg"])) for e in found]
    if any(e["type"] == "json_invalid" for e in found):
        return problem_response(400, "the body is not JSON")
    return problem_response(422, "the request does not validate", errors=items)


async def _http(_request: Request, error: HTTPException) -> Response:
    detail = _PLAIN.get(error.status_code, str(error.detail))
    return problem_response(error.status_code, detail, headers=error.headers)


def problem_of(error: SitwellError) -> tuple[int, str, dict[str, str]]:
    """Status, sentence and headers of a foreseen error; raises any other one."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            headers = {"retry-after": "2"} if status == 503 else {}
            detail = "the store is not available" if status == 503 else first_line(error)
            return status, detail, headers
    raise error


async def _domain(_request: Request, error: SitwellError) -> Response:
    status, detail, headers = problem_of(error)
    return problem_response(status, detail, headers=headers)


async def _crash(_request: Request, _error: Exception) -> Response:
    # This answer is made outside the guard, which would have added them.
    return problem_response(
        500, "something went wrong here; the log has it", headers=SECURITY_HEADERS
    )


_PLAIN = {404: "there is nothing at this address", 405: "this address does not take this method"}


def _pointer(loc: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in loc)
