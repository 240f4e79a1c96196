"""Bodies: read whole before anything is done with them, within a size and a time."""

import anyio
from starlette.types import Message, Receive

#: The largest body any call takes is some hundreds of bytes.
MOST_BODY_BYTES = 16 * 1024
#: How long so few bytes may take, s [J].
BODY_S = 10.0


class TooLargeError(Exception):
    """More came than was announced or is taken."""


class BodyTooLateError(Exception):
    """It did not come in time."""


async def whole_body(receive: Receive) -> Receive:
    """A `receive` that has the whole body in one message. Raises TooLargeError, BodyTooLateError."""
    parts: list[bytes] = []
    first: Message
    try:
        with anyio.fail_after(BODY_S):
            while True:
                first = await receive()
                if first["type"] != "http.request":  # the client has gone
                    break
                parts.append(first.get("body", b""))
                if sum(map(len, parts)) > MOST_BODY_BYTES:
                    raise TooLargeError
                if not first.get("more_body", False):
                    first = {"type": "http.request", "body": b"".join(parts), "more_body": False}
                    break
    except TimeoutError as error:
        raise BodyTooLateError from error
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return first

    return again
