"""The wearers of the made-up store, and what they want of alerts, kept in it."""

from collections.abc import Callable
from typing import Any, cast

from alerts.settings import AlertSettings
from service.leftovers import Left
from service.people import Heed, People
from service.wishes import Wishes
from service.writer import StoreWriter
from storage.contract import Store
from tests.api.service_fake import ADA, BOB, T0


class DirectWriter:
    """Does the work at once."""

    async def change(self, work: Callable[[], Any], *, timeout_s: float | None = None) -> Any:
        return work()

    async def commit(self) -> None:
        return None


def people_of(store: Store, wishes: Wishes | None = None) -> People:
    """Ada and Bob. wishes: is told who comes and goes, nobody else is."""
    told = wishes_of(store) if wishes is None else wishes
    nothing = Left({}, (), (), None)
    return People(
        store=store,
        writer=cast("StoreWriter", DirectWriter()),
        now=lambda: float(T0),
        configured=(ADA, BOB),
        heed=Heed(
            left=lambda wearer: nothing,
            joined=lambda wearer, left: told.know(wearer),
            known=told.know,
            gone=told.leave,
        ),
    )


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
