"""The processes of the virtual machine: the bus, BlueZ, and `sitwell run` with its API."""

import asyncio
import json
import signal
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BUS = ("dbus-daemon", "--system", "--nofork", "--nopidfile")
BLUETOOTHD = ("/usr/libexec/bluetooth/bluetoothd",)
BUS_SOCKET = Path("/run/dbus/system_bus_socket")
LOGS = Path("/var/log")
START_S = 90.0  # a machine in software imports numpy, pydantic and FastAPI
ANSWER_S = 20.0


class NotReadyError(Exception):
    """A process did not do in time what it should."""


@dataclass(slots=True)
class Program:
    """A program that is started, killed and started again; it logs to LOGS."""

    command: Sequence[str]
    process: asyncio.subprocess.Process | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = LOGS / f"{Path(self.command[0]).name}.log"

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command, stdout=log, stderr=log
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait; its exit code."""
        assert self.process is not None
        if self.alive:
            self.process.send_signal(how)
        async with asyncio.timeout(ANSWER_S):
            return await self.process.wait()

    def descriptors(self) -> Counter[str]:
        """Its open files by what they are: `socket`, `/var/lib/...`, `anon_inode`."""
        folder = Path(f"/proc/{self.pid}/fd")
        kinds = Counter[str]()
        for entry in folder.iterdir():
            try:
                kinds[str(entry.readlink()).partition(":")[0]] += 1
            except FileNotFoundError:  # closed meanwhile
                continue
        return kinds


class Bluetooth:
    """The system bus and bluetoothd."""

    def __init__(self) -> None:
        self.bus = Program(BUS)
        self.daemon = Program(BLUETOOTHD)

    async def start(self) -> None:
        await self.start_bus()
        await self.daemon.start()
        await self.until_powered()

    async def start_bus(self) -> None:
        BUS_SOCKET.unlink(missing_ok=True)
        await self.bus.start()
        async with asyncio.timeout(ANSWER_S):
            while not BUS_SOCKET.exists():
                await asyncio.sleep(0.1)

    async def until_powered(self) -> None:
        async with asyncio.timeout(START_S):
            while "Powered: yes" not in await control("show"):
                await asyncio.sleep(0.5)


async def command(*words: str, timeout_s: float) -> tuple[int, str]:
    """The exit code of a program without a keyboard, and what it says."""
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(timeout_s):
        out, _ = await process.communicate()
    return process.returncode or 0, out.decode(errors="replace")


async def control(*words: str, timeout_s: float = ANSWER_S) -> str:
    """What `bluetoothctl` answers, whatever its exit code."""
    process = await asyncio.create_subprocess_exec(
        "bluetoothctl",
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return "no answer"
    return out.decode(errors="replace")


async def converse(*lines: str, pause_s: float) -> str:
    """What `bluetoothctl` says while these lines are typed, each after a pause; it is then an agent."""
    process = await asyncio.create_subprocess_exec(
        "bluetoothctl",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdin is not None
    for line in (*lines, "quit"):
        await asyncio.sleep(pause_s)
        process.stdin.write(f"{line}\n".encode())
        await process.stdin.drain()
    async with asyncio.timeout(ANSWER_S):
        out, _ = await process.communicate()
    return out.decode(errors="replace")


class Service(Program):
    """`sitwell run`, and what its API says."""

    url: str

    def __init__(self, config: Path, port: int) -> None:
        super().__init__(("sitwell", "run", "--config", str(config), "--verbose"))
        self.url = f"http://127.0.0.1:{port}/api/v1"

    async def until_serving(self) -> None:
        async with asyncio.timeout(START_S):
            while True:
                if not self.alive:
                    raise NotReadyError(f"sitwell run ended:\n{self.log.read_text()[-4000:]}")
                try:
                    await self.get("/health")
                except OSError:
                    await asyncio.sleep(0.5)
                else:
                    return

    async def get(self, path: str) -> Any:
        """The answer to a GET. Raises OSError (urllib.error.URLError is one)."""
        return await asyncio.to_thread(self._get, path)

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=ANSWER_S) as answer:
            return json.load(answer)

    async def post(self, path: str, wish: Mapping[str, str]) -> int:
        """The status of the answer to a POST. Raises OSError when there is none."""
        return await asyncio.to_thread(self._post, path, wish)

    def _post(self, path: str, wish: Mapping[str, str]) -> int:
        request = urllib.request.Request(
            self.url + path, json.dumps(wish).encode(), {"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    async def sensors(self) -> dict[str, dict[str, Any]]:
        """Every sensor by its address."""
        return {item["id"]: item for item in (await self.get("/sensors"))["items"]}
