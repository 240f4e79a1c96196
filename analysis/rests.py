"""The rests of a sensor, collected by direction while it is worn, and the gains that they show.

Every 10 s in which no axis varies by 13 mg are a rest (analysis.md, section 1). One rest is kept for each
direction of about 10 deg, the latest, so that hours in a chair do not outweigh a minute of lying.
"""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis import sphere
from analysis.cut import Grid, counts_of, starts_of
from analysis.features import Col
from domain.gains import Gains
from domain.samples import Floats

WINDOW_S = 10
STILL_SD_G = 0.013
#: A window beyond these is no rest of a sound sensor [J], g.
_LOW_G, _HIGH_G = 0.85, 1.15
#: Directions are told apart on a lattice of this many steps from the centre; how many are kept.
_STEPS, _KEPT = 6.0, 96
#: Seconds that wait to be looked at together: sooner would cost more calls and change nothing [J].
_TOGETHER_S = 180
#: Rests in so many directions, and so many new ones since, are worth a fit [J].
_ENOUGH, _NEW = 4, 3
#: A rest after this time is news though its direction is not: offsets drift with temperature [J].
_STALE_S = 86400
#: Gains that change no rest by this are the ones there are, g (0.06 deg) [J].
_SAME_G = 0.001

_ROWS = np.array([Col.SECOND, Col.SUB_COUNT, *range(4, 13)])  # SUM and OUTER


class Rests:
    """Of one sensor. What is fed has `gains` applied; what is kept is as the sensor sent it."""

    def __init__(self) -> None:
        self.gains: Gains | None = None
        self._waiting: list[Floats] = []
        self._rests: dict[tuple[int, int, int], tuple[int, NDArray[np.float32]]] = {}
        self._new = 0

    def feed(self, table: Floats) -> None:
        """Take features (Col, m) of whole seconds that follow the last ones."""
        if table.shape[1] == 0:
            return
        self._waiting.append(table.take(_ROWS, axis=0))
        first, last = self._waiting[0][0, 0], table[Col.SECOND, -1]
        if last - first >= _TOGETHER_S:
            self._reduce(last + 1.0)

    def _reduce(self, until: float) -> None:
        """Look for rests in the windows that end by `until`."""
        waiting = self._waiting
        rows = waiting[0] if len(waiting) == 1 else np.concatenate(waiting, axis=1)
        window = np.floor(rows[0] / WINDOW_S)
        done = int(np.searchsorted(window, np.floor(until / WINDOW_S)))
        self._waiting = [rows[:, done:]] if done < rows.shape[1] else []
        if done == 0:
            return
        window = window[:done]
        starts = starts_of(window)
        seconds = counts_of(starts, done)
        sums = np.add.reduceat(rows[1:, :done], starts, axis=1)
        mean = sums[1:4] / sums[0]
        variance = sums[4:7] / sums[0] - mean * mean
        still = (seconds == WINDOW_S) & (np.maximum.reduce(variance) < STILL_SD_G**2)
        if np.count_nonzero(still):
            seconds = (window[starts[still]] * WINDOW_S).astype(np.int64)
            self._keep(seconds, mean[:, still])

    def _keep(self, seconds: Grid, means: Floats) -> None:
        """Keep rests (3, n) by direction; of neighbours in one direction the last is the latest."""
        if self.gains is not None:
            offset, gain = np.array(self.gains.offset_g), np.array(self.gains.gain)
            means = (means - offset[:, None]) / gain[:, None]
        kept: NDArray[np.float32] = means.astype(np.float32)
        length = _lengths(kept)
        sound = (length > _LOW_G) & (length < _HIGH_G)
        if np.count_nonzero(sound) < len(sound):
            kept, seconds, length = kept[:, sound], seconds[sound], length[sound]
            if not len(seconds):
                return
        cells = _cells(kept, length)
        another = np.logical_or.reduce(cells[:, 1:] != cells[:, :-1]).nonzero()[0].tolist()
        begins, ends = [0, *(i + 1 for i in another)], [*another, len(seconds) - 1]
        for begin, end in zip(begins, ends, strict=True):
            x, y, z = cells[:, end].tolist()
            before = self._rests.pop((x, y, z), None)
            self._new += before is None or int(seconds[begin]) - before[0] > _STALE_S
            self._rests[x, y, z] = (int(seconds[end]), kept[:, end])
            if len(self._rests) > _KEPT:
                del self._rests[next(iter(self._rests))]  # the one seen longest ago

    def fitted(self, second: int) -> Gains | None:
        """Better gains from what is known at `second`, all before it having been fed; or None."""
        if self._waiting:
            self._reduce(second)
        if len(self._rests) < _ENOUGH or self._new < _NEW:
            return None
        points = np.array([kept for _, kept in self._rests.values()], dtype=np.float64)
        found = sphere.fit(points)
        self._new = 0
        if not found.accepted:
            return None
        old = self.gains
        gain = np.ones(3) if old is None else np.array(old.gain)
        offset = np.zeros(3) if old is None else np.array(old.offset_g)
        change = points * (found.gain - gain) + (found.offset_g - offset)
        if np.max(np.abs(change)) < _SAME_G:
            return None
        x, y, z = (found.gain_se > sphere.WEAK_SE).tolist()
        return Gains(
            version=1 if old is None else old.version + 1,
            since=second,
            gain=_triple(found.gain),
            offset_g=_triple(found.offset_g),
            gain_se=_triple(found.gain_se),
            offset_se_g=_triple(found.offset_se_g),
            weak=(x, y, z),
            residual_g=found.residual_g,
            residual_before_g=found.residual_before_g,
            windows=len(points),
        )

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        if self._waiting:
            self._reduce(self._waiting[-1][0, -1] + 1.0)
        g = self.gains
        table = np.array([kept for _, kept in self._rests.values()], dtype="<f4")
        waiting = np.concatenate(self._waiting, axis=1) if self._waiting else np.empty((0, 0))
        return {
            "gains": None if g is None else {name: getattr(g, name) for name in Gains.__slots__},
            "seconds": [second for second, _ in self._rests.values()],
            "rests": base64.b85encode(table.tobytes()).decode("ascii"),
            "new": self._new,
            "waiting": waiting.tolist(),
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        g = saved["gains"]
        self.gains = None if g is None else _gains(g)
        raw = np.frombuffer(base64.b85decode(saved["rests"]), dtype="<f4").reshape(-1, 3)
        kept: NDArray[np.float32] = raw.astype(np.float32).T
        keys = map(tuple, _cells(kept, _lengths(kept)).T.tolist())
        rests = zip(keys, saved["seconds"], kept.T, strict=True)
        self._rests = {(x, y, z): (int(second), rest) for (x, y, z), second, rest in rests}
        self._new = int(saved["new"])
        waiting = np.array(saved["waiting"], dtype=np.float64)
        self._waiting = [waiting] if waiting.size else []
        if waiting.size and len(waiting) != len(_ROWS):
            raise ValueError("the saved rests have another width")


def _lengths(kept: NDArray[np.float32]) -> Floats:
    x, y, z = kept.astype(np.float64)
    out: Floats = np.sqrt(x * x + y * y + z * z)
    return out


def _cells(kept: NDArray[np.float32], length: Floats) -> NDArray[np.int64]:
    """(3, n) lattice cells of the directions of rests."""
    return np.rint(kept.astype(np.float64) * (_STEPS / length)).astype(np.int64)


def _gains(saved: dict[str, Any]) -> Gains:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in saved.items()
    }
    return Gains(**values)


def _triple(values: Floats) -> tuple[float, float, float]:
    x, y, z = values.tolist()
    return x, y, z
