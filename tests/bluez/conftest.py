"""The real BlueZ backend of bleak on a bus of our own, with a double of bluetoothd behind it."""

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# support modules stand beside the tests; tests are not packages
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "collector")]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`async with bench(["polar-h10"]) as b`; skipped where there is no D-Bus."""
    if not sys.platform.startswith("linux") or importlib.util.find_spec("dbus_fast") is None:
        pytest.skip("BlueZ and D-Bus are Linux's")
    if shutil.which("dbus-daemon") is None:
        pytest.skip("no dbus-daemon on this machine (Debian's package dbus)")
    from bluez_bench import BluezBench
    from bluez_bus import PrivateBus

    bus = PrivateBus(tmp_path)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    bus.start()

    def make(kinds: list[str], **options: Any) -> BluezBench:
        return BluezBench(kinds, bus, **options)

    yield make
    bus.kill()
