"""Questions and answers on a terminal."""

import asyncio
import sys
from collections.abc import Sequence

from domain.errors import InputError


async def answer(question: str) -> str:
    """What the person types. Raises InputError when nobody is there to answer."""
    print(question, end=" ", flush=True)
    line: str = await asyncio.to_thread(sys.stdin.readline)
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
