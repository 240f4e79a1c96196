"""Texts that know what they were made of, so that another language can say them too."""

from collections.abc import Mapping
from dataclasses import dataclass


class Figure(str):
    """The digits of a number as English writes them."""

    __slots__ = ()


class Said(str):
    """A text in English. Its template is the key of other languages' words; `{name}` is where a value goes.

    A value that is a Said or a Figure is said in the other language too, any other stays as it is.
    """

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, /, **values: str) -> "Said":
        """Said("over {limit}", limit=Said("{n} deg", n=Figure(45)))."""
        made = super().__new__(cls, template.format_map(values))
        made.template, made.values = template, values
        return made


#: There is nothing to say.
NOTHING = Said("")


@dataclass(frozen=True, slots=True)
class Wording:
    """A language: its decimal sign, and its words for each template of English."""

    code: str
    decimal: str
    templates: Mapping[str, str]

    def say(self, text: str) -> str:
        """The text in this language; what it has no words for stays English."""
        if isinstance(text, Figure):
            return text.replace(".", self.decimal)
        if not isinstance(text, Said):
            return text
        template = self.templates.get(text.template, text.template)
        return template.format_map({name: self.say(it) for name, it in text.values.items()})
