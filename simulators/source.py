"""What a simulated sensor measures, as its peripheral wants it: by sample index."""

from typing import Protocol

from domain.samples import Floats


class Source(Protocol):
    """What a sensor measures, by sample index: `simulators.sensor.SensorModel` and the like."""

    def samples(self, first_index: int, n: int) -> tuple[Floats, Floats, Floats | None]:
        """Device times (n,) s since power-on, acc_g (n, 3), gyro_dps (n, 3) or None, of samples
        `first_index` to `first_index + n - 1`."""
        ...

    def index_at(self, true_time: float) -> int:
        """Index of the newest sample at Unix time `true_time`; negative before power-on."""
        ...

    def true_time(self, index: int) -> float:
        """Unix time at which sample `index` is taken."""
        ...

    def is_lost(self, packet_index: int) -> bool:
        """Whether the air swallows packet `packet_index`; packets are counted from the start."""
        ...
