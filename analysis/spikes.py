"""Single readings that no body made: one far sample in a second that is otherwise still.

A broken bit on the wire, or a knock on the case. One sample of 8 g in a second of fifty turns the mean of
that second by 9 deg, and is left out as other broken values are.
"""

import numpy as np

from analysis.cut import Rows, Usable

#: A sample as far as this is looked at, g [J: steps reach it, a still second does not].
SPIKE_G = 2.0
#: What the other samples of its second may span on an axis, g, and how many there have to be [J].
_STILL_G, _OTHERS = 0.25, 4
#: More of them in one second are a movement [J].
_MOST = 2


def without_spikes(whole: Usable) -> Usable:
    """`whole`, all samples of whole seconds, without spikes; seconds that had some count as broken."""
    if whole.peak_g < SPIKE_G:
        return whole
    times, length = whole.rows.times, whole.signals[3]
    far = np.flatnonzero(length >= SPIKE_G)
    seconds, count = np.unique(np.floor(times[far]), return_counts=True)
    few = seconds[count <= _MOST]
    starts = np.searchsorted(times, few).tolist()
    ends = np.searchsorted(times, few + 1.0).tolist()
    keep = np.ones(len(whole), dtype=np.bool_)
    found = []
    for second, start, end in zip(few.tolist(), starts, ends, strict=True):
        others = length[start:end] < SPIKE_G
        if np.count_nonzero(others) < _OTHERS:
            continue
        calm = whole.signals[:3, start:end][:, others]
        if (calm.max(axis=1) - calm.min(axis=1)).max() < _STILL_G:
            keep[start:end] = others
            found.append(int(second))
    if not found:
        return whole
    signals, gyro = np.ascontiguousarray(whole.signals[:, keep]), whole.rows.gyro_dps
    gyro = None if gyro is None else np.ascontiguousarray(gyro[:, keep])
    rows = Rows(times[keep], signals[:3], gyro, whole.rows.rate_hz[keep])
    broken = np.union1d(whole.broken, np.array(found, dtype=np.int64))
    return Usable(rows, signals, float(signals[3].max()), broken)
