"""The signature of Standard Webhooks 1.0.0, the symmetric one (standardwebhooks.com, "Signature scheme").

What is signed is `{id}.{timestamp}.{body}`; the header carries one signature for each secret, so that a
receiver can change from one to the next without missing anything.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from domain.errors import InputError

PREFIX = "whsec_"
#: Bytes of a secret (the same section).
SHORTEST, LONGEST = 24, 64


def secrets_in(text: str) -> tuple[bytes, ...]:
    """The secrets of `whsec_<base64>`, several divided by space. Raises InputError, which tells none."""
    found = []
    for word in text.split():
        if not word.startswith(PREFIX):
            raise InputError(f"a secret begins with {PREFIX}")
        try:
            secret = base64.b64decode(word.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            raise InputError(f"what follows {PREFIX} is not base64") from None
        if not SHORTEST <= len(secret) <= LONGEST:
            raise InputError(f"a secret has {SHORTEST} to {LONGEST} bytes, this one {len(secret)}")
        found.append(secret)
    return tuple(found)


def headers_for(
    secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes
) -> Mapping[str, str]:
    """The headers; without a secret all but the signature. message_id: has no dot. timestamp: of the
    attempt, Unix s."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
        for secret in secrets
    ]
    headers = {"webhook-id": message_id, "webhook-timestamp": str(timestamp)}
    return headers | ({"webhook-signature": " ".join(signatures)} if signatures else {})
