"""Headers that every answer carries: what a page of this service may load, and who may embed it."""

from collections.abc import Iterable

#: ECharts on a canvas sets styles through the CSSOM, which style-src does not restrict.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: dict[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
#: As they go out.
RAW_SECURITY_HEADERS: dict[bytes, bytes] = {
    name.encode(): value.encode() for name, value in SECURITY_HEADERS.items()
}


def guarded(headers: Iterable[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, with those that every answer carries."""
    ours = RAW_SECURITY_HEADERS
    found = [each for each in headers if each[0] not in ours]
    found += ours.items()
    if not any(name == b"cache-control" for name, _ in found):
        # The API is never to be cached, the page only after asking whether it changed.
        found.append((b"cache-control", b"no-store" if path.startswith("/api/") else b"no-cache"))
    return found
