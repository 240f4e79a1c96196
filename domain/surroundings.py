"""What is known of a wearer's surroundings that decides whether this is a time to speak."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Times are Unix s, None where there is none; a desktop that says nothing is None and never in the way.

    paused_until: the wearer wants no alerts until then. meeting_until: the wearer said that they are in a
    meeting. busy_until: their calendar says so. do_not_disturb, screen_locked: what their desktop says.
    spoken_at: when they were last spoken to about something else altogether, posture or sensors.
    """

    paused_until: float | None = None
    meeting_until: float | None = None
    busy_until: float | None = None
    do_not_disturb: bool | None = None
    screen_locked: bool | None = None
    spoken_at: float | None = None


#: Nothing is known, so nothing is in the way.
NOTHING_KNOWN = Surroundings()
