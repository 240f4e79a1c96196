"""Many days as they go out: read, shaped and written as JSON in one go, off the event loop."""

from datetime import date

from api.past import Days, WeekHours
from domain.people import Wearer
from storage.contract import Store


def days_answer(store: Store, wearer: Wearer, first: date, last: date) -> bytes:
    """The JSON of `past.Days`."""
    found = store.days(wearer.id, first, last, wearer.timezone)
    answer = Days.model_construct(
        wearer=wearer.id,
        timezone=wearer.timezone,
        start=first,
        end=last,
        days=list(found.days),
        columns={name: list(values) for name, values in found.columns.items()},
        pending=found.pending,
    )
    return answer.model_dump_json().encode()


def week_answer(store: Store, wearer: Wearer, first: date, last: date) -> bytes:
    """The JSON of `past.WeekHours`."""
    found = store.week_hours(wearer.id, first, last, wearer.timezone)
    answer = WeekHours(
        wearer=wearer.id,
        timezone=wearer.timezone,
        start=first,
        end=last,
        days=list(found.days),
        sums={name: sums.tolist() for name, sums in found.sums.items()},
        pending=found.pending,
    )
    return answer.model_dump_json().encode()
