"""What the dashboard says in another language: every word of it, and none that is said no more."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from analysis.reference import Slip, Standing
from api.views import alert_model, now_model
from collector.drivers.registry import all_drivers
from collector.radio_errors import _NO_SERVICE, _UNAVAILABLE
from domain.alerts import AlertKind, Outcome
from domain.faults import Fault, FaultKind
from domain.placement import Placement
from domain.posture import Activity
from tests.api.service_fake import ALERT, STATUS, T0
from tests.browser.made_up import MadeUp
from tests.browser.texts import (
    LANGUAGES,
    STATIC,
    Document,
    literals_of,
    reached_from,
    said_by,
    words_of,
)
from tests.browser.walking import go, names

ROOT = STATIC.parents[1]
OTHERS = sorted(it.name for it in LANGUAGES.iterdir())
FRAME = reached_from(STATIC / "js" / "main.js")
PAGES = sorted((STATIC / "js" / "pages").glob("*.js"))
#: Sentences of the service are found where they are written: file, and the function that says them.
SAID_BY_THE_SERVICE = [
    ("analysis/now.py", "_reasons"),
    ("analysis/now.py", "_movement_reasons"),
    ("service/view.py", "health"),
]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def frame_says() -> set[str]:
    said = set().union(*(said_by(path) for path in FRAME))
    return said | Document(STATIC / "index.html").said


@pytest.mark.parametrize("language", OTHERS)
def test_the_frame_has_all_its_words(language: str) -> None:
    assert sorted(frame_says() - set(words_of(LANGUAGES / language / "frame.js"))) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda it: it.stem)
@pytest.mark.parametrize("language", OTHERS)
def test_every_page_has_all_its_words(language: str, path: Path) -> None:
    own = reached_from(LANGUAGES / language / path.name)  # and what it shares with other pages
    words = set().union(*map(words_of, [LANGUAGES / language / "frame.js", *own]))
    said = set().union(*(said_by(each) for each in reached_from(path) - FRAME))
    assert sorted(said - words) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_is_left_that_nothing_says(language: str) -> None:
    modules = [it for it in (STATIC / "js").rglob("*.js") if LANGUAGES not in it.parents]
    said = set().union(*(literals_of(it) for it in modules)) | Document(STATIC / "index.html").said
    for path in sorted((LANGUAGES / language).glob("*.js")):
        if path.name not in ("service.js", "drivers.js"):  # see below
            assert sorted(set(words_of(path)) - said) == [], path.name


@pytest.mark.parametrize("language", OTHERS)
def test_a_word_does_not_change_with_the_pages_one_has_seen(language: str) -> None:
    """What a page brings takes the place of what was there under the same English."""
    frame = words_of(LANGUAGES / language / "frame.js")
    said: dict[str, str] = {}
    for path in sorted((LANGUAGES / language).glob("*.js")):
        words = words_of(path)
        if path.name != "frame.js":
            assert sorted(set(words) & set(frame)) == [], path.name
        assert {it for it in words if said.get(it, words[it]) != words[it]} == set(), path.name
        said |= words


@pytest.mark.parametrize("language", OTHERS)
def test_values_stay_in_their_texts(language: str) -> None:
    for path in sorted((LANGUAGES / language).glob("*.js")):
        for english, text in words_of(path).items():
            assert placeholders(english) == placeholders(text), english
            assert text.strip()


def sentences(path: Path, function: str) -> Iterator[str]:
    """The sentences of a function, with some value for each of theirs."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.FunctionDef) and node.name == function):
            continue
        parts = {
            id(part)
            for each in ast.walk(node)
            if isinstance(each, ast.JoinedStr)
            for part in each.values
        }
        for statement in node.body[1:]:  # after its docstring
            for each in ast.walk(statement):
                if isinstance(each, ast.JoinedStr):
                    yield "".join(
                        str(it.value) if isinstance(it, ast.Constant) else "5" for it in each.values
                    )
                elif isinstance(each, ast.Constant) and id(each) not in parts:
                    yield str(each.value)


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_service_says_of_its_own_has_words(language: str) -> None:
    said = [
        it
        for path, function in SAID_BY_THE_SERVICE
        for it in sentences(ROOT / path, function)
        if " " in it
    ]
    assert len(said) >= 14
    said += [Fault("C0:01", Placement.THIGH, kind, 0).sentence for kind in FaultKind]
    said += [
        Standing(slip, 5.0).sentence(Placement.THIGH) for slip in Slip if slip is not Slip.NONE
    ]
    said += [sentence for _, sentence in _UNAVAILABLE.values()] + [_NO_SERVICE]
    known = [
        re.compile(re.sub(r"\\\{\w+\\\}", ".+?", re.escape(key)))
        for part in ("service", "frame")
        for key in words_of(LANGUAGES / language / f"{part}.js")
    ]
    missing = [it for it in said if not any(each.fullmatch(it) for each in known)]
    assert missing == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_guides_of_the_sensors_say_has_words(language: str) -> None:
    said = {it for each in all_drivers() for it in (each.guide.wear, *each.guide.limits)}
    assert set(words_of(LANGUAGES / language / "drivers.js")) == said


