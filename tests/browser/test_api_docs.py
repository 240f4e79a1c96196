"""The API's page: its own scripts only, every call on it, and a call that can be tried."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.made_up import MadeUp

VENDORED = Path(__file__).resolve().parents[2] / "api/static/vendor/swagger-ui.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not VENDORED.exists(), reason="Swagger UI comes with the build"),
]


def test_the_api_can_be_read_and_tried(made_up: MadeUp, look: Callable[..., Any]) -> None:
    watched = look()
    page = watched.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(made_up.url.split("?")[0] + "docs/")
    expect(page.get_by_role("heading", name="Sitwell")).to_be_visible()
    described = page.request.get(made_up.url.split("?")[0] + "api/v1/openapi.json").json()
    calls = sum(len(each) for each in described["paths"].values())
    expect(page.locator(".opblock")).to_have_count(calls)
    page.locator("#operations-service-get_livez button.opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status")).to_contain_text("200")
    base = made_up.url.split("?")[0]
    assert [url for url in asked if not url.startswith((base, "data:"))] == []
    assert watched.said == []
