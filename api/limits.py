"""How often and how much at once: buckets and slots by client, in bounded memory."""

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

#: Clients that are remembered; the one that asked longest ago is forgotten first, to a full bucket.
MOST_KEYS = 4096


class Buckets:
    """`burst` at once, and one more every `burst`th part of `refill_s`, for every key by itself."""

    def __init__(self, burst: int, refill_s: float) -> None:
        self._burst = float(burst)
        self._per_s = burst / refill_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def wait_s(self, key: str, now: float) -> float:
        """Take one of `key` and say 0, or say for how long there is none.

        now: seconds that never run back.
        """
        left, since = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + max(0.0, now - since) * self._per_s)
        wait_s = 0.0 if left >= 1.0 else (1.0 - left) / self._per_s
        self._left[key] = (left - 1.0 if left >= 1.0 else left, now)
        if len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        return wait_s


class Slots:
    """What may be held at once: `most` in all, `most_each` by one key."""

    def __init__(self, most: int, most_each: int) -> None:
        self.most, self.most_each = most, most_each
        self._held: Counter[str] = Counter()
        self._all = 0

    def full(self) -> bool:
        """Whether there is none left for anybody."""
        return self._all >= self.most

    def full_for(self, keys: Sequence[str]) -> bool:
        """Whether one of `keys` holds all that it may."""
        return any(self._held[key] >= self.most_each for key in keys)

    @contextmanager
    def held(self, keys: Sequence[str]) -> Iterator[None]:
        """Hold one, on the account of each of `keys`."""
        self._all += 1
        self._held.update(keys)
        try:
            yield
        finally:
            self._all -= 1
            self._held.subtract(keys)
            self._held += Counter()  # drops those that hold none


def client_key(address: str | None) -> str:
    """What a client is counted by: its address, of IPv6 the /64 that one household has."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
