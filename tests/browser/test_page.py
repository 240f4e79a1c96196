"""The dashboard's files by themselves: what they may load, what they may say, and that they fit together."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from domain.episodes import EpisodeKind
from tests.browser.texts import reached_from

STATIC = Path(__file__).resolve().parents[2] / "api" / "static"
MODULES = sorted(STATIC.glob("js/**/*.js"))
STYLES = sorted(STATIC.glob("style/*.css"))
PAGE = STATIC / "index.html"
OWN = [PAGE, STATIC / "icon.svg", *MODULES, *STYLES]
PAGES = sorted(STATIC.glob("js/pages/*.js"))
#: Brought by the build hook; absent from a checkout that was never built.
VENDORED = STATIC / "vendor" / "echarts.js"
SVG_NAMESPACE = "http://www.w3.org/2000/svg"
#: What a browser loads besides the chart library: as it lies here, and compressed as it may travel.
MOST_BYTES = 400_000
#: What the page may weigh as it travels. Pages are loaded when somebody goes there.
MOST_COMPRESSED_BYTES = 150_000
MOST_LINES = 300
#: What the tests of the whole service and the documentation point at.
TEST_IDS = [
    "state",
    "time-in-state",
    "since",
    "lean",
    "side",
    "slouch",
    "figure",
    "sitting-clock",
    "clock-words",
    "alerts-list",
    "day-slider",
    "day-why",
    "day-title",
    "shifts",
    "shift-words",
    "unknown-toggle",
    "to-the-day",
    "quiet",
    "confidence",
    "placements",
    "unknown",
    "open-alerts",
    "no-open-alerts",
    "strip",
    "legend",
    "today-sentence",
    "today-table",
    "table-toggle",
    "sums",
    "sum-sitting",
    "sum-longest",
    "sum-breaks",
    "sum-slouch",
    "sensors-row",
    "theme-switch",
    "simulated",
    "speed",
    "clock",
    "announce",
    "stale-notice",
    "problems",
    "seeding",
    "alert-card",
    "alert-item",
    "why",
    "explanation",
    "sensor",
    "acknowledge",
    "snooze",
    "fine",
    "login",
    "login-secret",
    "login-button",
    "login-refused",
]


class Page(HTMLParser):
    """The tags of the page, with the attributes of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(PAGE.read_text())


def own(path: Path) -> str:
    return path.relative_to(STATIC).as_posix()


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", OWN, ids=own)
def test_no_file_names_a_foreign_host(path: Path) -> None:
    text = path.read_text().replace(SVG_NAMESPACE, "")
    assert re.findall(r"(?:https?:|wss?:)?//[a-z0-9.-]+\.[a-z]{2,}", text, re.IGNORECASE) == []


def test_the_page_has_no_inline_script_or_style(page: Page) -> None:
    for tag, attributes in page.tags:
        assert tag != "style"
        assert tag != "script" or "src" in attributes
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("path", MODULES, ids=own)
def test_no_module_writes_markup_or_runs_text(path: Path) -> None:
    code = without_comments(path.read_text())
    banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|cssText"
    assert re.findall(banned, code) == []
    assert re.findall(r"""setAttribute\(\s*["']style|["']?style["']?:\s*[`"']""", code) == []


def test_what_the_page_loads_is_there(page: Page) -> None:
    for tag, attributes in page.tags:
        target = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        if target is not None:
            assert target.startswith("./"), "works under any address prefix"
            assert (STATIC / target).is_file(), target


@pytest.mark.parametrize("path", MODULES, ids=own)
def test_imports_resolve(path: Path) -> None:
    code = path.read_text()
    pattern = r"""(?:^(?:import|export)\b[^;"']*?\bfrom|\bimport\(|^import)\s*["']([^"'\n]+)["']"""
    for target in re.findall(pattern, code, re.MULTILINE):
        assert target.startswith("."), f"{target}: the browser has no other way to find it"
        resolved = (path.parent / target).resolve()
        assert resolved == VENDORED or resolved.is_file(), target


@pytest.mark.parametrize("path", MODULES, ids=own)
def test_imported_names_are_exported(path: Path) -> None:
    pattern = r"""^import\s*\{([^}]*)\}\s*from\s*["'](\.[^"']+)["']"""
    for names, target in re.findall(pattern, path.read_text(), re.MULTILINE):
        source = (path.parent / target).read_text()
        exported = set(
            re.findall(r"^export (?:async )?(?:function|class|const) (\w+)", source, re.MULTILINE)
        )
        assert {
            name.split(" as ")[0].strip() for name in names.split(",") if name.strip()
        } <= exported, target


