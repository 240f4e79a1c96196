"""What the sides of simple sensors have in common: advertisers, and GATT servers of few words."""

from typing import ClassVar

import numpy as np

from collector.drivers.contract import Command, GattService, Sent
from domain.errors import InputError
from domain.samples import Floats


class Advertiser:
    """The host's side of a sensor that only advertises: there is nothing to start and to stop."""

    connects: ClassVar[bool] = False

    def start(self) -> tuple[Command, ...]:
        """Nothing to ask for."""
        return ()

    def stop(self) -> tuple[Command, ...]:
        """Nothing to end."""
        return ()


class SimpleTwin:
    """The sensor's side of one that streams to whoever subscribes, and keeps no state of a link."""

    connects: ClassVar[bool] = True

    def read(self, characteristic: str) -> bytes:
        """Nothing can be read; raises InputError."""
        raise InputError(f"{characteristic} cannot be read")

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Nothing listens."""
        return ()

    @property
    def streaming(self) -> bool:
        """Always."""
        return True

    def disconnected(self) -> None:
        """There is nothing that a link leaves behind."""


class AdvertisingTwin(SimpleTwin):
    """The sensor's side of one that only advertises."""

    connects: ClassVar[bool] = False

    def gatt(self) -> tuple[GattService, ...]:
        """None: nobody connects to it."""
        return ()


class LastSampleTwin(AdvertisingTwin):
    """One whose advertisements carry its last sample until the next one takes its place.

    A subclass names the channel and builds what is advertised of one sample; its own fields are there
    before it calls `__init__`, which builds the first one, of a rest.
    """

    channel: ClassVar[str]
    chunk = 1
    gyro_full_scale_dps: float | None = None

    def __init__(self, rate_hz: float, full_scale_g: float, resolution_g: float) -> None:
        self.rate_hz = rate_hz
        self.full_scale_g = full_scale_g
        self.resolution_g = resolution_g
        self._payload = self._build(np.array([0.0, 0.0, 1.0]))

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One advertisement a sample."""
        sent = []
        for row in acc_g:
            self._payload = self._build(row)
            sent.append(Sent(self.channel, self._payload))
        return tuple(sent)

    def _build(self, row: Floats) -> bytes:
        raise NotImplementedError
