"""Who is told, when, and what is remembered of it."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.contract import Ability, NotDelivered
from alerts.channels.routes import LAST_WAIT_S, Route, wait_s
from domain.alerts import Outcome
from domain.decisions import Reason
from domain.deliveries import Delivery, DeliveryState
from domain.errors import ConflictError, NotFoundError
from tests.alerts.channels.desk_of_channels import (
    ALERT,
    NO_ANSWER,
    REFUSED,
    T0,
    Desk,
    MemoryLog,
    Told,
    again,
    until,
)

DELIVERED, FAILED, WAITING = (
    DeliveryState.DELIVERED,
    DeliveryState.FAILED,
    DeliveryState.WAITING,
)
ANSWERED, EXPIRED, INTERRUPTED = (
    DeliveryState.ANSWERED,
    DeliveryState.EXPIRED,
    DeliveryState.INTERRUPTED,
)


def two() -> tuple[Told, Told]:
    return Told("first"), Told("second")


async def test_an_alert_that_is_said_goes_to_the_first_channel_and_explains_itself() -> None:
    first, second = two()
    async with Desk([first, second]).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("first", DELIVERED)
    told = first.heard[0]
    assert (told.id, told.wearer, told.kind, told.title) == ("a1-1", "ada", "sitting", "A break?")
    assert told.message == "You have sat for 32 min."
    assert told.why == (
        "Measured 32 min, limit 30 min. Beyond it for 2 min. Sensor: upper back. Certain: 93 %."
    )
    assert second.heard == []
    assert first.closed


async def test_an_answer_keeps_the_next_channel_from_being_told_and_takes_back_what_is_shown() -> (
    None
):
    for answered in (
        replace(ALERT, acknowledged_at=T0 + 10, revision=2),
        replace(ALERT, snoozed_until=T0 + 600, revision=2),
        replace(ALERT, closed_at=T0 + 10, outcome=Outcome.TAKEN, revision=2),
    ):
        first, second = two()
        async with Desk([first, second]).running() as desk:
            desk.dispatcher.take(ALERT)
            await desk.is_so("second", WAITING)
            desk.dispatcher.take(answered)
            await desk.is_so("second", ANSWERED)
            desk.move(600)
            await until(lambda shown=first: shown.withdrawn)
        assert (first.withdrawn, second.heard) == (["a1"], [])


async def test_nobody_answers_and_the_next_channel_is_told_when_its_time_has_come() -> None:
    first, second = two()
    async with Desk([first, second]).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("second", WAITING)
        desk.move(119)
        await asyncio.sleep(0)
        assert second.heard == []
        desk.move(1)
        await desk.is_so("second", DELIVERED)
    assert [told.id for told in (*first.heard, *second.heard)] == ["a1-1", "a1-1"]


async def test_a_channel_that_fails_hands_over_at_once() -> None:
    for failure in (NO_ANSWER, REFUSED, RuntimeError("the URL was json://secret@host")):
        first, second = two()
        first.results = [failure]
        async with Desk([first, second]).running() as desk:
            desk.dispatcher.take(ALERT)
            await desk.is_so("second", DELIVERED)
            await desk.is_so("first", FAILED)
        assert len(first.heard) == 1


async def test_an_unforeseen_error_is_told_without_its_words_and_stops_nobody(caplog) -> None:
    first = Told("first", results=[RuntimeError("json://token@host")])
    async with Desk([first]).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("first", FAILED)
        desk.dispatcher.take(again(ALERT, T0 + 5))
        await desk.is_so("first", DELIVERED, "a1-2")
    assert desk.of("first").problem == "something unforeseen went wrong (RuntimeError)"
    assert "token" not in caplog.text


async def test_all_at_once_only_when_that_is_asked_for() -> None:
    first, second = two()
    route = Route(order=("first",), beside=("second",))
    async with Desk([first, second], route).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("first", DELIVERED)
        await desk.is_so("second", DELIVERED)


async def test_who_is_told_beside_is_not_told_again_when_the_order_comes_to_them() -> None:
    first, second = two()
    third = Told("third")
    route = Route(order=("first", "second", "third"), beside=("second",))
    async with Desk([first, second, third], route).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("third", WAITING)
        desk.move(120)
        await desk.is_so("third", DELIVERED)
    assert [len(channel.heard) for channel in (first, second, third)] == [1, 1, 1]


async def test_the_last_channel_tries_again_later_and_later_until_it_is_no_news() -> None:
    only = Told("only", results=[NO_ANSWER] * 99)
    async with Desk([only]).running() as desk:
        desk.dispatcher.take(ALERT)
        pauses: list[float] = []
        for attempt in range(1, 6):
            pauses.append((await desk.failed("only", attempt)).due_at - desk.at)
            desk.move(pauses[-1])
        assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0]
        await until(lambda: len(only.heard) == 6)
        await desk.is_so("only", WAITING)
        desk.move(600)
        await desk.is_so("only", EXPIRED)
    assert len(only.heard) == 6


async def test_a_server_that_asks_to_be_left_alone_is() -> None:
    only = Told("only", results=[replace(NO_ANSWER, after_s=90.0)])
    async with Desk([only]).running() as desk:
        desk.dispatcher.take(ALERT)
        assert (await desk.failed("only", 1)).due_at == T0 + 90


async def test_what_was_said_long_ago_is_not_announced_after_a_gap() -> None:
    first, _ = two()
    async with Desk([first], at=T0 + 3600).running() as desk:
        desk.dispatcher.take(ALERT)
        desk.dispatcher.take(again(replace(ALERT, id="a2", said=0), T0 + 3600))
        await desk.is_so("first", DELIVERED, "a2-1")
    assert [told.id for told in first.heard] == ["a2-1"]


async def test_a_machine_that_slept_does_not_go_on_telling_what_was_due_meanwhile() -> None:
    first, second = two()
    async with Desk([first, second]).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("second", WAITING)
        desk.move(8 * 3600)
        await desk.is_so("second", EXPIRED)
    assert second.heard == []


async def test_who_asks_for_silence_between_two_channels_is_not_told_by_the_second() -> None:
    first, second = two()
    asked: list[Reason] = []
    around = {"held": lambda wearer: asked[0] if asked else None}
    async with Desk([first, second], **around).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("second", WAITING)
        asked.append(Reason.PAUSED)
        desk.move(121)
        await desk.is_so("second", EXPIRED)
    assert second.heard == []
    assert desk.of("second").problem == "You paused alerts."


async def test_an_alert_that_is_said_again_begins_anew_and_leaves_what_waited() -> None:
    first, second = two()
    async with Desk([first, second]).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("second", WAITING)
        desk.move(60)
        desk.dispatcher.take(again(ALERT, desk.at))
        await desk.is_so("first", DELIVERED, "a1-2")
        await desk.is_so("second", ANSWERED)
        desk.move(120)
        await desk.is_so("second", DELIVERED, "a1-2")
    assert [told.id for told in second.heard] == ["a1-2"]


async def test_an_attempt_is_in_the_log_before_it_is_made() -> None:
    first, _ = two()
    first.held = asyncio.Event()
    async with Desk([first]).running() as desk:
        desk.dispatcher.take(ALERT)
        await until(lambda: first.heard)
        kept = desk.log.committed["a1-1", "first"]
        assert (kept.state, kept.attempts) == (DeliveryState.SENDING, 1)
        first.held.set()
        await desk.is_so("first", DELIVERED)


async def test_a_store_that_is_full_keeps_nobody_from_being_told() -> None:
    first, _ = two()
    log = MemoryLog(full=True)
    async with Desk([first], log=log).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("first", DELIVERED)
        log.full = False
        await log.commit()
    assert log.states() == {("a1-1", "first"): "delivered"}


async def test_a_store_that_hangs_keeps_nobody_waiting(monkeypatch) -> None:
    monkeypatch.setattr("alerts.channels.dispatcher.COMMIT_PATIENCE_S", 0.01)

    class Hanging(MemoryLog):
        async def commit(self) -> None:
            await asyncio.Event().wait()

    first, _ = two()
    async with Desk([first], log=Hanging()).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("first", DELIVERED)


@pytest.mark.parametrize("knows_repeats", [False, True])
async def test_killed_in_the_middle_it_sends_again_only_what_can_be_told_apart(
    knows_repeats: bool,
) -> None:
    first = Told("first", Ability(knows_repeats=knows_repeats), held=asyncio.Event())
    second = Told("second")
    log = MemoryLog()
    async with Desk([first, second], log=log).running() as desk:
        desk.dispatcher.take(ALERT)
        await until(lambda: first.heard)
    left = MemoryLog(committed=dict(log.committed))
    reborn = Told("first", first.ability)
    desk = Desk([reborn, second], log=left, at=T0 + 20)
    desk.dispatcher.go_on([ALERT], left.committed.values())
    async with desk.running():
        if knows_repeats:
            await desk.is_so("first", DELIVERED)
            assert [told.id for told in reborn.heard] == ["a1-1"]
        else:
            await desk.is_so("first", INTERRUPTED)
            await desk.is_so("second", WAITING)
            assert (reborn.heard, second.heard) == ([], [])
            desk.move(100)
            await desk.is_so("second", DELIVERED)
            assert reborn.heard == []


async def test_what_waited_goes_on_after_a_restart_and_what_was_answered_meanwhile_does_not() -> (
    None
):
    def waiting(alert: str) -> Delivery:
        return Delivery(f"{alert}-1", "only", "ada", alert, "sitting", T0, T0 + 600, T0 + 30, T0)

    only = Told("only")
    desk = Desk([only], at=T0 + 40)
    other = replace(ALERT, id="a2", acknowledged_at=T0 + 5)
    desk.dispatcher.go_on([ALERT, other], [waiting("a1"), waiting("a2"), waiting("a3")])
    async with desk.running():
        await desk.is_so("only", DELIVERED)
        await desk.is_so("only", ANSWERED, "a2-1")
        await desk.is_so("only", ANSWERED, "a3-1")
    assert [told.id for told in only.heard] == ["a1-1"]


async def test_an_alert_that_went_on_over_a_restart_is_no_news() -> None:
    only = Told("only")
    desk = Desk([only], at=T0 + 5)
    desk.dispatcher.go_on([ALERT], [])
    async with desk.running():
        desk.dispatcher.take(replace(ALERT, revision=2))
        desk.dispatcher.take(again(ALERT, desk.at))
        await desk.is_so("only", DELIVERED, "a1-2")
    assert [told.id for told in only.heard] == ["a1-2"]


async def test_a_channel_that_is_gone_leaves_its_turn_to_the_others() -> None:
    only = Told("only")
    desk = Desk([only], at=T0 + 5)
    gone = Delivery("a1-1", "gone", "ada", "a1", "sitting", T0, T0 + 600, T0, T0)
    desk.dispatcher.go_on([ALERT], [gone])
    async with desk.running():
        await desk.is_so("only", DELIVERED)
    assert desk.of("gone").problem == "there is no channel gone any more"


async def test_a_channel_that_never_answers_may_have_told_and_the_next_one_waits_its_time() -> None:
    first, second = two()
    first.held = asyncio.Event()
    async with Desk([first, second], patience_s=0.01).running() as desk:
        desk.dispatcher.take(ALERT)
        await desk.is_so("first", INTERRUPTED)
        assert desk.of("second").due_at == T0 + 120
        desk.move(120)
        await desk.is_so("second", DELIVERED)


async def test_the_test_button_sends_one_trial_and_keeps_it_in_the_log() -> None:
    first, second = two()
    first.results = [NotDelivered("no answer", again=True)]
    desk = Desk([first, second])
    failed = await desk.dispatcher.test("first", "ada")
    done = await desk.dispatcher.test("first", "ada")
    assert (failed.state, failed.problem, done.state) == (FAILED, "no answer", DELIVERED)
    assert [told.message for told in first.heard] == ["This is how an alert reaches you here."] * 2
    assert second.heard == []
    assert set(desk.log.states().values()) == {"failed", "delivered"}
    with pytest.raises(NotFoundError):
        await desk.dispatcher.test("none", "ada")


async def test_two_trials_of_one_channel_at_once_are_one_too_many() -> None:
    first = Told("first", held=asyncio.Event())
    desk = Desk([first])
    under_way = asyncio.create_task(desk.dispatcher.test("first", "ada"))
    await until(lambda: first.heard)
    with pytest.raises(ConflictError):
        await desk.dispatcher.test("first", "ada")
    first.held.set()
    assert (await under_way).state is DELIVERED


async def test_a_flood_is_bounded_and_says_what_it_left_out(monkeypatch) -> None:
    monkeypatch.setattr("alerts.channels.dispatcher.MOST_WAITING", 3)
    first = Told("first")
    desk = Desk([first])
    for n in range(5):
        desk.dispatcher.take(replace(ALERT, id=f"a{n}"))
    states = [*desk.log.states().values()]
    assert (states.count("waiting"), states.count("failed")) == (3, 2)
    assert desk.of("first", "a4-1").problem == "3 others wait already"


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_to_their_longest_and_are_never_the_same_for_all(
    attempts: int, chance: float
) -> None:
    assert 1.0 <= wait_s(attempts, chance) <= LAST_WAIT_S
    assert wait_s(attempts, 0.0) <= wait_s(attempts, chance) <= wait_s(attempts + 1, 1.0)


async def test_a_channel_that_breaks_says_so_and_is_begun_again_ever_more_seldom(caplog) -> None:
    class Fragile(Told):
        begun = 0

        async def run(self) -> None:
            self.begun += 1
            if self.begun <= 3:
                raise ValueError("token=secret")
            await asyncio.Event().wait()

    naps: list[float] = []
    problems: list[str | None] = []
    channel = Fragile()

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        problems.append(desk.dispatcher.problem("first"))
        await asyncio.sleep(0)

    desk = Desk([channel, Told("second")], sleep=nap)
    async with desk.running():
        await until(lambda: channel.begun == 4)
        assert desk.dispatcher.problem("first") is None
        desk.dispatcher.take(ALERT)
        await desk.is_so("first", DeliveryState.DELIVERED)
    assert naps == [5.0, 10.0, 20.0]
    assert problems[0] == (
        "it stopped for an unforeseen reason (ValueError) and is begun again within 5 s"
    )
    assert "secret" not in caplog.text + "".join(map(str, problems))
