"""The languages that alerts are said in, by code. A new one is a module here and a line below."""

from collections.abc import Mapping
from typing import Final

from alerts.languages.english import ENGLISH
from alerts.languages.german import GERMAN
from alerts.sentences import Language

LANGUAGES: Final[Mapping[str, Language]] = {each.code: each for each in (ENGLISH, GERMAN)}
DEFAULT: Final = ENGLISH.code
