"""The page of a day under fingers: they zoom, move, read and choose, and the page still scrolls."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.filled_day import DAY, ROWS, SLOUCH, fill_day
from tests.browser.fingers import Fingers
from tests.browser.made_up import MadeUp
from tests.browser.walking import at_rest

pytestmark = pytest.mark.browser

#: Minutes of the day: the middle of the slouch, and when little more than the first mark was measured.
SLOUCH_AT, STOOD_AT = 10 * 60 + 50, 9 * 60 + 15
#: Two rows of different making: the page's own drawing, and one by the library of charts.
PLOTS = ["day-states-plot", "day-lean-plot"]


class Part(NamedTuple):
    """The part of the day that a row shows: minutes of the day, and where they are, px of the screen."""

    first: float
    length: float
    left: float
    width: float

    def x(self, minute: float) -> float:
        return self.left + (minute - self.first) / self.length * self.width

    def minute(self, x: float) -> float:
        return self.first + (x - self.left) / self.width * self.length


class Phone:
    """The page of the day on a phone, and fingers on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.fingers = Fingers(page)
        self.states = page.get_by_test_id("day-states-plot")
        self.why = page.get_by_test_id("day-why")
        self.lines = page.locator(".day-rows .cursor:not([hidden])")

    def part(self) -> Part:
        """What is shown, by where the axis says that hours are."""
        first, second, left, width = self.states.evaluate(
            """async (plot) => {
              await new Promise(requestAnimationFrame);
              await new Promise(requestAnimationFrame);
              const labels = [...plot.querySelectorAll(".time-label")].slice(0, 2);
              const at = (it) => {
                const [hours, minutes] = it.textContent.split(":").map(Number);
                return [hours * 60 + minutes, Number(it.getAttribute("x"))];
              };
              return [...labels.map(at), plot.getBoundingClientRect().x, plot.clientWidth];
            }"""
        )
        pixel_min = (second[0] - first[0]) / (second[1] - first[1])
        inner = (left + 40, width - 60)
        return Part(first[0] - (first[1] - 40) * pixel_min, inner[1] * pixel_min, *inner)

    def height(self, row: Locator) -> float:
        """Brings the row to the middle of the screen: where its middle is then, px."""
        return float(
            row.evaluate(
                """(it) => {
                  it.scrollIntoView({ block: "center" });
                  const box = it.getBoundingClientRect();
                  return box.y + box.height / 2;
                }"""
            )
        )

    def tap(self, x: float, y: float) -> None:
        self.fingers.down((x, y))
        self.fingers.up()


@pytest.fixture
def phone(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Phone]:
    fill_day(made_up)
    watched = look(390, 844, has_touch=True, is_mobile=True)
    watched.page.goto(f"{made_up.url}#/day/{DAY}")
    expect(watched.page.get_by_test_id("day-strip")).to_be_visible()
    expect(watched.page.get_by_test_id("day-lean-plot").locator("svg")).to_be_visible()
    at_rest(watched.page)
    yield Phone(watched.page)
    assert watched.said == []


@pytest.fixture
def near(phone: Phone) -> Part:
    """Four hours about the slouch."""
    part = phone.part()
    x, y = part.x(SLOUCH_AT), phone.height(phone.states)
    phone.fingers.move(((x - 20, y), (x - 120, y)), ((x + 20, y), (x + 120, y)))
    return phone.part()


@pytest.mark.parametrize("plot", PLOTS)
def test_two_fingers_zoom_about_their_middle(phone: Phone, plot: str) -> None:
    whole = phone.part()
    assert (whole.first, whole.length) == pytest.approx((0, 24 * 60), abs=1)
    x, y = whole.x(SLOUCH_AT), phone.height(phone.page.get_by_test_id(plot))
    phone.fingers.move(((x - 20, y), (x - 120, y)), ((x + 20, y), (x + 120, y)))
    near = phone.part()
    assert near.length == pytest.approx(4 * 60, abs=2), "six times as close"
    assert near.minute(x) == pytest.approx(SLOUCH_AT, abs=2), "what is between the fingers stays"
    phone.fingers.move(((x - 120, y), (x - 40, y)), ((x + 120, y), (x + 40, y)))
    wide = phone.part()
    assert wide.length == pytest.approx(12 * 60, abs=6)
    assert wide.minute(x) == pytest.approx(SLOUCH_AT, abs=6)
    expect(phone.why).to_be_hidden()


