"""Steps and cadence: a Schmitt trigger on |a| between 0.9 and 3.2 Hz, in runs of 4 s and longer.

Everything is done on the 100-ms means of |a|, so that the sensor's rate does not matter from about 10 Hz
on. What tells a step is the same wherever the sensor is worn: |a| does not know its axes.

`cadence_spm` is a rate: the steps of that second, times 60. Between the steps it is spread evenly, so that
one second of a walk at 110 a minute says 110 and not 60 or 120. Whether it is a walk is known after 4 s
only, and frames are never changed afterwards: the first seconds of a walk read 0, and `steps_made`
counts them. 0 is no step; NaN is not known.
"""

from collections import deque
from typing import Any

import numpy as np

from analysis.columns import Bools
from analysis.cut import SUB_BLOCKS, Cut, Grid
from domain.samples import Floats

#: Without this many of its 100-ms blocks a second is too thinly sampled for steps [J].
_LEAST_BLOCKS = 7
#: A second whose |a| deviates by less on average holds no step of anyone [J: the quietest walks in
#: umafall_adl and mobilised_lowback are at 30].
STIR_MAD_MG = 20.0
#: The trigger's two levels: a share of the band's own size in the second, and at least this [J].
_LEVEL_SHARE, _LEVEL_MIN_G = 0.4, 0.015
#: Times from step to step: 3.2 Hz and some jitter to 0.9 Hz and some (analysis.md, section 7).
_SHORTEST_S, _LONGEST_S = 0.28, 1.25
#: A run shorter than this is no walk (analysis.md, section 7).
RUN_S = 4.0
#: So much of a walk, on average, is over before the second that shows it first begins to count: RUN_S less
#: half a step (0.25 s), half of the second in which that came about, less that second, which counts itself.
UNSEEN_S = RUN_S - 0.75
#: A step that is uneven by more than this share of the run's rhythm, and the 0.1 s that it is told to, is
#: out of step: something else, or another run. One that takes twice as long hides a weak one [J].
_UNEVEN = 0.35
#: The rhythm is told from so many steps: two strides, since left and right are seldom alike [J].
_RHYTHM_STEPS = 4
#: The band is known this far before the end of the samples: half its longer window.
_BEHIND_S = 0.5


def reduce_radius(cut: Cut) -> Floats:
    """(SUB_BLOCKS, m) 100-ms means of |a|, g; a block without samples is like its neighbour before, a
    second with too few of them is NaN."""
    samples = cut.samples if cut.full else np.where(cut.samples > 0.0, cut.samples, np.nan)
    filled: Floats = cut.sums[3] / samples
    if cut.full:
        return filled
    for part in range(1, SUB_BLOCKS):
        np.copyto(filled[part], filled[part - 1], where=np.isnan(filled[part]))
    for part in range(SUB_BLOCKS - 2, -1, -1):
        np.copyto(filled[part], filled[part + 1], where=np.isnan(filled[part]))
    filled[:, np.count_nonzero(cut.samples, axis=0) < _LEAST_BLOCKS] = np.nan
    return filled


def band_g(two_seconds: Floats) -> Floats:
    """(SUB_BLOCKS, k) |a| from 0.9 to 3.2 Hz, from half a second before the second to its middle, g.

    two_seconds: (2 * SUB_BLOCKS, k) 100-ms means of the second before and of the second. The mean of 0.2 s
    less that of 1.1 s, both centred: 50 % at 0.55 and 3.3 Hz.
    """
    # np.add.accumulate adds in order, so that any number of seconds gives the same bits.
    sums = np.add.accumulate(two_seconds, axis=0)
    out: Floats = two_seconds[5:15] + two_seconds[4:14]
    out *= 0.5
    out[0] -= sums[10] / 11.0
    out[1:] -= (sums[11:20] - sums[0:9]) / 11.0
    return out


