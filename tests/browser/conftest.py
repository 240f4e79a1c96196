"""A real service in its own process and a real Chromium that looks at it."""

import contextlib
import os
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from storage.sqlite import SqliteStore
from tests.api.access import closed as ask_everybody
from tests.api.access import kept_token
from tests.api.service_fake import fill
from tests.browser.made_up import MadeUp
from tests.browser.walking import PATIENCE_MS
from tests.service.running import Running

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


def port_of_its_own() -> int:
    """A free port that the system gives to nobody by itself: it is still free after a restart."""
    while True:
        port = random.randrange(20_000, 32_768)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


class DemoProcess:
    """`sitwell demo` as a person starts it, on a free port (the same one after a restart)."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        self._data_dir = data_dir
        self._options = options
        self._runs: list[Running] = []

    def start(self, port: int | None = None) -> str:
        """Start it, and return the address it prints."""
        home, output = self._data_dir.with_suffix(".home"), f".{len(self._runs)}.log"
        words = ("demo", "--no-browser", "--data-dir", str(self._data_dir), *self._options)
        port = port_of_its_own() if port is None else port
        run = Running((*words, "--port", str(port)), home, self._data_dir.with_suffix(output))
        self._runs.append(run)
        run.wait_until_up()
        return run.url

    @property
    def port(self) -> int:
        """The port of the last start."""
        return int(self._runs[-1].url.rsplit(":", 1)[1])

    def kill(self) -> None:
        """End it as a power cut does."""
        self._runs[-1].kill()

    def clean_up(self) -> None:
        """Leave nothing behind, whatever happened."""
        for run in self._runs:
            run.clean_up()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Callable[..., DemoProcess]]:
    """Makes demo processes; all are ended at the end, whatever happens."""
    made: list[DemoProcess] = []

    def make(*options: str) -> DemoProcess:
        process = DemoProcess(tmp_path / f"data{len(made)}", *options)
        made.append(process)
        return process

    yield make
    for process in made:
        process.clean_up()


@pytest.fixture(scope="module")
def demo_with_a_past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one demo for a whole module, once yesterday has been made up."""
    process = DemoProcess(tmp_path_factory.mktemp("past") / "data", "--days", "1")
    try:
        yield process.start()
    finally:
        process.clean_up()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


def told(message: ConsoleMessage) -> bool:
    """Whether a line of the console is something to be looked at."""
    return message.type != "log" and "registration blocked by Playwright" not in message.text


#: Counts the answers that a page waits for, so that a test can wait until there are none.
ASKING = """
window.asking = 0;
const counted = (call) => async function (...all) {
  window.asking += 1;
  try { return await call.apply(this, all); }
  finally { setTimeout(() => { window.asking -= 1; }, 0); }  // once it was drawn
};
window.fetch = counted(window.fetch);
for (const name of ["json", "text"]) Response.prototype[name] = counted(Response.prototype[name]);
"""


class Watched:
    """A page and everything its console said."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.add_init_script(ASKING)
        self.said: list[str] = []
        self.page.on(
            "console",
            lambda message: self.said.append(message.text) if told(message) else None,
        )
        self.page.on("pageerror", lambda error: self.said.append(str(error)))


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens pages of a given size, colour scheme and locale; what else is given goes to Playwright."""
    contexts: list[BrowserContext] = []

    def open_page(
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        locale: str = "en-GB",
        **options: Any,
    ) -> Watched:
        options.setdefault("service_workers", "block")  # they would answer for the network
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=locale,
            **options,
        )
        contexts.append(context)
        return Watched(context)

    yield open_page
    for context in contexts:
        for page in context.pages:
            with contextlib.suppress(Error):  # to close amid a navigation can hang
                page.goto("about:blank")
        context.close()


@pytest.fixture(scope="session")
def artefacts(root: Path) -> Path:
    """Where screenshots go, to be looked at."""
    folder = Path(os.environ.get("SITWELL_ARTEFACTS", root / "tests" / "browser" / "artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def made_up(tmp_path: Path) -> Iterator[MadeUp]:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        fill(store)
        made_up = MadeUp(store)
        yield made_up
        made_up.stop()


@pytest.fixture
def closed(made_up: MadeUp) -> MadeUp:
    """The made-up service, which asks everybody who they are."""
    ask_everybody(made_up.app)
    return made_up


@pytest.fixture
def look_only(closed: MadeUp, look: Callable[..., Watched]) -> Callable[[str], Watched]:
    """Opens a page for somebody who may look at one wearer and change nothing."""

    def open_page(name: str) -> Watched:
        _, secret = kept_token(closed.store, "read", wearer="ada", kind="login")
        watched = look()
        watched.page.goto(f"{closed.url}#login={secret}")
        expect(watched.page.get_by_test_id("alert-card")).to_have_count(1)
        watched.page.evaluate("(name) => { location.hash = `#/${name}`; }", name)
        return watched

    return open_page
