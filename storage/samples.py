"""Raw samples as compressed blocks: what a second brings at first, joined to a minute when that is over.

A block gives back the very bits that were put in. Its bytes are zlib over pieces, each a run of
samples of one rate with or without a gyro: times as differences of their bits; every other column
as the table of its distinct bits (a sensor counts in steps, so they are few) and, for each sample,
its place in that table. Bytes of one weight stand together, which is what zlib likes.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from domain.errors import StoreUnavailableError
from domain.readings import MINUTE_S
from domain.samples import Floats, SampleBlock
from storage.contract import SamplesKept
from storage.sensors import make_sensor_key, sensor_key

#: Samples, which columns there are besides, Hz, samples lost before.
_PIECE = struct.Struct("<IBdI")
_GYRO, _CHARGING = 1, 2
_COUNT = struct.Struct("<I")
#: What a place in a table of distinct values can count.
_MOST = 1 << 16
#: No block is longer: what comes is cut at whole minutes first.
_LONGEST_S = float(MINUTE_S)

_PUT = (
    'INSERT OR REPLACE INTO samples (sensor, start, "end", count, joined, data)'
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_LOOSE = """
    SELECT start, data FROM samples WHERE sensor = ? AND joined = 0 AND start < ? ORDER BY start
"""
_READ = """
    SELECT data FROM samples
    WHERE sensor = :sensor AND start > :start - :longest AND start < :end AND "end" >= :start
    ORDER BY start
"""
_KEPT = """
    SELECT k.sensor, min(s.start), max(s."end"), sum(s.count), sum(length(s.data))
    FROM samples s JOIN sensor_keys k ON k.key = s.sensor
    WHERE :sensor IS NULL OR k.sensor = :sensor GROUP BY k.sensor ORDER BY k.sensor
"""


def put_samples(connection: apsw.Connection, blocks: Sequence[SampleBlock]) -> None:
    """Add or replace by sensor and first time; minutes that are over are joined to one block each."""
    for block in blocks:
        if not len(block):
            continue
        key = make_sensor_key(connection, block.sensor)
        for piece in _pieces(block):
            _put(connection, key, [piece], joined=False)
        _join(connection, key, block.sensor, float(block.times[-1]) // MINUTE_S * MINUTE_S)


def read_samples(
    connection: apsw.Connection, sensor: str, start: float, end: float
) -> list[SampleBlock]:
    """The samples in [start, end), in order of their blocks' first times."""
    key = sensor_key(connection, sensor)
    if key is None:
        return []
    values = {"sensor": key, "start": start, "end": end, "longest": _LONGEST_S}
    found = []
    rows: list[tuple[Any, ...]] = connection.execute(_READ, values).fetchall()
    for (data,) in rows:
        for block in unpacked(sensor, data):
            first, last = np.searchsorted(block.times, (start, end)).tolist()
            if last > first:
                found.append(block if last - first == len(block) else block.part(first, last))
    return found


def read_spans(
    connection: apsw.Connection, sensor: str, start: float, end: float
) -> list[tuple[float, float]]:
    """First and last time of each block that begins in [start, end), in order."""
    key = sensor_key(connection, sensor)
    rows: list[tuple[Any, ...]] = connection.execute(
        'SELECT start, "end" FROM samples WHERE sensor = ? AND start >= ? AND start < ? ORDER BY start',
        (key, start, end),
    ).fetchall()
    return [(first, last) for first, last in rows]


def read_kept(connection: apsw.Connection, sensor: str | None) -> list[SamplesKept]:
    """What there is of each sensor, by id."""
    return [SamplesKept(*row) for row in connection.execute(_KEPT, {"sensor": sensor})]


def prune_samples(connection: apsw.Connection, before: float, limit: int) -> int:
    """Remove blocks that end before `before`, the oldest of some `limit` in all; how many."""
    connection.execute(
        "DELETE FROM samples WHERE rowid IN"
        ' (SELECT rowid FROM samples WHERE "end" < ? ORDER BY start LIMIT ?)',
        (before, limit),
    )
    return connection.changes()


def cut_out(connection: apsw.Connection, key: int, sensor: str, start: float, end: float) -> int:
    """Remove the samples in [start, end); a block that reaches beyond keeps the rest. How many blocks."""
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT start, joined, data FROM samples WHERE sensor = :sensor AND start > :start - :longest"
        ' AND start < :end AND "end" >= :start',
        {"sensor": key, "start": start, "end": end, "longest": _LONGEST_S},
    ).fetchall()
    for begin, joined, data in rows:
        connection.execute("DELETE FROM samples WHERE sensor = ? AND start = ?", (key, begin))
        if begin >= start and begin + 2 * _LONGEST_S < end:
            continue
        kept = []
        for block in unpacked(sensor, data):
            first, last = np.searchsorted(block.times, (start, end)).tolist()
            kept += [block.part(a, b) for a, b in ((0, first), (last, len(block))) if b > a]
        if kept:
            _put(connection, key, kept, joined=bool(joined))
    return len(rows)


def packed(blocks: Sequence[SampleBlock]) -> bytes:
    """The blocks as bytes, each of at most 65,536 samples."""
    parts = []
    for block in blocks:
        gyro, charging = block.gyro_dps, block.charging
        besides = _GYRO * (gyro is not None) | _CHARGING * (charging is not None)
        parts.append(_PIECE.pack(len(block), besides, block.rate_hz, block.lost_before))
        parts.append(_shuffled(_differences(block.times.view(np.uint64))))
        for values in (block.acc_g, *([] if gyro is None else [gyro])):
            parts += [_packed_column(values[:, axis]) for axis in range(3)]
        if charging is not None:
            parts.append(charging.tobytes())
    return zlib.compress(b"".join(parts), 6)


