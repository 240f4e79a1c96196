"""The table of what is on the air, on terminals of every width, with names that are no names."""

import io
import time

import pytest
from rich.console import Console

from collector.discovery import Discovery
from collector.drivers.contract import Advertisement
from service.commands.scan import drawn, rows

ADDRESS = "A0:9E:1A:51:77:01"


def shown(name: str | None, width: int) -> str:
    """The table with one strap of this name."""
    discovery = Discovery()
    polar = {0x006B: b"\x00"}
    discovery.hear(Advertisement(ADDRESS, "Polar H10 1", -60, time.time(), manufacturer_data=polar))
    discovery.hear(Advertisement("FF:00:00:00:00:01", name, -70, time.time()))
    page = io.StringIO()
    Console(file=page, width=width).print(drawn(discovery.devices(), everything=True))
    return page.getvalue()


@pytest.mark.parametrize("name", ["[/bold]", "[red]x", "[link=http://x]y[/link]", "[", "[]"])
def test_a_name_is_no_markup(name: str) -> None:
    assert name in shown(name, 120)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_an_address_is_whole_however_long_a_name_is(width: int) -> None:
    table = shown("A very long name that somebody gave to a thing of theirs", width)
    assert ADDRESS in table
    assert "FF:00:00:00:00:01" in table
    assert "-60 dBm" in table
    assert "somebody" in table


def test_a_name_cannot_steer_the_terminal() -> None:
    table = shown("x\x1b[2J\x07\u202ey\nz", 120)
    assert "\x1b" not in table
    assert "x[2Jyz" in table


def test_without_a_name_there_is_a_dash() -> None:
    discovery = Discovery()
    discovery.hear(Advertisement(ADDRESS, " \x00 ", None, 0.0))
    (row,) = rows(discovery.devices())
    assert row == (ADDRESS, "-", "-", "-", "-")
