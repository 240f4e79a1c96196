"""The figures of each local day of an offline analysis, with all that they rest on."""

from collections.abc import Sequence

from analysis.summary import summarise
from domain.metrics import Metric
from service.day_rows import DayRow
from service.measured import Measured


def day_metrics(found: Measured, days: Sequence[DayRow]) -> tuple[dict[str, Metric], ...]:
    """By day the metrics by name, in the order of analysis.summary.METRICS.

    The first and the last day are cut to what was recorded, so that a coverage is a share of that.
    """
    if not len(found.frames):
        return ()
    first, last = int(found.frames.times[0]), int(found.frames.times[-1]) + 1
    out = []
    for day in days:
        metrics = summarise(
            found.frames,
            found.episodes,
            found.worn,
            gyro=found.gyro,
            reasons=found.reasons,
            start=max(day.start, first),
            end=min(day.end, last),
        )
        out.append({metric.name: metric for metric in metrics})
    return tuple(out)
