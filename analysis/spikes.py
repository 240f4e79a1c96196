"""Single readings that no body made: one far sample in a second that is otherwise still.

A broken bit on the wire, or a knock on the case. One sample of 8 g in a second of fifty turns the mean of
that second by 9 deg, and is left out as other broken values are.
"""

import numpy as np

from analysis.cut import Cut, cut_anew

#: A sample as far as this is looked at, g [J: steps reach it, a still second does not].
SPIKE_G = 2.0
#: What the other samples of its second may span on an axis, g, and how many there have to be [J].
_STILL_G, _OTHERS = 0.25, 4
#: More of them in one second are a movement [J].
_MOST = 2


def without_spikes(whole: Cut) -> Cut:
    """`whole` without spikes; seconds that had some count as broken."""
    if whole.peak_g < SPIKE_G:
        return whole
    times = whole.rows.times
    far = whole.beyond(SPIKE_G)
    seconds, count = np.unique(np.floor(times[far]), return_counts=True)
    few = seconds[count <= _MOST]
    starts = np.searchsorted(times, few).tolist()
    ends = np.searchsorted(times, few + 1.0).tolist()
    keep = np.ones(len(times), dtype=np.bool_)
    found = []
    for second, start, end in zip(few.tolist(), starts, ends, strict=True):
        signals_g = whole.signals_g(slice(start, end))
        others = signals_g[3] < SPIKE_G
        if np.count_nonzero(others) < _OTHERS:
            continue
        calm = signals_g[:3, others]
        if (calm.max(axis=1) - calm.min(axis=1)).max() < _STILL_G:
            keep[start:end] = others
            found.append(int(second))
    if not found:
        return whole
    broken = np.union1d(whole.broken, np.array(found, dtype=np.int64))
    return cut_anew(whole.rows.take(keep), whole.gains, broken)
