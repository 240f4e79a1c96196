"""Just enough of Markdown to look at our own pages."""

import re


def section(page: str, heading: str) -> str:
    """What stands under `heading`, to the next one of the same or a higher level."""
    level = len(heading) - len(heading.lstrip("#"))
    lines = page.splitlines()
    start = lines.index(heading) + 1
    for end in range(start, len(lines)):
        marks = re.match(r"(#+) ", lines[end])
        if marks and len(marks[1]) <= level:
            return "\n".join(lines[start:end])
    return "\n".join(lines[start:])


def table(text: str) -> list[list[str]]:
    """The cells of the rows of the first table in `text`, without its heads."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def linked_files(page: str) -> set[str]:
    """The files that a page links to, without anchors."""
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page)
    return {link for link in links if not link.startswith(("http://", "https://"))}


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of `language`."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
