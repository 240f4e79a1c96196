"""What Sitwell is made of, and under which licences: as the installed packages say themselves."""

import re
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

from api.answer import Answer

VENDOR: Final = Path(__file__).parent / "static" / "vendor"
PROGRAM: Final = "sitwell"
#: Of what the pages are built with (hatch_build.py); their texts are beside them.
PAGE_LICENCES: Final = {"echarts": "Apache-2.0", "swagger-ui-dist": "Apache-2.0"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
#: What is only for trying the program.
_FOR_TESTS = re.compile(r"extra\s*==\s*['\"]test['\"]")
#: A package that puts the whole text where the name belongs.
_LONGEST: Final = 100


class Part(Answer):
    """A library. licence: its name, empty where the package does not say. where it is used."""

    name: str
    version: str
    licence: str
    where: Literal["page", "service"]


@cache
def parts() -> tuple[Part, ...]:
    """The libraries that are installed and used, those of the page first, then by name. Reads files."""
    return (*_of_the_page(), *sorted(_of_the_service(), key=lambda each: each.name.lower()))


def _of_the_page() -> list[Part]:
    found = []
    for name, licence in PAGE_LICENCES.items():
        stamp = VENDOR / f"{name}.version"
        if stamp.is_file():
            version = stamp.read_text(encoding="utf-8")
            found.append(Part(name=name, version=version, licence=licence, where="page"))
    return found


def _of_the_service() -> list[Part]:
    """What the program requires, and what that requires in turn, as far as it is here."""
    found: dict[str, Part] = {}
    wanted = [PROGRAM]
    while wanted:
        name = wanted.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        try:
            there = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # of another system, or an extra that was not wanted
        told = there.metadata
        found[key] = Part(
            name=told["Name"], version=there.version, licence=licence_of(told), where="service"
        )
        for line in there.requires or ():
            requirement, _, marker = line.partition(";")
            named = _NAME.match(requirement)
            # An extra of a library is nobody's wish; ours are there when they are installed.
            optional = _FOR_TESTS.search(marker) or ("extra" in marker and name != PROGRAM)
            if named and not optional:
                wanted.append(named[0])
    found.pop(PROGRAM, None)
    return [*found.values()]


def licence_of(told: metadata.PackageMetadata) -> str:
    """The name of the licence: the expression (PEP 639), else the old field, else the classifiers."""
    for field in ("License-Expression", "License"):
        words = "".join(told.get_all(field) or ())
        if words and len(words) <= _LONGEST and "\n" not in words:
            return words
    classes = [each for each in told.get_all("Classifier") or () if each.startswith("License ::")]
    return " and ".join(each.rpartition(" :: ")[2] for each in classes)
