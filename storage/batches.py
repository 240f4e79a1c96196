"""A batch into the tables, within the transaction that is under way."""

import apsw

from storage import (
    alerts,
    contexts,
    decisions,
    deliveries,
    episodes,
    frames,
    outbox,
    readings,
    records,
    rollups,
    samples,
    touched_days,
    whole_minutes,
)
from storage.contract import Batch


def check_batch(batch: Batch) -> None:
    """Raise ValueError for a frame or a reading that has no place in the tables."""
    frames.check_frames([block for block in batch.frames if len(block)])
    readings.check_readings(batch.readings)
    whole_minutes.check_minutes(batch.minutes)


def put_batch(connection: apsw.Connection, batch: Batch, *, owed_at: float | None = None) -> None:
    """Write everything in `batch`, and the rollups of its frames.

    owed_at: the time, when a server is owed what is measured; None: nobody is.
    """
    blocks = [block for block in batch.frames if len(block)]
    touched_days.touch_blocks(connection, blocks)
    touched_days.touch_blocks(connection, batch.minutes)
    touched_days.touch_episodes(connection, batch.episodes)
    touched_days.touch_alerts(connection, batch.alerts)
    if blocks:
        keyed = frames.KeyedFrames.of(connection, blocks)
        frames.put_frames(connection, keyed)
        rollups.roll_up(connection, keyed)
        if owed_at is not None:
            outbox.owe_frames(connection, blocks, owed_at)
            outbox.owe_rollups(connection, owed_at)
    for minutes in batch.minutes:
        whole_minutes.put_minutes(connection, [minutes])
        if owed_at is not None:
            outbox.owe_rollups(connection, owed_at)
    if owed_at is not None:
        outbox.owe_episodes(connection, batch.episodes, owed_at)
    episodes.put_episodes(connection, batch.episodes)
    alerts.put_alerts(connection, batch.alerts)
    records.put_states(connection, batch.states)
    readings.put_readings(connection, batch.readings)
    contexts.put_contexts(connection, batch.contexts)
    samples.put_samples(connection, batch.samples)
    deliveries.put_deliveries(connection, batch.deliveries)
    decisions.put_decisions(connection, batch.decisions)


def replace_span(
    connection: apsw.Connection,
    wearer: str,
    start: int,
    end: int,
    batch: Batch,
    *,
    owed_at: float | None = None,
) -> None:
    """Put `batch` in the place of what there is of the wearer in [start, end)."""
    key = frames.make_wearer_key(connection, wearer)
    touched_days.touch_replaced(connection, wearer, key, start, end)
    frames.remove_frames(connection, key, start, end)
    if start < end:
        rollups.forget(connection, key, start, end)
    episodes.remove_episodes(connection, key, start, end)
    contexts.remove_contexts(connection, wearer, start, end)
    if owed_at is not None:
        outbox.owe_removal(connection, key, start, end, owed_at)
    put_batch(connection, batch, owed_at=owed_at)
    if start < end:
        rollups.sum_up(connection, key, start, end)
        if owed_at is not None:
            outbox.owe_rollups(connection, owed_at)
