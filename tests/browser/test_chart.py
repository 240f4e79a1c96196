"""The card that every chart comes in, on a page over a made-up service."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.made_up import MadeUp

pytestmark = pytest.mark.browser

SHOW = """async (own) => {
  const [{ ChartCard }, { axisOption, baseOption }, { s, swatch }] = await Promise.all(
    ["chart", "chart-look", "dom"].map((it) => import(new URL(`./js/${it}.js`, document.baseURI))));
  document.querySelector(".columns").hidden = true;
  const view = document.getElementById("view");
  view.hidden = false;
  const card = new ChartCard({ source: "simulated" }, { name: "sitting-a-day", title: "Sitting a day" });
  window.card = card;
  window.chosen = [];
  view.append(card.root);
  const days = ["2026-11-23", "2026-11-24", "2026-11-25"];
  const strip = ({ width }) => s("svg", { width, height: 40, viewBox: `0 0 ${width} 40` },
    s("rect", { class: "fill-moving", width: 90, height: 40 }),
    s("rect", { class: "fill-sitting", x: 90, width: 90, height: 40 }));
  const bars = (look) => ({
    ...baseOption(look),
    xAxis: axisOption(look, { type: "category", data: days }),
    yAxis: axisOption(look, { type: "value" }),
    series: [{ type: "bar", data: [340, null, 0], itemStyle: { color: look.c.sitting } }],
  });
  card.show({
    sentence: "You sat 5 h 40 on Monday.",
    range: "23 to 25 November 2026",
    file: "2026-11-23-to-2026-11-25",
    table: {
      columns: ["Day", "Sitting, min"],
      rows: [[days[0], { value: 340, text: "5 h 40" }], [days[1], null], ['one, "two"', 0]],
    },
    legend: [{ sign: swatch("moving"), word: "Moving" }],
    reading: {
      at: own ? [10, 100, 170] : [0, 1, 2],
      read: (i) => ({ heading: days[i], lines: [`value ${i}`] }),
      choose: (i) => chosen.push(i),
    },
    ...(own ? { svg: strip } : { option: bars }),
  });
}"""


@pytest.fixture
def page(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    watched = look()
    watched.page.goto(made_up.url)
    expect(watched.page.get_by_test_id("state")).to_have_text("Sitting")
    yield watched.page
    assert watched.said == [], "also none of the Content-Security-Policy"


def saved(page: Page, kind: str) -> tuple[str, bytes]:
    """What a press of a button saves: the file's name and what is in it."""
    with page.expect_download() as download:
        page.get_by_test_id(f"sitting-a-day-{kind}").click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("own", [False, True], ids=["ECharts", "an own drawing"])
def test_what_a_chart_shows_is_said_read_by_keys_and_saved(page: Page, own: bool) -> None:
    page.evaluate(SHOW, own)
    card = page.get_by_test_id("chart-sitting-a-day")
    expect(card.locator(".chart-drawn svg")).to_be_visible()
    expect(page.get_by_test_id("sitting-a-day-sentence")).to_have_text(
        "You sat 5 h 40 on Monday. Simulated data."
    )
    plot = page.get_by_test_id("sitting-a-day-plot")
    expect(plot).to_have_attribute("role", "slider")
    plot.focus()
    page.keyboard.press("Home")
    expect(plot).to_have_attribute("aria-valuetext", "2026-11-23, value 0")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("chart-tip")).to_have_text("2026-11-24value 1")
    page.keyboard.press("Enter")
    assert page.evaluate("chosen") == [1]

    page.get_by_test_id("sitting-a-day-table").click()
    expect(card.locator("td")).to_have_text(["5 h 40", "unknown", "0"])

    name, csv = saved(page, "csv")
    assert name == "sitwell-sitting-a-day-2026-11-23-to-2026-11-25-simulated.csv"
    assert csv.decode().splitlines() == [
        'Day,"Sitting, min",data',
        "2026-11-23,340,simulated",
        "2026-11-24,,simulated",
        '"one, ""two""",0,simulated',
    ]
    name, svg = saved(page, "svg")
    assert name.endswith("-simulated.svg")
    text = svg.decode()
    for said in ("Sitting a day", "23 to 25 November 2026 · Simulated data", "Moving", "Monday."):
        assert said in text
    assert "class=" not in text, "a file has no style sheet"
    if own:
        assert 'id="pattern-moving"' in text and "rgb(0, 114, 178)" in text
    name, png = saved(page, "png")
    assert name.endswith(".png") and png.startswith(b"\x89PNG") and len(png) > 3000


def test_a_chart_follows_the_theme_and_lets_go(page: Page) -> None:
    page.evaluate(SHOW, False)
    text = page.locator(".chart-drawn svg text").first
    before = text.get_attribute("fill")
    assert before
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".chart-drawn svg text").first).not_to_have_attribute("fill", before)
    page.evaluate("card.dispose()")
    page.emulate_media(color_scheme="light")
    assert page.evaluate("card.drawn.querySelector('svg')") is None


def test_a_chart_says_what_it_waits_for_and_what_went_wrong(page: Page) -> None:
    page.evaluate(SHOW, False)
    state = page.get_by_test_id("sitting-a-day-state")
    page.evaluate("card.empty('Nothing was worn in this time.')")
    expect(state).to_have_text("Nothing was worn in this time.")
    page.evaluate("card.wait()")
    expect(state).to_have_text("Reading your history.")
    page.evaluate(
        """async () => {
          const { ApiError } = await import(new URL("./js/api.js", document.baseURI));
          card.broken(new ApiError(0, "away"), () => chosen.push("again"));
        }"""
    )
    expect(state).to_contain_text("The service is not answering.")
    state.get_by_role("button", name="Try again").click()
    assert page.evaluate("chosen") == ["again"]
