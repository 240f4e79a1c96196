"""From the nouns of the domain to the shapes of the API."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from api import models
from api.contract import ServiceView
from api.people import Origin
from api.store_state import ForwardingState, StoreState
from collector.discovery import FoundDevice
from collector.drivers.contract import Driver
from domain import __version__
from domain.alerts import Alert
from domain.episodes import Asymmetry, Episode
from domain.faults import Fault
from domain.figures import known, share
from domain.link import LinkState, SensorStatus
from domain.people import Calibration, ReferenceMethod, Sensor, Wearer
from domain.posture import Activity, Quality, WearerStatus
from storage.contract import DaySummary, Forwarding, StoreHealth


def rfc3339(time: float) -> str:
    """Unix seconds as RFC 3339 in UTC, with milliseconds where there are any."""
    moment = datetime.fromtimestamp(round(time, 3), UTC)
    digits = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=digits).removesuffix("+00:00") + "Z"


def rfc3339_or_null(time: float | None) -> str | None:
    """As `rfc3339`; None stays None."""
    return None if time is None else rfc3339(time)


def activity_word(activity: Activity) -> models.ActivityWord:
    """The word of an activity in the API."""
    return _ACTIVITY_WORDS[activity]


def quality_words(quality: Quality) -> list[models.QualityWord]:
    """What is held against a frame, in words; empty when it is good."""
    return [word for flag, word in _QUALITY_WORDS.items() if flag in quality]


def wearer_model(
    service: ServiceView,
    wearer: Wearer,
    *,
    language: str | None,
    own: Sequence[str],
    origin: Origin,
) -> models.Wearer:
    """A person; see api.people for what they set and where they come from."""
    return models.Wearer(
        id=wearer.id,
        name=wearer.name,
        timezone=wearer.timezone,
        language=language,
        own=[name for name in _OWN if name in own],
        origin=origin,
        replayed=[
            models.Span(start=rfc3339(start), end=rfc3339(end))
            for start, end in service.replayed_of(wearer.id)
        ],
    )


def sensor_model(
    service: ServiceView,
    sensor: Sensor,
    calibration: Calibration | None,
    status: SensorStatus | None = None,
) -> models.Sensor:
    """A sensor as it is now; without a status it is idle. `status` defaults to the service's."""
    if status is None:
        status = service.sensor_statuses().get(sensor.id)
    link = SensorStatus(sensor.id, LinkState.IDLE, math.nan) if status is None else status
    return models.Sensor(
        id=sensor.id,
        name=sensor.name,
        driver=sensor.driver,
        driver_title=service.driver_title(sensor.driver),
        placement=sensor.placement,
        wearer=sensor.wearer,
        simulated=sensor.simulated,
        state=link.state,
        state_since=rfc3339_or_null(known(link.since)),
        reason=link.reason or None,
        reason_code=link.reason_code,
        model=link.model,
        firmware=link.firmware,
        maker=link.maker,
        rssi_dbm=link.rssi_dbm,
        battery_percent=known(link.battery_percent),
        charging=link.charging,
        rate_hz=known(link.rate_hz),
        received=link.received,
        lost=link.lost,
        lost_share=_of_all(link.lost, link.received + link.lost),
        bad_payloads=link.bad_payloads,
        reconnects=link.reconnects,
        last_sample_at=rfc3339_or_null(link.last_sample_at),
        calibration=None if calibration is None else _reference(calibration),
    )


def driver_model(driver: type[Driver]) -> models.Driver:
    """A kind of sensor."""
    guide = driver.guide
    return models.Driver(
        name=driver.name,
        title=driver.title,
        connects=driver.connects,
        measures=list(driver.measures),
        models=list(guide.models),
        placements=list(guide.placements),
        wear=guide.wear,
        limits=list(guide.limits),
    )


def found_model(device: FoundDevice) -> models.FoundDevice:
    """Something on the air."""
    return models.FoundDevice(
        address=device.address,
        name=device.name,
        rssi_dbm=device.rssi_dbm,
        driver=device.driver,
        driver_title=device.title,
        measures=list(device.measures),
        placements=list(device.placements),
        heard_at=rfc3339(device.heard_at),
    )


