"""Changes one after the other, each to its end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Turns:
    """name: of the tasks, as a debugger shows them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def whole(self, change: Coroutine[Any, Any, Result]) -> Result:
        """Do `change` after those under way, and to its end even when the caller is cancelled."""
        task = asyncio.create_task(self._in_turn(change), name=self._name)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Return once nothing is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _in_turn(self, change: Coroutine[Any, Any, Result]) -> Result:
        async with self._lock:
            return await change
