"""The local file of a service whose measurements go to InfluxDB: the embedded store, and what it owes."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from domain.errors import StoreUnavailableError
from storage import debt, outbox
from storage.contract import Forwarding, StoreHealth
from storage.dead_letters import DeadLetter, read_dead_letters
from storage.debt import Debt
from storage.erased import Erased
from storage.influx.forwarding import ForwarderState
from storage.influx.parcels import MOST_LINES, REQUESTS, Parcel, read_parcel
from storage.sqlite import SqliteStore


class LocalStore(SqliteStore):
    """The embedded store that owes what it stores to a server, whether or not there is one at present.

    local_s: how long frames stay in the file once the server has them; None: as long as they are kept
    at all. Raises as SqliteStore does.
    """

    _reaches_server = True

    def __init__(
        self,
        path: Path,
        *,
        local_s: float | None = None,
        clock: Callable[[], float] = time.time,
        busy_timeout_s: float = 5.0,
    ) -> None:
        super().__init__(path, busy_timeout_s=busy_timeout_s, owing=True)
        self._clock = clock
        self._local_s = local_s
        self._sending = threading.Lock()
        #: How sending goes, as the forwarder says.
        self.forwarding = ForwarderState()
        #: Grows with every erasure: a parcel that was read before one must not be sent after it.
        self.erasures = 0

    @contextmanager
    def nothing_on_its_way(self, wait_s: float) -> Iterator[None]:
        """While this is held nothing is sent to the server. Raises StoreUnavailableError when what is
        on its way does not end in `wait_s`."""
        if not self._sending.acquire(timeout=wait_s):
            raise StoreUnavailableError("the server still takes points; try again in a minute")
        try:
            yield
        finally:
            self._sending.release()

    def parcel(
        self, *, after: int = 0, now: float, most_lines: int = REQUESTS * MOST_LINES
    ) -> Parcel | None:
        """What is to be sent next, None when nothing is due. Raises StoreUnavailableError."""
        erasures = self.erasures
        with self._snapshot() as connection:
            parcel = read_parcel(connection, after=after, now=now, most_lines=most_lines)
        if parcel is not None:
            parcel.erasures = erasures
        return parcel

    def settle(self, parcel: Parcel, dead: Sequence[DeadLetter] = ()) -> None:
        """The server has the parcel, but for the lines in `dead`. Raises StoreUnavailableError."""
        with self._transaction() as connection:
            debt.settle(connection, parcel.settlements, dead)

    def trim(self, *, most_bytes: int, owed_since: float) -> int:
        """Drop the oldest that is owed beyond `most_bytes` or since before `owed_since`; how many points.
        Raises StoreUnavailableError."""
        with self._transaction() as connection:
            return debt.trim(connection, most_bytes=most_bytes, owed_since=owed_since)

    def debt(self) -> Debt:
        """What is owed. Raises StoreUnavailableError."""
        with self._snapshot() as connection:
            return debt.read_debt(connection)

    def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The newest lines that the server refused for good. Raises StoreUnavailableError."""
        with self._snapshot() as connection:
            return read_dead_letters(connection, limit)

    def learn_history(self, has_before: Callable[[int], bool]) -> None:
        """Find out, once, whether the server has hours of before this file's first: of a file that was
        lost. Raises what `has_before` raises, and StoreUnavailableError."""
        with self._snapshot() as connection:
            if debt.read_horizons(connection)[1] is not None:
                return
            first = connection.execute("SELECT min(time) FROM hours").get
        before = first if isinstance(first, int) else int(self._clock()) // 3600 * 3600
        history_before = before if has_before(before) else 0
        with self._transaction() as connection:
            debt.note_history(connection, history_before)

    def owe_all(self) -> None:
        """Send everything again, as to a server that lost it. Raises StoreUnavailableError."""
        with self._transaction() as connection:
            outbox.owe_all(connection, self._clock())

    def prune(
        self,
        *,
        frames_before: int,
        readings_before: int | None = None,
        samples_before: float | None = None,
        deliveries_before: float | None = None,
        audit_before: float | None = None,
    ) -> int:
        """As the contract says. The server is told to remove the frames too; here they go earlier, when it
        has had them for `local_s`. A frame that is still owed stays. Returns how many went here."""
        with self._transaction() as connection:
            outbox.owe_pruning(connection, frames_before, self._clock())
        before = frames_before
        if self._local_s is not None:
            before = max(before, int(self._clock() - self._local_s))
        with self._snapshot() as connection:
            owed = debt.owed_frames_since(connection)
        if owed is not None:
            before = min(before, owed)
        with self._transaction() as connection:
            debt.note_pruned(connection, before)
        return super().prune(
            frames_before=before,
            readings_before=readings_before,
            samples_before=samples_before,
            deliveries_before=deliveries_before,
            audit_before=audit_before,
        )

    def erase(self, wearer: str, start: int | None = None, end: int | None = None) -> Erased:
        """As the contract says."""
        self.erasures += 1
        try:
            return super().erase(wearer, start, end)
        finally:
            self.erasures += 1  # of what was read while this was under way

    def _owed_at(self) -> float:
        return self._clock()

    def health(self) -> StoreHealth:
        """How the file is, and what is owed; never raises."""
        health = super().health()
        try:
            debt_now = self.debt()
        except StoreUnavailableError:
            return replace(health, backend="influx")
        state, oldest = self.forwarding, debt_now.oldest_owed_at
        forwarding = Forwarding(
            server=state.server,
            trouble=state.trouble,
            warnings=state.warnings,
            owed_points=debt_now.points,
            owed_bytes=debt_now.size_bytes,
            owed_s=0.0 if oldest is None else max(self._clock() - oldest, 0.0),
            sent=debt_now.sent,
            dropped=debt_now.dropped,
            dead_letters=debt_now.dead_letters,
            last_error=state.last_error,
            last_error_at=state.last_error_at,
            last_sent_at=state.last_sent_at,
        )
        return replace(health, backend="influx", forwarding=forwarding)
