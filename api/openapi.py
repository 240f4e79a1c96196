"""The OpenAPI description, with problems as what errors are, and what each call wants of whoever asks."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.answer import Problem
from api.problems import MEDIA_TYPE, title_of
from api.rules import RULES

_REFERENCE = "#/components/schemas/{model}"
#: Of every call that is not public, and of those that change something.
_ALWAYS = (401, 403, 421, 503)
_PUBLIC = (403, 421, 503)
_UNSAFE = (400, 408, 411, 413, 429)
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `sitwell token create` or `POST /tokens`, as `Authorization: Bearer "
        "sitwell_...`. Somebody at the machine itself needs none, unless `api.require_token` is set.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sitwell",
        "description": "What `POST /login` sets in a browser; `__Host-sitwell` over TLS.",
    },
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Responses of an operation that are problems."""
    schema = {"$ref": _REFERENCE.format(model="Problem")}
    return {
        status: {
            "description": title_of(status),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def describe(app: FastAPI) -> None:
    """Let `app` describe itself; the description is made once, when first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version=app.openapi_version,
                description=app.description,
                routes=app.routes,
            )
            schemas = described["components"]["schemas"]
            for path in described["paths"].values():
                for method, operation in path.items():
                    _secure(method, operation)
                    if "422" in operation["responses"]:
                        operation["responses"] |= {"422": problems(422)[422]}
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            problem = Problem.model_json_schema(ref_template=_REFERENCE)
            schemas |= problem.pop("$defs")
            schemas["Problem"] = problem
            described["components"]["schemas"] = dict(sorted(schemas.items()))
            described["components"]["securitySchemes"] = _SCHEMES
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to change it


def _secure(method: str, operation: dict[str, Any]) -> None:
    """Say what an operation wants, and how it turns away."""
    rule = RULES[operation["operationId"]]
    rights = [] if rule.right is None else [rule.right.value]
    operation["security"] = [] if rule.public else [{name: rights} for name in _SCHEMES]
    statuses = _PUBLIC if rule.public else _ALWAYS
    if method != "get":
        statuses = (*statuses, *_UNSAFE, *((415,) if method == "post" else ()))
    told = {str(status): what for status, what in problems(*statuses).items()}
    operation["responses"] = dict(sorted((told | operation["responses"]).items()))
