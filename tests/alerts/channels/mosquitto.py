"""A real Mosquitto on loopback, with a password, that can be stopped and started again."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.ports import quiet_port

#: In CI a missing broker is a failure, elsewhere a reason to skip.
NEEDED = bool(os.environ.get("SITWELL_NEEDS_MOSQUITTO"))
USER, PASSWORD = "sitwell", "correct horse"
START_S = 30.0


def program(name: str) -> str:
    """The path of a program of Mosquitto's; skips the test where it is not installed."""
    found = shutil.which(name) or shutil.which(name, path="/usr/bin:/usr/sbin:/usr/local/sbin")
    if found is None:
        reason = f"{name} is not installed (Debian's package mosquitto)"
        if NEEDED:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Mosquitto:
    """Keeps what is retained in `folder` over a restart."""

    def __init__(self, folder: Path) -> None:
        self._program = program("mosquitto")
        folder.mkdir(exist_ok=True)
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        subprocess.run(
            [program("mosquitto_passwd"), "-b", str(passwords), USER, PASSWORD],
            check=True,
            capture_output=True,
        )
        self.port = quiet_port()
        owner = "user root\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
            f"persistence true\npersistence_location {folder}/\nlog_type none\n{owner}"
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process is not None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_S
        while True:
            assert self._process.poll() is None, "mosquitto did not start"
            assert time.monotonic() < deadline
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            except OSError:
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(START_S)
