"""A D-Bus daemon of our own that is taken for the system bus."""

import subprocess
from pathlib import Path

_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""
_START_S = 10.0


class PrivateBus:
    """`dbus-daemon` on a socket in `folder`; it may be killed and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "system_bus"
        self._configuration = folder / "bus.conf"
        self._configuration.write_text(_CONFIGURATION.format(socket=self._socket))
        self._daemon: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """What DBUS_SYSTEM_BUS_ADDRESS is to be."""
        return f"unix:path={self._socket}"

    def start(self) -> None:
        """Start the daemon; returns when it listens."""
        assert self._daemon is None
        self._socket.unlink(missing_ok=True)
        self._daemon = subprocess.Popen(
            [
                "dbus-daemon",
                f"--config-file={self._configuration}",
                "--nofork",
                "--nopidfile",
                "--print-address=1",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._daemon.stdout is not None
        assert self._daemon.stdout.readline().startswith("unix:"), "dbus-daemon did not start"

    def kill(self) -> None:
        """End the daemon without warning; harmless when it is not running."""
        daemon, self._daemon = self._daemon, None
        if daemon is not None:
            daemon.kill()
            daemon.wait(_START_S)
            assert daemon.stdout is not None
            daemon.stdout.close()
        self._socket.unlink(missing_ok=True)