def unpacked(sensor: str, data: bytes) -> list[SampleBlock]:
    """The inverse of `packed`. Raises StoreUnavailableError for bytes that are damaged."""
    try:
        return list(_unpacked(sensor, zlib.decompress(data)))
    except (zlib.error, struct.error, ValueError, IndexError) as error:
        raise StoreUnavailableError(
            f"a block of samples of {sensor} is damaged ({error})"
        ) from error


def _unpacked(sensor: str, raw: bytes) -> Iterator[SampleBlock]:
    at = 0
    while at < len(raw):
        n, besides, rate_hz, lost_before = _PIECE.unpack_from(raw, at)
        at += _PIECE.size
        times = np.cumsum(_straight(raw, at, n, np.uint64), dtype=np.uint64).view(np.float64)
        at += 8 * n
        columns = []
        for _ in range(6 if besides & _GYRO else 3):
            (distinct,) = _COUNT.unpack_from(raw, at)
            at += _COUNT.size
            table = np.cumsum(_straight(raw, at, distinct, np.uint64), dtype=np.uint64)
            at += 8 * distinct
            places = np.cumsum(_straight(raw, at, n, np.uint16), dtype=np.uint16)
            at += 2 * n
            columns.append(table.view(np.float64)[places])
        acc_g = np.stack(columns[:3], axis=1)
        gyro_dps = np.stack(columns[3:], axis=1) if besides & _GYRO else None
        charging = None
        if besides & _CHARGING:
            charging = np.frombuffer(raw, dtype=np.bool_, count=n, offset=at)
            at += n
        yield SampleBlock(sensor, times, acc_g, gyro_dps, rate_hz, lost_before, charging)


def _packed_column(values: Floats) -> bytes:
    bits = np.ascontiguousarray(values).view(np.uint64)
    table, places = np.unique(bits, return_inverse=True)
    order = np.argsort(table.view(np.float64), kind="stable")  # neighbours in value, near in place
    rank = np.empty(len(order), dtype=np.uint16)
    rank[order] = np.arange(len(order), dtype=np.uint16)
    parts = (_shuffled(_differences(table[order])), _shuffled(_differences(rank[places.ravel()])))
    return _COUNT.pack(len(table)) + b"".join(parts)


def _differences(values: NDArray[Any]) -> NDArray[Any]:
    """The first, and what each adds to the one before, modulo the type's size."""
    out = values.copy()
    out[1:] -= values[:-1]
    return out


def _shuffled(values: NDArray[Any]) -> bytes:
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    return little.view(np.uint8).reshape(len(values), -1).T.tobytes()


def _straight(raw: bytes, at: int, n: int, kind: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    width = np.dtype(kind).itemsize
    shuffled = np.frombuffer(raw, dtype=np.uint8, count=n * width, offset=at)
    straight = np.ascontiguousarray(shuffled.reshape(width, n).T)
    return straight.view(np.dtype(kind).newbyteorder("<")).astype(kind).reshape(n)


def _pieces(block: SampleBlock) -> Iterator[SampleBlock]:
    """The block in pieces of a minute, which are short enough to be found and packed."""
    minutes = np.floor(block.times / MINUTE_S)
    edges = [0, *(np.flatnonzero(np.diff(minutes)) + 1).tolist(), len(block)]
    for first, last in pairwise(edges):
        for start in range(first, last, _MOST):
            yield block.part(start, min(start + _MOST, last))


def _put(
    connection: apsw.Connection, key: int, blocks: Sequence[SampleBlock], *, joined: bool
) -> None:
    start, end = float(blocks[0].times[0]), max(float(block.times[-1]) for block in blocks)
    row = (key, start, end, sum(map(len, blocks)), joined, packed(blocks))
    connection.execute(_PUT, row)


def _join(connection: apsw.Connection, key: int, sensor: str, before: float) -> None:
    """Make one block of each minute before `before` that lies in several."""
    minutes: dict[float, list[tuple[float, bytes]]] = {}
    loose: list[tuple[Any, ...]] = connection.execute(_LOOSE, (key, before)).fetchall()
    for start, data in loose:
        minutes.setdefault(start // MINUTE_S, []).append((start, data))
    for rows in minutes.values():
        blocks = [block for _, data in rows for block in unpacked(sensor, data)]
        connection.executemany(
            "DELETE FROM samples WHERE sensor = ? AND start = ?",
            [(key, start) for start, _ in rows],
        )
        _put(connection, key, _merged(blocks), joined=True)


def _merged(blocks: Sequence[SampleBlock]) -> list[SampleBlock]:
    """Neighbours of one kind as one; what was lost between two keeps them apart."""
    runs: list[list[SampleBlock]] = []
    for block in blocks:
        last = runs[-1][-1] if runs else None
        if (
            last is None
            or last.rate_hz != block.rate_hz
            or (last.gyro_dps is None) != (block.gyro_dps is None)
            or (last.charging is None) != (block.charging is None)
            or block.lost_before
            or block.times[0] <= last.times[-1]
            or sum(map(len, runs[-1])) + len(block) > _MOST
        ):
            runs.append([])
        runs[-1].append(block)
    return [_one(run) for run in runs]


def _one(run: Sequence[SampleBlock]) -> SampleBlock:
    gyros = [block.gyro_dps for block in run if block.gyro_dps is not None]
    charging = [block.charging for block in run if block.charging is not None]
    return replace(
        run[0],
        times=np.concatenate([block.times for block in run]),
        acc_g=np.concatenate([block.acc_g for block in run]),
        gyro_dps=np.concatenate(gyros) if gyros else None,
        charging=np.concatenate(charging) if charging else None,
    )
