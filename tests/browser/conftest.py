"""A real service in its own process and a real Chromium that looks at it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class DemoProcess:
    """`sitwell demo` as a person starts it, on a free port (the same one after a restart)."""

    def __init__(self, root: Path, data_dir: Path, *options: str) -> None:
        self._root = root
        self._command = [sys.executable, "-m", "service.cli", "demo", "--no-browser"]
        self._command += ["--data-dir", str(data_dir), *options]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.log = data_dir.with_suffix(".log")

    def start(self, port: int = 0) -> str:
        """Start it, and return the address it prints."""
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*self._command, "--port", str(port)],
                cwd=self._root,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("Sitwell is at "):
                self.url = line.removeprefix("Sitwell is at ").strip()
                return self.url
        raise AssertionError(f"it ended with {self._process.wait()}: {self.log.read_text()}")

    @property
    def port(self) -> int:
        """The port of the last start."""
        return int(self.url.rstrip("/").rsplit(":", 1)[1])

    def end(self, how: signal.Signals) -> None:
        """Send the signal and wait for the end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(15)
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()


@pytest.fixture
def demo(root: Path, tmp_path: Path) -> Iterator[Callable[..., DemoProcess]]:
    """Makes demo processes; all are ended at the end, whatever happens."""
    made: list[DemoProcess] = []

    def make(*options: str) -> DemoProcess:
        process = DemoProcess(root, tmp_path / f"data{len(made)}", *options)
        made.append(process)
        return process

    yield make
    for process in made:
        process.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def demo_with_a_past(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one demo for a whole module, once yesterday has been made up."""
    process = DemoProcess(root, tmp_path_factory.mktemp("past") / "data", "--days", "1")
    try:
        yield process.start()
    finally:
        process.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium."""
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


class Watched:
    """A page and everything its console said."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.page.on(
            "console",
            lambda message: self.said.append(message.text) if message.type != "log" else None,
        )
        self.page.on("pageerror", lambda error: self.said.append(str(error)))


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens pages of a given size and colour scheme."""
    contexts: list[BrowserContext] = []

    def open_page(width: int = 1280, height: int = 900, scheme: str = "light") -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        return Watched(context)

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def artefacts(root: Path) -> Path:
    """Where screenshots go, to be looked at."""
    folder = Path(os.environ.get("SITWELL_ARTEFACTS", root / "tests" / "browser" / "artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
