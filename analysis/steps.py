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
_TENTH_S = 1.0 / SUB_BLOCKS


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


def _due(made: float, every_s: float, credited: float) -> float:
    """Of the steps `made` in a walk those that are not credited yet: of one that was none before, all but
    the last second has gone by."""
    return max(0.0, made - (credited or max(0.0, made - 1.0 / every_s)))


class StepCounter:
    """Counts the steps of one wearer."""

    def __init__(self) -> None:
        self._before = np.full(SUB_BLOCKS, np.nan)  # the 100-ms means of the last second
        self._second = 0  # the last second
        self._high = True  # the trigger's state at its end
        self._triggered = 0  # the last second the trigger was run on
        self._last_g = 0.0  # the band at its end
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
            rows, times = self._edges(seconds, radius_g, may.nonzero()[0])
            self._weigh(seconds, may, rows, times, out)
            np.minimum(out, 1.0 / _SHORTEST_S, out=out)
            out *= 60.0
        self._before = radius_g[:, -1].copy()
        self._second = int(seconds[-1])
        return out

    def _edges(self, seconds: Grid, radius_g: Floats, rows: Grid) -> tuple[list[int], list[float]]:
        """Where the band rises through the trigger: rows, and Unix s."""
        if len(rows) == 0:
            return [], []
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
        return rows[row].tolist(), times.tolist()

    def _weigh(
        self, seconds: Grid, may: Bools, rows: list[int], times: list[float], out: Floats
    ) -> None:
        """Weigh the edges second by second, and write the steps to be credited to each into `out`.

        may: (k,) the seconds that may hold steps. rows, times: of the edges, in order.
        """
        # One loop without calls for what nearly every second of a walk does: there are thousands a day.
        n, first_s, last_s, every_s, credited, latest = (
            self._n, self._first_s, self._last_s, self._every_s, self._credited, self._latest,
        )  # fmt: skip
        # No run goes on for two seconds without an edge.
        begin, last = (0 if n else rows[0], rows[-1]) if rows else (0, 0)
        end = min(len(seconds), last + 3)
        until = (seconds[begin:end] + (1.0 - _BEHIND_S)).tolist()  # the band is known up to there
        walks = may[begin:end].tolist()
        row, edge = begin, 0
        rows = [*rows, end]
        told: list[int] = []
        credits: list[float] = []
        while n or rows[edge] < end:
            row = row if n else rows[edge]
            if row == end:
                break
            credit, until_s = 0.0, until[row - begin]
            while rows[edge] == row:
                time = times[edge]
                edge += 1
                # How many steps of the run's own rhythm end one that took so long; 0 when out of step.
                steps = 0
                if n:
                    since_s = time - last_s
                    if since_s < _SHORTEST_S:
                        continue
                    if n == 1:
                        steps = 1 if since_s <= _LONGEST_S else 0
                    elif since_s <= 2 * _LONGEST_S:
                        slack_s = _UNEVEN * every_s + _TENTH_S
                        if -slack_s <= since_s - every_s <= slack_s:
                            steps = 1
                        elif -slack_s <= since_s - 2.0 * every_s <= slack_s:
                            steps = 2
                if steps:
                    n += steps
                    last_s = time
                    latest.append((time, n))
                    start_s, before = latest[0]
                    every_s = (time - start_s) / (n - before)
                    continue
                if n > 2 and last_s + every_s - first_s >= RUN_S:
                    credit += _due(n, every_s, credited)
                n, first_s, last_s, every_s, credited = 1, time, time, 0.0, 0.0
                latest.clear()
                latest.append((time, 1))
            since_s = until_s - last_s
            over = not walks[row - begin] or since_s > _LONGEST_S
            if n > 2 and last_s + every_s - first_s >= RUN_S:
                # The last step is being made until the next one begins.
                made: float = n
                if not over:
                    made = n if since_s > every_s else n - 1 + since_s / every_s
                credited = credited or max(0.0, made - 1.0 / every_s)
                if made > credited:
                    more = made - credited
                    credited += more
                    credit += more
            if over:
                n, first_s, last_s, every_s, credited = 0, 0.0, 0.0, 0.0, 0.0
                latest.clear()
            if credit:
                told.append(row)
                credits.append(credit)
            row += 1
        if told:
            out[told] = credits
        self._n, self._first_s, self._last_s, self._every_s, self._credited = (
            n, first_s, last_s, every_s, credited,
        )  # fmt: skip

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
