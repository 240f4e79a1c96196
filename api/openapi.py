"""The OpenAPI description, with problems as what errors are."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.models import Problem
from api.problems import MEDIA_TYPE, title_of

_REFERENCE = "#/components/schemas/{model}"


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
                for operation in path.values():
                    if "422" in operation["responses"]:
                        operation["responses"] |= {"422": problems(422)[422]}
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            problem = Problem.model_json_schema(ref_template=_REFERENCE)
            schemas |= problem.pop("$defs")
            schemas["Problem"] = problem
            described["components"]["schemas"] = dict(sorted(schemas.items()))
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to change it
