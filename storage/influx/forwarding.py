"""How sending goes, for whoever wants to know."""

from dataclasses import dataclass


@dataclass(slots=True)
class ForwarderState:
    """How forwarding is. trouble: the one sentence that keeps it from going on, None when it goes;
    warnings: what is not right besides. last_error stays after it is over, with its time, Unix s."""

    trouble: str | None = None
    warnings: tuple[str, ...] = ()
    last_error: str | None = None
    last_error_at: float | None = None
    last_sent_at: float | None = None
    server: str | None = None
