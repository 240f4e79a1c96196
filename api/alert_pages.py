"""A page of alerts as it goes out."""

from collections.abc import Sequence
from typing import Final

from api import models, views
from api.cursors import cursor_of
from domain.alerts import AlertKind, Outcome
from storage.contract import Store

#: How many where nothing else is said.
ALERTS_A_PAGE: Final = 200


def alerts_page(
    store: Store,
    wearer: str | None,
    *,
    start: float | None = None,
    end: float | None = None,
    open_only: bool = False,
    kinds: Sequence[AlertKind] = (),
    outcomes: Sequence[Outcome] = (),
    limit: int = ALERTS_A_PAGE,
    after: tuple[float, str] | None = None,
) -> bytes:
    """The JSON of `models.Alerts`; see `Store.alerts`. Raises StoreUnavailableError."""
    found = store.alerts(
        wearer,
        start=start,
        end=end,
        open_only=open_only,
        kinds=kinds,
        outcomes=outcomes,
        limit=limit + 1,
        after=after,
    )
    page, more = found[:limit], len(found) > limit
    answer = models.Alerts(
        items=[views.alert_model(alert) for alert in page],
        next_cursor=cursor_of((page[-1].opened_at, page[-1].id)) if more else None,
    )
    return answer.model_dump_json().encode()
