"""A running service as the API sees it, and a store with something in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from api.contract import Figure, Keeping, Seeding, ServiceHealth
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.episodes import Episode, EpisodeKind
from domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from domain.faults import Fault, FaultKind
from domain.link import LinkState, SensorStatus
from domain.people import Calibration, ReferenceMethod, Sensor, Wearer
from domain.placement import Placement
from domain.posture import Activity, FrameBlock, Quality, WearerStatus
from storage.contract import Batch, Store
from storage.erased import Erased

T0 = 1_795_342_200  # 2026-11-22T10:10:00Z
NAN = float("nan")
ADA = Wearer("ada", "Ada", "Europe/Berlin")
BOB = Wearer("bob", "Bob", "UTC")
SENSOR = Sensor(
    "C0:01", "polar", "Polar H10", "ada", Placement.UPPER_BACK, T0 - 9000.0, simulated=True
)
SPARE = Sensor("C0:02", "witmotion", "Wit", "bob", Placement.THIGH, T0 - 9000.0)
CALIBRATION = Calibration(
    sensor="C0:01",
    placement=Placement.UPPER_BACK,
    made_at=T0 - 8000.0,
    method=ReferenceMethod.TWO_POSES,
    rotation=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    slouch_deg=17.0,
    sigma_deg=0.4,
)
ALERT = Alert(
    id="a1",
    wearer="ada",
    episode="e1",
    kind=AlertKind.SITTING,
    severity=Severity.NOTICE,
    opened_at=T0 - 60.25,
    message="You have sat for 30 min. A minute on your feet starts a break.",
    explanation=Explanation("sitting_s", 1800.0, 1800.0, "s", 0, "upper_back", 0.93),
    last_said_at=T0 - 60.25,
)
CLOSED = replace(
    ALERT,
    id="a0",
    episode="e0",
    opened_at=T0 - 4000.0,
    closed_at=T0 - 3800.0,
    outcome=Outcome.TAKEN,
    response_s=120.0,
    revision=3,
)
EPISODES = (
    Episode(
        EpisodeKind.SITTING, "ada", T0 - 7200, T0 - 3900, 1.0, 0.98, 3300.0, 0.95, NAN, "upper_back"
    ),
    Episode(
        EpisodeKind.BREAK, "ada", T0 - 3900, T0 - 3500, NAN, NAN, 400.0, 0.9, 60.0, "upper_back"
    ),
    Episode(EpisodeKind.SITTING, "ada", T0 - 1860, None, 1.0, 0.98, 0.0, 0.95, NAN, "upper_back"),
)
STATUS = WearerStatus(
    wearer="ada",
    time=T0 - 1,
    activity=Activity.SITTING,
    activity_since=T0 - 1860,
    confidence=0.93,
    p_sitting=0.97,
    lean_deg=12.4,
    side_deg=NAN,
    sitting_clock_s=1860,
    bout_start=T0 - 1860,
    upright_s=0,
    slouching_since=None,
    slouch_entry_deg=9.0,
    quality=Quality.LOST | Quality.DYNAMIC,
    reference_method=ReferenceMethod.TWO_POSES,
    reference_sigma_deg=1.1,
    reasons=("No gyroscope: lean is good to about 5 degrees in motion.",),
    faults=(Fault("belt", Placement.WAIST, FaultKind.FROZEN, T0 - 60),),
)


def frames(wearer: str, start: int, n: int) -> FrameBlock:
    """`n` seconds of sitting with a lean that cannot be known in every tenth."""
    times = np.arange(start, start + n)
    lean = np.where(times % 10 == 0, np.nan, 10.0 + (times % 7))
    blank = np.full(n, np.nan)
    return FrameBlock(
        wearer=wearer,
        times=times,
        activity=np.full(n, Activity.SITTING),
        p_sitting=np.full(n, 0.97),
        lean_deg=lean,
        side_deg=blank,
        twist_deg=blank,
        turn_dps=blank,
        mad_mg=np.full(n, 3.0),
        enmo_mg=np.full(n, 1.0),
        cadence_spm=np.zeros(n),
        quality=np.zeros(n),
        confidence=np.full(n, 0.9),
        source=np.full(n, Placement.UPPER_BACK.number),
    )


def fill(store: Store) -> None:
    """Two wearers, two sensors, an hour of frames, some episodes and alerts."""
    for wearer in (ADA, BOB):
        store.put_wearer(wearer)
    for sensor in (SENSOR, SPARE):
        store.put_sensor(sensor)
    store.add_calibration(CALIBRATION)
    store.write(
        Batch(frames=(frames("ada", T0 - 3600, 3600),), episodes=EPISODES, alerts=(ALERT, CLOSED)),
        now=float(T0),
    )


@dataclass
class FakeService:
    """Answers from fields; remembers what it was asked to do."""

    started_at: float = T0 - 5000.0
    speed: float = 1.0
    simulated: bool = True
    replayed: tuple[tuple[int, int], ...] = ()
    time: float = float(T0)
    statuses: dict[str, WearerStatus] = field(default_factory=lambda: {"ada": STATUS})
    links: dict[str, SensorStatus] = field(
        default_factory=lambda: {
            "C0:01": SensorStatus(
                sensor="C0:01",
                state=LinkState.STREAMING,
                since=T0 - 3600.0,
                rssi_dbm=-61,
                battery_percent=84.0,
                rate_hz=52.0,
                received=187_000,
                lost=12,
                last_sample_at=T0 - 0.1,
            )
        }
    )
    alerts: dict[str, Alert] = field(default_factory=lambda: {"a1": ALERT})
    ill: ServiceHealth = field(default_factory=lambda: ServiceHealth(seeding=Seeding(3, 14)))
    broken: type[Exception] | None = None
    done: list[tuple[object, ...]] = field(default_factory=list)

    def simulated_in(self, wearer: str, start: float, end: float) -> bool:
        return self.simulated

    def replayed_in(self, wearer: str, start: float, end: float) -> bool:
        return any(at < end and to > start for at, to in self.replayed)

    def replayed_of(self, wearer: str) -> Sequence[tuple[int, int]]:
        return self.replayed

    def figures(self) -> Sequence[Figure]:
        said = {(("reason", "in_meeting"),): 4.0}
        return (Figure("sitwell_decisions_total", "Answers.", said, counts=True),)

    def keeping(self) -> Keeping:
        return Keeping(folder=Path.cwd())

    async def erase(self, wearer: str, start: int | None, end: int | None) -> Erased:
        if self.broken is not None:
            raise self.broken("secret path /home/ada")
        self.done.append(("erase", wearer, start, end))
        return Erased(frames=3600, sensors=1)

    def now(self) -> float:
        return self.time

    def health(self) -> ServiceHealth:
        if self.broken is not None:
            raise self.broken("secret path /home/ada")
        return self.ill

    def sensor_statuses(self) -> Mapping[str, SensorStatus]:
        return self.links

    def driver_title(self, driver: str) -> str:
        return {"polar": "Polar H10 / Verity Sense"}.get(driver, driver)

    def status(self, wearer: str) -> WearerStatus | None:
        return self.statuses.get(wearer)

    def stale_s(self, wearer: str) -> float | None:
        return 0.0 if wearer in self.statuses else None

    def placements(self, wearer: str) -> Sequence[Placement]:
        return [s.placement for s in (SENSOR, SPARE) if s.wearer == wearer]

    def sitting_limit_s(self, wearer: str) -> int:
        return 1800

    def open_alerts(self) -> Sequence[Alert]:
        return [alert for alert in self.alerts.values() if alert.open]

    async def acknowledge(self, alert_id: str, *, fine: bool) -> Alert:
        self.done.append(("acknowledge", alert_id, fine))
        alert = self._open(alert_id)
        closed = self.time if fine else None
        outcome = Outcome.FALSE_ALARM if fine else None
        return self._put(
            replace(alert, acknowledged_at=self.time, closed_at=closed, outcome=outcome)
        )

    async def snooze(self, alert_id: str, minutes: int) -> Alert:
        self.done.append(("snooze", alert_id, minutes))
        return self._put(replace(self._open(alert_id), snoozed_until=self.time + 60 * minutes))

    def _open(self, alert_id: str) -> Alert:
        if alert_id == CLOSED.id:
            raise ConflictError("this alert is closed")
        if alert_id == "full":
            raise StoreUnavailableError("disk full at /home/ada")
        if alert_id not in self.alerts:
            raise NotFoundError("alert", alert_id)
        return self.alerts[alert_id]

    def _put(self, alert: Alert) -> Alert:
        self.alerts[alert.id] = replace(
            alert, revision=alert.revision + 1
        )  # newer than the store's
        return self.alerts[alert.id]
