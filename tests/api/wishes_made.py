"""What the wearers of the made-up store want of alerts, kept in it."""

from collections.abc import Callable
from typing import Any, cast

from alerts.settings import AlertSettings
from service.wishes import Wishes
from service.writer import StoreWriter
from storage.contract import Store
from tests.api.service_fake import ADA, BOB, T0


class DirectWriter:
    """Does the work at once."""

    async def change(self, work: Callable[[], Any], *, timeout_s: float | None = None) -> Any:
        return work()


def wishes_of(store: Store, now: Callable[[], float] = lambda: float(T0)) -> Wishes:
    """Over `store`, with nobody to heed them."""
    return Wishes(
        store=store,
        writer=cast("StoreWriter", DirectWriter()),
        now=now,
        wearers=(ADA, BOB),
        base=AlertSettings(),
        heed=lambda wearer, settings, around: None,
    )
