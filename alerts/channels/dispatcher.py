"""The dispatcher: an alert that is said goes to the channel whose turn it is, and what came of it is kept.

Every attempt is in the store before it is made, in the transaction of the alert it is of (`DeliveryLog`).
A service that is killed therefore knows afterwards what it had begun: what the receiver can tell from a
second one is sent again, anything else is not sent twice. A store that refuses keeps nobody from
being told: the attempt is made, and what came of it is kept in memory until the store writes again.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import uuid4

from alerts.channels import routes
from alerts.channels.book import Book, DeliveryLog
from alerts.channels.contract import Announcement, Channel, Clock, NotDelivered, Result, Sleep
from alerts.channels.routes import INTERRUPTED, Route
from alerts.channels.texts import announcement_of, trial_of
from domain.alerts import Alert
from domain.decisions import Reason
from domain.deliveries import TEST, Delivery, DeliveryState, announcement_id
from domain.errors import ConflictError, NotFoundError, StoreError

_log = logging.getLogger(__name__)

#: What was said longer ago than this when it is heard of is no news (own judgement).
FRESH_S = 60.0
#: No channel is waited for longer than this; each has shorter patience of its own.
PATIENCE_S = 30.0
#: So many deliveries at once over one channel, and so many that wait in all.
AT_ONCE, MOST_WAITING = 4, 1000
#: How long the loop sleeps at most, s: clocks are set and machines sleep.
LONGEST_NAP_S = 30.0
#: A channel whose connection ended by a fault is begun again after so long, twice as long each time up to
#: the last, s; one that held for longer than that begins anew [J].
AGAIN_S, LONGEST_AGAIN_S = 5.0, 600.0
#: A store that takes longer is not waited for.
COMMIT_PATIENCE_S = 3.0


class Dispatcher:
    """Lives on the event loop. channels: in no order; routes: of a wearer, asked anew for every step.

    language: of a wearer, its code. held: what asks for silence around a wearer now: a pause, quiet
    hours, a meeting may begin between one channel and the next. now: Unix s, which run at `speed` against
    the wall's. chance: 0..1.
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        *,
        log: DeliveryLog,
        route: Callable[[str], Route],
        language: Callable[[str], str],
        held: Callable[[str], Reason | None] = lambda wearer: None,
        now: Clock,
        speed: float = 1.0,
        patience_s: float = PATIENCE_S,
        chance: Callable[[], float] = random.random,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._channels = {channel.name: channel for channel in channels}
        self._log = log
        self._route = route
        self._language = language
        self._held = held
        self._now = now
        self._speed = speed
        self._patience_s = patience_s
        self._chance = chance
        self._sleep = sleep
        #: Why channels have stopped, until they run again.
        self._stopped: dict[str, str] = {}
        self._alerts: dict[str, Alert] = {}
        #: Of every alert that goes on, how often it was heard to be said.
        self._said: dict[str, int] = {}
        self._book = Book(log)
        self._places = {name: asyncio.Semaphore(AT_ONCE) for name in self._channels}
        self._testing: set[str] = set()
        self._woken = asyncio.Event()
        self._withdrawn: list[str] = []
        self._commits: set[asyncio.Task[None]] = set()

    @property
    def channels(self) -> Mapping[str, Channel]:
        """All there are, by name."""
        return self._channels

    @property
    def waiting(self) -> int:
        """Deliveries that something is still to become of."""
        return len(self._book)

    def problem(self, name: str) -> str | None:
        """Why nothing would be delivered over this channel now; None when nothing is known of that kind."""
        return self._stopped.get(name) or self._channels[name].problem()

    def go_on(self, open_alerts: Iterable[Alert], recent: Iterable[Delivery]) -> None:
        """Take up what an earlier run left: the alerts that go on, and the newest of the log."""
        for alert in open_alerts:
            self._alerts[alert.id], self._said[alert.id] = alert, alert.said
        self._book.know(recent)
        now = self._now()
        for delivery in self._book.of_state(DeliveryState.SENDING):
            channel = self._channels.get(delivery.channel)
            if channel is not None and channel.ability.knows_repeats and delivery.alert:
                again = replace(delivery, state=DeliveryState.WAITING, due_at=now, changed_at=now)
                self._book.keep(replace(again, problem=INTERRUPTED))
            else:
                self._book.keep(
                    *routes.after_interruption(
                        delivery,
                        self._route(delivery.wearer),
                        now,
                        speed=self._speed,
                        told=partial(self._book.told, delivery.announcement),
                    )
                )

    def take(self, alert: Alert) -> None:
        """The alert as it is now. Said once more, it is told; answered or over, it is told no more."""
        before = self._said.get(alert.id, 0)
        self._alerts[alert.id], self._said[alert.id] = alert, max(alert.said, before)
        if not _wanted(alert):
            self._book.settle(alert.id, self._now())
            self._withdrawn.append(alert.id)
            if not alert.open:
                self._alerts.pop(alert.id)
                self._said.pop(alert.id)
        elif alert.said > before:
            self._book.settle(alert.id, self._now())  # what was still to be told of the time before
            if self._now() - alert.last_said_at <= FRESH_S * self._speed:
                self._announce(alert)
        self._woken.set()

    def wake(self) -> None:
        """Look at the clock again: it may have been set, or the machine may have slept."""
        self._woken.set()

    async def test(self, name: str, wearer: str) -> Delivery:
        """Send the wearer a trial over one channel, at once and once, and say what came of it.

        Raises NotFoundError, and ConflictError while another trial is under way there.
        """
        channel = self._channels.get(name)
        if channel is None:
            raise NotFoundError("channel", name)
        if name in self._testing:
            raise ConflictError(f"a trial of {name} is under way")
        self._testing.add(name)
        try:
            now = self._now()
            key = f"test-{uuid4().hex}"
            until = now + self._patience_s * self._speed
            trial = routes.begun(Delivery(key, name, wearer, "", TEST, now, until, now, now), now)
            await self._commit(trial)
            said = trial_of(key, wearer, self._language(wearer), now)
            result = await self._hand_over(channel, said)
            after = self._after(trial, result)[0]
            await self._commit(after)
            return after
        finally:
            self._testing.discard(name)

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for channel in self._channels.values():
                    group.create_task(self._keep_running(channel), name=f"channel {channel.name}")
                while True:
                    self._woken.clear()
                    for alert_id in self._withdrawn:
                        group.create_task(self._withdraw(alert_id))
                    self._withdrawn.clear()
                    for delivery in self._due():
                        group.create_task(self._attempt(delivery))
                    await self._nap()
        finally:
            for channel in self._channels.values():
                await channel.close()

    async def _keep_running(self, channel: Channel) -> None:
        """Run it, and begin it again when it breaks: one that does takes nobody else with it."""
        loop, wait_s = asyncio.get_running_loop(), AGAIN_S
        while True:
            begun = loop.time()
            try:
                await channel.run()
            except Exception as error:  # noqa: BLE001 - libraries of others
                if loop.time() - begun > LONGEST_AGAIN_S:
                    wait_s = AGAIN_S
                # Not its words nor its trace: nobody knows what secret an unforeseen error quotes.
                what = type(error).__name__
                _log.error(
                    "channel %s has stopped (%s), again in %.0f s", channel.name, what, wait_s
                )
                self._stopped[channel.name] = (
                    f"it stopped for an unforeseen reason ({what}) and is begun again within "
                    f"{wait_s:.0f} s"
                )
            else:
                return  # there is nothing of that kind to do
            await self._sleep(wait_s)
            self._stopped.pop(channel.name, None)
            _log.info("channel %s is begun again", channel.name)
            wait_s = min(2 * wait_s, LONGEST_AGAIN_S)

    def _announce(self, alert: Alert) -> None:
        route, now = self._route(alert.wearer), self._now()
        key = announcement_id(alert.id, alert.said)
        for name in route.first():
            expires_at = alert.last_said_at + route.expires_after_s * self._speed
            delivery = Delivery(
                key, name, alert.wearer, alert.id, alert.kind.value, alert.last_said_at, expires_at,
                now, now,
            )  # fmt: skip
            if len(self._book) >= MOST_WAITING:
                problem = f"{MOST_WAITING} others wait already"
                self._book.keep(replace(delivery, state=DeliveryState.FAILED, problem=problem))
            else:
                self._book.keep(delivery)

    def _due(self) -> list[Delivery]:
        """Those whose time has come, marked as under way; those that nobody needs any more are ended."""
        now, due = self._now(), []
        for delivery in self._book.of_state(DeliveryState.WAITING):
            alert = self._alerts.get(delivery.alert)
            current = alert is not None and _wanted(alert) and _is_of(delivery, alert)
            if not current:
                self._book.keep(routes.ended(delivery, DeliveryState.ANSWERED, now))
            elif now >= delivery.expires_at:
                self._book.keep(routes.ended(delivery, DeliveryState.EXPIRED, now))
            elif now >= delivery.due_at and (held := self._held(delivery.wearer)) is not None:
                kept_back = replace(delivery, problem=held.words)
                self._book.keep(routes.ended(kept_back, DeliveryState.EXPIRED, now))
            elif now >= delivery.due_at:
                due.append(routes.begun(delivery, now))
                self._book.keep(due[-1])
        return due

    async def _attempt(self, delivery: Delivery) -> None:
        channel = self._channels.get(delivery.channel)
        if channel is None:
            gone = NotDelivered(f"there is no channel {delivery.channel} any more", again=False)
            self._book.keep(*self._after(delivery, gone))
            self._woken.set()
            return
        async with self._places[delivery.channel]:
            await self._commit(delivery)
            alert = self._alerts.get(delivery.alert)
            if alert is None or not _wanted(alert) or not _is_of(delivery, alert):
                self._book.keep(routes.ended(delivery, DeliveryState.ANSWERED, self._now()))
                return
            said = announcement_of(alert, self._language(alert.wearer))
            self._book.keep(*self._after(delivery, await self._hand_over(channel, said)))
        self._woken.set()

    async def _hand_over(self, channel: Channel, announcement: Announcement) -> Result:
        again = channel.ability.knows_repeats
        try:
            async with asyncio.timeout(self._patience_s):
                return await channel.deliver(announcement)
        except TimeoutError:
            problem = f"it did not answer within {self._patience_s:.0f} s"
        except Exception as error:  # noqa: BLE001 - libraries of others; the next channel has to get its turn
            # Not its words nor its trace: nobody knows what secret an unforeseen error quotes.
            _log.error("channel %s broke: %s", channel.name, type(error).__name__)
            problem = f"something unforeseen went wrong ({type(error).__name__})"
            return NotDelivered(problem, again=False)
        return NotDelivered(problem, again=again, uncertain=not again)

    def _after(self, delivery: Delivery, result: Result) -> tuple[Delivery, ...]:
        return routes.after_attempt(
            delivery,
            result,
            self._route(delivery.wearer),
            self._now(),
            speed=self._speed,
            chance=self._chance(),
            told=partial(self._book.told, delivery.announcement),
        )

    async def _commit(self, delivery: Delivery) -> None:
        """Have it in the store; a store that refuses or is slow keeps nobody from being told, and what it
        was given it writes when it can."""
        self._log.add((delivery,))
        # A task of its own: whoever is cancelled in a commit would take what it carries with it.
        commit = asyncio.create_task(self._log.commit())
        self._commits.add(commit)
        commit.add_done_callback(self._committed)
        await asyncio.wait({commit}, timeout=COMMIT_PATIENCE_S)

    def _committed(self, commit: asyncio.Task[None]) -> None:
        self._commits.discard(commit)
        error = None if commit.cancelled() else commit.exception()
        if error is not None and not isinstance(error, StoreError):
            raise error

    async def _withdraw(self, alert_id: str) -> None:
        for channel in self._channels.values():
            await channel.withdraw(alert_id)

    async def _nap(self) -> None:
        time = self._book.next_time()
        left_s = LONGEST_NAP_S if time is None else (time - self._now()) / self._speed
        try:
            async with asyncio.timeout(min(max(left_s, 0.0), LONGEST_NAP_S)):
                await self._woken.wait()
        except TimeoutError:
            return


def _wanted(alert: Alert) -> bool:
    """Whether the wearer is still to be told."""
    return alert.open and alert.acknowledged_at is None and alert.snoozed_until is None


def _is_of(delivery: Delivery, alert: Alert) -> bool:
    return delivery.announcement == announcement_id(alert.id, alert.said)
