"""The store of a service whose measurements go to InfluxDB.

Records, alerts and what is new lie in the local file; `storage.influx.both` says what is read from where.
"""

import time
from collections.abc import Callable
from pathlib import Path

from storage.erased import Erased
from storage.influx.asking import Asker
from storage.influx.both import BothReader
from storage.influx.lines import MEASUREMENTS
from storage.influx.local import LocalStore
from storage.influx.parcels import Removal
from storage.influx.reader import EARLIEST_S, LATEST_S, InfluxReader
from storage.influx.server import Server
from storage.influx.settings import DAY_S, InfluxSettings

#: How long an erasure waits for what is on its way to the server.
ERASE_WAIT_S = 60.0


class InfluxStore(BothReader, LocalStore):
    """The Store contract over a local file and a server.

    Raises as SqliteStore does; reading what only the server has raises ServerError while it is away.
    """

    def __init__(
        self,
        path: Path,
        settings: InfluxSettings,
        *,
        clock: Callable[[], float] = time.time,
        busy_timeout_s: float = 5.0,
    ) -> None:
        LocalStore.__init__(
            self,
            path,
            local_s=float(settings.local_days * DAY_S),
            clock=clock,
            busy_timeout_s=busy_timeout_s,
        )
        self._asker = Asker(settings)
        self._remote = InfluxReader(self._asker)
        self.server = Server(settings, self._asker, clock=clock)

    #: The server has other clients.
    _of_others = True

    def close(self) -> None:
        """As the contract says."""
        super().close()
        self._asker.close()

    def erase(self, wearer: str, start: int | None = None, end: int | None = None) -> Erased:
        """As the contract says. A whole wearer goes from the server first, while nothing is on its way
        there: raises ServerError, with nothing erased, when it is away. A range is owed to it."""
        if start is not None or end is not None:
            return super().erase(wearer, start, end)
        with self.nothing_on_its_way(ERASE_WAIT_S):
            found = self.server.check()
            for measurement in MEASUREMENTS:
                removal = Removal(measurement, wearer, EARLIEST_S, LATEST_S)
                self.server.remove(removal, found)
            return super().erase(wearer)
