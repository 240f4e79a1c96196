"""Which sensors and which time are simulated on a service that reads real ones.

Whoever has no sensor at hand starts simulated ones by one call. Their addresses begin with a prefix of their
own, so that what they measured is known as made up also after they are unpaired.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.errors import ConflictError
from domain.people import Assignment, Sensor
from domain.placement import Placement
from storage.contract import Store

#: A random static address, its two highest bits 1 (Core 5.4, vol 6 B 1.3.2.1), then "SW".
PREFIX: Final = "F2:53:57:"
#: What there are simulated sensors for: the demo's, a clip with a gyro and a band.
PLACEMENTS: Final = (Placement.UPPER_BACK, Placement.THIGH)


def is_made_up(sensor_id: str) -> bool:
    """Whether a sensor of this id is one of ours."""
    return sensor_id.startswith(PREFIX)


def address_of(wearer: str, placement: Placement) -> str:
    """The address of the one that this wearer wears there: always the same."""
    digest = hashlib.sha256(f"{wearer}/{placement}".encode()).hexdigest().upper()
    return PREFIX + ":".join(digest[at : at + 2] for at in (0, 2, 4))


def seed_of(wearer: str) -> int:
    """Draws the simulated person's body, and how the sensors are worn: always the same."""
    return int.from_bytes(hashlib.sha256(wearer.encode()).digest()[:4])


def check_nothing_real(store: Store, wearer: str) -> None:
    """Nothing made up is mixed into what was measured. Raises ConflictError, StoreError."""
    real = any(
        each.wearer == wearer and not is_made_up(each.sensor) for each in store.assignments()
    )
    if real and wearer in store.spans():
        raise ConflictError(
            f"there are measurements of {wearer}, which would be mixed with made-up ones: add a wearer for "
            "the simulated sensors, or erase the measurements first"
        )


def check_unmixed(wanted: Sensor, others: Sequence[Sensor]) -> None:
    """One wears real sensors or simulated ones. Raises ConflictError."""
    for sensor in others:
        if sensor.wearer == wanted.wearer and is_made_up(sensor.id) != is_made_up(wanted.id):
            what = "simulated" if is_made_up(sensor.id) else "real"
            raise ConflictError(
                f"{sensor.wearer} wears a {what} sensor ({sensor.name}): unpair it first"
            )


@dataclass(slots=True)
class MadeUpTime:
    """When whose sensors were simulated."""

    spans: list[Assignment]

    @classmethod
    def of(cls, assignments: Iterable[Assignment]) -> "MadeUpTime":
        """As the store knows it."""
        return cls([each for each in assignments if is_made_up(each.sensor)])

    def worn(self, sensors: Sequence[Sensor], now: float) -> None:
        """These are worn from now on."""
        ours = {(each.id, each.wearer): each for each in sensors if is_made_up(each.id)}
        going_on = set()
        for at, span in enumerate(self.spans):
            if span.open and (span.sensor, span.wearer) in ours:
                going_on.add((span.sensor, span.wearer))
            elif span.open:
                self.spans[at] = replace(span, until=now)
        self.spans += [
            Assignment(each.id, each.wearer, each.placement, each.paired_at)
            for key, each in ours.items()
            if key not in going_on
        ]

    def overlaps(self, wearer: str, start: float, end: float) -> bool:
        """Whether any of the wearer's time in [start, end) was."""
        return any(
            each.wearer == wearer
            and each.since < end
            and (math.inf if each.until is None else each.until) > start
            for each in self.spans
        )

    def forget(self, wearer: str) -> None:
        """All there was of the wearer is erased."""
        self.spans = [each for each in self.spans if each.wearer != wearer or each.open]
