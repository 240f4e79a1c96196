"""Sitwell as real processes: started as a user starts it, and killed at the end, whatever happens."""

import contextlib
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service.running import Running, Start
from tests.service.warm import WarmPython


@pytest.fixture(scope="module")
def start_anew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts `sitwell` with the given words and waits until it is up; ends it after the module."""
    with _starter(tmp_path_factory.mktemp("processes")) as start:
        yield start


@pytest.fixture
def start(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Starts `sitwell` with the given words and waits until it is up; ends it after the test."""
    with _starter(tmp_path) as begin:
        yield begin


@contextlib.contextmanager
def _starter(folder: Path) -> Iterator[Start]:
    running: list[Running] = []

    def begin(*arguments: str) -> Running:
        one = Running(arguments, folder / "home", folder / f"output-{len(running)}.txt")
        running.append(one)
        one.wait_until_up()
        return one

    try:
        yield begin
    finally:
        for one in running:
            one.clean_up()
            # Shown by pytest beside a failure only.
            print(f"--- {' '.join(one.process.args[3:])}\n{one.said}")  # type: ignore[index]  # a list


@pytest.fixture(scope="session")
def warm_python() -> Iterator[WarmPython]:
    """Starts commands that need not import everything first."""
    warm = WarmPython()
    yield warm
    warm.close()


@pytest.fixture
def sitwell(
    warm_python: WarmPython, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command to its end and returns what it said; `stdin` is what is typed."""

    def run(
        *arguments: str, stdin: str = "", seconds: float = 90.0
    ) -> subprocess.CompletedProcess[str]:
        return warm_python.run(arguments, tmp_path / "home", stdin, seconds)

    return run


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]
