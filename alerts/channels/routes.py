"""Which channel next, and when: pure, time is an argument.

**One at a time.** An announcement goes to the first channel of the wearer's order. It goes on to the next
one when the channel cannot deliver it, at once, or when it did and the wearer has neither answered nor done
what was asked for within `escalate_after_s`. Only channels that the wearer named as `beside` are told
together with another one. The last of the order tries again, later and later, as nobody comes after it.

**Never late.** After `expires_after_s` an announcement is no news: whatever has not been delivered by then
is not, whether a server was away, the machine slept or the service was down.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from alerts.channels.contract import Delivered, Result
from domain.deliveries import TEST, Delivery, DeliveryState

#: Waits between two attempts double from the first to the last, s (own judgement: an alert is late
#: after minutes, so hours, as are usual for webhooks, would be of no use).
FIRST_WAIT_S, LAST_WAIT_S = 2.0, 60.0
#: What is said of a delivery that the last run left in the middle.
INTERRUPTED = "the service ended while it was under way; it may have arrived"


@dataclass(frozen=True, slots=True)
class Route:
    """The channels of a wearer, by name. order: one after the other. beside: told at once, whatever
    the order does. Times in s."""

    order: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    escalate_after_s: float = 120.0
    expires_after_s: float = 600.0

    def after(self, channel: str) -> tuple[str, ...]:
        """Who comes after `channel`: nobody after one that is told beside, and everybody after one that
        the order no longer knows."""
        if channel in self.order[:1]:
            return self.order[1:]
        if channel in self.beside:
            return ()
        return self.order[self.order.index(channel) + 1 :] if channel in self.order else self.order

    def first(self) -> tuple[str, ...]:
        """Who is told at once: the first of the order, and those beside it."""
        rest = [name for name in self.beside if name not in self.order[:1]]
        return (*self.order[:1], *rest)


def wait_s(attempts: int, chance: float) -> float:
    """How long to wait after so many attempts; chance: 0..1, so that not all come at the same moment."""
    longest_s = min(LAST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempts - 1, 30))
    return longest_s * (0.5 + 0.5 * chance)


def begun(delivery: Delivery, now: float) -> Delivery:
    """An attempt is under way."""
    return replace(
        delivery, state=DeliveryState.SENDING, attempts=delivery.attempts + 1, changed_at=now
    )


def after_attempt(
    delivery: Delivery,
    result: Result,
    route: Route,
    now: float,
    *,
    speed: float,
    chance: float,
    told: Callable[[str], bool],
) -> tuple[Delivery, ...]:
    """What becomes of a delivery after an attempt, and the delivery that follows it, if one does.

    told: whether a channel has been given this announcement already. speed: of a simulation.
    """
    following = _following(delivery, route, told)
    if isinstance(result, Delivered):
        done = replace(delivery, state=DeliveryState.DELIVERED, changed_at=now, problem="")
        due_at = now + route.escalate_after_s * speed
    elif result.again and following is None and delivery.kind != TEST:
        pause_s = max(wait_s(delivery.attempts, chance), result.after_s or 0.0)
        again = replace(delivery, state=DeliveryState.WAITING, due_at=now + pause_s * speed)
        return (replace(again, changed_at=now, problem=result.problem),)
    else:
        state = DeliveryState.INTERRUPTED if result.uncertain else DeliveryState.FAILED
        done = replace(delivery, state=state, changed_at=now, problem=result.problem)
        # It may be before the wearer's eyes: the next one waits as after one that is.
        due_at = now + (route.escalate_after_s * speed if result.uncertain else 0.0)
    return (done,) if following is None else (done, _passed_on(delivery, following, due_at, now))


def after_interruption(
    delivery: Delivery, route: Route, now: float, *, speed: float, told: Callable[[str], bool]
) -> tuple[Delivery, ...]:
    """A delivery that the last run left in the middle, whose receiver could not tell a second one."""
    done = replace(delivery, state=DeliveryState.INTERRUPTED, changed_at=now, problem=INTERRUPTED)
    following = _following(delivery, route, told)
    if following is None:
        return (done,)
    due_at = delivery.changed_at + route.escalate_after_s * speed
    return done, _passed_on(delivery, following, due_at, now)


def ended(delivery: Delivery, state: DeliveryState, now: float) -> Delivery:
    """Nothing more becomes of it."""
    return replace(delivery, state=state, changed_at=now)


def _following(delivery: Delivery, route: Route, told: Callable[[str], bool]) -> str | None:
    """The next of the order that was not told yet; those beside it were."""
    if delivery.kind == TEST:
        return None
    return next((name for name in route.after(delivery.channel) if not told(name)), None)


def _passed_on(delivery: Delivery, channel: str, due_at: float, now: float) -> Delivery:
    return replace(
        delivery,
        channel=channel,
        state=DeliveryState.WAITING,
        due_at=due_at,
        changed_at=now,
        attempts=0,
        problem="",
    )
