"""What other packages take for the same week, each in a Python of its own: none is needed by ours.

Pass the Python of a virtual environment in which some of acti-motus, scikit-digital-health and vqf are
installed; what is missing is left out. Data go over as .npy files in a folder that is removed again.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from domain.samples import Recording

#: The packages, and what of each is measured.
WHAT = {
    "acti-motus": "acti-motus: features and activities of a thigh",
    "skdh": "scikit-digital-health: calibration, wear detection, ENMO and MAD",
    "vqf": "vqf: the filter alone, acc + gyro",
}

_CODE = """
import json, resource, sys, time
import numpy as np

folder, what = sys.argv[1], sys.argv[2]
times, acc = np.load(folder + "/times.npy"), np.load(folder + "/acc.npy")
if what == "vqf":
    from vqf import VQF
    acc, gyro = acc * 9.80665, np.radians(np.load(folder + "/gyro.npy"))
    def run():
        VQF(1 / 50.0, magDistRejectionEnabled=False).updateBatch(gyro, acc)
elif what == "skdh":
    from skdh.activity.metrics import metric_enmo, metric_mad
    from skdh.preprocessing import AccelThresholdWearDetection, CalibrateAccelerometer
    def run():
        found = CalibrateAccelerometer().predict(time=times, accel=acc, fs=50.0)
        fixed = found.get("accel", acc)
        AccelThresholdWearDetection().predict(time=times, accel=fixed, fs=50.0)
        metric_enmo(fixed, wlen=50)
        metric_mad(fixed, wlen=50)
else:
    import pandas as pd
    from actimotus import Activities, Features
    frame = pd.DataFrame(acc, columns=["acc_x", "acc_y", "acc_z"])
    frame.index = pd.DatetimeIndex(pd.to_datetime(times, unit="s"), name="datetime")
    def run():
        Activities().compute(Features().compute(frame, sampling_frequency=50.0))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.process_time()
run()
took = time.process_time() - began
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": took, "extra_mb": (after - before) / 1e3}))
"""


def measure(python: str, recording: Recording, what: str) -> dict[str, float] | str:
    """CPU seconds and MB beyond the input, or why there are none."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "times.npy", recording.times)
        np.save(Path(folder) / "acc.npy", recording.acc_g)
        if recording.gyro_dps is not None:
            np.save(Path(folder) / "gyro.npy", recording.gyro_dps)
        done = subprocess.run(
            [python, "-W", "ignore", "-c", _CODE, folder, what],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no answer"])[-1]
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
