"""The shape in which the API says how the store is."""

from api.answer import Answer, Time


class ForwardingState(Answer):
    """How what is measured gets to InfluxDB. trouble: why nothing is sent, null when it is. owed_s: for
    how long the oldest of what is owed; sent, dropped, dead_letters: points so far."""

    server: str | None
    trouble: str | None
    warnings: list[str]
    owed_points: int
    owed_bytes: int
    owed_s: float
    sent: int
    dropped: int
    dead_letters: int
    last_error: str | None
    last_error_at: Time | None
    last_sent_at: Time | None


class StoreState(Answer):
    """How the store is. forwarding: null when what is measured stays in the store."""

    backend: str
    ok: bool
    detail: str
    last_commit_at: Time | None
    size_bytes: int
    forwarding: ForwardingState | None = None
