"""Writes batch after batch into the store it is given, says so after each, until it is killed.

    python crashing_writer.py PATH [BATCHES]

After BATCHES of them it writes no more, and waits to be killed.
Batch i holds frames of seconds 7 i .. 7 i + 6, an episode, and the state "next" = i + 1.
"""

import sys
import time
from itertools import count
from pathlib import Path

import numpy as np

from domain.episodes import Episode, EpisodeKind
from domain.posture import FrameBlock
from storage.contract import Batch
from storage.sqlite import SqliteStore


def batch(i: int) -> Batch:
    """The i-th batch, always the same."""
    times = np.arange(7 * i, 7 * i + 7)
    values = (times % 90).astype(float)
    frames = FrameBlock(
        wearer="ada",
        times=times,
        activity=times % 6,
        p_sitting=values / 100,
        lean_deg=values,
        side_deg=-values,
        twist_deg=np.full(7, np.nan),
        turn_dps=values,
        mad_mg=values,
        enmo_mg=values,
        cadence_spm=values,
        quality=times % 4,
        confidence=values / 100,
        source=times % 9,
    )
    episode = Episode(EpisodeKind.BREAK, "ada", 7 * i, 7 * i + 7, 0.5, 0.5, 7.0, 1.0, 60.0, "thigh")
    return Batch(
        frames=(frames,),
        episodes=(episode,),
        states={"next": str(i + 1).encode(), "bulk": bytes(9000)},
    )


def main() -> None:
    """Go on where the store says the last one stopped."""
    store = SqliteStore(Path(sys.argv[1]))
    begin = int(store.state("next") or b"0")
    batches = range(begin, begin + int(sys.argv[2])) if len(sys.argv) > 2 else count(begin)
    for i in batches:
        store.write(batch(i), now=float(i))
        print(i, flush=True)
    while True:
        time.sleep(60.0)


if __name__ == "__main__":
    main()
