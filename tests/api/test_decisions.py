"""Why somebody was spoken to, or was not, over the API."""

from dataclasses import replace

from fastapi.testclient import TestClient

from domain.alerts import AlertKind, Outcome
from domain.decisions import Decision, Reason
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.api.service_fake import CLOSED, NAN, T0

RANGE = {"start": "2026-11-22T09:00:00Z", "end": "2026-11-22T10:30:00Z"}
HELD = Decision(
    "d1", "ada", T0 - 90.0, AlertKind.SITTING, "e1", Reason.IN_MEETING, "sitting_s", 1800.0, NAN, "s"
)  # fmt: skip


def test_decisions_come_newest_first_page_by_page_with_words(
    client: TestClient, store: SqliteStore
) -> None:
    said = replace(HELD, id="d2", at=T0 - 60.0, reason=Reason.SAID, alert="a1")
    store.write(Batch(decisions=(HELD, said)), now=T0)
    first = client.get("/api/v1/wearers/ada/decisions", params={**RANGE, "limit": 1}).json()
    assert [each["alert"] for each in first["items"]] == ["a1"]
    rest = client.get(
        "/api/v1/wearers/ada/decisions", params={**RANGE, "cursor": first["next_cursor"]}
    ).json()
    assert rest == {
        "items": [
            {
                "id": "d1", "wearer": "ada", "at": "2026-11-22T10:08:30Z", "kind": "sitting",
                "subject": "e1", "spoken": False, "reason": "in_meeting",
                "words": "You are in a meeting.", "measured": "sitting_s", "value": 1800.0,
                "limit": None, "unit": "s", "alert": None,
            }
        ],
        "next_cursor": None,
    }  # fmt: skip
    assert client.get("/api/v1/wearers/ada/decisions").status_code == 422
    assert client.get("/api/v1/wearers/eve/decisions", params=RANGE).status_code == 404


def test_the_share_that_was_answered_is_of_what_could_be(
    client: TestClient, store: SqliteStore
) -> None:
    empty = client.get("/api/v1/wearers/bob/responses", params=RANGE).json()
    assert (empty["asked"], empty["share"]) == (0, None)
    late = replace(CLOSED, id="a2", outcome=Outcome.PARTIAL, response_s=301.0)
    fine = replace(CLOSED, id="a3", outcome=Outcome.FALSE_ALARM, response_s=None)
    unseen = replace(CLOSED, id="a4", outcome=Outcome.ENDED, response_s=None)
    lost = replace(unseen, id="a5", kind=AlertKind.SENSOR_LOST)
    by_itself = replace(unseen, id="a6", kind=AlertKind.SLOUCH, response_s=200.0)
    store.write(Batch(alerts=(late, fine, unseen, lost, by_itself)), now=T0)
    told = client.get("/api/v1/wearers/ada/responses", params=RANGE).json()
    assert (told["asked"], told["answered_within_5_min"], told["share"]) == (4, 1, 1 / 4)
    assert told["median_response_s"] == 210.5
    assert told["outcomes"] == {"taken": 1, "partial": 1, "false_alarm": 1, "ended": 3}
