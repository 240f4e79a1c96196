"""What the API needs to know of the running service, and nothing else of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from domain.alerts import Alert
from domain.link import SensorStatus
from domain.placement import Placement
from domain.posture import WearerStatus
from domain.retention import Retention
from storage.erased import Erased


@dataclass(frozen=True, slots=True)
class Seeding:
    """Made-up history on its way into the store."""

    done_days: int
    total_days: int


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """How the service is, apart from its store. problems: sentences for the wearer, empty when well."""

    problems: tuple[str, ...] = ()
    seeding: Seeding | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the service keeps. folder: where its data are, None where it has none of its own."""

    retention: Retention = field(default_factory=Retention)
    encrypted: bool = False
    folder: Path | None = None


#: Labels of a value, and what they say.
Labels: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure for those who watch machines. counts: it only grows; else it is so now. Never about a person:
    no label names a wearer, a sensor or what somebody called something."""

    name: str
    words: str
    values: Mapping[Labels, float]
    counts: bool = False


class ServiceView(Protocol):
    """The running service as the API sees it. Every method is called on the event loop and must not
    block it; times are Unix seconds of the service's own clock, which a simulation may speed up."""

    @property
    def started_at(self) -> float:
        """When the service started."""
        ...

    @property
    def speed(self) -> float:
        """How fast its clock runs against the wall's; 1 outside simulations."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether what it measures is made up, of anybody."""
        ...

    def simulated_in(self, wearer: str, start: float, end: float) -> bool:
        """Whether simulated sensors measured any of the wearer's time in [start, end), Unix s."""
        ...

    def replayed_in(self, wearer: str, start: float, end: float) -> bool:
        """Whether any of the wearer's time in [start, end), Unix s, comes from a replayed recording."""
        ...

    def replayed_of(self, wearer: str) -> Sequence[tuple[int, int]]:
        """Each span of the wearer's time that does, [start, end), Unix s, in order."""
        ...

    def now(self) -> float:
        """The present time."""
        ...

    def figures(self) -> Sequence[Figure]:
        """What is counted since the start, and how full the queues are."""
        ...

    def keeping(self) -> Keeping:
        """For how long, and where."""
        ...

    def health(self) -> ServiceHealth:
        """How the service is."""
        ...

    def sensor_statuses(self) -> Mapping[str, SensorStatus]:
        """The state of the link to every sensor that is being read, by sensor id."""
        ...

    def driver_title(self, driver: str) -> str:
        """The name of a driver for people; the word itself when there is no such driver."""
        ...

    def status(self, wearer: str) -> WearerStatus | None:
        """What is so now; None before the first frame and for a wearer it does not know."""
        ...

    def stale_s(self, wearer: str) -> float | None:
        """Seconds since the end of the last frame, 0 while data flow; None before the first."""
        ...

    def placements(self, wearer: str) -> Sequence[Placement]:
        """Where the wearer's sensors are worn."""
        ...

    def sitting_limit_s(self, wearer: str) -> int:
        """When the wearer is told that they have sat."""
        ...

    def open_alerts(self) -> Sequence[Alert]:
        """Alerts that still go on, of every wearer."""
        ...

    async def acknowledge(self, alert_id: str, *, fine: bool) -> Alert:
        """Silence an alert; `fine` closes it as a false alarm. On return it is committed.

        Raises NotFoundError, ConflictError when it is closed, StoreUnavailableError.
        """
        ...

    async def erase(self, wearer: str, start: int | None, end: int | None) -> Erased:
        """Erase all there is of a wearer, or [start, end), Unix s. On return no file holds it any more;
        a wearer of the configuration stays one, with no past.

        Raises ConflictError while they wear a sensor, StoreUnavailableError.
        """
        ...

    async def snooze(self, alert_id: str, minutes: int) -> Alert:
        """Silence an alert for a while. On return it is committed.

        Raises NotFoundError, ConflictError when it is closed, StoreUnavailableError.
        """
        ...
