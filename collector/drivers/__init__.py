"""The sensors Sitwell speaks with. A new one is a module and a line in `DRIVERS`.

contract          what a driver and its encoder are
registry          which driver serves an advertiser, by name, and those of other packages
polar             Polar H10, Verity Sense, OH1 (polar_control, polar_frames: its bytes; pairing: its
                  gyroscope on the accelerometer's timeline; polar_encoder: its simulated twins)
witmotion         WitMotion WT901 family
ruuvitag          RuuviTag, data format 5
"""

from collector.drivers.contract import Driver
from collector.drivers.polar import PolarDriver
from collector.drivers.ruuvitag import RuuviTagDriver
from collector.drivers.witmotion import WitMotionDriver

DRIVERS: tuple[type[Driver], ...] = (
    PolarDriver,
    WitMotionDriver,
    RuuviTagDriver,
)

__all__ = ["DRIVERS"]
