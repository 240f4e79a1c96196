"""A driver that lives in a package of its own is installed, found, and reads its sensor."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ASK = """
from collector.drivers.contract import Advertisement
from collector.drivers.registry import driver_for, outsiders
from sitwell_chairtag import DATA, SERVICE
assert not outsiders().broken, outsiders().broken
driver = driver_for(Advertisement("a", None, None, 0.0, service_uuids=(SERVICE,)))
started, block = driver().feed(DATA, bytes.fromhex("0000e803f401"), 0.0)
print(driver.name, started.rate_hz, *block.acc_g[0])
"""


def run(*command: str, path: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(path)}
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample package in it, installed by pip from what this machine has."""
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, timeout=60, check=False
    )
    if pip.returncode != 0:
        pytest.skip("this environment has no pip to install the sample package with")
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for file in (ROOT / "docs/sample-driver").iterdir():
        if file.is_file():
            (source / file.name).write_bytes(file.read_bytes())
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    run("-m", "pip", "install", "-q", *offline, "--target", str(target), str(source), path=target)
    return target


def test_an_installed_package_brings_its_driver(installed: Path) -> None:
    assert run("-c", ASK, path=installed).split() == ["chairtag", "25.0", "0.0", "1.0", "0.5"]


def test_the_command_line_lists_it(installed: Path) -> None:
    listed = run("-c", "from service.cli import main; main()", "drivers", path=installed)
    assert "chairtag" in listed
    assert "ChairTag" in listed


def test_without_the_package_nobody_knows_it(tmp_path: Path) -> None:
    assert "chairtag" not in run(
        "-c", "from service.cli import main; main()", "drivers", path=tmp_path
    )