def fault_model(fault: Fault) -> models.Fault:
    """What is wrong with a sensor."""
    return models.Fault(
        sensor=fault.sensor,
        placement=fault.placement,
        kind=fault.kind,
        since=rfc3339(fault.since),
        sentence=fault.sentence,
    )


def now_model(service: ServiceView, wearer: str, status: WearerStatus | None = None) -> models.Now:
    """What is so of a wearer now. `status` defaults to the service's."""
    if status is None:
        status = service.status(wearer)
    at = service.now() if status is None else status.time
    return models.Now(
        wearer=wearer,
        time=None if status is None else rfc3339(status.time),
        activity="unknown" if status is None else activity_word(status.activity),
        activity_since=None if status is None else rfc3339(status.activity_since),
        confidence=None if status is None else share(status.confidence),
        p_sitting=None if status is None else share(status.p_sitting),
        lean_deg=None if status is None else known(status.lean_deg),
        side_deg=None if status is None else known(status.side_deg),
        sitting_clock_s=None if status is None else status.sitting_clock_s,
        bout_start=None if status is None else rfc3339_or_null(status.bout_start),
        upright_s=None if status is None else status.upright_s,
        slouching_since=None if status is None else rfc3339_or_null(status.slouching_since),
        slouch_entry_deg=None if status is None else known(status.slouch_entry_deg),
        quality=[] if status is None else quality_words(status.quality),
        reference_method=ReferenceMethod.NONE if status is None else status.reference_method,
        reference_sigma_deg=None if status is None else known(status.reference_sigma_deg),
        reasons=[] if status is None else list(status.reasons),
        faults=[] if status is None else [fault_model(fault) for fault in status.faults],
        placements=list(service.placements(wearer)),
        stale_s=known(service.stale_s(wearer)),
        simulated=service.simulated_in(wearer, at, at + 1),
        replayed=service.replayed_in(wearer, at, at + 1),
        sitting_limit_s=service.sitting_limit_s(wearer),
    )


def episode_model(episode: Episode, now: float, service: ServiceView) -> models.Episode:
    """An episode; an open one has lasted until `now`. service: knows what was simulated or replayed."""
    of = (episode.wearer, episode.start, now if episode.end is None else episode.end)
    return models.Episode(
        id=episode.id,
        wearer=episode.wearer,
        kind=episode.kind,
        start=rfc3339(episode.start),
        end=rfc3339_or_null(episode.end),
        open=episode.open,
        duration_s=max(0, episode.lasted_s(int(now))),
        peak=known(episode.peak),
        mean=known(episode.mean),
        dose=known(episode.dose),
        confidence=share(episode.confidence),
        limit=known(episode.limit),
        placement=episode.placement,
        censored=episode.censored,
        asymmetry=[word for flag, word in _ASYMMETRY_WORDS.items() if flag in episode.asymmetry],
        simulated=service.simulated_in(*of),
        replayed=service.replayed_in(*of),
    )


def day_model(day: DaySummary, service: ServiceView) -> models.Day:
    """One local day. service: knows what was simulated or replayed."""
    return models.Day(
        wearer=day.wearer,
        day=day.day,
        timezone=day.timezone,
        start=rfc3339(day.start),
        end=rfc3339(day.end),
        simulated=service.simulated_in(day.wearer, day.start, day.end),
        replayed=service.replayed_in(day.wearer, day.start, day.end),
        seconds={activity_word(a): day.seconds.get(a, 0) for a in Activity},
        sitting_bouts=day.sitting_bouts,
        longest_sitting_s=day.longest_sitting_s,
        breaks=day.breaks,
        full_breaks=day.full_breaks,
        slouches=day.slouches,
        slouch_s=day.slouch_s,
        slouch_dose_deg_min=known(day.slouch_dose_deg_min),
        lean_mean_deg=known(day.lean_mean_deg),
        alerts=dict(day.alerts),
        answered_within_5_min=day.answered_within_5_min,
    )


