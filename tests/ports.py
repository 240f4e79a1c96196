"""Ports of loopback for servers that must be told theirs, or come back to the one they had."""

import os
import random
import socket

#: Below those that Linux, macOS and Windows give to whoever asks for any, or makes a connection.
FIRST, END = 20_000, 32_000


def quiet_port() -> int:
    """A port that nobody listens on, and that the system gives to nobody meanwhile."""
    chance = random.Random(os.urandom(8))  # other processes look for one too
    while True:
        with socket.socket() as probe:
            port = chance.randrange(FIRST, END)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
