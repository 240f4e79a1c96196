"""The data frames of Polar's measurement service: counts to bytes and back, and their sample times.

Layout: byte 0 measurement type, bytes 1..8 the time of the *last* sample (u64 little-endian, ns since
2000-01-01 in the sensor's clock), byte 9 the frame type with bit 7 set when delta-compressed. Source:
Polar's public BLE SDK (Android), package `pmd`, and the vectors of its own tests.
"""

import struct
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from domain.errors import PayloadError
from domain.samples import Floats

Counts: TypeAlias = NDArray[np.int64]

NAME: Final = "polar"
ACC: Final = 2
GYRO: Final = 5

#: ECG, PPG, beat to beat, magnetometer, skin temperature: whoever else is connected may stream them.
OTHERS: Final = frozenset((0, 1, 3, 6, 7))

_HEADER = struct.Struct("<BQB")
_KIND, _COMPRESSED = 0x3F, 0x80  # of the first byte, and of the frame type
_CHANNELS = 3
_WIDEST_DELTA = 32  # bits; the reference samples are 16 or 32 bits wide
_MOST_SAMPLES = 1024  # a 512-byte attribute holds fewer, save with deltas of no width
_RAW_WIDTHS = {0: 1, 1: 2, 2: 3}  # ACC frame type -> bytes an axis, all in mg

#: A frame's own step is believed within this share of the nominal period. A lost frame lengthens the
#: step by its share of samples, far beyond it; no sensor's oscillator is off by as much.
STEP_TOLERANCE: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A data frame in the sensor's own counts: raw is (n, 3), the last row was taken at stamp_ns."""

    kind: int
    frame_type: int
    compressed: bool
    stamp_ns: int
    raw: Counts


def is_of_others(payload: bytes) -> bool:
    """Whether it is a data frame of a measurement that nobody reads here."""
    return len(payload) > _HEADER.size and payload[0] & _KIND in OTHERS


def parse_frame(payload: bytes) -> Frame:
    """Read one frame of ACC or GYRO; raises PayloadError on anything else."""
    if len(payload) <= _HEADER.size:
        raise PayloadError(NAME, "a data frame has more than 10 bytes", payload)
    first, stamp_ns, form = _HEADER.unpack_from(payload)
    kind, frame_type, compressed = first & _KIND, form & 0x7F, bool(form & _COMPRESSED)
    body = payload[_HEADER.size :]
    if compressed and kind == ACC and frame_type in (0, 1):
        raw = _expand(body, 2, payload)
    elif compressed and kind == GYRO and frame_type in (0, 1):
        raw = _expand(body, 2 if frame_type == 0 else 4, payload)
    elif not compressed and kind == ACC and frame_type in _RAW_WIDTHS:
        raw = _unpack(body, _RAW_WIDTHS[frame_type], payload)
    else:
        raise PayloadError(
            NAME, f"measurement {kind}, frame type {form:#04x} is not known", payload
        )
    return Frame(kind, frame_type, compressed, stamp_ns, raw)


def usual_factor(frame: Frame, full_scale: float) -> float:
    """What stands for a factor that the sensor did not tell.

    Compressed frames of type 0 are counts of 16 bits over the range, as all published factors of the
    accelerometer say too (2.44e-4 is 8 g / 2**15); the others are in units already.
    """
    return full_scale / 2**15 if frame.compressed and frame.frame_type == 0 else 1.0


def acc_g(frame: Frame, factor: float) -> Floats:
    """The samples of an ACC frame in g, (n, 3).

    Type 0 compressed counts are `factor` g each, the others are mg. Polar's own decoder cuts
    the product to whole mg, which would bias small tilts towards zero; it is kept whole here.
    """
    counts = frame.raw.astype(np.float64)
    if frame.compressed and frame.frame_type == 0:
        return counts * factor
    if frame.compressed:
        return counts * (factor / 1000)
    return counts / 1000


def gyro_dps(frame: Frame, factor: float) -> Floats:
    """The samples of a GYRO frame in deg/s, (n, 3).

    In type 1 the integer deltas run over the bit pattern of 32-bit floats. May hold values
    that are not finite when the bytes do.
    """
    if frame.frame_type == 0:
        return frame.raw.astype(np.float64) * factor
    with np.errstate(invalid="ignore"):  # a signalling NaN stays a NaN
        return frame.raw.astype(np.uint32).view(np.float32).astype(np.float64) * factor


