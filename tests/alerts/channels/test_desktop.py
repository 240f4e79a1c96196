"""The desktop, over a real D-Bus with a double of the notification server."""

import asyncio
from pathlib import Path

import pytest

from alerts.channels.contract import Delivered, NotDelivered
from alerts.channels.texts import announcement_of
from domain.deliveries import DeliveryState
from tests.alerts.channels.benches import DesktopBench
from tests.alerts.channels.desk_of_channels import ALERT, Desk, Told, until

SAID = announcement_of(ALERT, "en")


@pytest.fixture
async def desktop(tmp_path: Path):
    bench = DesktopBench(tmp_path)
    await bench.start()
    yield bench
    await bench.stop()


@pytest.mark.parametrize(
    ("label", "call"),
    [
        ("In 10 min", ("snooze", "a1", 10)),
        ("Not now", ("acknowledge", "a1", False)),
        ("That was fine", ("acknowledge", "a1", True)),
    ],
)
async def test_each_button_answers_the_alert(
    desktop: DesktopBench, label: str, call: tuple
) -> None:
    assert await desktop.channel.deliver(SAID) == Delivered()
    desktop.server.desk.press(label)
    await until(lambda: desktop.answers.calls)
    assert desktop.answers.calls == [call]


async def test_buttons_speak_the_language_of_the_wearer(desktop: DesktopBench) -> None:
    await desktop.channel.deliver(announcement_of(ALERT, "de"))
    labels = [*desktop.server.desk.shown[0].actions.values()]
    assert labels[1:] == ["In 10 min", "Jetzt nicht", "Das war in Ordnung"]


async def test_an_answer_that_comes_too_late_breaks_nothing(
    desktop: DesktopBench, caplog: pytest.LogCaptureFixture
) -> None:
    desktop.answers.refuse = True
    await desktop.channel.deliver(SAID)
    desktop.server.desk.press("Not now")
    await until(lambda: "this alert is closed" in caplog.text)
    assert await desktop.channel.deliver(SAID) == Delivered()


async def test_what_is_answered_elsewhere_is_taken_off_the_screen(desktop: DesktopBench) -> None:
    await desktop.channel.deliver(SAID)
    await desktop.channel.withdraw("a1")
    await until(lambda: desktop.server.desk.closed)
    assert desktop.server.desk.closed == [1]


async def test_said_again_it_takes_the_place_of_what_is_shown(desktop: DesktopBench) -> None:
    await desktop.channel.deliver(SAID)
    await desktop.channel.deliver(SAID)
    await until(lambda: desktop.server.desk.closed)
    assert (len(desktop.server.desk.shown), desktop.server.desk.closed) == (2, [1])


async def test_without_a_notification_server_it_says_so_and_hands_over(
    desktop: DesktopBench,
) -> None:
    await desktop.server.stop()
    phone = Told("phone")
    async with Desk([desktop.channel, phone]).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("phone", DeliveryState.DELIVERED)
        failed = desk.of("desktop")
    assert failed.state is DeliveryState.FAILED
    assert "no desktop notifications" in failed.problem


async def test_without_a_session_at_all_it_says_so(
    desktop: DesktopBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    result = await desktop.channel.deliver(SAID)
    assert isinstance(result, NotDelivered)
    assert "no desktop notifications" in result.problem


async def test_a_desktop_that_hangs_is_given_up_and_may_have_shown_it(
    desktop: DesktopBench,
) -> None:
    desktop.server.desk.hold = True
    desktop.channel._patience_s = 0.3
    result = await desktop.channel.deliver(SAID)
    assert isinstance(result, NotDelivered)
    assert result.uncertain
    await asyncio.sleep(0)
