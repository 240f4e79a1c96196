"""An event loop with a time of its own: where nobody has anything to do, it jumps to the next timer.

A test marked `virtual_time` runs in it. However slow or busy the machine is, what is due comes in its order
and at its moment, and a wait costs nothing. It is for tests that are alone with their loop: what comes from
another process takes no time here, and so may come after any timeout. While a thread of the loop works,
time stands still; who wants the time asks the loop.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any


def now_s() -> float:
    """The time of the loop that runs."""
    return asyncio.get_running_loop().time()


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at nought, and passes only in waits."""

    def __init__(self) -> None:
        self._virtual_s = 0.0
        self._threads_at_work = 0
        super().__init__(_Leaping(self._wait))

    def time(self) -> float:
        """Seconds since it was made."""
        return self._virtual_s

    def run_in_executor(  # type: ignore[override]  # a future of anything
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As every loop does it."""
        working = super().run_in_executor(executor, func, *args)
        self._threads_at_work += 1
        working.add_done_callback(self._thread_done)
        return working

    def _thread_done(self, _: object) -> None:
        self._threads_at_work -= 1

    def _wait(self, timeout: float | None) -> bool:
        """Whether the wait is over; otherwise something must happen outside first."""
        if timeout is None or (timeout > 0 and self._threads_at_work):
            return False
        self._virtual_s += timeout
        return True


class _Leaping(selectors.DefaultSelector):
    def __init__(self, wait: Callable[[float | None], bool]) -> None:
        super().__init__()
        self._wait = wait

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready: at once, unless nothing here can happen of itself."""
        ready = super().select(0)
        return ready if ready or self._wait(timeout) else super().select(None)
