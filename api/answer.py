"""What every answer of the API is, and what it is where something is wrong."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, WithJsonSchema

Time: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Answer(BaseModel):
    """Frozen and closed: a field that is not declared is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProblemItem(Answer):
    """One thing that does not validate. pointer: JSON pointer into `{path, query, header, body}`."""

    pointer: str
    detail: str


class Problem(Answer):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemItem] | None = None
