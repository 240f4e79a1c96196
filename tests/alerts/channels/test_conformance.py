"""What every channel has to do, in the words of alerts/channels/contract.py."""

import asyncio
import logging
import re

import pytest

from alerts.channels.contract import Delivered, NotDelivered
from alerts.channels.texts import announcement_of, trial_of
from tests.alerts.channels.benches import BENCHES, Bench
from tests.alerts.channels.desk_of_channels import ALERT, T0, until

pytestmark = pytest.mark.parametrize("bench", list(BENCHES), indirect=True)
SAID = announcement_of(ALERT, "en")


async def delivered(bench: Bench) -> None:
    """Deliver until it is taken, as the dispatcher would."""
    async with asyncio.timeout(30):
        while not isinstance(await bench.channel.deliver(SAID), Delivered):
            await asyncio.sleep(0.02)


async def test_an_alert_arrives_with_its_words_and_their_reason(bench: Bench) -> None:
    assert await bench.channel.deliver(SAID) == Delivered()
    await until(bench.received)
    (arrived,) = bench.received()
    if bench.channel.ability.says_words:
        for words in (SAID.title, SAID.message, SAID.why):
            assert words in arrived
    assert bench.channel.problem() is None


async def test_a_trial_arrives_in_the_language_of_the_wearer(bench: Bench) -> None:
    trial = trial_of("test-1", "ada", "de", T0)
    assert await bench.channel.deliver(trial) == Delivered()
    await until(bench.received)
    if bench.channel.ability.says_words:
        assert "So erreicht dich hier ein Hinweis." in bench.received()[0]


async def test_a_receiver_that_is_away_is_told_and_found_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert await bench.channel.deliver(SAID) == Delivered()
    await bench.away()
    failed = await bench.channel.deliver(SAID)
    assert isinstance(failed, NotDelivered)
    assert failed.again
    assert failed.problem
    assert not failed.problem.endswith(".")
    await bench.back()
    await delivered(bench)
    told = caplog.text + failed.problem + repr(bench.channel.__dict__.get("_problem"))
    assert not any(secret in told for secret in bench.secrets)


async def test_taking_back_and_letting_go_never_fail(bench: Bench) -> None:
    await bench.channel.withdraw("never heard of")
    assert await bench.channel.deliver(SAID) == Delivered()
    await bench.channel.withdraw(ALERT.id)
    await bench.channel.withdraw(ALERT.id)
    await bench.channel.close()
    await bench.channel.close()


async def test_it_has_a_name_a_kind_and_its_abilities(bench: Bench) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", bench.channel.name)
    assert bench.channel.kind in BENCHES
    assert isinstance(bench.channel.ability.knows_repeats, bool)


async def test_the_loop_goes_on_while_it_delivers(bench: Bench) -> None:
    """A channel that blocked would let nothing else run until it is done."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await bench.channel.deliver(SAID)
    ticking.cancel()
    assert ticks > 0 or bench.channel.kind == "sensor"
