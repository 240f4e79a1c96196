"""Asking the store without blocking the loop."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread

from domain.errors import StoreUnavailableError

#: A read that takes longer than this has hit a medium that does not answer.
READ_TIMEOUT_S = 10.0
P = ParamSpec("P")
T = TypeVar("T")


async def read(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`call(...)` in a thread. Raises StoreUnavailableError when it does not come back in time."""
    try:
        with anyio.fail_after(READ_TIMEOUT_S):
            work = partial(call, *args, **kwargs)
            return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    except TimeoutError as error:
        raise StoreUnavailableError(f"no answer within {READ_TIMEOUT_S:g} s") from error
