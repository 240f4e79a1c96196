"""How a sensor's link was and whom the sensor belonged to: shapes of the answers, and how they are made."""

import math
from collections.abc import Sequence

from api.answer import Answer, Time
from api.models import Known
from api.views import rfc3339, rfc3339_or_null
from domain.figures import FIGURE_DIGITS, known
from domain.people import Assignment, Calibration, ReferenceMethod
from domain.placement import Placement
from domain.readings import LinkReading


class LinkReadings(Answer):
    """Columns of equal length, one row a bucket in which the service looked at the link."""

    sensor: str
    start: Time
    end: Time
    resolution_s: int
    times: list[Time]
    battery_percent: list[Known]
    rssi_dbm: list[Known]
    rate_hz: list[Known]
    nominal_hz: list[Known]
    received: list[int]
    lost: list[int]
    lost_share: list[Known]
    reconnects: list[int]
    streaming_s: list[int]
    observed_s: list[int]


class Worn(Answer):
    """Whose a sensor was and where it was worn; `until` is null while it is so."""

    wearer: str
    placement: Placement
    since: Time
    until: Time | None
    open: bool


class PastReference(Answer):
    """A calibration; `in_force` for the one that is used."""

    method: ReferenceMethod
    made_at: Time
    placement: Placement
    sigma_deg: Known
    slouch_deg: Known
    in_force: bool


class SensorHistory(Answer):
    """What became of a sensor, newest first; also of one that is unpaired."""

    sensor: str
    assignments: list[Worn]
    calibrations: list[PastReference]


def own_readings(
    readings: Sequence[LinkReading],
    assignments: Sequence[Assignment],
    wearer: str,
    resolution_s: int,
) -> list[LinkReading]:
    """Those of the time in which the sensor was the wearer's and nobody else's; a bucket that is another's
    in part is left out."""
    own, others = _spans(assignments, wearer)
    return [
        each
        for each in readings
        if _touches(own, each.time, each.time + resolution_s)
        and not _touches(others, each.time, each.time + resolution_s)
    ]


def own_calibrations(
    calibrations: Sequence[Calibration], assignments: Sequence[Assignment], wearer: str
) -> list[Calibration]:
    """Those that were made while the sensor was the wearer's."""
    own, _ = _spans(assignments, wearer)
    return [
        each for each in calibrations if any(since <= each.made_at < until for since, until in own)
    ]


def _spans(
    assignments: Sequence[Assignment], wearer: str
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    own: list[tuple[float, float]] = []
    others: list[tuple[float, float]] = []
    for each in assignments:
        span = (each.since, math.inf if each.until is None else each.until)
        (own if each.wearer == wearer else others).append(span)
    return own, others


def _touches(spans: Sequence[tuple[float, float]], start: float, end: float) -> bool:
    return any(since < end and start < until for since, until in spans)


def readings_model(
    sensor: str, readings: Sequence[LinkReading], start: float, end: float, resolution_s: int
) -> LinkReadings:
    """Columns of a range."""
    return LinkReadings(
        sensor=sensor,
        start=rfc3339(start),
        end=rfc3339(end),
        resolution_s=resolution_s,
        times=[rfc3339(r.time) for r in readings],
        battery_percent=[_rounded(r.battery_percent) for r in readings],
        rssi_dbm=[_rounded(r.rssi_dbm) for r in readings],
        rate_hz=[_rounded(r.rate_hz) for r in readings],
        nominal_hz=[_rounded(r.nominal_hz) for r in readings],
        received=[r.received for r in readings],
        lost=[r.lost for r in readings],
        lost_share=[_rounded(r.lost_share, 6) for r in readings],
        reconnects=[r.reconnects for r in readings],
        streaming_s=[r.streaming_s for r in readings],
        observed_s=[r.observed_s for r in readings],
    )


def history_model(
    sensor: str,
    assignments: Sequence[Assignment],
    calibrations: Sequence[Calibration],
    used: Calibration | None,
) -> SensorHistory:
    """Both newest first; `used` is the calibration in force."""
    return SensorHistory(
        sensor=sensor,
        assignments=[
            Worn(
                wearer=each.wearer,
                placement=each.placement,
                since=rfc3339(each.since),
                until=rfc3339_or_null(each.until),
                open=each.open,
            )
            for each in assignments
        ],
        calibrations=[
            PastReference(
                method=each.method,
                made_at=rfc3339(each.made_at),
                placement=each.placement,
                sigma_deg=known(each.sigma_deg),
                slouch_deg=known(each.slouch_deg),
                in_force=used is not None and each.made_at == used.made_at,
            )
            for each in calibrations
        ],
    )


def _rounded(value: float | None, digits: int = FIGURE_DIGITS) -> float | None:
    return None if value is None else round(value, digits)
