"""Debian's InfluxDB 1.6.7 and VictoriaMetrics as processes on loopback, for as long as a test wants them."""

import atexit
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from tests.ports import quiet_port

#: In CI a missing server is a failure, elsewhere a reason to skip.
NEEDED = bool(os.environ.get("SITWELL_NEEDS_INFLUX"))
START_TIMEOUT_S = 30.0

_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup_port}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
wal-fsync-delay = "0s"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
auth-enabled = {auth}
log-enabled = false
max-body-size = {most_bytes}
[continuous_queries]
enabled = false
[logging]
level = "error"
"""


def program(name: str) -> str:
    """The path of a server's program; skips the test where it is not installed."""
    found = shutil.which(name) or shutil.which(name, path="/usr/bin:/usr/sbin")
    if found is None:
        reason = f"{name} is not installed (Debian's packages influxdb and victoria-metrics)"
        if NEEDED:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class RealServer:
    """One process on a folder of its own, that can be killed and started again."""

    def __init__(self, folder: Path, port: int, command: list[str], ready: str) -> None:
        self.folder = folder
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._command = command
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.url + self._ready, timeout=2):
                    return
            except OSError:
                time.sleep(0.02)
        pytest.fail(
            f"{self._command[0]} does not start: {(self.folder / 'log').read_text()[-2000:]}"
        )

    def cpu_s(self) -> float:
        """CPU seconds that the process took so far."""
        assert self._process is not None
        said = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """As a power cut would end the process."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(30)


def influxd(folder: Path, *, auth: bool = False, most_bytes: int = 25_000_000) -> RealServer:
    """An InfluxDB in `folder`, not started yet."""
    path = program("influxd")
    port = quiet_port()
    config = folder / "influxdb.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            port=port,
            backup_port=quiet_port(),
            auth=str(auth).lower(),
            most_bytes=most_bytes,
        )
    )
    return RealServer(folder, port, [path, "-config", str(config)], "/ping")


def victoria_metrics(folder: Path) -> RealServer:
    """A VictoriaMetrics in `folder`, not started yet."""
    path = program("victoria-metrics")
    port = quiet_port()
    command = [
        path,
        f"-httpListenAddr=127.0.0.1:{port}",
        f"-storageDataPath={folder / 'data'}",
        "-retentionPeriod=100y",
    ]
    return RealServer(folder, port, command, "/health")


@functools.cache
def shared_influxd() -> RealServer:
    """One InfluxDB for all tests of a run that take a database each."""
    program("influxd")
    folder = Path(tempfile.mkdtemp(prefix="sitwell-influxd-"))
    server = influxd(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.kill)
    server.start()
    return server