def test_what_is_under_each_finger_stays_under_it(phone: Phone) -> None:
    whole = phone.part()
    y = phone.height(phone.states)
    thumb, finger = whole.x(8 * 60), whole.x(12 * 60)
    phone.fingers.move(((thumb, y), (thumb, y)), ((finger, y), (finger + 100, y)))
    near = phone.part()
    assert near.minute(thumb) == pytest.approx(8 * 60, abs=4)
    assert near.minute(finger + 100) == pytest.approx(12 * 60, abs=4)


@pytest.mark.parametrize("plot", PLOTS)
def test_one_finger_drags_what_is_shown_along(phone: Phone, near: Part, plot: str) -> None:
    y = phone.height(phone.page.get_by_test_id(plot))
    x = near.left + near.width / 2
    phone.fingers.move(((x, y), (x + 80, y)))
    earlier = phone.part()
    assert earlier.length == pytest.approx(near.length, abs=1)
    # The browser keeps the first few px to itself, until it knows that this is no tap.
    assert near.minute(x) - 1 <= earlier.minute(x + 80) <= near.minute(x + 20)
    phone.fingers.move(((x + 80, y), (x, y)))
    assert phone.part().first == pytest.approx(near.first, abs=1)
    expect(phone.why).to_be_hidden()


@pytest.mark.parametrize("plot", PLOTS)
def test_a_swipe_up_scrolls_the_page_and_leaves_the_day_alone(
    phone: Phone, near: Part, plot: str
) -> None:
    y = phone.height(phone.page.get_by_test_id(plot))
    before = phone.page.evaluate("scrollY")
    x = near.left + near.width / 2
    phone.fingers.move(((x, y), (x + 12, y - 200)))
    phone.page.wait_for_function("(before) => scrollY > before + 50", arg=before)
    assert phone.part() == near
    expect(phone.why).to_be_hidden()
    expect(phone.lines).to_have_count(0)  # it reads nothing either


def test_a_tap_chooses_what_is_there_and_the_cursor_stays_on_it(phone: Phone, near: Part) -> None:
    phone.height(phone.states)
    box = phone.states.locator(".slouch-mark").bounding_box()
    assert box is not None
    phone.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(phone.why.get_by_role("heading", level=3)).to_have_text("Slouch at 10:45")
    expect(phone.page).to_have_url(re.compile(f"#/day/{DAY}/episode/{SLOUCH.id}$"))
    expect(phone.lines).to_have_count(len(ROWS))
    phone.page.get_by_test_id("day-why-close").tap()
    expect(phone.why).to_be_hidden()
    lean = phone.page.get_by_test_id("day-lean-plot")
    y = phone.height(lean)
    phone.tap(near.x(STOOD_AT), y)
    expect(phone.why).to_contain_text("You were standing.")
    expect(phone.lines).to_have_count(len(ROWS))
    assert phone.part() == near
    phone.page.get_by_test_id("day-title").tap()
    expect(phone.lines).to_have_count(0)


def test_a_finger_along_the_whole_day_reads_it_and_chooses_nothing(phone: Phone) -> None:
    whole = phone.part()
    y = phone.height(phone.states)
    x = whole.x(STOOD_AT)
    phone.fingers.move(((x + 80, y), (x, y)))
    expect(phone.lines).to_have_count(len(ROWS))
    expect(phone.page.get_by_test_id("day-slider")).to_have_attribute(
        "aria-valuetext", re.compile("^09:1.*Standing")
    )
    assert phone.part() == whole
    expect(phone.why).to_be_hidden()


def test_two_fingers_read_nothing(phone: Phone) -> None:
    whole = phone.part()
    x, y = whole.x(SLOUCH_AT), phone.height(phone.states)
    phone.fingers.down((x - 20, y), (x + 20, y))
    expect(phone.lines).to_have_count(0)
    phone.fingers.up()
    expect(phone.lines).to_have_count(0)
