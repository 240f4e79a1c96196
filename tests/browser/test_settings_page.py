"""Settings: each with its source, range, effect and way back; presets seen before they hold; channels."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from alerts.presets import PRESETS
from alerts.settings import knobs
from api.views import alert_model
from domain.decisions import Reason
from domain.deliveries import Delivery, DeliveryState
from storage.contract import Batch
from tests.api.channels_fake import FakeChannels
from tests.api.service_fake import ALERT, T0
from tests.browser.made_up import MadeUp
from tests.browser.texts import LANGUAGES, STATIC, words_of
from tests.browser.walking import hears, stop_clock

REFUSED = "Failed to load resource: the server responded with a status of 422"


def settings_page(made_up: MadeUp, page: Page, section: str = "") -> Any:
    page.goto(f"{made_up.url}#/settings{section}")
    return page.get_by_test_id("page-settings")


@pytest.mark.parametrize("language", sorted(it.name for it in LANGUAGES.iterdir()))
def test_what_the_api_says_of_settings_has_words_in_every_language(language: str) -> None:
    words = set(words_of(LANGUAGES / language / "service.js"))
    said = {it.sentence for it in knobs().values()}
    said |= {it.source.removeprefix("evidence: ") for it in knobs().values()}
    said |= {it.reason for table in PRESETS.values() for it in table.values()}
    said |= {it.words for it in Reason}
    assert sorted(said - words) == []


def test_every_setting_has_a_name_and_a_place_on_the_page() -> None:
    text = (STATIC / "js" / "pages" / "settings" / "names.js").read_text()
    names, _, places = text.partition("const SETTINGS_OF")
    names = names.partition("const NAMES")[2]
    for name in knobs():
        assert f"\n  {name}: " in names, name
        assert f'"{name}"' in places or name == "language", name


@pytest.mark.browser
def test_a_setting_is_changed_and_taken_back_with_the_keyboard_alone(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    watched.page.clock.install()
    keys = watched.page.keyboard
    page = settings_page(made_up, watched.page, "/sitting")
    expect(page.get_by_test_id("section-sitting")).to_be_focused()
    row = page.get_by_test_id("setting-sitting_after_min")
    expect(row.get_by_test_id("source")).to_have_text(
        "15\u00a0min to 120\u00a0min · default 30\u00a0min · "
        "from: Diaz 2023, the 30-min bouts of Acti4"
    )
    for _ in range(3):  # the switch, the figure, the slider
        keys.press("Tab")
    expect(row.get_by_test_id("slider")).to_be_focused()
    stop_clock(watched.page)
    keys.press("ArrowRight")
    watched.page.clock.run_for(400)
    keys.press("ArrowRight")
    watched.page.clock.run_for(400)
    expect(row.get_by_test_id("changed")).to_be_hidden()
    watched.page.clock.run_for(200)  # it rests
    effect = row.get_by_test_id("effect")
    expect(effect).to_have_text("You hear of it after 40\u00a0min of sitting without a full break.")
    expect(row.get_by_test_id("changed")).to_have_text("Yours")
    expect(watched.page.get_by_test_id("toast")).to_contain_text(
        "Sitting, said after: changed to 40\u00a0min."
    )
    expect(row.get_by_test_id("slider")).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    expect(row.get_by_test_id("undo")).to_be_focused()
    keys.press("Enter")
    expect(effect).to_contain_text("after 30\u00a0min")
    expect(row.get_by_test_id("changed")).to_be_hidden()
    expect(row.get_by_test_id("number")).to_be_focused()
    assert watched.said == []


@pytest.mark.browser
def test_a_value_that_cannot_be_is_told_beside_its_field_and_what_was_typed_stays(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(320, 700)
    page = settings_page(made_up, watched.page)
    row = page.get_by_test_id("setting-repeats")
    number = row.get_by_test_id("number")
    number.fill("7")
    number.press("Enter")
    expect(row.get_by_test_id("setting-error")).to_have_text("This can be 0 to 2.")
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_have_value("7")
    number.fill("1")
    number.press("Enter")
    expect(row.get_by_test_id("effect")).to_contain_text("up to 1 times")
    expect(row.get_by_test_id("setting-error")).to_have_text("")
    row.get_by_test_id("back").click()
    expect(row.get_by_test_id("number")).to_have_value("2")
    hours = page.get_by_test_id("setting-quiet_hours")
    hours.get_by_test_id("hours-add").click()
    hours.get_by_label("Sunday").uncheck(force=True)
    hours.get_by_label("Saturday").uncheck(force=True)
    hours.get_by_test_id("hours-save").click()
    expect(hours.get_by_test_id("effect")).to_have_text("Nothing is said Mon-Fri 22:00\u201307:00.")
    (kept,) = [it for it in made_up.store.settings("ada") if it.name == "alerts.quiet_hours"]
    assert kept.value == "mon-fri 22:00-07:00"
    assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(watched.said) == 1
    assert watched.said[0].startswith(REFUSED)


@pytest.mark.browser
def test_what_is_changed_while_another_change_is_on_its_way_is_not_lost(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    held: list[Route] = []

    def late(route: Route) -> None:
        first = route.request.method == "PATCH" and not held
        held.append(route) if first else route.continue_()

    watched.page.clock.install()
    watched.page.route("**/alert-settings", late)
    page = settings_page(made_up, watched.page)
    first, other = (page.get_by_test_id(f"setting-{it}") for it in ("sitting_after_min", "repeats"))
    stop_clock(watched.page)

    def put(row: Any, text: str) -> None:
        row.get_by_test_id("number").fill(text)
        row.get_by_test_id("number").press("Enter")

    put(first, "35")
    with watched.page.expect_request("**/alert-settings"):
        watched.page.clock.run_for(600)
    put(first, "40")
    put(other, "1")
    held[0].continue_()
    expect(first.get_by_test_id("effect")).to_contain_text("after 35\u00a0min")
    expect(first.get_by_test_id("number")).to_have_value("40")
    watched.page.clock.run_for(600)
    expect(first.get_by_test_id("effect")).to_contain_text("after 40\u00a0min")
    expect(other.get_by_test_id("effect")).to_contain_text("up to 1 times")
    assert watched.said == []


@pytest.mark.browser
def test_a_preset_shows_what_changes_before_it_is_taken_and_is_undone(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = settings_page(made_up, watched.page)
    page.get_by_test_id("preset-see-back_pain_flare").click()
    changes = page.get_by_test_id("preset-changes")
    expect(changes.locator("tbody tr").first).to_have_text(
        "Sitting, said aftershort bouts, within the range of 15 to 12030\u00a0min20\u00a0min"
    )
    expect(page.get_by_test_id("setting-sitting_after_min").get_by_test_id("number")).to_have_value(
        "30"
    )
    page.get_by_test_id("preset-plan").click()
    expect(page.get_by_test_id("preset-preview")).to_contain_text("From day 22")
    page.get_by_test_id("preset-ramp").click()
    expect(page.get_by_test_id("preset-now")).to_contain_text("Day 1 of 21")
    expect(page.get_by_test_id("setting-sitting_after_min")).to_contain_text(
        "On the way to the preset"
    )
    watched.page.get_by_test_id("toast-undo").click()
    expect(page.get_by_test_id("preset-now")).to_have_text("No preset is in force.")
    assert watched.said == []


@pytest.mark.browser
def test_a_channel_is_tried_and_put_in_order_and_its_log_is_read(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    fake = FakeChannels()
    made_up.app.state.parts = replace(made_up.app.state.parts, channels=fake)
    late = Delivery(
        "a1-1", "hook", "ada", "a1", "sitting", T0, T0 + 600.0, T0 + 5, T0, DeliveryState.WAITING, 2,
        "hook.example answered 500",
    )  # fmt: skip
    made_up.store.write(Batch(deliveries=(late,)), now=T0)
    watched = look()
    page = settings_page(made_up, watched.page)
    expect(page.get_by_test_id("channel-hook")).to_contain_text("hook.example answered 500")
    page.get_by_test_id("try-desktop").click()
    expect(page.get_by_test_id("channel-desktop").get_by_test_id("trial-result")).to_contain_text(
        "The trial was delivered"
    )
    assert fake.tried == [("desktop", "ada")]
    expect(page.get_by_test_id("delivery")).to_contain_text(
        "waits to be tried again after 2 tries (hook.example answered 500)"
    )
    page.get_by_test_id("up-hook").click()
    expect(page.get_by_test_id("route-order").locator("li").first).to_contain_text("hook")
    assert fake.routes["ada"].order == ("hook", "desktop")
    watched.page.get_by_test_id("toast-undo").click()
    expect(page.get_by_test_id("route-order").locator("li").first).to_contain_text("desktop")
    assert watched.said == []


@pytest.mark.browser
def test_who_may_only_look_can_change_nothing_and_is_told_why(
    look_only: Callable[[str], Any],
) -> None:
    watched = look_only("settings")
    page = watched.page.get_by_test_id("page-settings")
    expect(page.get_by_test_id("only-looking")).to_contain_text("the right to write")
    row = page.get_by_test_id("setting-sitting_after_min")
    expect(row.get_by_test_id("number")).to_be_disabled()
    expect(row.get_by_test_id("slider")).to_be_disabled()
    expect(page.get_by_test_id("you-name")).to_be_disabled()
    page.get_by_test_id("preset-see-gentle").click()
    expect(page.get_by_test_id("preset-leave")).to_be_visible()
    expect(page.get_by_test_id("preset-take")).to_have_count(0)
    assert watched.said == []


#: A page that nobody looks at, in a browser that lets it show notifications.
NOTIFYING = """
window.notes = [];
window.Notification = class extends EventTarget {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, options) { super(); this.options = options; this.open = true; window.notes.push(this); }
  close() { this.open = false; }
};
Object.defineProperty(document, "hidden", { get: () => window.away === true });
"""


@pytest.mark.browser
def test_the_browser_shows_new_alerts_once_it_is_allowed_and_while_nobody_looks(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    watched.page.add_init_script(NOTIFYING)
    page = settings_page(made_up, watched.page)
    page.get_by_test_id("notifying").click()
    expect(page.get_by_test_id("notifying-words")).to_contain_text("shows new alerts")
    hears(watched.page)
    watched.page.evaluate("window.away = true")
    fresh = replace(ALERT, id="n1", message="You leaned 14 deg forward of your upright for 46 s.")
    made_up.tell("alert", alert_model(fresh))
    watched.page.wait_for_function("() => window.notes.length === 1")
    (said,) = watched.page.evaluate("notes.map((it) => [it.options.tag, it.options.body])")
    assert said == ["n1", fresh.message]
    made_up.tell("alert", alert_model(replace(fresh, closed_at=T0 + 1.0, revision=2)))
    watched.page.wait_for_function("() => !window.notes[0].open")
    watched.page.evaluate("window.away = false")
    made_up.tell("alert", alert_model(replace(ALERT, id="n2")))
    expect(watched.page.get_by_test_id("alert-card")).to_have_count(2)
    assert watched.page.evaluate("window.notes.length") == 1
    assert watched.said == []
