"""Small blocks of one sensor joined, so that all that follows runs twenty times a second and not hundreds.

A sensor that sends each sample by itself costs the clock, the pipeline and the store a call for every one
of them. Whether blocks are joined depends on the blocks alone, never on when they were taken out of a
queue, so that a recording gives the samples that were there.
"""

from dataclasses import dataclass

import numpy as np

from domain.samples import DeviceBlock

#: Blocks are joined until they span this, s. The clock fit needs arrivals that often: with 0.1 it is 45 ms
#: wrong for a sensor without a clock that drifts by 1 %.
JOIN_S = 0.05
#: Periods between two samples beyond which something is missing between them.
_NEXT_PERIODS = 1.5


@dataclass(frozen=True, slots=True)
class Arrived:
    """A block and the host's Unix time at which its last sample came in."""

    block: DeviceBlock
    at: float


class BlockJoiner:
    """Blocks in as they come, blocks of at least JOIN_S out; what does not follow on is never joined."""

    def __init__(self) -> None:
        self._waiting: list[DeviceBlock] = []
        self._at = 0.0
        self._samples = 0

    def add(self, block: DeviceBlock, at: float) -> tuple[Arrived, ...]:
        """Take a block that came `at`; returns what is ready, in order."""
        if len(block) == 0:
            return ()
        before: tuple[Arrived, ...] = ()
        if self._waiting and not _follows(self._waiting[-1], block):
            before = self.flush()
        if not self._waiting and len(block) / block.rate_hz >= JOIN_S:
            return (*before, Arrived(block, at))
        self._waiting.append(block)
        self._at = at
        self._samples += len(block)
        return (*before, *self.flush()) if self._samples / block.rate_hz >= JOIN_S else before

    def flush(self) -> tuple[Arrived, ...]:
        """What still waits: nothing will follow it."""
        blocks, self._waiting, self._samples = self._waiting, [], 0
        return (Arrived(_joined(blocks), self._at),) if blocks else ()


def _follows(before: DeviceBlock, block: DeviceBlock) -> bool:
    """Whether `block` is of the same kind and its first sample is known to be the next one.

    Of a sensor that has neither number nor clock nothing is known to be missing.
    """
    if (
        before.rate_hz != block.rate_hz
        or (before.gyro_dps is None) != (block.gyro_dps is None)
        or (before.device_times is None) != (block.device_times is None)
        or (before.sequence is None) != (block.sequence is None)
        or before.sequence_modulus != block.sequence_modulus
        or before.device_modulus_s != block.device_modulus_s
    ):
        return False
    if before.sequence is not None and block.sequence is not None:
        expected = before.sequence + len(before)
        modulus = block.sequence_modulus
        if block.sequence != (expected % modulus if modulus else expected):
            return False
    if before.device_times is not None and block.device_times is not None:
        step_s = float(block.device_times[0] - before.device_times[-1])
        return 0.0 < step_s * block.rate_hz < _NEXT_PERIODS
    return True


def _joined(blocks: list[DeviceBlock]) -> DeviceBlock:
    if len(blocks) == 1:
        return blocks[0]
    first = blocks[0]
    times = [block.device_times for block in blocks if block.device_times is not None]
    gyro = [block.gyro_dps for block in blocks if block.gyro_dps is not None]
    return DeviceBlock(
        np.concatenate(times) if times else None,
        np.concatenate([block.acc_g for block in blocks]),
        np.concatenate(gyro) if gyro else None,
        first.rate_hz,
        first.sequence,
        first.sequence_modulus,
        first.device_modulus_s,
    )
