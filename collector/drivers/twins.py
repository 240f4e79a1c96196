"""What the sides of simple sensors have in common: advertisers, and GATT servers of few words."""

from typing import ClassVar

from collector.drivers.contract import Command, GattService, Sent
from domain.errors import InputError


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
