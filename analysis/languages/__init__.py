"""The languages that explanations are said in, by code. A new one is a module here and a line below."""

from collections.abc import Mapping
from typing import Final

from analysis.languages.german import GERMAN
from domain.said import Wording

ENGLISH: Final = Wording("en", ".", {})
WORDINGS: Final[Mapping[str, Wording]] = {each.code: each for each in (ENGLISH, GERMAN)}