def steps_made(times: Grid, cadence_spm: Floats) -> float:
    """Steps of frames in order: what their seconds say, and of each walk the first seconds at its first
    cadence, as far back as the seconds before are known.

    times: (n,) Unix s. cadence_spm: (n,). To within about a step a walk.
    """
    if not len(times):
        return 0.0
    follows = np.append(False, np.diff(times) == 1)
    walked = cadence_spm > 0.0
    begins = np.flatnonzero(walked & ~(follows & np.append(False, walked[:-1])))
    # Up to where the seconds that stood still, and are known, reach back.
    numbers = np.arange(len(times))
    barred = np.where(cadence_spm == 0.0, np.where(follows, -1, numbers - 1), numbers)
    back = begins - 1 - np.append(-1, np.maximum.accumulate(barred))[begins]
    unseen_s = np.minimum(np.where(follows[begins], back, 0), UNSEEN_S)
    return float((np.nansum(cadence_spm) + (unseen_s * cadence_spm[begins]).sum()) / 60.0)


class StepCounter:
    """Counts the steps of one wearer."""

    def __init__(self) -> None:
        self._before = np.full(SUB_BLOCKS, np.nan)  # the 100-ms means of the last second
        self._second = 0  # the last second
        self._high = True  # the trigger's state at its end
        self._triggered = 0  # the last second the trigger was run on
        self._last_g = 0.0  # the band at its end
        self._end_run()

    def _end_run(self) -> None:
        self._n = 0  # steps of the run
        self._first_s = 0.0
        self._last_s = 0.0
        self._every_s = 0.0
        self._credited = (
            0.0  # steps that seconds said, or that went by before it was known for a walk
        )
        # When the last steps were, and their numbers.
        self._latest: deque[tuple[float, int]] = deque(maxlen=_RHYTHM_STEPS + 1)

    def count(self, seconds: Grid, radius_g: Floats, walking: Bools) -> Floats:
        """cadence_spm of each second (k,).

        radius_g: (SUB_BLOCKS, k) of the deciding sensor, see `reduce_radius`; walking: (k,) the seconds
        that may hold steps.
        """
        out: Floats = radius_g[0] * 0.0  # NaN stays
        if self._n or np.count_nonzero(walking):
            may = walking & (out == 0.0)
            edges = self._edges(seconds, radius_g, may.nonzero()[0])
            self._run(seconds.tolist(), may.tolist(), edges, out)
        self._before = radius_g[:, -1].copy()
        self._second = int(seconds[-1])
        return out

    def _edges(self, seconds: Grid, radius_g: Floats, rows: Grid) -> dict[int, list[float]]:
        """When the band rises through the trigger, Unix s, by row."""
        if len(rows) == 0:
            return {}
        at = seconds[rows]
        before = np.where(rows > 0, rows - 1, 0)
        pair = np.empty((2 * SUB_BLOCKS, len(rows)))
        pair[SUB_BLOCKS:] = radius_g[:, rows]
        pair[:SUB_BLOCKS] = radius_g[:, before]
        follows = seconds[before] == at - 1
        if rows[0] == 0:
            pair[:SUB_BLOCKS, 0] = self._before
            follows[0] = self._second == int(at[0]) - 1
        lone = ~(follows & np.isfinite(pair[0]))
        if np.count_nonzero(lone):  # it begins: as if it had been as at its start
            pair[:SUB_BLOCKS, lone] = pair[SUB_BLOCKS, lone]
        band = band_g(pair)
        power = np.add.accumulate(band * band, axis=0)[-1]
        level = np.maximum(_LEVEL_SHARE * np.sqrt(power / SUB_BLOCKS), _LEVEL_MIN_G)

        # Time runs along rows now. Where the trigger was not run in the second before, it is as after a
        # step: the next one is told when the band has been low.
        high, low = (band > level).T, (band < -level).T
        mark = np.zeros((len(rows), SUB_BLOCKS + 1), dtype=np.int8)
        mark[:, 1:][high] = 1
        mark[:, 1:][low] = -1
        mark[0, 0] = 1 if self._triggered != int(at[0]) - 1 else 0
        mark[1:, 0][at[1:] != at[:-1] + 1] = 1
        anew = mark[:, 0] != 0
        if not anew[0]:
            mark[0, 0] = 1 if self._high else -1
        flat = mark.ravel()
        set_at = np.maximum.accumulate(np.where(flat != 0, np.arange(len(flat)), 0))
        state = flat[set_at]
        self._high, self._triggered = bool(state[-1] == 1), int(at[-1])
        rises = (state[1:] == 1) & (state[:-1] == -1)
        rises[SUB_BLOCKS :: SUB_BLOCKS + 1] = False  # where it starts anew, nothing rose
        row, part = np.divmod(np.flatnonzero(rises) + 1, SUB_BLOCKS + 1)
        # Between two means, where the straight line through them passes the level.
        lined = np.empty((SUB_BLOCKS + 1, len(rows)))
        lined[1:] = band
        lined[0, 0], lined[0, 1:] = self._last_g, band[-1, :-1]
        lined[0, anew] = np.nan
        now, earlier = lined[part, row], lined[part - 1, row]
        back = np.minimum((now - level[row]) / (now - earlier), 1.0)
        times = at[row] - 0.5 + (part - np.where(np.isfinite(back), back, 0.0)) / SUB_BLOCKS
        self._last_g = float(band[-1, -1])
        out: dict[int, list[float]] = {}
        for number, time in zip(rows[row].tolist(), times.tolist(), strict=True):
            out.setdefault(number, []).append(time)
        return out

    def _run(
        self,
        seconds: list[int],
        may: list[bool],
        edges: dict[int, list[float]],
        out: Floats,
    ) -> None:
        """Weigh the edges second by second, and write the cadence into `out`."""
        starts = sorted(edges)
        row, turn, k = 0, 0, len(seconds)
        while row < k:
            if not self._n:
                while turn < len(starts) and starts[turn] < row:
                    turn += 1
                if turn == len(starts):
                    return
                row = starts[turn]
            steps = self._feed(seconds[row], edges.get(row, ()), walking=may[row])
            if steps:
                out[row] = 60.0 * min(steps, 1.0 / _SHORTEST_S)
            row += 1

    def _feed(self, second: int, edges: Any, *, walking: bool) -> float:
        """Steps to be credited to a second."""
        credit = 0.0
        until_s = second + 1 - _BEHIND_S
        for time in edges:
            since_s = time - self._last_s
            if self._n and since_s < _SHORTEST_S:
                continue
            steps = self._steps_in(since_s) if self._n else 0
            if not steps:
                credit += self._settle()
                self._n, self._first_s, self._last_s = 1, time, time
                self._latest.append((time, 1))
                continue
            self._n += steps
            self._last_s = time
            self._latest.append((time, self._n))
            start, n = self._latest[0]
            self._every_s = (time - start) / (self._n - n)
        if not self._n:
            return credit
        if not walking or until_s - self._last_s > _LONGEST_S:
            return credit + self._settle()
        if self._is_walk():
            # The last step is being made until the next one begins.
            made = self._n - 1 + min(1.0, (until_s - self._last_s) / self._every_s)
            self._recognise(made)
            more = max(0.0, made - self._credited)
            self._credited += more
            credit += more
        return credit

    def _steps_in(self, since_s: float) -> int:
        """How many steps of the run's own rhythm end one that took so long; 0 when it is out of step."""
        if self._n == 1:
            return int(since_s <= _LONGEST_S)
        if since_s > 2 * _LONGEST_S:
            return 0
        every_s = self._every_s
        slack_s = _UNEVEN * every_s + 1.0 / SUB_BLOCKS
        if abs(since_s - every_s) <= slack_s:
            return 1
        return 2 if abs(since_s - 2.0 * every_s) <= slack_s else 0

    def _is_walk(self) -> bool:
        return self._n > 2 and self._last_s + self._every_s - self._first_s >= RUN_S

    def _settle(self) -> float:
        """The run is over; what of it was not credited yet."""
        owed = 0.0
        if self._is_walk():
            self._recognise(self._n)
            owed = max(0.0, self._n - self._credited)
        self._end_run()
        return owed

    def _recognise(self, made: float) -> None:
        """Of a walk that was none before, all but the last second has gone by."""
        self._credited = self._credited or max(0.0, made - 1.0 / self._every_s)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {
            "before": self._before.tolist(),
            "_latest": [[*step] for step in self._latest],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        before = np.array(saved["before"], dtype=np.float64)
        if before.shape != (SUB_BLOCKS,):
            raise ValueError("the saved second has another width")
        for name in _REMEMBERED:
            setattr(self, name, type(getattr(self, name))(saved[name]))
        self._before = before
        self._latest.clear()
        self._latest.extend((float(time), int(n)) for time, n in saved["_latest"])


_REMEMBERED = (
    "_second", "_high", "_triggered", "_last_g", "_n", "_first_s", "_last_s", "_every_s", "_credited",
)  # fmt: skip
