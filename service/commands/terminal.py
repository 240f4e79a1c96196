"""Questions and answers on a terminal."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Sequence

from domain.errors import InputError


async def answer(question: str) -> str:
    """What the person types. Raises InputError when nobody is there to answer."""
    print(question, end=" ", flush=True)
    line = await _line()
    if not line:
        print()
        raise InputError("nobody answers here; say it on the command line (--help)")
    return line.strip()


async def choice(question: str, answers: Sequence[str], *, default: int | None = None) -> int:
    """The index of what the person chooses; asked again until it is one. Raises InputError."""
    for number, each in enumerate(answers, 1):
        print(f"  {number}  {each}")
    hint = (
        f"[1-{len(answers)}]" if default is None else f"[1-{len(answers)}, Enter for {default + 1}]"
    )
    while True:
        said = await answer(f"{question} {hint}")
        if not said and default is not None:
            return default
        if said.isdigit() and 1 <= int(said) <= len(answers):
            return int(said) - 1
        print(f"Please give a number from 1 to {len(answers)}.")


async def confirmed(question: str, *, default: bool) -> bool:
    """Yes or no. Raises InputError."""
    said = (await answer(f"{question} [{'Y/n' if default else 'y/N'}]")).lower()
    return default if not said else said in ("y", "yes")


async def _line() -> str:
    """The next line of the standard input with its end; nothing when there is none any more.

    In a thread that nobody waits for: a read cannot be cancelled, and Ctrl-C must not wait for Enter.
    """
    loop = asyncio.get_running_loop()
    said: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        line = _read_line()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, line)

    def tell(line: str) -> None:
        if not said.done():
            said.set_result(line)

    threading.Thread(target=read, name="terminal", daemon=True).start()
    return await said


def _read_line() -> str:
    if sys.stdin is None:  # a program without a console
        return ""
    try:
        if sys.platform == "win32":
            return sys.stdin.readline()
        # Not through sys.stdin: Python ends with an abort while another thread reads in its buffer.
        descriptor, typed = sys.stdin.fileno(), b""
        while not typed.endswith(b"\n") and (letter := os.read(descriptor, 1)):
            typed += letter
    except (OSError, ValueError):  # closed, or its terminal is gone
        return ""
    return typed.decode(sys.stdin.encoding, "replace")
