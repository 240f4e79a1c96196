"""The texts of the dashboard's files: what its modules and its page say, and what a language has for it."""

import re
from html.parser import HTMLParser
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "api" / "static"
LANGUAGES = STATIC / "js" / "languages"
#: As languages.js has them.
ATTRIBUTES = ("aria-label", "title", "placeholder")

_LITERAL = r'"((?:[^"\\\n]|\\.)*)"'
_ENTRY = re.compile(rf"^\s*(?:{_LITERAL}|(\w+)):\s*{_LITERAL},?\s*$", re.MULTILINE)
_CALL = re.compile(r"(?<![\w$])(?<![\w$)\]]\.)(t|plural|texts)\(")
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\.[^"']+\.js)["']""")


def words_of(path: Path) -> dict[str, str]:
    """What a module of a language has, by its English."""
    text = path.read_text()
    found = {_plain(a) if a or not b else b: _plain(c) for a, b, c in _ENTRY.findall(text)}
    assert len(_ENTRY.findall(text)) == len(found), f"{path.name}: a key is there twice"
    return found


def said_by(path: Path) -> set[str]:
    """What a module says through `t`, `plural` and `texts`, and the titles of PAGES."""
    code = path.read_text()
    found: set[str] = set()
    for call in _CALL.finditer(code):
        if not code.startswith("function", max(0, call.start() - 9)):
            found |= _literals(call[1], code, call.end())
    if path.name == "router.js":
        found |= set(re.findall(rf"\btitle: {_LITERAL}", code))
    return {_plain(it) for it in found if re.search(r"[^\W\d_]", it)}


def literals_of(path: Path) -> set[str]:
    """Every text in quotes."""
    return {_plain(it) for it in re.findall(_LITERAL, path.read_text())}


def reached_from(path: Path) -> set[Path]:
    """The module and what it imports at once."""
    seen: set[Path] = set()
    todo = [path.resolve()]
    while todo:
        each = todo.pop()
        if each in seen or not each.is_file():
            continue
        seen.add(each)
        todo += [(each.parent / target).resolve() for target in _IMPORT.findall(each.read_text())]
    return seen


class Document(HTMLParser):
    """What a document says: the texts and attributes that people read."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.said: set[str] = set()
        self._quiet: list[str] = []
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "noscript") or values.get("translate") == "no":
            self._quiet.append(tag)
        told = [values[name] for name in ATTRIBUTES if name in values]
        if values.get("name") == "description":
            told.append(values["content"])
        self.said |= {it.strip() for it in told if re.search(r"[^\W\d_]", it)}

    def handle_endtag(self, tag: str) -> None:
        if self._quiet and self._quiet[-1] == tag:
            self._quiet.pop()

    def handle_data(self, data: str) -> None:
        if not self._quiet and re.search(r"[^\W\d_]", data):
            self.said.add(data.strip())


def _plain(literal: str) -> str:
    return re.sub(
        r"\\(?:u([0-9a-f]{4})|(.))", lambda it: chr(int(it[1], 16)) if it[1] else it[2], literal
    )


def _literals(call: str, code: str, start: int) -> set[str]:
    """The texts of a call's first argument, of both texts of `plural`, of the values of a table."""
    depth, at, found = 0, start, set()
    before = ""
    while depth >= 0:
        literal = re.compile(_LITERAL + r"|`(?:[^`\\]|\\.)*`").match(code, at)
        if literal:
            inside = depth == 0 or (call == "texts" and depth == 1 and before == ":")
            if inside and literal[1] is not None and not (call == "t" and before in ("=", "[")):
                found.add(literal[1])
            at = literal.end()
            before = '"'
            continue
        char = code[at]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0 and call == "t":
            break
        if not char.isspace():
            before = char
        at += 1
    return found
