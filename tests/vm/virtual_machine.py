"""Boots the image under QEMU's software emulation and brings back the scenario's report.

The machine's clock counts instructions (`-icount`): one takes a nanosecond, and where nobody has
anything to do, time jumps to the next timer. So however slow or busy this machine is, the one
inside meets its deadlines, such as the 2 s after which Linux gives up a Bluetooth controller.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.vm.image import Image

MEMORY_MB = 2560  # the disk is in it twice while it is unpacked
SHIFT = 0  # an instruction takes 2**SHIFT ns
CPU = "Nehalem"  # emulated wide vectors cost more than they save
#: What costs much in emulation: page tables switched at every system call, clocks that are devices.
CHEAPER = "mitigations=off nowatchdog clocksource=tsc tsc=reliable"
QEMU = "qemu-system-x86_64"


@dataclass(frozen=True, slots=True)
class Report:
    """What the scenario told, event by event, and the machine's console."""

    events: tuple[Mapping[str, Any], ...]
    console: str

    def every(self, event: str) -> list[Mapping[str, Any]]:
        """Every event of that name, in order."""
        return [each for each in self.events if each["event"] == event]

    @property
    def ended(self) -> bool:
        """Whether the scenario came to its end."""
        return bool(self.every("end")) and not self.every("broken")

    def trouble(self) -> str:
        """What there is to read when something went wrong."""
        traces = [str(each["trace"]) for each in self.every("broken")]
        logs = [f"--- {n}\n{t}" for e in self.every("end") for n, t in e["logs"].items()]
        phases = [json.dumps(each) for each in self.events if each["event"] != "end"]
        return "\n".join((*phases, *traces, *logs, "--- console", self.console[-4000:]))


def run(image: Image, work: Path, timeout_s: float) -> Report:
    """Boot, wait until the machine switches itself off, at most `timeout_s`, and read the report."""
    initramfs = image.initramfs(work / "initramfs")
    report, console = work / "report.jsonl", work / "console.log"
    command = [
        QEMU,
        *("-accel", "tcg,thread=single", "-icount", f"shift={SHIFT},sleep=off", "-rtc", "clock=vm"),
        *("-cpu", CPU, "-m", str(MEMORY_MB), "-no-reboot"),
        *("-display", "none", "-monitor", "none", "-nic", "none"),
        *("-serial", f"file:{console}", "-serial", f"file:{report}"),
        *("-kernel", str(image.kernel), "-initrd", str(initramfs)),
        *("-append", f"console=ttyS0 panic=-1 quiet {CHEAPER}"),
    ]
    try:
        subprocess.run(command, timeout=timeout_s, check=True, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        pass  # what was reported until then says more than the timeout
    finally:
        initramfs.unlink()
    lines = report.read_text(errors="replace").splitlines() if report.exists() else []
    return Report(tuple(_events(lines)), console.read_text(errors="replace"))


def _events(lines: list[str]) -> list[Mapping[str, Any]]:
    """The whole lines; the last one may have been cut off."""
    events = []
    for line in lines:
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return events
