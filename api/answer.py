"""What every answer of the API is."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, WithJsonSchema

Time: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Answer(BaseModel):
    """Frozen and closed: a field that is not declared is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)
