"""A batch into the tables, within the transaction that is under way."""

import apsw

from storage import (
    alerts,
    contexts,
    episodes,
    frames,
    readings,
    records,
    rollups,
    samples,
    whole_minutes,
)
from storage.contract import Batch


def check_batch(batch: Batch) -> None:
    """Raise ValueError for a frame or a reading that has no place in the tables."""
    frames.check_frames([block for block in batch.frames if len(block)])
    readings.check_readings(batch.readings)
    whole_minutes.check_minutes(batch.minutes)


def put_batch(connection: apsw.Connection, batch: Batch) -> None:
    """Write everything in `batch`, and the rollups of its frames."""
    blocks = [block for block in batch.frames if len(block)]
    if blocks:
        keyed = frames.KeyedFrames.of(connection, blocks)
        frames.put_frames(connection, keyed)
        rollups.roll_up(connection, keyed)
    whole_minutes.put_minutes(connection, batch.minutes)
    episodes.put_episodes(connection, batch.episodes)
    alerts.put_alerts(connection, batch.alerts)
    records.put_states(connection, batch.states)
    readings.put_readings(connection, batch.readings)
    contexts.put_contexts(connection, batch.contexts)
    samples.put_samples(connection, batch.samples)


def replace_span(
    connection: apsw.Connection, wearer: str, start: int, end: int, batch: Batch
) -> None:
    """Put `batch` in the place of what there is of the wearer in [start, end)."""
    key = frames.make_wearer_key(connection, wearer)
    frames.remove_frames(connection, key, start, end)
    if start < end:
        rollups.forget(connection, key, start, end)
    episodes.remove_episodes(connection, key, start, end)
    contexts.remove_contexts(connection, wearer, start, end)
    put_batch(connection, batch)
    if start < end:
        rollups.sum_up(connection, key, start, end)
