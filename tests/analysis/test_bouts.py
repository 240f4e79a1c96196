"""Bouts, breaks and the clock, told second by second what is seen."""

import math

import pytest

from analysis.bouts import BoutMachine
from analysis.seen import Seen
from analysis.settings import AnalysisSettings

WORD = {
    "s": Seen.SITTING, "u": Seen.UPRIGHT, "l": Seen.LYING, ".": Seen.NOTHING, "?": Seen.UNSURE,
    "n": Seen.NOT_WORN,
}  # fmt: skip


class Played:
    def __init__(self, script, start=1000):
        self.machine = BoutMachine("w", ("thigh",), AnalysisSettings())
        self.now, self.log = start, []
        self.play(script)

    def play(self, script, since=0):
        """`s600 u30 .5`: so many seconds of each."""
        for part in script.split():
            for _ in range(int(part[1:])):
                seen = WORD[part[0]]
                p = {"s": 0.97, "u": 0.03}.get(part[0], math.nan)
                for episode in self.machine.feed(self.now, seen, p, 0.9, since, 0):
                    self.log.append((self.now, episode))
                self.now += 1
        return self

    def end(self):
        self.log += [(self.now, e) for e in self.machine.close(self.now)]
        return self

    def closed(self, kind):
        return [
            (e.start - 1000, e.end - 1000, e.dose, e.censored)
            for _, e in self.log
            if e.kind == kind and e.end is not None
        ]

    def opened(self, kind):
        return [
            (at - 1000, e.start - 1000) for at, e in self.log if e.kind == kind and e.end is None
        ]


def test_a_bout_opens_after_its_dwell_and_is_back_dated():
    assert Played("u10 s20").opened("sitting") == [(14, 10)]


def test_sitting_shorter_than_its_dwell_is_no_bout():
    assert Played("u100 s4 u100 s4 u50").opened("sitting") == []


@pytest.mark.parametrize("away", ["u59", "u1", "u30 ?20", "u20 .30", "l59", "u30 l29"])
def test_an_interruption_under_a_minute_does_not_end_the_bout(away):
    played = Played(f"s600 {away} s600").end()
    assert len(played.closed("sitting")) == 1
    assert played.opened("break") == []


def test_a_minute_upright_ends_the_bout_where_it_began_and_opens_a_break():
    played = Played("s600 u100 s600")
    assert played.closed("sitting") == [(0, 600, 600, False)]
    assert played.opened("break") == [(659, 600)]
    assert played.closed("break") == [(600, 700, 100, False)]
    assert played.opened("sitting") == [(4, 0), (704, 700)]


def test_upright_seconds_of_a_break_do_not_count_lying():
    played = Played("s600 u80 l3 u20 s60")
    assert played.closed("break") == [(600, 703, 103, False)]


def test_lying_down_ends_the_bout_without_a_break():
    played = Played("s600 l200 s30")
    assert played.closed("sitting") == [(0, 600, 600, False)]
    assert played.opened("break") == []


def test_lying_down_ends_a_break():
    assert Played("s600 u90 l100").closed("break") == [(600, 690, 90, False)]


def test_the_clock_pauses_in_a_partial_break_and_starts_again_after_a_full_one():
    played = Played("s600 u120")
    assert played.machine.clock_s == 600
    assert played.play("s100").machine.clock_s == 700
    assert played.play("u299").machine.clock_s == 700
    assert played.play("u1").machine.clock_s == 0
    assert played.play("s50").machine.clock_s == 50


def test_upright_seconds_are_told_while_they_last():
    played = Played("s600 u45")
    assert played.machine.upright_s == 45
    assert played.play("s10").machine.upright_s == 0


def test_unknown_up_to_a_minute_is_bridged_and_counts():
    played = Played("s600 .60 s600")
    assert len(played.opened("sitting")) == 1
    assert played.machine.clock_s == 1260
    assert played.end().closed("sitting") == [(0, 1260, 1260, True)]


def test_more_than_a_minute_unknown_ends_the_bout_as_censored_where_the_data_ended():
    played = Played("s600 .61")
    assert played.closed("sitting") == [(0, 600, 600, True)]
    assert played.play("s10").opened("sitting") == [(4, 0), (665, 661)]
    assert played.machine.clock_s == 610


def test_the_clock_forgets_after_a_quarter_of_an_hour_unknown():
    played = Played("s600 .61")
    played.now += 900
    assert played.play("s10").machine.clock_s == 10


def test_unsure_seconds_belong_to_what_was():
    played = Played("s600 ?100 s10")
    assert played.machine.clock_s == 710
    assert Played("u100 ?50").machine.upright_s == 150


def test_a_posture_known_late_is_back_dated_to_its_beginning():
    played = Played("u30 s300 u10")
    assert played.play("?40").machine.clock_s == 300
    played.play("s10", since=1345)
    assert played.end().closed("sitting") == [(30, 390, 345, True)]


def test_what_shows_later_to_have_been_upright_becomes_a_break():
    played = Played("s999")
    shown = played.machine.feed(1999, Seen.SITTING, 0.97, 0.9, 0, 0, up_from=1500, up_until=1700)
    played.log += [(1999, episode) for episode in shown]
    played.now = 2000
    played.end()
    assert played.closed("sitting") == [(0, 500, 500, False), (700, 1000, 300, True)]
    assert played.closed("break") == [(500, 700, 200, False)]


def test_not_worn_cuts_the_bout_back_to_when_it_was_taken_off():
    played = Played("s1000")
    played.log += [(played.now, e) for e in played.machine.not_worn_from(1400)]
    assert played.closed("sitting") == [(0, 400, 400, True)]
    assert played.machine.clock_s == 0
    assert played.play("n100 s10").opened("sitting") == [(4, 0), (1104, 1100)]


def test_ids_are_the_same_when_it_opens_and_when_it_closes():
    played = Played("s600 u100")
    (_, opened), (_, closed) = played.log[:2]
    assert opened.id == closed.id
