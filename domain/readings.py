"""How the link to a sensor was, minute by minute."""

from dataclasses import dataclass

#: The width of one stored reading, seconds.
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class LinkReading:
    """One sensor's link from `time` on, Unix s, a multiple of `width_s`, for `width_s` seconds.

    observed_s: for how much of it the service was there to see, at most `width_s`; what follows is
    about that part. streaming_s: for how much of it samples came. received, lost: samples, and
    reconnects: connections after the first. nominal_hz: what the sensor says it samples at.
    battery_percent, rssi_dbm: the last that the sensor said while it was heard in this time; in wider
    readings the mean. None is unknown.
    """

    sensor: str
    time: int
    battery_percent: float | None
    rssi_dbm: float | None
    nominal_hz: float | None
    received: int
    lost: int
    reconnects: int
    streaming_s: int
    observed_s: int
    width_s: int = MINUTE_S

    @property
    def rate_hz(self) -> float | None:
        """Samples received a second, over all that was observed: outages lower it."""
        return self.received / self.observed_s if self.observed_s else None

    @property
    def lost_share(self) -> float | None:
        """Of what the sensor sent, how much was lost, 0..1; None when nothing is known to be sent."""
        sent = self.received + self.lost
        return self.lost / sent if sent else None
