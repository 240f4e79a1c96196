"""Every language has words for everything that an explanation is made of."""

import ast
import string
from pathlib import Path

import pytest

from analysis.languages import ENGLISH, WORDINGS
from analysis.phrases import _WITH_UNIT, degrees, joined
from domain.said import Figure, Said

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"
OTHERS = pytest.mark.parametrize("code", [it for it in WORDINGS if it != ENGLISH.code])
#: Calls of Said whose template is no literal, and why there is nothing to find in them.
NOT_LITERAL = {
    "_WITH_UNIT[unit]",  # counted below
    "by.join((f'{{{name}}}' for name in there))",  # no words of its own
}


def templates() -> set[str]:
    """Every template of analysis."""
    found, others = set(_WITH_UNIT.values()), set()
    for path in ANALYSIS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Said":
                what = node.args[0]
                if isinstance(what, ast.Constant):
                    found.add(str(what.value))
                else:
                    others.add(ast.unparse(what))
    assert others == NOT_LITERAL
    return {it for it in found if any(c.isalpha() for c in bare(it))}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def bare(template: str) -> str:
    return "".join(text for text, _, _, _ in string.Formatter().parse(template))


@OTHERS
def test_every_template_has_its_words_with_the_same_values(code: str) -> None:
    words = WORDINGS[code].templates
    numbers = {key for key in words if not any(c.isalpha() for c in bare(key))}
    assert set(words) - numbers == templates()
    for english, text in words.items():
        assert fields(english) == fields(text), english
        assert text.strip()


@OTHERS
def test_no_language_scolds(code: str) -> None:
    never = ("schlecht", "schad", "schäd", "falsch", "korrekt", "!", "sollt", "musst", "versag")
    for text in WORDINGS[code].templates.values():
        assert not [word for word in never if word in text.lower()], text


def test_a_text_is_its_english_and_what_it_is_made_of_is_said_in_another_language() -> None:
    text = joined(
        Said("It was {angle} from upright.", angle=degrees(12.34, 12.0)), Said("{n}", n="1.5")
    )
    assert text == "It was 12.3 deg from upright. 1.5"
    assert ENGLISH.say(text) == text
    german = WORDINGS["de"]
    assert german.say(text) == "Er war 12,3 Grad aus dem Aufrechten. 1.5", "a name is no figure"
    assert german.say("a plain text") == "a plain text"
    assert german.say(Figure("0.07")) == "0,07"
