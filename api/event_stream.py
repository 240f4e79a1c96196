"""An answer of server-sent events (HTML standard, section 9.2), and how it is kept open."""

from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi.responses import StreamingResponse

MEDIA_TYPE: Final = "text/event-stream"
#: Comments keep an idle stream open: proxies close what is silent for a minute.
PING_S = 15.0
PING: Final = b": ping\n\n"
#: How soon a browser comes back after the stream has broken.
RETRY_MS: Final = 2000
RETRY: Final = b"retry: %d\n" % RETRY_MS

#: What OpenAPI says of it.
STREAMED: Final[dict[str, Any]] = {
    "content": {
        MEDIA_TYPE: {
            "itemSchema": {
                "type": "object",
                "properties": {
                    "data": {"type": "string"},
                    "event": {"type": "string"},
                    "id": {"type": "string"},
                    "retry": {"type": "integer", "minimum": 0},
                },
            }
        }
    }
}


class EventStream(StreamingResponse):
    """Streams `body`, uncached, and not held back by a proxy."""

    # FastAPI describes it by this signature, and by the class's media type would say that it is a string.
    def __init__(self, body: AsyncIterator[bytes], status_code: int = 200) -> None:
        super().__init__(body, status_code, media_type=MEDIA_TYPE)
        self.headers["cache-control"] = "no-cache"
        self.headers["x-accel-buffering"] = "no"
