"""`sitwell` as a process of its own, forked from one that has imported other people's packages.

To import them takes a second or more, and most commands take less. What is ours is imported anew by
every command, as ever, and the process is one like any other: its number, its exit code, its interpreter
that is shut down. How Sitwell starts with nothing imported is tested by all that `Running` starts.

This module is both sides: run as a script it takes orders, a JSON line each, until there are no more.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.service.running import ROOT, command, environment

#: What takes long to import, none of it ours.
OTHERS = (
    *("apsw", "bleak", "bumble.device", "fastapi"),
    *("numpy", "pydantic", "typer", "uvicorn", "vqf"),
)


class WarmPython:
    """Runs commands to their ends, one after the other."""

    def __init__(self) -> None:
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        # A library with threads of its own would make the fork a gamble.
        env = environment(ROOT) | {"OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.service.warm", str(orders), str(answers)],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(orders, answers),
        )
        os.close(orders)
        os.close(answers)

    def run(
        self, words: tuple[str, ...], home: Path, stdin: str, seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """As subprocess.run, captured; raises TimeoutExpired after `seconds`."""
        with tempfile.TemporaryDirectory() as folder:
            said = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
            for path, text in zip(said, (stdin, "", ""), strict=True):
                path.write_text(text)
            order = {"words": words, "env": environment(home), "said": [str(p) for p in said]}
            os.write(self._orders, json.dumps(order).encode() + b"\n")
            number = int(self._answer(seconds=60.0))
            try:
                code = int(self._answer(seconds))
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
                self._answer(seconds=60.0)
                output, errors = (path.read_text() for path in said[1:])
                raise subprocess.TimeoutExpired(command(*words), seconds, output, errors) from None
            output, errors = (path.read_text() for path in said[1:])
        return subprocess.CompletedProcess(command(*words), code, output, errors)

    def close(self) -> None:
        """End it."""
        os.close(self._orders)
        self._process.wait(20.0)
        os.close(self._answers)

    def _answer(self, seconds: float) -> bytes:
        if not select.select([self._answers], [], [], seconds)[0]:
            raise TimeoutError
        answer = b""
        while not answer.endswith(b"\n"):
            byte = os.read(self._answers, 1)
            assert byte, "the process that forks the commands has ended"
            answer += byte
        return answer


def _take_orders(orders: int, answers: int) -> dict[str, list[str]] | None:
    """In the process that forks: returns None at the end. In a forked one: returns its order."""
    with os.fdopen(orders) as lines:
        while line := lines.readline():
            order = json.loads(line)
            number = os.fork()
            if number == 0:
                os.close(answers)
                os.environ.clear()
                os.environ.update(order["env"])
                for fd, path in enumerate(order["said"]):
                    file = os.open(path, os.O_WRONLY | os.O_APPEND if fd else os.O_RDONLY)
                    os.dup2(file, fd)
                    os.close(file)
                return dict(order)
            os.write(answers, f"{number}\n".encode())
            _, status = os.waitpid(number, 0)
            os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    return None


if __name__ == "__main__":
    for name in OTHERS:
        importlib.import_module(name)
    ours = {path.name for path in ROOT.iterdir() if (path / "py.typed").exists()}
    assert not ours & {name.partition(".")[0] for name in sys.modules}, "ours are imported by each"
    gc.freeze()
    mine = _take_orders(*map(int, sys.argv[1:]))
    if mine is not None:
        sys.argv[1:] = mine["words"]
        runpy.run_module("service.cli", run_name="__main__", alter_sys=True)
