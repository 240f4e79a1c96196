"""Answers about many days; docs/api.md says what each column is."""

from datetime import date
from typing import Literal, TypeAlias

from api.answer import Answer
from storage.day_sums import COLUMNS, HOURLY

#: The words of the columns, for the description of the API.
DayColumn: TypeAlias = Literal[*COLUMNS]  # type: ignore[valid-type]
HourColumn: TypeAlias = Literal[*HOURLY]  # type: ignore[valid-type]


class Days(Answer):
    """Local days in columns, a value a day; those with anything stored, and those between such.

    A value is null where it cannot be known. pending: how many days of the range are still being summed up
    and are not among them.
    """

    wearer: str
    timezone: str
    start: date
    end: date
    days: list[date]
    columns: dict[DayColumn, list[int | float | None]]
    pending: int


class WeekHours(Answer):
    """Days summed up by weekday, Monday first, and by the hour that clocks showed.

    days: how many of each weekday had anything measured. sums: seconds, 7 rows of 24. pending: as of Days.
    """

    wearer: str
    timezone: str
    start: date
    end: date
    days: list[int]
    sums: dict[HourColumn, list[list[int]]]
    pending: int
