"""Every call of the description with whatever may be sent to it: the answer is one that is described.

A real server on loopback with a token asked for; made-up collaborators behind it, so that nothing that is
sent can cost anybody anything.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.exposure import Exposure
from api.live import LiveHub
from storage.sqlite import SqliteStore
from tests.api.access import kept_token
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import ALERT, EPISODES, SENSOR, FakeService, fill
from tests.api.serving import Serving
from tests.api.wishes_made import people_of, wishes_of

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(
    json.loads(DESCRIPTION.read_text(encoding="utf-8")), config=SchemathesisConfig()
)
CALLS = [
    (method.upper(), path)
    for path, operations in sorted(schema.raw_schema["paths"].items())
    for method in operations
]
#: What there is, so that half of the calls are about something.
KNOWN = {
    "wearer": "ada", "sensor": SENSOR.id, "alert": ALERT.id, "episode": EPISODES[0].id,
    "day": "2026-11-22", "export": "x0", "token": "t0",
}  # fmt: skip


class Open:
    """A server, and what opens it."""

    def __init__(self, serving: Serving, secret: str) -> None:
        self.url = serving.url
        self.seen: set[tuple[str, int]] = set()
        self.headers = {"authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with SqliteStore(tmp_path_factory.mktemp("store") / "sitwell.db") as store:
        fill(store)
        _, secret = kept_token(store, "read", "write", "admin")
        hub = LiveHub(1000)
        hub.close()  # a stream would go on for ever
        wishes = wishes_of(store)
        app = create_app(
            store=store, service=FakeService(), live=hub, keeper=FakeKeeper(),
            exporter=FakeExporter(), wishes=wishes, people=people_of(store, wishes), static=None,
            exposure=Exposure(require_token=True, writes_per_min=10**9),
        )  # fmt: skip
        serving = Serving(app, hub)
        yield Open(serving, secret)
        serving.stop()


@pytest.mark.parametrize(("method", "path"), CALLS)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_is_described(method, path, opened, data):
    mode = data.draw(st.sampled_from((GenerationMode.POSITIVE, GenerationMode.NEGATIVE)))
    case = data.draw(schema[path][method].as_strategy(generation_mode=mode))
    if case.path_parameters and data.draw(st.booleans()):
        case.path_parameters.update(
            {name: KNOWN[name] for name in case.path_parameters if name in KNOWN}
        )
    answer = case.call(base_url=opened.url, headers=opened.headers, timeout=30)
    case.validate_response(answer, checks=CHECKS)
    opened.seen.add((path, answer.status_code))
    if path != "/api/v1/login":  # whose links are spent, and whose tries are counted
        assert answer.status_code not in (401, 403, 429), "it was not the call that was tried"


def test_the_calls_were_done_and_not_only_refused(opened):
    done = {path for path, status in opened.seen if status < 400}
    assert len(done) > len({path for _, path in CALLS}) / 2, sorted(opened.seen)
