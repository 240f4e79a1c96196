"""What wearers want of alerts, kept and heeded."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from alerts.presets import Preset
from alerts.settings import AlertSettings
from domain.alerts import AlertKind
from domain.decisions import Reason
from domain.errors import ConfigError, ConflictError, NotFoundError
from domain.people import Wearer
from domain.surroundings import Surroundings
from service.wishes import Wishes
from service.writer import StoreWriter
from storage.sqlite import SqliteStore
from tests.api.service_fake import ALERT
from tests.api.wishes_made import DirectWriter

ADA = Wearer("ada", "Ada", "Europe/Berlin")
T0 = 1_795_342_200.0
DAY_S = 86_400


class Heeded:
    """Wishes over a store, with what the engine would be told."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.now = T0
        self.told: list[tuple[str, AlertSettings, Surroundings]] = []
        self.begin()

    def begin(self) -> None:
        self.wishes = Wishes(
            store=self.store,
            writer=cast("StoreWriter", DirectWriter()),
            now=lambda: self.now,
            wearers=(ADA,),
            base=AlertSettings(sitting_after_min=40.0),
            heed=lambda *each: self.told.append(each),
        )

    def do(self, work: Any) -> Any:
        return asyncio.run(work)

    @property
    def settings(self) -> AlertSettings:
        return self.told[-1][1]


@pytest.fixture
def heeded(tmp_path):
    with SqliteStore(tmp_path / "s.db") as store:
        yield Heeded(store)


def test_what_is_set_is_heeded_at_once_and_outlives_a_restart(heeded):
    heeded.do(heeded.wishes.change("ada", {"sitting_after_min": 25, "quiet_hours": "22:00-07:00"}))
    assert heeded.settings.sitting_after_min == 25.0
    heeded.begin()
    assert heeded.settings.quiet_hours == "22:00-07:00"
    heeded.do(heeded.wishes.change("ada", {"sitting_after_min": None}))
    assert heeded.settings.sitting_after_min == 40.0, "the file's value is below"
    heeded.do(heeded.wishes.change("ada", {"repeats": 1}, whole=True))
    assert (heeded.settings.quiet_hours, heeded.settings.repeats) == ("", 1)


def test_a_change_is_refused_when_they_were_changed_meanwhile_or_cannot_be(heeded):
    seen = heeded.wishes.wished("ada").revision
    heeded.do(heeded.wishes.change("ada", {"repeats": 1}, revision=seen))
    with pytest.raises(ConflictError):
        heeded.do(heeded.wishes.change("ada", {"repeats": 0}, revision=seen))
    for values in ({"repeats": 9}, {"never": None}):
        with pytest.raises(ConfigError):
            heeded.do(heeded.wishes.change("ada", values))
    assert heeded.settings.repeats == 1
    with pytest.raises(NotFoundError):
        heeded.do(heeded.wishes.change("eve", {}))


def test_a_new_wearer_is_led_to_a_preset_day_by_day_without_a_restart(heeded):
    heeded.do(heeded.wishes.choose("ada", "office", ramp_up=True))
    assert heeded.settings.alerts_per_day == 6
    heeded.now += 7 * DAY_S
    heeded.wishes.tick()
    assert heeded.settings.alerts_per_day == 8
    heeded.now += 14 * DAY_S
    heeded.wishes.tick()
    wished = heeded.wishes.wished("ada")
    assert (heeded.settings.alerts_per_day, wished.choice.preset, wished.days) == (
        12, Preset.OFFICE, 21,
    )  # fmt: skip
    heeded.do(heeded.wishes.choose("ada", None, ramp_up=False))
    assert heeded.settings == AlertSettings(sitting_after_min=40.0)


def test_a_pause_and_a_meeting_end_by_themselves_and_outlive_a_restart(heeded):
    heeded.do(heeded.wishes.pause("ada", 60))
    heeded.do(heeded.wishes.meet("ada", 30))
    heeded.begin()
    assert heeded.told[-1][2] == Surroundings(paused_until=T0 + 3600, meeting_until=T0 + 1800)
    heeded.now += 1800
    heeded.wishes.tick()
    assert heeded.told[-1][2] == Surroundings(paused_until=T0 + 3600)
    heeded.do(heeded.wishes.pause("ada", None))
    assert heeded.told[-1][2] == Surroundings()
    before = len(heeded.told)
    heeded.wishes.tick()
    assert len(heeded.told) == before, "nothing changed, nothing is told"


def test_what_asks_for_silence_is_known_between_two_seconds_too(heeded):
    assert heeded.wishes.held("ada") is None
    heeded.do(heeded.wishes.pause("ada", 10))
    assert heeded.wishes.held("ada") is Reason.PAUSED
    heeded.now += 600
    assert heeded.wishes.held("ada") is None
    heeded.do(heeded.wishes.change("ada", {"quiet_hours": "00:00-24:00"}))
    assert heeded.wishes.held("ada") is Reason.QUIET_HOURS


def test_what_cannot_be_any_more_is_left_and_the_rest_holds(heeded, caplog):
    heeded.store.change_settings(
        "ada",
        {
            "alerts.sitting_after_min": 500.0,
            "alerts.repeats": 1,
            "alerts.preset": "office",
            "alerts.ramp_up_since": "once",
        },
        [],
    )
    heeded.begin()
    assert (heeded.settings.sitting_after_min, heeded.settings.repeats) == (40.0, 1)
    assert "sitting_after_min" in caplog.text and "ada" in caplog.text
    assert heeded.wishes.wished("ada").days is None


def test_that_was_fine_moves_the_limit_within_its_range_and_is_taken_back(heeded):
    for n in range(20):
        heeded.do(heeded.wishes.fine(replace(ALERT, id=f"a{n}")))
    assert heeded.settings.sitting_after_min == 120.0
    assert len(heeded.wishes.adjustments("ada")) == 16
    heeded.do(heeded.wishes.fine(replace(ALERT, id="b", kind=AlertKind.TWIST)))
    assert len(heeded.wishes.adjustments("ada")) == 16
    undone = heeded.do(heeded.wishes.undo("ada", "a0"))
    assert undone.undone_at == T0
    assert heeded.settings.sitting_after_min == 115.0
    with pytest.raises(ConflictError):
        heeded.do(heeded.wishes.undo("ada", "a0"))
    with pytest.raises(NotFoundError):
        heeded.do(heeded.wishes.undo("ada", "zz"))
    heeded.begin()
    assert heeded.settings.sitting_after_min == 115.0


def test_who_is_erased_has_no_wishes_left(heeded):
    heeded.do(heeded.wishes.change("ada", {"repeats": 1}))
    heeded.do(heeded.wishes.fine(ALERT))
    heeded.store.erase("ada")
    heeded.wishes.forget("ada")
    assert heeded.settings == AlertSettings(sitting_after_min=40.0)
    assert heeded.wishes.adjustments("ada") == ()