@pytest.mark.parametrize("path", MODULES, ids=own)
def test_modules_are_small_and_checked(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MOST_LINES or "languages" in path.parts  # tables of words
    assert path.name == "first-paint.js" or text.startswith("// @ts-check\n")


@pytest.mark.parametrize("kind", list(EpisodeKind))
def test_every_kind_of_episode_has_a_word_and_a_type(kind: EpisodeKind) -> None:
    words = (STATIC / "js" / "words.js").read_text().partition("const EPISODES")[2]
    assert re.search(rf"^  {kind.value}: \"[A-Z][a-z ]+\",$", words, re.MULTILINE)
    assert f'"{kind.value}"' in (STATIC / "js" / "types.js").read_text()


def test_elements_that_modules_ask_for_are_in_the_page(page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    asked = {
        name for path in MODULES for name in re.findall(r"""byId\("([^"]+)"\)""", path.read_text())
    }
    assert asked <= ids


def test_ids_are_unique_and_references_lead_to_one(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for name in ("aria-labelledby", "aria-describedby", "aria-controls"):
            for reference in attributes.get(name, "").split():
                assert reference in ids, reference


def test_test_ids_stay() -> None:
    text = "".join(path.read_text() for path in OWN)
    literal = set(re.findall(r"""data-testid"?[=:]\s*"([\w-]+)\"""", text))
    built = set(re.findall(r"""(?:button|whyButton)\((?:panel, card \? )?"([\w-]+)\"""", text))
    assert sorted(set(TEST_IDS) - literal - built) == []


def test_the_document_asks_for_all_that_the_frame_imports_and_first_for_the_questions() -> None:
    """Else a browser learns of them one level of imports after the other."""
    page = (STATIC / "index.html").read_text()
    asked = [STATIC / it for it in re.findall(r'rel="modulepreload" href="\./([\w./-]+)"', page)]
    first = reached_from(STATIC / "js" / "opening.js")
    wanted = reached_from(STATIC / "js" / "main.js") | first
    assert sorted(asked) == sorted(wanted)
    assert set(asked[: len(first)]) == first


@pytest.mark.parametrize("name", [None, *PAGES], ids=lambda it: it.stem if it else "now")
def test_the_page_without_the_chart_library_is_light(name: Path | None) -> None:
    """What a browser loads for one of the pages, once it has nothing of it: the frame, and the page."""
    modules = reached_from(STATIC / "js" / "main.js")
    if name is not None:
        modules |= reached_from(name)
    unread = {"types.js"}  # by editors only
    loaded = [it.read_bytes() for it in modules if it.name not in unread]
    loaded += [it.read_bytes() for it in OWN if it.suffix != ".js"]
    loaded.append((STATIC / "js" / "first-paint.js").read_bytes())
    assert sum(map(len, loaded)) < MOST_BYTES
    assert sum(len(gzip.compress(it)) for it in loaded) < MOST_COMPRESSED_BYTES


def test_nothing_interrupts_a_screen_reader() -> None:
    text = "".join(path.read_text() for path in OWN)
    assert "assertive" not in text
    assert not re.search(r"""role"?[=:]\s*"alert(dialog)?\"""", text)


def test_words_are_calm(page: Page) -> None:
    quoted = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
    codes = [without_comments(path.read_text()) for path in MODULES]
    sentences = [a or b for code in codes for a, b in quoted.findall(code)]
    said = [re.sub(r"\$\{[^}]*\}", "", it) for it in sentences] + page.words
    for text in said:
        assert not re.search(r"\w!(?:\s|$)", text), text
        for never in ("bad posture", "damage", "correct yourself", "failed", "streak"):
            assert never not in text.lower(), text


# --- colours ---------------------------------------------------------------------------------


def colours() -> dict[str, tuple[str, str]]:
    """The colour tokens as (light, dark) hex pairs."""
    text = (STATIC / "style" / "tokens.css").read_text()
    pairs = {
        name: (light, dark)
        for name, light, dark in re.findall(
            r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", text
        )
    }
    single = {name: (it, it) for name, it in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text)}
    return pairs | single


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "raised"])
@pytest.mark.parametrize("text", ["ink", "muted", "accent", "slouch-text", "risk"])
def test_text_is_readable_in_both_themes(text: str, ground: str, theme: int) -> None:
    tokens = colours()
    assert contrast(tokens[text][theme], tokens[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    "sign",
    ["edge-sitting", "edge-standing", "edge-moving", "edge-lying", "hatch", "slouch", "control"],
)
def test_signs_stand_out_in_both_themes(sign: str, theme: int) -> None:
    tokens = colours()
    assert contrast(tokens[sign][theme], tokens["page"][theme]) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_first_answer_is_readable_on_its_button(theme: int) -> None:
    tokens = colours()
    assert contrast(tokens["on-accent"][theme], tokens["accent"][theme]) >= 4.5


def test_states_keep_their_colour_and_have_a_pattern(page: Page) -> None:
    tokens = colours()
    okabe_ito = {
        "sitting": "#0072b2",
        "standing": "#009e73",
        "moving": "#e69f00",
        "lying": "#cc79a7",
    }
    assert {state: tokens[state][0] for state in okabe_ito} == okabe_ito
    patterns = {attributes["id"] for tag, attributes in page.tags if tag == "pattern"}
    named = {"standing", "moving", "lying", "not_worn", "nodata"}
    assert patterns == {f"pattern-{it}" for it in named}, "sitting is solid, unknown is outlined"


def test_no_module_imports_what_it_does_not_use() -> None:
    unused = []
    for path in MODULES:
        code = path.read_text()
        for names in re.findall(r"^import \{([^}]*)\} from", code, re.MULTILINE):
            for name in (it.split(" as ")[-1].strip() for it in names.split(",")):
                if name and len(re.findall(rf"(?<![\w$]){re.escape(name)}(?![\w$])", code)) < 2:
                    unused.append(f"{path.name}: {name}")
    assert unused == []
