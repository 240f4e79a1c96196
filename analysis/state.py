"""Saved state as bytes: compressed JSON with a version, floats to the last bit, no pickle."""

import json
import zlib
from typing import Any

from domain.errors import StateError

_MAGIC = b"sitwell-pipeline-2\n"
_LIMIT_BYTES = 4_000_000


def pack(state: dict[str, Any]) -> bytes:
    """`state`, JSON values with NaN and infinities allowed, as bytes."""
    return _MAGIC + zlib.compress(json.dumps(state, separators=(",", ":")).encode(), 6)


def unpack(raw: bytes) -> dict[str, Any]:
    """The inverse of `pack`. Raises StateError."""
    if not raw.startswith(_MAGIC):
        raise StateError("this is no saved pipeline, or one of another version")
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(raw[len(_MAGIC) :], _LIMIT_BYTES)
        whole = inflate.eof and not inflate.unused_data
        state = json.loads(text) if whole else None
    except (zlib.error, ValueError) as error:
        raise StateError("the saved pipeline is damaged") from error
    if not isinstance(state, dict):
        raise StateError("the saved pipeline is damaged")
    return state
