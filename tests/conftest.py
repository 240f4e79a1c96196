"""Fixtures every test may use."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
import pytest
from hypothesis import settings

from tests.virtual_time import VirtualLoop

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real labelled recordings; the test is skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real recordings (../shared/data) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; the test is skipped where there is none."""
    path = os.environ.get("SITWELL_CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUM_NAMES)), ""
    )
    if not path:
        pytest.skip("no Chromium on this machine: install it, or set SITWELL_CHROMIUM")
    return path


MOST_PROCESSES = 4


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """The whole suite runs in as many processes as there are cores, where pytest-xdist is installed. The
    tests of a file stay in one, which makes what they share once.

    What is named on the command line runs in this process; so does everything with `-n0`.
    """
    option = config.option
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if not whole or hasattr(config, "workerinput"):
        return
    if option.keyword or option.usepdb or option.collectonly:
        return
    if getattr(option, "numprocesses", 0) is None and option.dist == "no":
        option.numprocesses = min(os.cpu_count() or 1, MOST_PROCESSES)
        option.dist = "loadfile"
        option.loadscopereorder = False


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """What is marked `virtual_time` runs in a time that no other process can hold up."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualLoop}
    return {"real": asyncio.new_event_loop}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The one file that takes minutes comes first, so that the last to end is a short one."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith("tests/vm/"))


# anyio imports this when it is first used, pytest rewrites it as it does every plugin, and a Python 3.11 that
# parses in two threads at once gives up ("AST constructor recursion depth mismatch"): so now, in this one.
_ = anyio.open_file

# A slow machine must not make a property fail: what a property asserts is never how fast it runs.
settings.register_profile("sitwell", deadline=None, derandomize=True)
settings.load_profile("sitwell")
