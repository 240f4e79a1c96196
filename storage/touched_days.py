"""Which of the kept days have to be summed up again: those of which something is written, or removed."""

from collections.abc import Iterable
from typing import Any, Final

import apsw

from domain.alerts import Alert
from domain.episodes import Episode
from domain.posture import FrameBlock
from storage.rollup_block import RollupBlock

TABLE: Final = """
CREATE TABLE kept_days (
    wearer TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    day TEXT NOT NULL,
    timezone TEXT NOT NULL,
    changes INTEGER NOT NULL,
    kept INTEGER,
    form INTEGER NOT NULL,
    sums TEXT NOT NULL,
    hours BLOB NOT NULL,
    PRIMARY KEY (wearer, start)
) STRICT, WITHOUT ROWID;
"""

#: No local day is longer (a zone that moves across the date line has one of 48 h).
_LONGEST_DAY_S: Final = 2 * 86_400
_MINUTE_S: Final = 60
_EVER: Final = 2**60

_TOUCH = f"""
    UPDATE kept_days SET changes = changes + 1
    WHERE wearer = ? AND start > ? - {_LONGEST_DAY_S} AND start < ? AND "end" > ?
"""
_WAS = 'SELECT start, "end" FROM episodes WHERE id = ?'
_BEGINNING = (
    'SELECT max(ifnull("end", ?4)) FROM episodes WHERE wearer = ?1 AND start >= ?2 AND start < ?3'
)


def touch(connection: apsw.Connection, wearer: str, start: int, end: int) -> None:
    """Something of [start, end) is written."""
    connection.execute(_TOUCH, (wearer, start, max(end, start + 1), start))


def touch_blocks(
    connection: apsw.Connection, blocks: Iterable[FrameBlock] | Iterable[RollupBlock]
) -> None:
    """Frames or minutes are written."""
    for block in blocks:
        if len(block):
            first, last = int(block.times.min()), int(block.times.max())
            touch(connection, block.wearer, first, last + _MINUTE_S)


def touch_episodes(connection: apsw.Connection, episodes: Iterable[Episode]) -> None:
    """Episodes are going to be written: where they are now, and where they were."""
    for episode in episodes:
        spans: list[tuple[Any, ...]] = [(episode.start, episode.end)]
        spans += connection.execute(_WAS, (episode.id,)).fetchall()
        for start, end in spans:
            touch(connection, episode.wearer, start, _EVER if end is None else end)


def touch_alerts(connection: apsw.Connection, alerts: Iterable[Alert]) -> None:
    """Alerts are written."""
    for alert in alerts:
        second = int(alert.opened_at // 1)
        touch(connection, alert.wearer, second, second + 1)


def touch_replaced(
    connection: apsw.Connection, wearer: str, key: int, start: int, end: int
) -> None:
    """What lies or begins in [start, end) is going to be removed."""
    last = connection.execute(_BEGINNING, (key, start, end, _EVER)).get
    touch(connection, wearer, start, max(end, last) if isinstance(last, int) else end)


def forget(connection: apsw.Connection, wearer: str, start: int, end: int) -> None:
    """Remove the days with a part of [start, end), and all that they remember."""
    connection.execute(
        'DELETE FROM kept_days WHERE wearer = ? AND start < ? AND "end" > ?', (wearer, end, start)
    )
