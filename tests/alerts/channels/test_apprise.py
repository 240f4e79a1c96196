"""apprise against a server on loopback: many addresses, none of them ever seen."""

import asyncio
import json
from pathlib import Path

import pytest

from alerts.channels.contract import Delivered, NotDelivered
from alerts.channels.texts import announcement_of
from domain.errors import ConfigError
from tests.alerts.channels.benches import AppriseBench
from tests.alerts.channels.desk_of_channels import ALERT

SAID = announcement_of(ALERT, "en")


@pytest.fixture
async def phone(tmp_path: Path):
    bench = AppriseBench(tmp_path)
    await bench.start()
    yield bench
    await bench.stop()


async def test_ntfy_is_told_as_ntfy_wants_it(phone: AppriseBench) -> None:
    phone.receiver.answers = ["200 OK"]
    channel = phone.made(f"ntfy://127.0.0.1:{phone.receiver.port}/sitwell-ada")
    assert await channel.deliver(SAID) == Delivered()
    told = json.loads(phone.receiver.posted[0].body)
    assert (told["topic"], told["title"]) == ("sitwell-ada", "A break?")
    assert told["message"] == f"{SAID.message}\n{SAID.why}"
    await channel.close()


async def test_one_of_several_is_enough(phone: AppriseBench) -> None:
    port = phone.receiver.port
    channel = phone.made(f"json://127.0.0.1:{port}/a", f"json://127.0.0.1:{port}/b")
    phone.receiver.answers = ["500 Oops"]
    assert await channel.deliver(SAID) == Delivered()
    phone.receiver.answers = ["500 Oops", "403 Forbidden"]
    assert await channel.deliver(SAID) == NotDelivered("none of 2 services took it", again=True)
    await channel.close()


async def test_an_address_that_is_none_is_refused_by_its_place_and_not_shown(
    phone: AppriseBench,
) -> None:
    with pytest.raises(ConfigError) as refused:
        phone.made("json://127.0.0.1/ok", "nothing://sesame@there")
    assert str(refused.value) == (
        "channels.apprise[0].urls_file: address 2 of 2 is none that apprise knows"
    )


async def test_a_service_that_hangs_is_left_and_may_have_told(phone: AppriseBench) -> None:
    phone.receiver.hold = True
    url = f"json://127.0.0.1:{phone.receiver.port}/?rto=1&cto=1"
    channel = phone.made(url, patience_s=0.2)
    result = await channel.deliver(SAID)
    assert isinstance(result, NotDelivered)
    assert (result.again, result.uncertain) == (False, True)
    phone.receiver.hold = False
    assert await phone.channel.deliver(SAID) == Delivered()
    await channel.close()
    await asyncio.sleep(0)
