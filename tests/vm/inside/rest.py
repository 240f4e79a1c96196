"""What a sensor at rest measures, at almost no cost: the machine inside is some 25 times slower."""

import numpy as np

from domain.samples import Floats

_NOISE_G = 0.004
_TABLE = 512


class Rest:
    """A `simulators.source.Source`: upright and still but for noise, which repeats; it loses every
    `lose_every`-th packet, none for 0. drift: by what share its clock runs fast."""

    def __init__(
        self, rate_hz: float, power_on: float, *, seed: int, lose_every: int, drift: float
    ) -> None:
        self._rate_hz = rate_hz
        self._true_rate_hz = rate_hz * (1.0 + drift)
        self._power_on = power_on
        self._lose_every = lose_every
        draw = np.random.default_rng(seed)
        self._acc_g = np.array([0.0, 0.0, 1.0]) + draw.normal(0.0, _NOISE_G, (_TABLE, 3))
        self._gyro_dps = draw.normal(0.0, 0.2, (_TABLE, 3))

    def samples(self, first_index: int, n: int) -> tuple[Floats, Floats, Floats | None]:
        index = np.arange(first_index, first_index + n)
        row = index % _TABLE
        return 100.0 + index / self._rate_hz, self._acc_g[row], self._gyro_dps[row]

    def index_at(self, true_time: float) -> int:
        return int(np.floor((true_time - self._power_on) * self._true_rate_hz))

    def true_time(self, index: int) -> float:
        return self._power_on + index / self._true_rate_hz

    def is_lost(self, packet_index: int) -> bool:
        return self._lose_every > 0 and packet_index % self._lose_every == self._lose_every - 1
