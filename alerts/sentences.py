"""Sentences by id, said in the language of whoever reads them. Pure: no clock, no I/O.

A language is a `Language`: templates by id, and how it counts. In a template `{name}` stands for a value
as it is, and `{name:form}` for a number or a word in one of these forms:

- `duration`: seconds as `46 s`, `52 min`, `4 h 10`, rounded down: never more than was measured;
- `whole`: the nearest whole number, `down`: the whole number below; without the sign of a minus;
- `place`: a place of the body, by the id `place.<word>`.

A template that depends on a count is a mapping by CLDR's plural categories (`one`, `other`, ...); the
count is the value `n`.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

Value: TypeAlias = str | float
Template: TypeAlias = str | Mapping[str, str]

#: What stands for a value in a template: its name and its form.
FIELD = re.compile(r"\{(?P<name>[a-z_]+)(?::(?P<form>[a-z]+))?\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be said, in no language yet: the id of a template and its values."""

    id: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Language:
    """code: as BCP 47 has it. plural: the CLDR category of a whole number. templates: by id."""

    code: str
    name: str
    plural: Callable[[int], str]
    templates: Mapping[str, Template]

    def say(self, sentence: Sentence) -> str:
        """The sentence in this language. Raises KeyError for an id or a value that is not there."""
        template = self.templates[sentence.id]
        if not isinstance(template, str):
            category = self.plural(int(float(sentence.values["n"])))
            template = template[category] if category in template else template["other"]

        def put(match: re.Match[str]) -> str:
            return self._form(sentence.values[match["name"]], match["form"])

        return FIELD.sub(put, template)

    def knows(self, key: str) -> bool:
        """Whether there is a template of this id."""
        return key in self.templates

    def _form(self, value: Value, form: str | None) -> str:
        if form == "place":
            return self.say(Sentence(f"place.{value}"))
        if form is None:
            return value if isinstance(value, str) else f"{value:g}"
        number = float(value)
        if form == "duration":
            return self._duration(number)
        if form == "whole":
            return f"{abs(number):.0f}"
        if form == "down":
            return str(math.floor(abs(number)))
        raise KeyError(form)

    def _duration(self, seconds: float) -> str:
        whole = max(0, int(seconds))
        if whole < 60:
            return self.say(Sentence("duration.seconds", {"s": whole}))
        if whole < 3600:
            return self.say(Sentence("duration.minutes", {"min": whole // 60}))
        hours, minutes = divmod(whole // 60, 60)
        if not minutes:
            return self.say(Sentence("duration.hours", {"h": hours}))
        return self.say(Sentence("duration.hours_minutes", {"h": hours, "min": f"{minutes:02d}"}))


def fields_of(template: Template) -> frozenset[tuple[str, str | None]]:
    """The values that a template wants, each with its form; of a plural those of its forms together."""
    texts = [template] if isinstance(template, str) else [*template.values()]
    return frozenset((m["name"], m["form"]) for text in texts for m in FIELD.finditer(text))
