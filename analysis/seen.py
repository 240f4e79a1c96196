"""What one second says to the bouts."""

from enum import IntEnum


class Seen(IntEnum):
    """UNSURE: samples, and no verdict; it keeps what was."""

    NOTHING = 0
    UNSURE = 1
    SITTING = 2
    UPRIGHT = 3
    LYING = 4
    NOT_WORN = 5
