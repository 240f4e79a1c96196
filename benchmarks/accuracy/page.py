"""docs/accuracy.md, from what the data sets' modules measured."""

import math
from collections.abc import Sequence
from datetime import date

from benchmarks.accuracy.section import Bar, Section, Table, number

_ABOUT = (
    "Made by `python -m benchmarks.accuracy --data ../shared/data` (with the test extra installed); every "
    "figure and every sentence about a miss is computed. The recordings are real, labelled people; they are "
    "not part of the project, and what is not there is left out. To measure on data of your own, see "
    "[evaluation](evaluation.md)."
)
_READING = (
    "Frames are of one second. *Right*: share of seconds called by the label's word; unknown is wrong. "
    "*Balanced*: mean over the labels of the share that is right. The worst person stands first, in bold. "
    "RMSE is the root mean square of the difference from the reference, its mean in brackets: positive is "
    "more forward, more to the right, more to the left for a twist. *Best known*: the published rule or "
    "paper. Thresholds were chosen on these people: expect a little less elsewhere."
)


def page(sections: Sequence[Section], made: date, version: str) -> str:
    """The whole page."""
    lines = [
        "# How right it is",
        "",
        _ABOUT,
        "",
        f"{made:%Y-%m-%d}, {version}.",
        "",
        _READING,
        "",
    ]
    lines += ["## Bars", ""]
    bars = [bar for section in sections for bar in section.bars]
    lines += _table(
        Table(
            "",
            ["what", "measured", "bar", "best known", ""],
            [
                [bar.what, _figure(bar, bar.measured), _limit(bar), bar.published, _verdict(bar)]
                for bar in bars
            ],
        )
    )  # fmt: skip
    for section in sections:
        lines += ["", f"## {section.title}", ""]
        if section.folder:
            lines.append(f"`{section.folder}`. {section.how}")
        else:
            lines.append(section.how)
        for table in section.tables:
            lines += ["", f"*{table.title}*", "", *_table(table)]
            if table.note:
                lines += ["", table.note]
    return "\n".join([*lines, ""])


def _table(table: Table) -> list[str]:
    return [
        f"| {' | '.join(table.head)} |",
        f"| {' | '.join('---' for _ in table.head)} |",
        *(f"| {' | '.join(row)} |" for row in table.rows),
    ]


def _figure(bar: Bar, value: float) -> str:
    return "-" if math.isnan(value) else f"{number(value, 2)} {bar.unit}"


def _limit(bar: Bar) -> str:
    return f"{'>=' if bar.at_least else '<='} {bar.limit:g} {bar.unit}"


def _verdict(bar: Bar) -> str:
    if math.isnan(bar.measured):
        return "not measured yet"
    if bar.missed_by == 0.0:
        return "met"
    return f"**missed by {number(bar.missed_by, 2)} {bar.unit}**: {bar.why or 'see below'}"
