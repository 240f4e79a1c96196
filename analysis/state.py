"""Saved state as bytes: compressed JSON with a version and a checksum, floats to the last bit, no pickle."""

import json
import struct
import zlib
from typing import Any

from domain.errors import StateError

_MAGIC = b"sitwell-pipeline-3\n"
#: CRC-32 of what follows: zlib's own leaves out its header and the bits that fill its last byte.
_CHECK = struct.Struct("<I")
_LIMIT_BYTES = 4_000_000


def pack(state: dict[str, Any]) -> bytes:
    """`state`, JSON values with NaN and infinities allowed, as bytes."""
    body = zlib.compress(json.dumps(state, separators=(",", ":")).encode(), 6)
    return _MAGIC + _CHECK.pack(zlib.crc32(body)) + body


def unpack(raw: bytes) -> dict[str, Any]:
    """The inverse of `pack`. Raises StateError."""
    if not raw.startswith(_MAGIC):
        raise StateError("this is no saved pipeline, or one of another version")
    start = len(_MAGIC) + _CHECK.size
    body = raw[start:]
    if raw[len(_MAGIC) : start] != _CHECK.pack(zlib.crc32(body)):
        raise StateError("the saved pipeline is damaged")
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(body, _LIMIT_BYTES)
        whole = inflate.eof and not inflate.unused_data
        state = json.loads(text) if whole else None
    except (zlib.error, ValueError) as error:
        raise StateError("the saved pipeline is damaged") from error
    if not isinstance(state, dict):
        raise StateError("the saved pipeline is damaged")
    return state
