"""Lines that a server refused for good, kept with its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

#: Lines that a server will not have, kept for whoever looks into it; the oldest go above this.
MOST_DEAD_LETTERS = 10_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A line that the server refused for good, with its words. time: of the point, Unix s."""

    at: float
    kind: int
    wearer: int
    time: int
    status: int
    words: str
    line: str


def put_dead_letters(connection: apsw.Connection, letters: Sequence[DeadLetter]) -> None:
    """Keep them, and let the oldest go that are too many."""
    for letter in letters:
        connection.execute(
            "INSERT INTO dead_letters (at, kind, wearer, time, status, words, line)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                letter.at, letter.kind, letter.wearer, letter.time, letter.status, letter.words,
                letter.line,
            ),
        )  # fmt: skip
    if letters:
        connection.execute(
            "DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?",
            (MOST_DEAD_LETTERS,),
        )


def read_dead_letters(connection: apsw.Connection, limit: int = 100) -> list[DeadLetter]:
    """The newest lines that a server refused for good."""
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT at, kind, wearer, time, status, words, line FROM dead_letters"
        " ORDER BY id DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return [DeadLetter(*row) for row in rows]
