"""Days on a terminal, as a person reads them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.table import Table

from domain.metrics import Metric
from domain.posture import Activity
from service.commands.replay import duration
from service.day_rows import DayRow

#: What stands where nothing could be measured.
DASH: Final = "-"


def day_table(days: Sequence[DayRow]) -> Table:
    """What one did; activities that are on no day are left out."""
    shown = [act for act in Activity if any(row.seconds[act] for row in days)]
    shown.sort(key=lambda act: act is Activity.UNKNOWN)  # last: it is what is missing
    return _table(
        days,
        {
            act.word.replace("_", " ").upper(): [duration(row.seconds[act]) for row in days]
            for act in shown
        },
    )


def _often(per_hour: float) -> str:
    return f"{per_hour:.1f}"


def _count(number: float) -> str:
    return f"{number:,.0f}"


def _share(share: float) -> str:
    return "< 1 %" if 0.0 < share < 0.01 else f"{100.0 * share:.0f} %"


def _longest(row: DayRow) -> str:
    return duration(row.longest_sitting_s)


#: Heading, short enough for all to stand in 80 columns; the metric; how its value is written, or how the
#: day's own count is, where the metric is known.
_OF_DAYS: Final[tuple[tuple[str, str, Callable[[DayRow], str]], ...]] = (
    ("SITS", "sitting_bouts", lambda row: str(row.sitting_bouts)),
    ("LONGEST", "sitting_bouts", _longest),
    ("BREAKS", "breaks_ge_60_s", lambda row: str(row.breaks)),
)
_OF_METRICS: Final[tuple[tuple[str, str, Callable[[float], str]], ...]] = (
    ("SHIFTS/H", "shifts_per_sitting_hour", _often),
    ("SLOUCHED", "slouch_s", duration),
    ("BENDS", "bends", _count),
    ("HELD", "held_bends", _count),
    ("TWIST", "twist_ge_20_deg_share", _share),
    ("STEPS", "steps", _count),
)


def figure_table(days: Sequence[DayRow], metrics: Sequence[Mapping[str, Metric]]) -> Table:
    """What matters of a day; a dash where it could not be measured, `missing_figures` says why.

    metrics: by day, see day_metrics. Sits and breaks are counted as the service counts them; twist is
    the share of time beyond 20 deg to either side.
    """
    columns: dict[str, list[str]] = {}
    for head, name, of_day in _OF_DAYS:
        columns[head] = [
            DASH if of[name].value is None else of_day(row)
            for row, of in zip(days, metrics, strict=True)
        ]
    for head, name, written in _OF_METRICS:
        values = [of[name].value for of in metrics]
        columns[head] = [DASH if value is None else written(value) for value in values]
    return _table(days, columns)


def missing_figures(metrics: Sequence[Mapping[str, Metric]]) -> dict[str, str]:
    """Why there are dashes in the table, by the headings that share a reason."""
    heads: dict[str, list[str]] = {}
    for head, name in [row[:2] for row in (*_OF_DAYS, *_OF_METRICS)]:
        for reason in dict.fromkeys(of[name].reason for of in metrics if of[name].reason):
            heads.setdefault(reason, []).append(head.lower().replace("shifts/h", "shifts"))
    return {", ".join(names): reason for reason, names in heads.items()}


def _table(days: Sequence[DayRow], columns: Mapping[str, Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("DAY", no_wrap=True)
    for head in columns:
        table.add_column(head, justify="right")
    for number, row in enumerate(days):
        table.add_row(row.day.isoformat(), *(column[number] for column in columns.values()))
    return table