def build_raw_acc(stamp_ns: int, counts_mg: Counts) -> bytes:
    """A raw ACC frame of type 1 (3 x i16, mg)."""
    return _HEADER.pack(ACC, stamp_ns, 1) + counts_mg.astype("<i2").tobytes()


def build_compressed(kind: int, frame_type: int, stamp_ns: int, counts: Counts) -> bytes:
    """A delta-compressed frame; GYRO type 1 takes the bit patterns of its floats as counts."""
    wide = kind == GYRO and frame_type == 1
    parts = [_HEADER.pack(kind, stamp_ns, frame_type | _COMPRESSED)]
    parts.append(counts[0].astype("<u4" if wide else "<i2").tobytes())
    deltas = np.diff(counts, axis=0)
    if wide:  # the sum wraps at 32 bits, so the shorter way round will do
        deltas = (deltas + 2**31) % 2**32 - 2**31
    for start in range(0, len(deltas), 255):
        block = deltas[start : start + 255]
        widest = int(np.max(np.where(block < 0, ~block, block)))
        bits = widest.bit_length() + 1
        flat = (block.ravel()[:, None] >> np.arange(bits)) & 1
        packed = np.packbits(flat.astype(np.uint8).ravel(), bitorder="little")
        parts.append(bytes((bits, len(block))) + packed.tobytes())
    return b"".join(parts)


def sample_offsets_ns(stamp_ns: int, n: int, rate_hz: float, previous_ns: int | None) -> Floats:
    """When the n samples of a frame were taken, in ns from `stamp_ns`: (n,), increasing to 0.

    The step is the time since the previous frame divided by n; when that does not fit the
    rate (the first frame, a lost frame before this one, a clock that was set) the nominal period
    is used, so that a loss shows as a gap instead of stretching this frame over it.
    """
    nominal = 1e9 / rate_hz
    step = nominal
    if previous_ns is not None:
        seen = (stamp_ns - previous_ns) / n
        if abs(seen - nominal) <= STEP_TOLERANCE * nominal:
            step = seen
    return -step * np.arange(n - 1, -1, -1, dtype=np.float64)


def _unpack(body: bytes, width: int, payload: bytes) -> Counts:
    if len(body) % (width * _CHANNELS):
        raise PayloadError(NAME, "the samples are cut short", payload)
    octets = np.frombuffer(body, np.uint8).reshape(-1, width).astype(np.int64)
    values = octets @ (1 << (8 * np.arange(width, dtype=np.int64)))
    return _signed(values, 8 * width).reshape(-1, _CHANNELS)


def _expand(body: bytes, width: int, payload: bytes) -> Counts:
    """Reference sample, then blocks of [bits][count][packed deltas, least significant bit first]."""
    head = width * _CHANNELS
    if len(body) < head:
        raise PayloadError(NAME, "the reference sample is cut short", payload)
    reference = _unpack(body[:head], width, payload)
    blocks, samples, at = [reference], 1, head
    while at < len(body):
        if at + 2 > len(body):
            raise PayloadError(NAME, "a delta block is cut short", payload)
        bits, count = body[at], body[at + 1]
        size = (bits * count * _CHANNELS + 7) // 8
        at += 2
        samples += count
        if bits > _WIDEST_DELTA or at + size > len(body) or samples > _MOST_SAMPLES:
            raise PayloadError(NAME, "a delta block does not fit its frame", payload)
        blocks.append(_deltas(body[at : at + size], bits, count))
        at += size
    raw: Counts = np.cumsum(np.concatenate(blocks), axis=0)
    if width == 4:
        return raw % 2**32
    if np.any(raw < -(2**15)) or np.any(raw >= 2**15):
        raise PayloadError(NAME, "the deltas leave the 16-bit range", payload)
    return raw


def _deltas(packed: bytes, bits: int, count: int) -> Counts:
    if bits == 0 or count == 0:
        return np.zeros((count, _CHANNELS), np.int64)
    flat = np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")
    rows = flat[: bits * count * _CHANNELS].reshape(-1, bits).astype(np.int64)
    values = rows @ (1 << np.arange(bits, dtype=np.int64))
    return _signed(values, bits).reshape(count, _CHANNELS)


def _signed(values: Counts, bits: int) -> Counts:
    sign = 1 << (bits - 1)
    return (values ^ sign) - sign
