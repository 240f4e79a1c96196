"""The sensors Sitwell speaks with. A new one is a module and a line in `WEARABLES`.

contract          what a driver and its encoder are
counts            integers on the wire and what they stand for
twins             what the sides of simple sensors have in common
first_block       the start of a sensor that answers no command to start
description       a sensor described by the user (layout: its bytes; described: its driver and twin)
registry          which driver serves an advertiser, by name, and those of other packages
polar             Polar H10, Verity Sense, OH1 (polar_control, polar_frames: its bytes; pairing: its
                  gyroscope on the accelerometer's timeline; polar_encoder: its simulated twins)
witmotion         WitMotion WT901 family
movesense         Movesense with the GATT SensorData service
metamotion        MbientLab MetaMotion (metamotion_encoder: its simulated twins; turns: gyroscope frames
                  without time or number beside accelerometer frames)
movella_dot       Movella DOT, formerly Xsens DOT
muse              Muse 2 and Muse S, their motion sensors (numbered: gyroscope frames with numbers of
                  their own beside accelerometer frames)
ruuvitag          RuuviTag, data formats 5 and 3
bthome            BTHome v2 devices (bthome_objects, bthome_encryption: its bytes; bthome_encoder: its
                  simulated twins)
posture_profile   maker boards with the open profile of docs/open-profile.md
minew             Minew beacons: acceleration frames (unnumbered: which of them are samples)
showing           ends the sign by which a sensor shows which one it is
thingy52          Nordic Thingy:52
mikrotik          MikroTik TG-BT5 tags
estimote          Estimote beacons: telemetry
sensortag         TI SensorTags CC2650 and CC2541, two drivers
kkm               KKM and BlueCharm beacons: sensor frames
nano33, nicla     the Arduino boards with their dashboard sketches (loop_board: what the sketches have in
                  common; counted_rate: a rate that nobody states)
microbit          BBC micro:bit with the accelerometer service
infinitime        InfiniTime, the firmware of the PineTime
upright_go2       Upright GO 2: directions alone
thunderboard      Silicon Labs Thunderboard, IMU service
esense            eSense earbud
openearable1      OpenEarable 1
openearable2      OpenEarable 2 (openearable_scheme: what it says of its sensors, and their records)
espruino          Bangle.js and Puck.js: a script sent over the Nordic UART
bluest            ST's SensorTile.box and other BlueST boards (tick_clock: stamps in coarse ticks, smoothed)
miband            Mi Band 2, 3 and HRX: directions alone, with their key
"""

from collections.abc import Mapping
from typing import Final

from collector.drivers.bluest import BlueSTDriver, BlueSTEncoder
from collector.drivers.bthome import BTHomeDriver
from collector.drivers.bthome_encoder import BTHomeEncoder, BTHomeEncryptedEncoder
from collector.drivers.contract import Driver, Encoder
from collector.drivers.esense import ESenseDriver, ESenseEncoder
from collector.drivers.espruino import BangleEncoder, EspruinoDriver, PuckEncoder
from collector.drivers.estimote import EstimoteDriver, EstimoteEncoder
from collector.drivers.infinitime import InfiniTimeDriver, InfiniTimeEncoder
from collector.drivers.kkm import KKMDriver, KKMEncoder
from collector.drivers.metamotion import MetaMotionDriver
from collector.drivers.metamotion_encoder import MetaMotionBMI160Encoder, MetaMotionBMI270Encoder
from collector.drivers.miband import MiBandDriver, MiBandEncoder
from collector.drivers.microbit import MicroBitDriver, MicroBitEncoder
from collector.drivers.mikrotik import MikrotikDriver, MikrotikEncoder
from collector.drivers.minew import MinewDriver, MinewEncoder
from collector.drivers.movella_dot import MovellaDotDriver, MovellaDotEncoder
from collector.drivers.movesense import MovesenseDriver, MovesenseEncoder
from collector.drivers.muse import MuseDriver, MuseEncoder
from collector.drivers.nano33 import Nano33Driver, Nano33Encoder
from collector.drivers.nicla import NiclaDriver, NiclaEncoder
from collector.drivers.openearable1 import OpenEarable1Driver, OpenEarable1Encoder
from collector.drivers.openearable2 import OpenEarable2Driver, OpenEarable2Encoder
from collector.drivers.polar import PolarDriver
from collector.drivers.polar_encoder import OH1Encoder, PolarH10Encoder, VerityEncoder
from collector.drivers.posture_profile import PostureProfileDriver, PostureProfileEncoder
from collector.drivers.ruuvitag import (
    RuuviTagDriver,
    RuuviTagEncoder,
    RuuviTagFormat3Encoder,
)
from collector.drivers.sensortag import (
    SensorTag2541Driver,
    SensorTag2541Encoder,
    SensorTag2650Driver,
    SensorTag2650Encoder,
)
from collector.drivers.thingy52 import Thingy52Driver, Thingy52Encoder
from collector.drivers.thunderboard import ThunderboardDriver, ThunderboardEncoder
from collector.drivers.upright_go2 import UprightGo2Driver, UprightGo2Encoder
from collector.drivers.witmotion import WitMotionDriver, WitMotionEncoder

