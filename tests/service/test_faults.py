"""A full disk, or a clock set back, while somebody sits: they are told in time, no second is lost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.influx.real_servers import NEEDED, shared_influxd
from tests.service.running import ROOT

SCRIPT = Path(__file__).with_name("faulty_engine.py")
T0 = 1_790_067_600
RUN_S = 900.0  # half a minute, or ten times that where others want the disk and the cores
pytestmark = pytest.mark.timeout(RUN_S + 60)
#: A file system of its own, of 12 MB, in a view of the mounts that nobody else sees.
_SMALL = 'mount -t tmpfs -o size=12m none "$1" && exec "$2" "$3" "$1" full-disk $4'


def server() -> tuple[str, ...]:
    """The address of a real InfluxDB, where there is one."""
    there = shutil.which("influxd") or NEEDED
    return (shared_influxd().url,) if there else ()


def run(*command: str) -> dict[str, Any]:
    """What came of it; everything that is stored is then at the server as well, once."""
    found = _run(*command, *server())
    there = found["at_the_server"]
    if there is not None:
        assert there["times"] == found["times"]
        assert there["minutes_equal"]
        assert (there["owed"], there["dead_letters"]) == (0, 0)
    return found


def _run(*command: str) -> dict[str, Any]:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def assert_nothing_lost(found: dict[str, Any]) -> None:
    """Every second once, in the rollups too, and the one alert said in time and kept."""
    times = found["times"]
    assert times[0] == T0
    assert times == list(range(T0, T0 + len(times)))
    assert len(times) >= 1200 - 3, "but for the seconds that wait for samples"
    minutes, seconds = found["minutes"]
    assert minutes == sorted({time - time % 60 for time in times})
    assert sum(seconds) == len(times)
    assert found["dropped"] == 0
    assert found["sits"] == [T0]
    ((said_at, alert),) = found["alerts"]
    assert 898 <= said_at <= 902, "fifteen minutes of sitting, in the middle of the fault"
    assert found["stored_alerts"] == [alert]
    assert found["healthy"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of files")
def test_a_file_that_may_not_grow_delays_commits_and_nothing_else(tmp_path: Path) -> None:
    found = run(sys.executable, str(SCRIPT), str(tmp_path), "file-limit")
    assert len(found["refused"]) > 120
    assert set(found["refused"]) <= set(range(600, 1020))
    assert_nothing_lost(found)


def test_a_disk_that_is_really_full_delays_commits_and_nothing_else(tmp_path: Path) -> None:
    probe = subprocess.run(
        ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=1m none "$0"', str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    ) if sys.platform == "linux" else None  # fmt: skip
    if probe is None or probe.returncode:
        pytest.skip("no file system of one's own can be mounted here (root and Linux can)")
    found = run(
        *("unshare", "-m", "sh", "-c", _SMALL, "sh"),
        *(str(tmp_path), sys.executable, str(SCRIPT)),
    )
    # Later than when the disk is full: the log has room in it that it uses first.
    assert len(found["refused"]) > 120
    assert set(found["refused"]) <= set(range(600, 1020))
    assert_nothing_lost(found)


def test_a_clock_that_is_set_back_an_hour_loses_and_doubles_nothing(tmp_path: Path) -> None:
    found = run(sys.executable, str(SCRIPT), str(tmp_path), "clock-back")
    assert found["refused"] == []
    assert_nothing_lost(found)


def test_a_start_with_the_clock_an_hour_behind_what_is_stored_goes_on_behind_that(
    tmp_path: Path,
) -> None:
    """Time is told at half its speed then, until the machine's clock is reached, and none twice."""
    found = run(sys.executable, str(SCRIPT), str(tmp_path), "restart")
    assert found["refused"] == []
    times = found["times"]
    assert times == list(range(T0, T0 + len(times)))
    assert 600 + 1200 / 2 - 15 <= len(times) <= 600 + 1200 / 2 + 5
    assert sum(found["minutes"][1]) == len(times)
    assert found["sits"] == [T0], "one sit, not two"
    ((said_at, alert),) = found["alerts"]
    assert 1195 <= said_at <= 1215
    assert found["stored_alerts"] == [alert]


#: An ext4 of its own in a file of FOLDER, mounted in a view of the mounts that nobody else sees.
_EXT4 = """
truncate -s 24M "$1/image" && mkfs.ext4 -q "$1/image" && device=$(losetup -f --show "$1/image") || exit 77
mkdir "$1/disk" && mount -t ext4 "$device" "$1/disk" || { losetup -d "$device"; exit 77; }
"$2" "$3" "$1/disk" "$4" $5; status=$?
umount "$1/disk"; losetup -d "$device"; exit $status
"""


def test_a_disk_that_turns_read_only_keeps_all_it_had_and_no_alert_back(tmp_path: Path) -> None:
    tools = ("unshare", "mkfs.ext4", "losetup", "mount")
    if sys.platform != "linux" or not all(map(shutil.which, tools)):
        pytest.skip("no file system of one's own can be made here (Linux with e2fsprogs can)")
    probe = ("unshare", "-m", "sh", "-c", _EXT4, "sh", str(tmp_path), "true", "", "")
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("no ext4 can be mounted here (root and a loop device can)")
    shutil.rmtree(tmp_path / "disk")
    found = run(
        *("unshare", "-m", "sh", "-c", _EXT4, "sh"),
        *(str(tmp_path), sys.executable, str(SCRIPT), "read-only"),
    )
    assert found["refused"] == list(range(600, 1020)), "all that time"
    assert found["details"], "said by the health of the store"
    said_at, _ = found["alerts"][0]
    assert 898 <= said_at <= 902, "fifteen minutes of sitting, in the middle of the fault"
    times = found["times"]
    assert times == sorted(set(times))
    before = [time for time in times if time < T0 + 600]
    assert before == list(range(T0, T0 + len(before)))
    assert len(before) >= 600 - 3, "but for the last second and those that wait for samples"
    after = [time for time in times if time >= T0 + 1020]
    assert after[-1] >= T0 + 1200 - 3, "it goes on after a restart"
    assert sum(found["minutes"][1]) == len(times)
    assert found["healthy"]
