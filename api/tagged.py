"""Answers that seldom change: sent again only when they did (RFC 9110, sections 8.8.3 and 13.1.2)."""

import hashlib

from fastapi.responses import Response
from pydantic import BaseModel

#: Kept by the browser alone, which asks each time whether it is still so: late data may rewrite the past.
CACHE_CONTROL = "private, no-cache"


def tagged(answer: BaseModel, if_none_match: str | None) -> Response:
    """`answer` with an ETag of its bytes; 304 without a body when the client has just these."""
    return tagged_json(answer.model_dump_json().encode(), if_none_match)


def tagged_json(body: bytes, if_none_match: str | None) -> Response:
    """The same of an answer that is JSON already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": CACHE_CONTROL}
    known = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
