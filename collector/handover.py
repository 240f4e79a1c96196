"""The bounded queue between the sessions and the consumer: it keeps the newest and tells of the rest."""

import asyncio
from collections import deque
from dataclasses import replace

from domain.samples import SampleBlock


class BlockQueue:
    """Blocks of all sensors in order of arrival, at most `bound` of them.

    When it is full the oldest block goes; its samples are counted in `dropped` and added to
    `lost_before` of the next block of the same sensor that comes out.
    """

    def __init__(self, bound: int = 1024) -> None:
        self.dropped = 0
        self._bound = bound
        self._blocks: deque[SampleBlock] = deque()
        self._owed: dict[str, int] = {}
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._blocks)

    def put(self, block: SampleBlock) -> None:
        """Append `block`, at the cost of the oldest one when there is no room."""
        if len(self._blocks) >= self._bound:
            oldest = self._blocks.popleft()
            self.dropped += len(oldest)
            owed = self._owed.get(oldest.sensor, 0)
            self._owed[oldest.sensor] = owed + len(oldest) + oldest.lost_before
        self._blocks.append(block)
        self._wake.set()

    def get_nowait(self) -> SampleBlock | None:
        """The oldest block, None when there is none."""
        if not self._blocks:
            return None
        block = self._blocks.popleft()
        owed = self._owed.pop(block.sensor, 0)
        return replace(block, lost_before=block.lost_before + owed) if owed else block

    async def get(self) -> SampleBlock:
        """The oldest block, as soon as there is one; for one consumer."""
        while (block := self.get_nowait()) is None:
            self._wake.clear()
            await self._wake.wait()
        return block
