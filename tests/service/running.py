"""A `sitwell` that runs as a process of its own, asked over HTTP as a page asks."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import psutil

ROOT = Path(__file__).resolve().parents[2]
#: Patience with a loaded machine; what a test asserts about time it measures itself.
START_S = 120.0
STOP_S = 60.0
ANSWER_S = 60.0
URL_WORDS = "Sitwell is at "

Json = dict[str, Any]


def command(*arguments: str) -> list[str]:
    """The command line that runs `sitwell` from this checkout."""
    return [sys.executable, "-m", "service.cli", *arguments]


def environment(home: Path) -> dict[str, str]:
    """Ours, with a home of its own: no test reads or writes the data of whoever runs it."""
    return os.environ | {
        # What one process has compiled, the next need not.
        "PYTHONDONTWRITEBYTECODE": "",
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "PYTHONUNBUFFERED": "1",
    }


@contextlib.contextmanager
def heeding_ctrl_c() -> Iterator[None]:
    """What is started meanwhile can be interrupted; what a shell started in its background ignores Ctrl-C,
    and so does all that it starts in its turn."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True)
class Event:
    """One event of the live stream as it came: `at` is this machine's monotonic clock."""

    id: int
    name: str
    data: Json
    at: float


class LiveStream:
    """Reads /live in a thread; every event so far is in `events`."""

    def __init__(self, url: str, *, after: int | None = None) -> None:
        self.events: list[Event] = []
        self.ended = False
        self._url = url
        self._headers = {} if after is None else {"Last-Event-ID": str(after)}
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, wanted: Callable[[Event], bool], seconds: float, what: str) -> Event:
        """The first event, past or to come, for which `wanted` is true."""
        deadline = time.monotonic() + seconds
        looked = 0
        while True:
            with self._news:
                for event in self.events[looked:]:
                    if wanted(event):
                        return event
                looked = len(self.events)
                left = deadline - time.monotonic()
                assert left > 0, f"no event within {seconds:g} s: {what}"
                assert not self.ended, f"the stream ended before this came: {what}"
                self._news.wait(min(left, 1.0))

    def of(self, name: str) -> list[Json]:
        """The data of every event called `name` so far."""
        return [event.data for event in list(self.events) if event.name == name]

    def join(self, seconds: float) -> None:
        """Wait for the end of the stream."""
        self._thread.join(seconds)

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            with httpx2.stream("GET", self._url, headers=self._headers, timeout=60.0) as answer:
                for line in answer.iter_lines():
                    key, _, value = line.partition(": ")
                    if line and key:
                        fields[key] = value
                    elif "data" in fields:
                        self._take(fields)
                        fields = {}
        except httpx2.TransportError:
            pass  # the process was killed; that is what some tests are about
        finally:
            with self._news:
                self.ended = True
                self._news.notify_all()

    def _take(self, fields: dict[str, str]) -> None:
        event = Event(
            int(fields.get("id", -1)), fields["event"], json.loads(fields["data"]), time.monotonic()
        )
        with self._news:
            self.events.append(event)
            self._news.notify_all()


class Running:
    """A `sitwell` that runs, its address once it has printed it, and everything it said."""

    def __init__(self, arguments: tuple[str, ...], home: Path, output: Path) -> None:
        self.began = time.monotonic()
        self._output = output
        self._file = output.open("wb")
        self.process = subprocess.Popen(
            command(*arguments),
            cwd=ROOT,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that nothing it starts can survive the test
        )
        self.url = ""

    @property
    def said(self) -> str:
        """What it printed, on either stream."""
        return self._output.read_text(errors="replace")

    def wait_until_up(self) -> None:
        """Return once the page's address was printed and health answers there."""
        deadline = self.began + START_S
        while URL_WORDS not in self.said or "\n" not in self.said.split(URL_WORDS)[1]:
            assert self.process.poll() is None, (
                f"it ended with {self.process.returncode}:\n{self.said}"
            )
            assert time.monotonic() < deadline, f"no address within {START_S:g} s:\n{self.said}"
            time.sleep(0.05)
        self.url = self.said.split(URL_WORDS)[1].splitlines()[0].rstrip("/")
        self.get("/health")

    def get(self, path: str, **query: Any) -> Json:
        """The JSON of a call below /api/v1 that must succeed."""
        answer = httpx2.get(f"{self.url}/api/v1{path}", params=query, timeout=ANSWER_S)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def post(self, path: str, body: Json) -> Json:
        """The JSON of a post that must succeed."""
        answer = httpx2.post(f"{self.url}/api/v1{path}", json=body, timeout=ANSWER_S)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def live(self, *, after: int | None = None) -> LiveStream:
        """A client of the live stream."""
        return LiveStream(f"{self.url}/api/v1/live", after=after)

    def poll(self, path: str, wanted: Callable[[Json], bool], seconds: float) -> Json:
        """The first answer of `path` for which `wanted` is true."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.get(path)
            if wanted(answer):
                return answer
            assert time.monotonic() < deadline, f"{path} still says {answer}"
            time.sleep(0.2)

    def terminate(self, *, name: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to end; seconds until it had."""
        asked = time.monotonic()
        self.process.send_signal(name)
        self.process.wait(STOP_S)
        return time.monotonic() - asked

    def kill(self) -> float:
        """End it as a power cut does. The monotonic time before which all that was shown is to be stored: a
        second is until the next commit is due, and half of one that takes; where the machine was busier
        than that, it is the time of the last commit there was."""
        asked_at = time.monotonic()
        health = self.get("/health")
        last = health["store"]["last_commit_at"]
        since_s = _unix(health["now"]) - _unix(last or health["started_at"])
        killed_at = time.monotonic()
        self.process.kill()
        self.process.wait(STOP_S)
        return min(killed_at - 2.5, asked_at - since_s / health["speed"] - 0.5)

    def family(self) -> list[psutil.Process]:
        """Every process that it started and that still runs."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def clean_up(self) -> None:
        """Leave nothing behind, whatever happened."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_S)
        self._file.close()


def _unix(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


Start = Callable[..., Running]


def demo_words(data_dir: Path, *more: str, days: int = 0) -> tuple[str, ...]:
    """`sitwell demo` on a free port, without a browser."""
    words = ("--port", "0", "--no-browser", "--days", str(days), "--data-dir", str(data_dir))
    return ("demo", *words, *more)
