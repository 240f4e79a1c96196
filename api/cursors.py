"""Where a list goes on: a place in its order, as an opaque word for the client."""

import base64
import binascii
import json
from typing import Annotated, TypeAlias

from fastapi import Query

from domain.errors import InputError

#: The number a list is ordered by (a time), and the id that decides between equals.
Place: TypeAlias = tuple[float, str]
#: The longest id is that of an episode, 16 signs; anything much longer was never given out.
_LONGEST = 200

Cursor: TypeAlias = Annotated[
    str | None, Query(description="`next_cursor` of the page before", max_length=_LONGEST)
]


def cursor_of(place: Place) -> str:
    """The word for the page that begins after `place`."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> Place | None:
    """What `cursor_of` was given; None for the first page. Raises InputError for any other word."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        found = None
    match found:
        # A bool is an int, and NaN and infinity are JSON to Python: none of them is a time.
        case [int() | float() as moment, str(name)] if (
            type(moment) is not bool and abs(moment) < 1e12
        ):
            return float(moment), name
    raise InputError("the cursor is none that was given out; begin without one")
