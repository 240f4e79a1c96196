"""A series as it goes out: read, shaped and written as JSON in one go, off the event loop."""

from api import views
from storage.contract import Store


def series_answer(
    store: Store,
    wearer: str,
    start: int,
    end: int,
    resolution_s: int,
    else_s: int | None,
    *,
    simulated: bool,
) -> bytes:
    """The JSON of `models.Series`; at a resolution of `else_s` where there is nothing at the first.

    Hundreds of rows take milliseconds to shape and write: for a thread, not for the loop.
    """
    found = store.series(wearer, start, end, resolution_s)
    if else_s is not None and len(found.times) == 0:
        found = store.series(wearer, start, end, else_s)
    return views.series_model(found, start, end, simulated=simulated).model_dump_json().encode()
