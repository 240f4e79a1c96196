"""Every vector of tests/vectors that is written in the common form decodes to what it says.

A file is `{"source": ..., "frames": [...]}`; a frame in the common form has `characteristic` and `hex`,
and whichever of these are to be compared: `acc_g`, `gyro_dps` (rows, null for NaN), `device_times`,
`sequence`, `battery_percent`, `error` (true: it is no valid frame). `before` lists [characteristic, hex]
fed to the same driver first; `tolerance` is 1e-6 unless given.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from collector.drivers.registry import driver_named
from domain.errors import PayloadError
from domain.samples import BatteryReading, DeviceBlock

FILES = sorted((Path(__file__).resolve().parents[2] / "vectors").glob("*.json"))
FRAMES = [
    pytest.param(path.stem, frame, id=f"{path.stem}: {frame['name']}")
    for path in FILES
    for frame in json.loads(path.read_text())["frames"]
    if "characteristic" in frame
]


def rows(values):
    return np.array([[np.nan if x is None else x for x in row] for row in values], dtype=float)


def fed(driver, characteristic, payload):
    return driver.feed(characteristic, bytes.fromhex(payload), 1_700_000_000.0)


@pytest.mark.parametrize(("name", "frame"), FRAMES)
def test_a_vector_decodes_to_what_it_says(name, frame):
    driver = driver_named(name)()
    driver.start()
    for characteristic, payload in frame.get("before", ()):
        fed(driver, characteristic, payload)
    if frame.get("error"):
        with pytest.raises(PayloadError):
            fed(driver, frame["characteristic"], frame["hex"])
        return
    events = fed(driver, frame["characteristic"], frame["hex"])
    blocks = [event for event in events if isinstance(event, DeviceBlock)]
    within = {"atol": frame.get("tolerance", 1e-6), "rtol": 0}
    compared = 0
    for key in ("acc_g", "gyro_dps"):
        if key in frame:
            got = np.concatenate([getattr(block, key) for block in blocks])
            np.testing.assert_allclose(got, rows(frame[key]), **within)
            compared += 1
    if "device_times" in frame:
        got = np.concatenate([block.device_times for block in blocks])
        np.testing.assert_allclose(got, frame["device_times"], **within)
        compared += 1
    if "sequence" in frame:
        assert blocks[0].sequence == frame["sequence"]
        compared += 1
    if "battery_percent" in frame:
        (battery,) = [event for event in events if isinstance(event, BatteryReading)]
        assert battery.percent == pytest.approx(frame["battery_percent"], abs=0.01)
        compared += 1
    assert compared, "a vector that compares nothing shows nothing"


def test_no_sensor_of_the_shared_vectors_is_left_out():
    here = Path(__file__).resolve()
    shared = here.parents[3].parent / "shared/sensors/vectors.json"
    if not shared.exists():
        pytest.skip("the shared sensor vectors are not beside this checkout")
    asked = "".join(path.read_text() for path in here.parent.glob("test_*.py"))
    sensors = {vector["sensor"] for vector in json.loads(shared.read_text())}
    assert {name for name in sensors if f'shared_vectors("{name}")' not in asked} == set()
