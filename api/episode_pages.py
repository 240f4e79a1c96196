"""Episodes of a long range, read a stretch at a time: a page never costs the whole of it."""

from collections.abc import Sequence

from api.cursors import Place
from domain.episodes import Episode, EpisodeKind
from storage.contract import StoreReader

#: The first stretch of a page; each next one is twice as long, so that empty years are soon passed.
STRETCH_S = 7 * 86_400


def episodes_page(
    store: StoreReader,
    wearer: str,
    start: int,
    end: int,
    kinds: Sequence[EpisodeKind] | None,
    *,
    after: Place | None,
    limit: int,
) -> list[Episode]:
    """At most `limit` episodes that overlap [start, end), by start and id, those after `after` only.

    Raises StoreUnavailableError.
    """
    begin = start if after is None else max(start, int(after[0]))
    first, stretch_s = begin, STRETCH_S
    page: list[Episode] = []
    while begin < end and len(page) < limit:
        until = min(begin + stretch_s, end)
        for each in store.episodes(wearer, begin, until, kinds):
            # What began earlier was read with the stretch before, or is on the page before.
            fresh = begin == first or each.start >= begin
            if fresh and (after is None or (each.start, each.id) > after):
                page.append(each)
        begin, stretch_s = until, 2 * stretch_s
    return page[:limit]
