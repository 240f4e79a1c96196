"""How long to wait before the next attempt: exponential, capped, with full jitter in its upper half."""

FIRST_S = 1.0
CAP_S = 60.0


def delay_s(
    attempt: int, uniform: float, *, first_s: float = FIRST_S, cap_s: float = CAP_S
) -> float:
    """Seconds before attempt number `attempt` (1 is the first repeat).

    uniform: a number from [0, 1) that the caller draws; it moves the delay within the upper half of
    its range, so that sensors which were lost together do not come back together.
    """
    if attempt < 1:
        return 0.0
    longest = min(cap_s, first_s * 2.0 ** min(attempt - 1, 32))
    return longest * (0.5 + 0.5 * uniform)