_POLARS = {"polar-h10": PolarH10Encoder, "polar-verity": VerityEncoder, "polar-oh1": OH1Encoder}
_METAMOTIONS = {
    "metamotion-bmi160": MetaMotionBMI160Encoder,
    "metamotion-bmi270": MetaMotionBMI270Encoder,
}

#: Each driver, in the order in which they are asked, and its simulated twins by the word a person
#: chooses them with.
WEARABLES: Final[tuple[tuple[type[Driver], Mapping[str, type[Encoder]]], ...]] = (
    (PolarDriver, _POLARS),
    (WitMotionDriver, {"witmotion": WitMotionEncoder}),
    (MovesenseDriver, {"movesense": MovesenseEncoder}),
    (MetaMotionDriver, _METAMOTIONS),
    (MovellaDotDriver, {"movella-dot": MovellaDotEncoder}),
    (MuseDriver, {"muse": MuseEncoder}),
    (PostureProfileDriver, {"posture-profile": PostureProfileEncoder}),
    (Nano33Driver, {"nano33": Nano33Encoder}),
    (NiclaDriver, {"nicla": NiclaEncoder}),
    (OpenEarable1Driver, {"openearable1": OpenEarable1Encoder}),
    (OpenEarable2Driver, {"openearable2": OpenEarable2Encoder}),
    (BlueSTDriver, {"bluest": BlueSTEncoder}),
    (RuuviTagDriver, {"ruuvitag": RuuviTagEncoder, "ruuvitag-df3": RuuviTagFormat3Encoder}),
    (BTHomeDriver, {"bthome": BTHomeEncoder, "bthome-encrypted": BTHomeEncryptedEncoder}),
    (MinewDriver, {"minew": MinewEncoder}),
    (Thingy52Driver, {"thingy52": Thingy52Encoder}),
    (MikrotikDriver, {"mikrotik": MikrotikEncoder}),
    (EstimoteDriver, {"estimote": EstimoteEncoder}),
    (SensorTag2650Driver, {"sensortag-cc2650": SensorTag2650Encoder}),
    (SensorTag2541Driver, {"sensortag-cc2541": SensorTag2541Encoder}),
    (KKMDriver, {"kkm": KKMEncoder}),
    (MicroBitDriver, {"microbit": MicroBitEncoder}),
    (InfiniTimeDriver, {"infinitime": InfiniTimeEncoder}),
    (UprightGo2Driver, {"upright-go2": UprightGo2Encoder}),
    (ThunderboardDriver, {"thunderboard": ThunderboardEncoder}),
    (ESenseDriver, {"esense": ESenseEncoder}),
    (EspruinoDriver, {"bangle": BangleEncoder, "puck": PuckEncoder}),
    (MiBandDriver, {"miband": MiBandEncoder}),
)
DRIVERS: Final[tuple[type[Driver], ...]] = tuple(driver for driver, _ in WEARABLES)

__all__ = ["DRIVERS", "WEARABLES"]