def alert_model(alert: Alert) -> models.Alert:
    """An alert."""
    why = alert.explanation
    return models.Alert(
        id=alert.id,
        wearer=alert.wearer,
        episode=alert.episode,
        kind=alert.kind,
        severity=alert.severity,
        opened_at=rfc3339(alert.opened_at),
        closed_at=rfc3339_or_null(alert.closed_at),
        message=alert.message,
        explanation=models.Explanation(
            measured=why.measured,
            value=known(why.value),
            limit=known(why.limit),
            unit=why.unit,
            lasted_s=why.lasted_s,
            placement=why.placement,
            confidence=share(why.confidence),
        ),
        said=alert.said,
        last_said_at=rfc3339(alert.last_said_at) if alert.last_said_at else None,
        acknowledged_at=rfc3339_or_null(alert.acknowledged_at),
        snoozed_until=rfc3339_or_null(alert.snoozed_until),
        outcome=alert.outcome,
        response_s=known(alert.response_s),
        open=alert.open,
        revision=alert.revision,
    )


def health_model(
    service: ServiceView, store: StoreHealth, sensors: Sequence[Sensor]
) -> models.Health:
    """How the service is; `sensors` are those that are counted, all that are paired for most."""
    health = service.health()
    states = service.sensor_statuses()
    counted = {sensor.id for sensor in sensors}
    streaming = [
        s for s in states.values() if s.state is LinkState.STREAMING and s.sensor in counted
    ]
    seeding = health.seeding
    return models.Health(
        status="ok" if store.ok and not health.problems else "degraded",
        version=__version__,
        now=rfc3339(service.now()),
        started_at=rfc3339(service.started_at),
        speed=service.speed,
        simulated=service.simulated,
        store=StoreState(
            backend=store.backend,
            ok=store.ok,
            detail=store.detail,
            last_commit_at=rfc3339_or_null(store.last_commit_at),
            size_bytes=store.size_bytes,
            forwarding=None if store.forwarding is None else _forwarding(store.forwarding),
        ),
        sensors=models.SensorCount(streaming=len(streaming), total=len(sensors)),
        seeding=None
        if seeding is None
        else models.SeedingState(done_days=seeding.done_days, total_days=seeding.total_days),
        problems=list(health.problems),
    )


def _forwarding(forwarding: Forwarding) -> ForwardingState:
    return ForwardingState(
        server=forwarding.server,
        trouble=forwarding.trouble,
        warnings=list(forwarding.warnings),
        owed_points=forwarding.owed_points,
        owed_bytes=forwarding.owed_bytes,
        owed_s=round(forwarding.owed_s, 3),
        sent=forwarding.sent,
        dropped=forwarding.dropped,
        dead_letters=forwarding.dead_letters,
        last_error=forwarding.last_error,
        last_error_at=rfc3339_or_null(forwarding.last_error_at),
        last_sent_at=rfc3339_or_null(forwarding.last_sent_at),
    )


def hello_model(service: ServiceView, *, gap: bool) -> models.Hello:
    """The first event of a live stream."""
    return models.Hello(
        now=rfc3339(service.now()),
        speed=service.speed,
        simulated=service.simulated,
        gap=gap,
        version=__version__,
    )


def _of_all(some: int, all_: int) -> float | None:
    """One lost in a million is not none."""
    return round(some / all_, 6) if all_ else None


def _reference(calibration: Calibration) -> models.Reference:
    return models.Reference(
        method=calibration.method,
        made_at=rfc3339(calibration.made_at),
        sigma_deg=known(calibration.sigma_deg),
        slouch_deg=known(calibration.slouch_deg),
    )


_OWN: tuple[Literal["name", "timezone"], ...] = ("name", "timezone")
_ACTIVITY_WORDS: dict[Activity, models.ActivityWord] = dict(
    zip(sorted(Activity), get_args(models.ActivityWord), strict=True)
)
_ASYMMETRY_WORDS: dict[Asymmetry, models.AsymmetryWord] = dict(
    zip([a for a in Asymmetry if a], get_args(models.AsymmetryWord), strict=True)
)
_QUALITY_WORDS: dict[Quality, models.QualityWord] = dict(
    zip([q for q in Quality if q], get_args(models.QualityWord), strict=True)
)
