"""How sitting is broken up: bouts by a stated rule, and the figures that describe them.

These are the bouts of research, which any upright second or two may end; the bouts that the wearer is
told of end with a break (analysis/bouts.py). Both are found in the same seconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.posture import FrameBlock

#: Interruptions up to this long may be left out: none (SBRN), or the presets of the literature, s.
GAPS_S = (0, 20, 60)
#: Upright for this is a break: in research, for the wearer, and a full one, s (evidence.md, section 2).
RESEARCH_BREAK_S, PARTIAL_BREAK_S, FULL_BREAK_S = 2, 60, 300
#: Sitting shorter than this is no bout, s (Acti4).
LEAST_SITTING_S = 5
#: Unknown time up to this belongs to what was before, s; longer cuts a bout off.
BRIDGED_S = 60
#: With fewer bouts their distribution says nothing [J].
FEWEST_BOUTS = 10
#: Lengths that are counted, min.
LONG_MIN = (20, 30, 60)


@dataclass(frozen=True, slots=True)
class Bout:
    """A stretch of sitting or of being upright, [start, end) Unix s.

    inside_s: how much of it was really that. censored: it began or ended where nothing is known.
    """

    start: int
    end: int
    inside_s: int
    censored: bool

    @property
    def lasted_s(self) -> int:
        """Its length, s."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Fragmentation:
    """What a set of bouts is like. None where there are too few for it, or none.

    total_s: all sitting in them. at_least: by LONG_MIN, (number, seconds) of the bouts that lasted as
    long; one cut off counts by what was seen of it. longest_s, mean_s, w50_s, gini, alpha are of
    the bouts whose both ends were seen. w50_s: half of the time was sat in bouts of this length or
    longer. alpha: exponent of a power law over the shortest one (maximum likelihood).
    """

    bouts: int
    censored: int
    total_s: int
    at_least: tuple[tuple[int, int], ...]
    longest_s: int | None
    mean_s: float | None
    w50_s: int | None
    gini: float | None
    alpha: float | None


_NOTHING, _SAT, _UP, _LAY = 0, 1, 2, 3
_CODES: NDArray[np.int8] = np.array(
    [_NOTHING, _LAY, _SAT, _UP, _UP, _NOTHING], dtype=np.int8
)  # in the order of Activity


def stretches(frames: FrameBlock) -> list[tuple[int, int, int]]:
    """(code, start, end) of what one did, after the shortest were given to what was before them."""
    if not len(frames):
        return []
    code = _CODES[frames.activity]
    cut = np.flatnonzero((code[1:] != code[:-1]) | (np.diff(frames.times) != 1)) + 1
    first = np.concatenate(([0], cut))
    last = np.concatenate((cut, [len(code)])) - 1
    found = zip(
        code[first].tolist(),
        frames.times[first].tolist(),
        (frames.times[last] + 1).tolist(),
        strict=True,
    )
    whole: list[tuple[int, int, int]] = []
    for one in found:  # holes are stretches of nothing
        if whole and one[1] > whole[-1][2]:
            whole.append((_NOTHING, whole[-1][2], one[1]))
        whole.append(one)
    for weak, least in (
        (_NOTHING, BRIDGED_S + 1), (_UP, RESEARCH_BREAK_S), (_SAT, LEAST_SITTING_S),
    ):  # fmt: skip
        whole = _without(whole, weak, least)
    return whole


def _without(
    found: Sequence[tuple[int, int, int]], weak: int, least_s: int
) -> list[tuple[int, int, int]]:
    """What is of code `weak` and shorter than `least_s` is given to what was before it, if anything was."""
    joined = _joined(found)
    out: list[tuple[int, int, int]] = []
    for code, start, end in joined:
        short = code == weak and end - start < least_s
        inner = bool(out) and out[-1][0] != _NOTHING and end != joined[-1][2]
        kept = out[-1][0] if short and inner else code
        out.append((kept, start, end))
    return _joined(out)


def _joined(found: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    out: list[tuple[int, int, int]] = []
    for code, start, end in found:
        if out and out[-1][0] == code and out[-1][2] == start:
            out[-1] = (code, out[-1][1], end)
        else:
            out.append((code, start, end))
    return out


def sitting_bouts(frames: FrameBlock, gap_s: int = 0) -> tuple[Bout, ...]:
    """Maximal runs of sitting, those at most `gap_s` of being upright apart taken for one."""
    found = stretches(frames)
    bouts: list[Bout] = []
    gap = math.inf  # upright since the last bout, s
    for i, (code, start, end) in enumerate(found):
        if code == _SAT:
            cut_before = i == 0 or found[i - 1][0] == _NOTHING
            cut_after = i == len(found) - 1 or found[i + 1][0] == _NOTHING
            bout = Bout(start, end, end - start, cut_before or cut_after)
            if gap <= gap_s:
                before = bouts.pop()
                inside_s = before.inside_s + bout.inside_s
                cut = before.censored or bout.censored
                bout = Bout(before.start, end, inside_s, cut)
            bouts.append(bout)
            gap = 0.0
        else:
            gap += end - start if code == _UP else math.inf
    return tuple(bouts)


def breaks(frames: FrameBlock, least_s: int = RESEARCH_BREAK_S) -> tuple[Bout, ...]:
    """Times on the feet that follow sitting and last for `least_s` or more."""
    found = stretches(frames)
    out = []
    for i, (code, start, end) in enumerate(found):
        if code != _UP or end - start < least_s or i == 0 or found[i - 1][0] != _SAT:
            continue
        cut = i == len(found) - 1 or found[i + 1][0] == _NOTHING
        out.append(Bout(start, end, end - start, cut))
    return tuple(out)


def fragmentation(bouts: Sequence[Bout]) -> Fragmentation:
    """The figures of `bouts`."""
    lengths = np.sort([b.lasted_s for b in bouts if not b.censored]).astype(np.int64)
    n = len(lengths)
    enough = n >= FEWEST_BOUTS
    long = [[b for b in bouts if b.lasted_s >= 60 * minutes] for minutes in LONG_MIN]
    return Fragmentation(
        bouts=len(bouts),
        censored=len(bouts) - n,
        total_s=sum(b.inside_s for b in bouts),
        at_least=tuple((len(some), sum(b.inside_s for b in some)) for some in long),
        longest_s=int(lengths[-1]) if n else None,
        mean_s=float(lengths.sum()) / n if n else None,
        w50_s=_w50_s(lengths) if enough else None,
        gini=_gini(lengths) if enough else None,
        alpha=_alpha(lengths) if enough else None,
    )


def _w50_s(lengths: NDArray[np.int64]) -> int:
    so_far = np.cumsum(lengths[::-1])
    return int(lengths[::-1][np.searchsorted(so_far, so_far[-1] / 2.0)])


def _gini(lengths: NDArray[np.int64]) -> float:
    n = len(lengths)
    ranked = int((np.arange(1, n + 1) * lengths).sum())
    return 2.0 * ranked / (n * int(lengths.sum())) - (n + 1) / n


def _alpha(lengths: NDArray[np.int64]) -> float | None:
    logs = float(np.log(lengths / lengths[0]).sum())
    return 1.0 + len(lengths) / logs if logs > 0.0 else None
