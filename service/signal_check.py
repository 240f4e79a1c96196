"""What a few seconds of a link say about where the sensor is: near enough, or not."""

from dataclasses import dataclass

#: Long enough for 500 samples at 50 Hz: one lost packet in a hundred shows.
SIGNAL_S = 5.0
#: Below, packets begin to be lost through a body (receivers end at -90 to -100 dBm).
WEAK_DBM = -85
FAIR_DBM = -70
LOST_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class SignalCheck:
    """seconds of samples; received, lost: in them. rate_hz: nominal. Others None where not told."""

    seconds: float
    received: int
    lost: int
    rate_hz: float
    rssi_dbm: int | None
    battery_percent: float | None

    @property
    def lost_share(self) -> float:
        """Of all samples that were sent."""
        return self.lost / max(1, self.received + self.lost)


def verdict(check: SignalCheck) -> str:
    """The check in a sentence or three, with what to do when it is not good."""
    measured_hz = check.received / check.seconds if check.seconds else 0.0
    words = [f"{measured_hz:.3g} of {check.rate_hz:g} samples a second arrive"]
    words.append("none lost" if not check.lost else f"{check.lost_share:.1%} lost")
    if check.rssi_dbm is not None:
        words.append(f"signal {check.rssi_dbm} dBm ({_strength(check.rssi_dbm)})")
    if check.battery_percent is not None:
        words.append(f"battery {check.battery_percent:.0f} %")
    said = ", ".join(words) + "."
    weak = check.rssi_dbm is not None and check.rssi_dbm < WEAK_DBM
    if check.lost_share > LOST_SHARE or weak:
        said += " That is not good: move the computer's Bluetooth nearer, or nothing metal between."
    return said


def _strength(rssi_dbm: int) -> str:
    if rssi_dbm >= FAIR_DBM:
        return "good"
    return "fair" if rssi_dbm >= WEAK_DBM else "weak"