#: Texts of elements and attributes that people read, whether they are shown or not.
READ = """() => {
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest('script, style, noscript, [translate=no]')) continue;
    said.push(node.nodeValue.trim());
  }
  for (const name of ['aria-label', 'title', 'placeholder']) {
    for (const it of document.querySelectorAll(`[${name}]`)) said.push(it.getAttribute(name));
  }
  return said;
}"""
MISSING = "import('/js/languages.js').then((it) => [...it.missing])"


def left_in_english(page: Page, language: str) -> list[str]:
    """What the page says in English although there are words for it, and what it found no words for."""
    words: dict[str, str] = {}
    for path in (LANGUAGES / language).glob("*.js"):
        words |= words_of(path)
    english = {key for key, text in words.items() if text != key} - set(words.values())
    said = set(page.evaluate(READ))
    return sorted(said & english) + list(page.evaluate(MISSING))


@pytest.mark.browser
def test_a_german_sees_german_on_every_page_in_every_state(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(locale="de-DE")
    page = watched.page
    page.goto(made_up.url)
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_test_id("state")).to_have_text("Sitzen")
    expect(page.get_by_test_id("today-sentence")).to_contain_text("im Sitzen")
    for kind in AlertKind:
        opened = replace(ALERT, id=kind.value, episode=kind.value, kind=kind)
        made_up.tell("alert", alert_model(opened))
        for outcome in Outcome:
            closed = replace(
                opened, id=f"{kind.value}-{outcome.value}", closed_at=T0, outcome=outcome
            )
            made_up.tell("alert", alert_model(closed))
    many = 1 + len(AlertKind)
    expect(page.get_by_test_id("alert-card")).to_have_count(many)
    for activity in Activity:
        for slouching in (None, T0 - 60):
            status = replace(STATUS, activity=activity, slouching_since=slouching)
            made_up.tell("now", now_model(made_up.service, "ada", status))
            expect(page.get_by_test_id("now")).to_have_attribute(
                "data-state", activity.name.lower()
            )
    page.get_by_test_id("table-toggle").click()
    expect(page.get_by_test_id("today-table")).to_be_visible()
    assert left_in_english(page, "de") == []
    for name in [*names(page), "nothing"]:
        go(page, name)
        assert left_in_english(page, "de") == [], name
    made_up.end_streams()
    page.goto(made_up.url)
    expect(page.locator("#today-title")).to_have_text("Heute")
    assert left_in_english(page, "de") == []
    assert watched.said == []


@pytest.mark.browser
def test_the_wearers_language_is_spoken_unless_one_was_chosen(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    def answered(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        for each in body["items"]:
            each["language"] = "de"
        route.fulfill(response=answer, json=body)

    watched = look()
    page = watched.page
    page.route("**/api/v1/wearers", answered)
    page.goto(made_up.url)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_test_id("state")).to_have_text("Sitzen")
    expect(page.locator("#today-title")).to_have_text("Heute")
    assert left_in_english(page, "de") == []
    page.evaluate("location.hash = '#/more'")
    with page.expect_navigation():
        page.get_by_test_id("language").select_option("en")
    expect(page.get_by_test_id("page-more")).to_contain_text("Language of this page")
    page.get_by_test_id("to-now").click()
    expect(page.get_by_test_id("state")).to_have_text("Sitting")
    expect(page.locator("#today-title")).to_have_text("Today")
    assert watched.said == []


@pytest.mark.browser
def test_times_at_the_ends_of_an_axis_are_whole(made_up: MadeUp, look: Callable[..., Any]) -> None:
    watched = look(390, 844, locale="en-US")
    page = watched.page
    page.goto(made_up.url)
    expect(page.locator("#today-drawn svg .time-label").first).to_be_visible()
    cut = page.evaluate(
        """() => [...document.querySelectorAll("#today-drawn .time-label")]
          .filter((it) => {
            const [label, plot] = [it, it.ownerSVGElement].map((each) => each.getBoundingClientRect());
            return label.left < plot.left - 0.5 || label.right > plot.right + 0.5;
          }).map((it) => it.textContent)"""
    )
    assert cut == []
    assert watched.said == []


@pytest.mark.browser
def test_times_and_days_are_written_as_they_are_here(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    for locale, since, day, nine, quiet in (
        ("en-GB", "since 10:39", "Sunday 22 November", "09:00", "22:00\u201307:00"),
        ("en-US", "since 10:39\u202fAM", "Sunday, November 22", "9:00 AM",
         "10:00 PM\u20137:00 AM"),
        ("de-AT", "seit 10:39", "Sonntag, 22. November", "09:00", "22:00\u201307:00"),
    ):  # fmt: skip
        watched = look(locale=locale)
        watched.page.goto(made_up.url)
        expect(watched.page.get_by_test_id("since")).to_have_text(since)
        expect(watched.page.locator("#today-date")).to_have_text(day)
        said = watched.page.evaluate(
            "import('/js/words.js').then((it) => [it.hourWords(9), it.hoursWords('22:00-07:00')])"
        )
        assert [re.sub(r"\s", " ", it) for it in said] == [nine, quiet]
        assert watched.said == []
