"""Where forward is, from how a trunk walks: offline only, whatever the sensor's axes are called.

A walker rises over the standing leg and is slowed by it, and falls forward off it and is sped up: the
acceleration forward runs against the velocity upward, at every step, and to the sides it
does not. So forward is the horizontal direction in which acceleration goes with falling. Measured on
umafall_adl, it is within 30 deg of where people bend to at breastbone and belt.
"""

from collections.abc import Iterator

import numpy as np

from domain.samples import Floats, SampleBlock

#: Seconds of a window, and windows that walk which are enough [J].
_WINDOW_S, _ENOUGH = 5.0, 24
#: Correlation from which a window tells; how well the windows agree, as Rayleigh's n R^2 of their
#: directions (by chance one in six is beyond); and windows it takes [J].
_CLEAR, _AGREE, _LEAST = 0.35, 1.8, 2
#: Who runs bounces, and is slowed when falling: the other way round. SD along the vertical, g [J].
_RUNNING_SD_G = 0.35
#: Windows looked at together, and the rate at which it shows that they move, Hz.
_PART, _FEW_HZ = 256, 10.0
#: Steps and the sway between them, Hz.
_BAND_HZ = (0.7, 3.5)


def forward(block: SampleBlock, vertical: Floats, moving_g: float) -> Floats | None:
    """The unit vector (3,) level to `vertical` in which the wearer of `block` walks; None where too few or
    unlike steps tell. moving_g: SD along the vertical from which one walks."""
    n = int(_WINDOW_S * block.rate_hz)
    total, walked = np.zeros(3), 0
    for start in _moving(block, n, vertical, moving_g):
        acc_g, times = block.acc_g[start : start + n], block.times[start : start + n]
        if not moving_g <= np.std(acc_g @ vertical) < _RUNNING_SD_G:  # NaN is not either
            continue
        if times[-1] - times[0] > 1.2 * _WINDOW_S:
            continue
        shown = _with_falling(acc_g, block.rate_hz, vertical)
        strength = float(np.sqrt(np.sum(shown * shown)))
        if strength < _CLEAR:  # stairs, jogging, turning: the steps do not tell
            continue
        total += shown / strength
        walked += 1
        if walked == _ENOUGH:
            break
    length = float(np.sqrt(np.sum(total * total)))
    if walked < _LEAST or length * length < _AGREE * walked:
        return None
    out: Floats = total / length
    return out


def _moving(block: SampleBlock, n: int, vertical: Floats, moving_g: float) -> Iterator[int]:
    """Where windows of `n` samples begin that may walk, by a few samples of each."""
    few = max(1, int(block.rate_hz // _FEW_HZ))
    whole = len(block) // n
    for first in range(0, whole, _PART):
        part = block.acc_g[first * n : min(first + _PART, whole) * n].reshape(-1, n, 3)[:, ::few]
        sd_g = np.std(part @ vertical, axis=1)
        for number in (
            ((sd_g >= 0.5 * moving_g) & (sd_g < 2.0 * _RUNNING_SD_G)).nonzero()[0].tolist()
        ):
            yield (first + number) * n


def _with_falling(acc_g: Floats, rate_hz: float, vertical: Floats) -> Floats:
    """(3,) level; its length is the correlation of the level acceleration with the velocity downward."""
    spectrum = np.fft.rfft(acc_g, axis=0)
    hz = np.fft.rfftfreq(len(acc_g), 1.0 / rate_hz)
    spectrum[(hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0.0
    up = spectrum @ vertical
    level = spectrum - up[:, None] * vertical
    velocity = np.divide(up, 2j * np.pi * hz, out=np.zeros_like(up), where=hz > 0.0)
    together = -np.real(np.sum(level * np.conj(velocity)[:, None], axis=0))
    size = np.sqrt(np.sum(np.abs(level) ** 2) * np.sum(np.abs(velocity) ** 2))
    out: Floats = together / size if size > 0.0 else np.zeros(3)
    return out
