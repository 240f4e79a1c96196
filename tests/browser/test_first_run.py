"""The first run, from an empty page to the first alert, and the page of the sensors."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from api.keeping import Deafness
from domain.errors import CalibrationRefused, RefusalReason
from domain.link import LinkReason, LinkState, SensorStatus
from domain.samples import SampleBlock
from tests.api.keeper_fake import CLIP
from tests.api.service_fake import SENSOR, T0
from tests.browser.first_run_process import CLIP as BLINKING
from tests.browser.flawless import flaws
from tests.browser.made_up import MadeUp
from tests.browser.test_languages import left_in_english
from tests.browser.texts import STATIC
from tests.browser.walking import stop_clock
from tests.service.running import ROOT

pytestmark = pytest.mark.browser

STEPS = ["find", "which", "where", "flow", "pose", "preset", "trial"]
MOVED = CalibrationRefused(
    RefusalReason.MOVED, "You moved during the upright pose (90 mg).", pose="upright"
)
ALIKE = CalibrationRefused(
    RefusalReason.POSES_ALIKE, "Your slouch is only 2.0 deg from upright.", pose="slouch"
)


class Unpacked:
    """Sitwell in a process of its own, with two simulated sensors on the air and none paired."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.first_run_process", str(folder)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def person(self, word: str) -> None:
        """The person does this from now on."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def clean_up(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def unpacked(tmp_path: Path) -> Iterator[Unpacked]:
    process = Unpacked(tmp_path)
    yield process
    process.clean_up()


def by_keys(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go there with the Tab key alone, as somebody without a mouse does, and press."""
    expect(target).to_be_enabled()
    for _ in range(60):
        if target.evaluate("(it) => it === document.activeElement"):
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def test_a_newcomer_is_led_from_an_empty_page_to_the_first_alert_with_the_keyboard_alone(
    unpacked: Unpacked, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    at = page.get_by_test_id
    page.goto(unpacked.url)
    expect(at("welcome-title")).to_have_text("Find your sensor")
    expect(at("found")).to_have_count(2)
    clip = page.locator(f'[data-address="{BLINKING}"]')
    expect(clip).to_contain_text("Measures movement, tilt and turning.")
    by_keys(page, clip.get_by_test_id("choose"))

    expect(at("welcome-title")).to_be_focused()
    expect(at("which-link")).to_contain_text("is connected")
    unpacked.person("shake")
    expect(at("trace-words")).to_have_text("It moves.")
    by_keys(page, at("identify"))
    expect(at("identify-answer")).to_contain_text("It was asked to")
    by_keys(page, at("welcome-next"))

    expect(at("welcome-title")).to_have_text("Where do you wear it?")
    expect(at("place-upper_back")).to_be_checked()
    expect(at("knows")).to_contain_text("a second sensor on the thigh makes it certain")
    by_keys(page, at("place-upper_back"), "ArrowDown")
    expect(at("place-sternum")).to_be_checked()
    expect(at("knows")).to_contain_text("On the breastbone")
    page.keyboard.press("ArrowUp")
    by_keys(page, at("welcome-next"))

    for name in ("come", "whole", "moves"):
        expect(at(f"check-{name}")).to_have_attribute("data-well", "true")
    expect(at("check-come")).to_contain_text("50 a second")
    page.reload()  # nothing is lost
    expect(at("welcome-title")).to_have_text("Put it on, and move")
    by_keys(page, at("welcome-next"))

    unpacked.person("still")
    expect(page.locator(".stillness")).to_contain_text("Still enough.")
    by_keys(page, at("pose-go"))
    expect(at("pose-words")).to_have_text("Hold still.")
    expect(at("pose-less")).to_be_visible()
    unpacked.person("slouch")
    expect(at("pose-words")).to_have_text(re.compile(r"^(19|2\d) deg from your upright"))
    by_keys(page, at("pose-go"))
    expect(at("pose-ask")).to_have_text(re.compile(r"Your slouch leans 2\d deg over your upright"))
    by_keys(page, at("welcome-next"))

    expect(at("preset-office")).to_be_checked()
    by_keys(page, at("welcome-next"))
    by_keys(page, at("trial-go"))
    expect(at("trial-card")).to_contain_text("A minute on your feet starts a break.")
    expect(at("announce")).to_have_text(re.compile("You have sat"))
    by_keys(page, at("welcome-next"))
    expect(at("lean")).to_contain_text("forward of your upright")
    answer = "fetch('/api/v1/wearers/me/alert-settings').then((it) => it.json())"
    assert page.evaluate(answer)["preset"] == "office"
    page.goto(f"{unpacked.url}#/sensors")
    expect(at("card-calibration")).to_contain_text("Your slouch leans 2")
    at("card-past").click()
    expect(at("sensor-log")).to_contain_text("Calibrated in two poses")
    assert watched.said == []


def test_one_click_starts_a_simulated_person_marked_as_such_everywhere(
    unpacked: Unpacked, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    page.goto(unpacked.url)
    page.get_by_test_id("simulate").click()
    expect(page.get_by_test_id("welcome-title")).to_have_text("Put it on, and move")
    expect(page.get_by_test_id("check-come")).to_have_attribute("data-well", "true")
    expect(page.get_by_test_id("simulated")).to_be_visible()
    page.get_by_test_id("welcome-next").click()
    expect(page.get_by_test_id("pose-ask")).to_contain_text("Your slouch leans")
    page.goto(f"{unpacked.url}#/")
    expect(page.get_by_test_id("lean")).to_contain_text("your upright")
    expect(page.locator("#now .tag.sim")).to_be_visible()
    page.goto(f"{unpacked.url}#/sensors")
    expect(page.get_by_test_id("sensor-card")).to_have_count(2)
    for card in page.get_by_test_id("sensor-card").all():
        expect(card).to_contain_text("simulated")
    assert watched.said == []


def test_an_empty_sitwell_leads_to_the_first_run_until_somebody_looks_around(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    made_up.empty()
    watched = look()
    page = watched.page
    page.goto(made_up.url)
    found = page.get_by_test_id("found")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("near")
    expect(page.get_by_test_id("others")).to_have_text(
        "One more device is in range that Sitwell cannot read."
    )
    made_up.keeper.air = []
    made_up.keeper.deaf = Deafness(LinkReason.RADIO_OFF, "Bluetooth is switched off: hci0.")
    expect(page.get_by_test_id("deaf")).to_contain_text("Switch it on in the system's settings")
    expect(found).to_have_count(0)
    made_up.keeper.deaf = None
    expect(page.get_by_test_id("listening")).to_contain_text("Listening for")
    page.get_by_test_id("welcome-skip").click()
    expect(page.get_by_test_id("stale-notice")).to_contain_text("No sensor yet.")
    expect(page.get_by_test_id("stale-notice")).to_contain_text("sitwell pair")
    page.reload()
    page.get_by_test_id("to-welcome").click()
    expect(page.get_by_test_id("welcome-title")).to_have_text("Find your sensor")
    assert watched.said == []


def test_who_may_only_look_is_not_led_and_told_why(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    made_up.empty()
    watched = look()
    page = watched.page
    session = {"who": "token ada", "rights": ["read"], "wearer": "ada", "expires_at": None}
    page.route("**/api/v1/session", lambda route: route.fulfill(json=session))
    page.goto(made_up.url)
    expect(page.get_by_test_id("stale-notice")).to_contain_text(
        "You may look here and change nothing"
    )
    expect(page.get_by_test_id("to-welcome")).to_be_hidden()
    page.goto(f"{made_up.url}#/welcome")
    expect(page.get_by_test_id("page-welcome")).to_contain_text("change nothing")
    made_up.keeper.paired[SENSOR.id] = SENSOR
    page.goto(f"{made_up.url}#/sensors")
    page.reload()
    expect(page.get_by_test_id("sensor-card")).to_have_count(1)
    expect(page.get_by_test_id("only-looking")).to_be_visible()
    expect(page.get_by_test_id("card-unpair")).to_have_count(0)
    assert watched.said == []


def test_a_pose_that_is_refused_says_why_and_is_held_again(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    at = page.get_by_test_id
    made_up.keeper.refusals = [MOVED, None, None, ALIKE]
    page.clock.install()
    page.goto(f"{made_up.url}#/sensors/{SENSOR.id}/calibrate")
    expect(at("pose-go")).to_have_text("I sit upright")
    times = T0 + np.arange(50) / 50
    still = np.tile([0.0, 0.0, 1.0], (50, 1))
    made_up.measure(SampleBlock(SENSOR.id, times, still, None, 50.0))
    expect(page.locator(".stillness")).to_contain_text("Still enough.")
    stop_clock(page)

    def hold() -> None:
        at("pose-go").click()
        expect(at("pose-words")).to_have_text("Get ready.")
        page.clock.run_for(4000)

    hold()
    expect(at("pose-refused")).to_have_text(re.compile("^You moved. Breathe calmly"))
    expect(at("pose-go")).to_have_text("Once more")
    hold()
    expect(at("pose-ask")).to_contain_text("sink into the slouch")
    expect(at("pose-refused")).to_be_hidden()
    page.reload()  # the upright pose is kept by the service, and not asked for again
    expect(at("pose-ask")).to_contain_text("sink into the slouch")
    expect(page.locator(".stillness")).to_contain_text("Waiting for samples.")
    hold()
    expect(at("pose-refused")).to_contain_text("The two poses are almost the same.")
    hold()
    expect(at("pose-ask")).to_contain_text("Your slouch leans 17 deg over your upright.")
    assert made_up.keeper.poses == [(SENSOR.id, pose) for pose in ("upright", "slouch", "slouch")]
    assert watched.said == []


def test_an_upright_pose_that_grew_too_old_is_held_once_more(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(locale="de-DE")
    page = watched.page
    at = page.get_by_test_id
    page.goto(f"{made_up.url}#/sensors/{SENSOR.id}/calibrate")
    page.clock.install()
    at("pose-go").click()
    page.clock.run_for(4000)
    expect(at("pose-less")).to_be_visible()
    page.clock.run_for(11 * 60_000)
    at("pose-less").click()
    expect(at("pose-refused")).to_contain_text("zu alt")
    expect(at("pose-less")).to_be_hidden()
    assert watched.said == []  # the service was not even asked

    made_up.keeper.poses.clear()  # as it does when it starts again
    at("pose-go").click()
    page.clock.run_for(4000)
    expect(at("pose-less")).to_be_visible()
    made_up.keeper.poses.clear()
    at("pose-less").click()
    expect(at("pose-refused")).to_contain_text("zu alt")
    expect(at("pose-less")).to_be_hidden()


def test_every_refusal_that_the_service_may_answer_has_words_on_the_page() -> None:
    text = (STATIC / "js" / "sensing" / "refusals.js").read_text()
    worded = set(re.findall(r"^  (\w+): \"", text, re.MULTILINE))
    of_files_alone = {RefusalReason.HINT_VERTICAL, RefusalReason.TAKES_DIFFER}
    assert worded == set(RefusalReason) - of_files_alone


def test_a_sensor_is_renamed_moved_and_unpaired_with_a_second_look(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    at = page.get_by_test_id
    page.goto(f"{made_up.url}#/sensors")
    expect(at("sensor-card")).to_have_count(1)
    expect(at("sensor-card")).to_contain_text("simulated")
    by_keys(page, at("card-place"))
    at("sensor-name").fill("  ")
    at("place-save").click()
    expect(at("sensor-name")).to_have_attribute("aria-invalid", "true")
    at("sensor-name").fill("Collar")
    at("place-sternum").check()
    at("place-save").click()
    expect(at("pose-go")).to_be_visible()  # moved: the new place wants its own calibration
    assert made_up.keeper.paired[SENSOR.id].placement == "sternum"
    at("to-sensors-page").click()
    expect(at("sensor-card").locator("h3")).to_have_text("Collar")
    at("card-unpair").click()
    expect(at("ask")).to_contain_text("Unpair Collar?")
    page.keyboard.press("Escape")
    expect(at("card-unpair")).to_be_focused()
    assert SENSOR.id in made_up.keeper.paired
    at("card-unpair").click()
    at("ask-yes").click()
    expect(at("no-sensors")).to_be_visible()
    assert SENSOR.id not in made_up.keeper.paired
    expect(at("add-sensor")).to_be_visible()
    assert watched.said == []


def test_every_step_fits_every_width_speaks_german_and_passes_axe(
    made_up: MadeUp, look: Callable[..., Any], artefacts: Path
) -> None:
    watched = look(locale="de-DE")
    page = watched.page
    page.goto(f"{made_up.url}#/sensors")
    expect(page.get_by_test_id("sensor-card")).to_be_visible()
    page.get_by_test_id("card-past").click()
    expect(page.get_by_test_id("sensor-log")).to_contain_text("kalibriert")
    for name in ["sensors", "place", "calibrate", *STEPS]:
        if name in STEPS:
            page.evaluate(f"location.hash = '#/welcome/{name}/{SENSOR.id}'")
            expect(page.get_by_test_id(f"step-{name}")).not_to_be_empty()
        elif name != "sensors":
            page.evaluate(f"location.hash = '#/sensors/{SENSOR.id}/{name}'")
            shown = "place-save" if name == "place" else "pose-go"
            expect(page.get_by_test_id(shown)).to_be_visible()
        assert left_in_english(page, "de") == [], name
        for width, scheme in ((320, "light"), (1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wider) <= 0, (name, width)
            if width != 320:
                picture = artefacts / f"first-{name}-{width}-{scheme}.png"
                page.screenshot(path=picture, full_page=True)
        assert flaws(page) == [], name
    assert watched.said == []


def test_a_sensor_in_the_list_is_paired_where_it_fits_and_given_back(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    made_up.empty()
    watched = look()
    page = watched.page
    page.goto(made_up.url)
    page.get_by_test_id("choose").click()
    expect(page.get_by_test_id("welcome-title")).to_have_text("Which one is it?")
    assert made_up.keeper.paired[CLIP.address].placement == "upper_back"
    expect(page.get_by_test_id("welcome-next")).to_be_hidden()  # not connected yet
    page.get_by_test_id("another").click()
    expect(page.get_by_test_id("welcome-title")).to_have_text("Find your sensor")
    assert made_up.keeper.paired == {}
    assert watched.said == []


def test_a_sensor_that_encrypts_is_paired_with_its_key(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    made_up.empty()
    made_up.service.links[CLIP.address] = SensorStatus(
        CLIP.address, LinkState.BACKING_OFF, T0 - 5.0, reason_code=LinkReason.ENCRYPTED
    )
    watched = look()
    page = watched.page
    page.goto(made_up.url)
    page.get_by_test_id("choose").click()
    key = page.get_by_label("Its key")
    key.fill("0g")
    key.press("Enter")
    expect(page.get_by_test_id("identify-answer")).to_contain_text("an even number of the digits")
    expect(key).to_have_attribute("aria-invalid", "true")
    key.fill("00:FF")
    key.press("Enter")
    expect(page.get_by_test_id("identify-answer")).to_have_text("")
    assert [it.key_hex for it in made_up.keeper.requests] == ["", "00FF"]
    assert watched.said == []
