"""docs/api.md names every call there is, with what can go wrong, and shows a pairing that is one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api import models
from api.calibrating import PoseWish
from tests.docs.markdown import blocks, section, table

V1 = "/api/v1"


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/api.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def calls(root: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation by method and path, the names of path parameters left out."""
    paths = json.loads((root / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
    return {
        (method.upper(), _nameless(path.removeprefix(V1))): operation
        for path, operations in paths.items()
        for method, operation in operations.items()
    }


def _nameless(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.split("?")[0])


def test_every_call_is_in_the_table_and_no_other(page: str, calls) -> None:
    told = set()
    for call in re.findall(r"^\| `([A-Z]+ /[^`]*)`", page, re.MULTILINE):
        method, path = call.split()[:2]
        told.add((method, _nameless(path)))
    assert told == set(calls) - {("GET", "/openapi.json")}


def test_every_status_that_a_call_declares_is_explained(page: str, calls) -> None:
    told = {
        status for row in table(section(page, "## Errors")) for status in row[0].split(", ")
    } | {"200", "201", "204"}
    declared = {status for operation in calls.values() for status in operation["responses"]}
    assert declared <= told


def test_the_worked_pairing_asks_what_the_service_takes(page: str, calls) -> None:
    (script,) = blocks(section(page, "## Pairing a sensor"), "sh")
    bodies = {
        "/sensors": models.PairingWish,
        "/sensors/{}/poses": PoseWish,
    }
    asked = []
    for line in script.splitlines():
        if not line.startswith("curl"):
            continue
        found = re.search(r"\$api(\S+)", line)
        assert found is not None
        path = re.sub(r"/C0(:[0-9A-F]{2}){5}", "/{}", found[1])
        body = re.search(r"-d '(.*)'", line)
        asked.append((("POST" if body else "GET"), path))
        if body is not None:
            assert '-H "$json"' in line
            content = json.loads(body[1])
            assert bodies[path].model_validate_json(body[1]) if content else path not in bodies
    assert set(asked) <= set(calls)
    assert asked[0] == ("GET", "/discovery")
    assert asked[-1] == ("POST", "/sensors/{}/calibration")
