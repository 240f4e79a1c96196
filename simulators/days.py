"""Plausible office days, and the day that a demonstration needs.

All acts start and end on whole seconds. A day is cut at local midnight, which the caller knows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from simulators.script import Act, ActKind, Script, Slump, clip_acts

DAY_S = 86400.0
_HOUR_S = 3600.0
_MINUTE_S = 60.0
_TAIL_DAYS = 9
_REPEAT_FROM_DAY = 2
_DEMO_SIT_S = (22 * _MINUTE_S, 25 * _MINUTE_S)
_DEMO_BREAK_S = (6.2 * _MINUTE_S, 7.5 * _MINUTE_S)
_DEMO_HOURS = 6.0


class _Plan:
    """Acts appended one after the other from a start."""

    def __init__(self, draw: Generator, start_s: float) -> None:
        self.draw = draw
        self.now_s = start_s
        self.acts: list[Act] = []

    def between(self, low: float, high: float) -> float:
        return float(self.draw.uniform(low, high))

    def add(self, kind: ActKind, minutes: float, slumps: tuple[Slump, ...] = ()) -> None:
        """`kind` for about `minutes`, to the second."""
        self.until(kind, self.now_s + max(10.0, float(np.round(minutes * _MINUTE_S))), slumps)

    def until(self, kind: ActKind, end_s: float, slumps: tuple[Slump, ...] = ()) -> None:
        """`kind` until `end_s`; nothing when that is too near."""
        if end_s - self.now_s >= 10.0:
            self.acts.append(Act(kind, self.now_s, end_s, slumps))
            self.now_s = end_s

    def sit(self, minutes: float, slumping: float) -> None:
        """Sit; the longer, the likelier a slow slump (`slumping`: 0 to 1, this day's tendency).

        People slump after about 20 min of sitting (Akkarakittichoke, evidence section 1).
        """
        end_s = self.now_s + float(np.round(minutes * _MINUTE_S))
        slumps: list[Slump] = []
        at_s = self.now_s + self.between(6.0, 22.0) * _MINUTE_S
        while True:
            onset_s, hold_s = self.between(60.0, 420.0), self.between(45.0, 600.0)
            slump = Slump(at_s, onset_s, hold_s, self.between(1.5, 4.0), self.between(0.7, 1.1))
            if slump.end_s > end_s - 20.0:
                break
            if self.draw.random() < slumping:
                slumps.append(slump)
            at_s = slump.end_s + self.between(3.0, 14.0) * _MINUTE_S
        self.until(ActKind.SITTING, end_s, tuple(slumps))

    def pause(self, minutes: float) -> None:
        """A break on the feet: some standing, some walking, now and then a bend."""
        if minutes < 2.0:
            self.add(ActKind.STANDING if self.draw.random() < 0.4 else ActKind.WALKING, minutes)
            return
        self.add(ActKind.STANDING, 0.2 * minutes)
        self.add(ActKind.WALKING, 0.35 * minutes)
        if self.draw.random() < 0.3:
            self.add(ActKind.BENDING, 0.7)
        self.add(ActKind.STANDING, 0.25 * minutes)
        self.add(ActKind.WALKING, 0.2 * minutes)

    def work_until(self, end_s: float, slumping: float) -> None:
        """Sitting bouts of 15 to 75 min with breaks of 1 to 12 min, until about `end_s`."""
        while end_s - self.now_s > 14 * _MINUTE_S:
            left_min = (end_s - self.now_s) / _MINUTE_S
            bout_min = self.between(15.0, 45.0) + self.between(0.0, 30.0)
            self.sit(min(bout_min, left_min), slumping)
            if self.draw.random() < 0.2:
                self.add(ActKind.TWISTING, self.between(0.6, 2.0))
            self.pause(float(self.draw.choice((1.2, 2.0, 3.5, 6.0, 8.0, 12.0))))


def _day_acts(seed: int, midnight_s: float) -> tuple[Act, ...]:
    """24 h from local midnight: asleep to asleep."""
    midnight_s = float(np.floor(midnight_s))
    plan = _Plan(np.random.default_rng((seed, 0xDA7, int(midnight_s))), midnight_s)
    between, slumping = plan.between, plan.between(0.25, 0.85)

    def clock(hours: float) -> float:
        return midnight_s + float(np.round(hours * _HOUR_S))

    plan.until(ActKind.LYING, clock(between(6.6, 7.3)))
    plan.add(ActKind.STANDING, between(2.0, 5.0))
    if plan.draw.random() < 0.5:
        plan.add(ActKind.NOT_WORN, between(12.0, 25.0))  # a shower
    plan.add(ActKind.WALKING, between(0.7, 2.0))
    plan.add(ActKind.BENDING, between(0.4, 1.0))
    plan.sit(between(12.0, 25.0), 0.2)
    plan.add(ActKind.STANDING, between(3.0, 8.0))
    plan.add(ActKind.WALKING, between(8.0, 22.0))
    plan.work_until(clock(between(12.0, 12.6)), slumping)
    plan.add(ActKind.WALKING, between(3.0, 8.0))
    plan.sit(between(18.0, 30.0), 0.2)
    plan.add(ActKind.WALKING, between(3.0, 12.0))
    plan.work_until(clock(between(17.2, 18.0)), slumping)
    plan.add(ActKind.WALKING, between(8.0, 25.0))
    plan.add(ActKind.STANDING, between(8.0, 20.0))
    plan.add(ActKind.BENDING, between(0.8, 2.5))
    plan.sit(between(20.0, 35.0), 0.3)
    plan.add(ActKind.STANDING, between(5.0, 12.0))
    plan.work_until(clock(between(22.2, 23.0)), min(1.0, slumping + 0.1))
    plan.add(ActKind.STANDING, between(3.0, 6.0))
    plan.until(ActKind.LYING, midnight_s + DAY_S)
    return tuple(plan.acts)


def day_script(
    seed: int, midnight_s: float, *, start_hour: float = 0.0, repeat: bool = False
) -> Script:
    """One office day: asleep until about 7, work in bouts with breaks, lunch, evening, asleep.

    midnight_s: Unix s of local midnight. start_hour: leave out what is before. repeat: do the day
    again and again; else its last posture is kept. Another seed or another midnight is another day.
    """
    acts = _day_acts(seed, midnight_s)
    start_s = float(np.floor(midnight_s + start_hour * _HOUR_S))
    return Script(clip_acts(acts, start_s, acts[-1].end_s), 0 if repeat else None)


def history_script(seed: int, midnights_s: Sequence[float]) -> Script:
    """Different office days, one after the other: one from each of `midnights_s` (local midnights
    in Unix s, in order) to the next, the last for 24 h. A day of 23 or 25 h is cut or slept on."""
    acts: list[Act] = []
    for midnight_s, end_s in zip(
        midnights_s, [*midnights_s[1:], midnights_s[-1] + DAY_S], strict=True
    ):
        acts.extend(_stretched(_day_acts(seed, midnight_s), np.floor(end_s)))
    return Script(tuple(acts))


def nights_off(script: Script) -> Script:
    """The same life of somebody who takes the sensors off to sleep: they lie on a table meanwhile."""
    acts = tuple(
        replace(act, kind=ActKind.NOT_WORN) if act.kind is ActKind.LYING else act
        for act in script.acts
    )
    return Script(acts, script.repeat_from)


def _stretched(acts: tuple[Act, ...], end_s: float) -> Iterable[Act]:
    last = acts[-1]
    if end_s > last.end_s:
        return (*acts[:-1], Act(last.kind, last.start_s, float(end_s)))
    return clip_acts(acts, acts[0].start_s, float(end_s))


def demo_script(
    seed: int, now_s: float, *, midnight_s: float, lead_s: float | None = None
) -> Script:
    """A life to show at `now_s`: today so far, then a slouch, a long sit and a real break, for ever.

    lead_s: where the script starts before `now_s`; by default at `midnight_s`, the local midnight
    before; never less than 35 min. At `now_s` the person has been sitting for 22 to 25 min after a
    break of more than 6 min. 40 to 60 s later a slump of 12 to 16 s begins that reaches 90 % or more
    of the own slouch and is held for 75 to 100 s. The sit goes on to 33 to 35 min; a break of more
    than 6 min follows, then further sits of 32 to 38 min, each with such a slump, and such breaks,
    for 6 h and at least until the evening. Then come ordinary days, and from the third midnight on a
    week of them repeats.
    """
    now_s, midnight_s = float(np.floor(now_s)), float(np.floor(midnight_s))
    draw = np.random.default_rng((seed, 0xDE30, int(now_s)))
    sat_s = float(np.round(draw.uniform(*_DEMO_SIT_S)))
    start_s = now_s - max(35 * _MINUTE_S, float(now_s - midnight_s if lead_s is None else lead_s))
    start_s = float(np.floor(start_s))

    demo = _Plan(draw, now_s - sat_s)
    first_slump = _demo_slump(draw, now_s + float(draw.uniform(42.0, 56.0)))
    demo.until(
        ActKind.SITTING, now_s - sat_s + float(np.round(draw.uniform(1990, 2100))), (first_slump,)
    )
    _demo_break(demo)
    while demo.now_s < max(now_s + _DEMO_HOURS * _HOUR_S, midnight_s + 22.5 * _HOUR_S):
        slump = _demo_slump(draw, demo.now_s + float(draw.uniform(240.0, 700.0)))
        end_s = demo.now_s + float(np.round(draw.uniform(32.0, 38.0) * _MINUTE_S))
        demo.until(ActKind.SITTING, end_s, (slump,))
        _demo_break(demo)

    rise = _Plan(draw, now_s - sat_s - 7.0 * _MINUTE_S)
    _demo_break(rise, minutes=7.0)
    days_before = int(np.ceil(max(0.0, midnight_s - start_s) / DAY_S))
    past = [
        act for day in range(-days_before, 2) for act in _day_acts(seed, midnight_s + day * DAY_S)
    ]
    before = clip_acts(past, start_s, rise.acts[0].start_s)
    tail_days = [_day_acts(seed, midnight_s + day * DAY_S) for day in range(_TAIL_DAYS)]
    tail = clip_acts([act for day in tail_days for act in day], demo.now_s, np.inf)
    repeated = sum(len(day) for day in tail_days[_REPEAT_FROM_DAY:])
    acts = (*before, *rise.acts, *demo.acts, *tail)
    return Script(acts, len(acts) - repeated)


def _demo_slump(draw: Generator, start_s: float) -> Slump:
    return Slump(
        start_s,
        onset_s=float(draw.uniform(12.0, 16.0)),
        hold_s=float(draw.uniform(75.0, 100.0)),
        recovery_s=float(draw.uniform(2.0, 3.0)),
        depth=float(draw.uniform(0.9, 1.05)),
    )


def _demo_break(plan: _Plan, minutes: float | None = None) -> None:
    """More than 6 min on the feet, without a second on a chair."""
    if minutes is None:
        minutes = plan.between(*_DEMO_BREAK_S) / _MINUTE_S
    end_s = plan.now_s + float(np.round(minutes * _MINUTE_S))
    plan.add(ActKind.STANDING, 1.2)
    plan.add(ActKind.WALKING, 2.4)
    plan.add(ActKind.STANDING, 1.0)
    plan.until(ActKind.WALKING, end_s)
