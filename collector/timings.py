"""How long a session waits for what."""

from dataclasses import dataclass

from collector.backoff import CAP_S, FIRST_S

LOOK_S = 1.0  # how often a waiting session looks whether there is a radio


@dataclass(frozen=True, slots=True)
class Timings:
    """How long a session waits, wall seconds.

    silent_after_s: without samples for so long the link is taken for dead; None is 10 s or the sensor's
    longest three frames, whichever is more. handshake_s: from the connection to the first samples.
    stop_s: for the commands of a polite stop. absent_after_s: not heard for so long is said to be out
    of range. stable_s: streaming for so long, the next back-off starts from the first delay again.
    no_slots_s: least back-off when the adapter carries no more connections; bleak-retry-connector
    waits as long.
    """

    silent_after_s: float | None = None
    handshake_s: float = 15.0
    stop_s: float = 3.0
    absent_after_s: float = 10.0
    stable_s: float = 10.0
    backoff_first_s: float = FIRST_S
    backoff_cap_s: float = CAP_S
    no_slots_s: float = 4.0
