"""What the desktop says, asked of doubles on a private bus."""

import asyncio
import shutil
import subprocess
import sys

import pytest

from service.desktop import Desktop

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is the Linux desktop's"),
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="there is no dbus-daemon"),
]


@pytest.fixture
def bus(tmp_path):
    """The address of a bus of its own, on which no program is ever started."""
    config = tmp_path / "bus.conf"
    config.write_text(
        f"<busconfig><type>session</type><listen>unix:path={tmp_path}/bus</listen>"
        '<policy context="default"><allow send_destination="*"/><allow own="*"/>'
        '<allow eavesdrop="true"/></policy></busconfig>'
    )
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--print-address", "--nofork"],
        stdout=subprocess.PIPE,
        text=True,
    )
    yield daemon.stdout.readline().strip()
    daemon.terminate()
    daemon.wait()
    daemon.stdout.close()


class Double:
    """A notification server, a screen saver and a login manager in one."""

    def __init__(self) -> None:
        self.inhibited = False
        self.active = False
        self.locked_hint = False

    async def serve(self, address: str) -> None:
        from dbus_fast import Message, MessageType, Variant
        from dbus_fast.aio import MessageBus

        self.bus = await MessageBus(address).connect()

        def answer(message):
            if message.message_type is not MessageType.METHOD_CALL:
                return None
            if message.member == "GetActive":
                return Message.new_method_return(message, "b", [self.active])
            if message.member == "Get":
                value = self.inhibited if message.body[1] == "Inhibited" else self.locked_hint
                return Message.new_method_return(message, "v", [Variant("b", value)])
            return None

        self.bus.add_message_handler(answer)
        for name in (
            "org.freedesktop.Notifications", "org.freedesktop.ScreenSaver", "org.freedesktop.login1",
        ):  # fmt: skip
            await self.bus.request_name(name)


async def connected(address):
    from dbus_fast.aio import MessageBus

    return await MessageBus(address).connect()


async def clients(bus):
    """The connections of the bus that there are."""
    from dbus_fast import Message

    names = await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="ListNames",
        )
    )
    return [name for name in names.body[0] if name.startswith(":")]


async def test_it_is_heard_when_nobody_is_to_be_disturbed_and_when_the_screen_is_locked(bus):
    double, desktop = Double(), Desktop(session=bus, system=bus)
    await desktop.look()
    assert (desktop.do_not_disturb, desktop.screen_locked) == (None, None), "nobody says anything"
    await double.serve(bus)
    await desktop.look()
    assert (desktop.do_not_disturb, desktop.screen_locked) == (False, False)
    double.inhibited = double.active = True
    await desktop.look()
    assert (desktop.do_not_disturb, desktop.screen_locked) == (True, True)
    double.inhibited, double.active, double.locked_hint = False, False, True
    await desktop.look()
    assert (desktop.do_not_disturb, desktop.screen_locked) == (False, True)
    double.bus.disconnect()
    await double.bus.wait_for_disconnect()
    async with asyncio.timeout(30):
        while desktop.screen_locked is not None:
            await desktop.look()
    assert desktop.do_not_disturb is None
    desktop.close()


async def test_a_desktop_that_does_not_answer_costs_no_connection(bus, monkeypatch):
    double, desktop = Double(), Desktop(session=bus, system=bus)
    await double.serve(bus)
    await desktop.look()
    double.bus.add_message_handler(lambda _message: True)  # takes every call, says nothing
    double.bus._user_message_handlers.reverse()
    monkeypatch.setattr("service.desktop.ANSWER_TIMEOUT_S", 0.05)
    watch = await connected(bus)
    for _ in range(3):
        await desktop.look()
    assert (desktop.do_not_disturb, desktop.screen_locked) == (None, None)
    desktop.close()
    async with asyncio.timeout(30):
        while len(await clients(watch)) > 2:  # the double, and who counts
            await asyncio.sleep(0.01)
    for each in (double.bus, watch):
        each.disconnect()
        await each.wait_for_disconnect()


async def test_without_a_bus_nothing_is_known_and_nothing_breaks(tmp_path):
    nowhere = f"unix:path={tmp_path}/none"
    desktop = Desktop(session=nowhere, system=nowhere)
    await desktop.look()
    assert (desktop.do_not_disturb, desktop.screen_locked) == (None, None)
    desktop.close()
