"""Questions on a terminal: answered, left unanswered, and left by Ctrl-C."""

import os
import signal
import subprocess
import sys

import pytest

from tests.service.running import ROOT, heeding_ctrl_c

pty = pytest.importorskip("pty", reason="terminals of this kind are a matter of POSIX")

ASK = """
import asyncio
from service.commands.terminal import answer, choice, confirmed

async def ask():
    which = await choice("Which one?", ["this", "that"])
    sure = await confirmed("Sure?", default=False)
    print("said", which, sure, await answer("Name?"), flush=True)

asyncio.run(ask())
"""

TELL_OF_READING = """
import os
read = os.read

def told(descriptor, most):
    print("it reads", flush=True)
    return read(descriptor, most)

os.read = told
"""


def asked(typed: str) -> subprocess.CompletedProcess[str]:
    """What comes of typing all this at once, and nothing more."""
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-c", ASK],
        cwd=ROOT,
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_questions_are_asked_again_until_they_are_answered() -> None:
    done = asked("three\n0\n2\ny\n Küchenstuhl \n")
    assert "said 1 True Küchenstuhl" in done.stdout
    assert done.stdout.count("Please give a number") == 2


@pytest.mark.parametrize("typed", ["", "1\n", "1\ny\n"])
def test_where_nobody_answers_it_says_so_and_ends(typed: str) -> None:
    done = asked(typed)
    assert done.returncode != 0
    assert "nobody answers here" in done.stderr


def test_ctrl_c_ends_a_question_at_once() -> None:
    mine, its = pty.openpty()
    with heeding_ctrl_c():
        process = subprocess.Popen(
            [sys.executable, "-c", TELL_OF_READING + ASK],
            cwd=ROOT,
            stdin=its,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        while "it reads" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)  # as the terminal does; it waits for a line meanwhile
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait(10)
    assert "KeyboardInterrupt" in errors
    assert "Fatal" not in errors
    assert process.returncode != 0
    for descriptor in (mine, its):
        os.close(descriptor)
