"""Settings of alerts, presets, pauses and meetings, over the API."""

import asyncio

from alerts.settings import knobs
from tests.api.service_fake import ALERT

WEARER = "/api/v1/wearers/ada"


def setting(answer, name):
    return next(each for each in answer.json()["items"] if each["name"] == name)


def test_every_setting_says_what_it_does_its_range_and_where_it_comes_from(client):
    answer = client.get(f"{WEARER}/alert-settings")
    assert [each["name"] for each in answer.json()["items"]] == [*knobs()]
    assert setting(answer, "sitting_after_min") == {
        "name": "sitting_after_min", "value": 30.0, "origin": "default", "own": None,
        "default": 30.0, "kind": "number", "low": 15.0, "high": 120.0, "unit": "min", "choices": [],
        "effect": "Minutes of sitting without a full break after which it is said.",
        "source": "evidence: Diaz 2023, the 30-min bouts of Acti4",
    }  # fmt: skip
    assert [each["name"] for each in answer.json()["presets"]] == [
        "gentle", "office", "back_pain_flare", "research",
    ]  # fmt: skip


def test_settings_are_set_taken_back_and_guarded_by_a_revision(client):
    seen = client.get(f"{WEARER}/alert-settings").json()["revision"]
    wish = {"values": {"sitting": False, "quiet_hours": "22:00-07:00"}, "revision": seen}
    changed = client.patch(f"{WEARER}/alert-settings", json=wish)
    assert setting(changed, "sitting")["value"] is False
    assert setting(changed, "quiet_hours")["origin"] == "own"
    assert client.patch(f"{WEARER}/alert-settings", json=wish).status_code == 409
    again = client.put(f"{WEARER}/alert-settings", json={"values": {"repeats": 1}})
    assert (setting(again, "sitting")["value"], setting(again, "repeats")["value"]) == (True, 1)
    bare = client.delete(f"{WEARER}/alert-settings")
    assert setting(bare, "repeats")["origin"] == "default"


def test_a_value_that_cannot_be_is_pointed_at(client):
    for name, value in (("repeats", 9), ("quiet_hours", "soon"), ("never", 1)):
        refused = client.patch(f"{WEARER}/alert-settings", json={"values": {name: value}})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == f"/body/values/{name}"


def test_a_preset_is_taken_by_and_by_or_at_once(client):
    led = client.put(f"{WEARER}/alert-preset", json={"preset": "office", "ramp_up": True})
    assert (led.json()["preset"], led.json()["ramp_up_day"]) == ("office", 0)
    assert setting(led, "alerts_per_day")["origin"] == "ramp_up"
    whole = client.put(f"{WEARER}/alert-preset", json={"preset": "research"})
    assert (setting(whole, "alerts_per_day")["value"], whole.json()["ramp_up_day"]) == (0, None)
    assert client.put(f"{WEARER}/alert-preset", json={"preset": "strict"}).status_code == 422


def test_a_preset_is_looked_at_before_it_is_taken(client):
    before = client.patch(f"{WEARER}/alert-settings", json={"values": {"repeats": 1}}).json()
    seen = client.get(f"{WEARER}/alert-preset", params={"preset": "back_pain_flare"})
    assert setting(seen, "sitting_after_min")["value"] == 20
    assert setting(seen, "repeats")["origin"] == "own"
    first = client.get(f"{WEARER}/alert-preset", params={"preset": "office", "days": 0})
    last = client.get(f"{WEARER}/alert-preset", params={"preset": "office", "days": 21})
    assert [setting(it, "sitting_after_min")["value"] for it in (first, last)] == [45, 30]
    assert setting(client.get(f"{WEARER}/alert-preset"), "sitting_after_min")["value"] == 30
    assert client.get(f"{WEARER}/alert-settings").json() == before, "nothing was changed"
    assert client.get(f"{WEARER}/alert-preset", params={"preset": "strict"}).status_code == 422
    assert client.get("/api/v1/wearers/eve/alert-preset").status_code == 404


def test_a_pause_and_a_meeting_are_begun_and_ended(client):
    paused = client.post(f"{WEARER}/pause", json={"minutes": 60})
    assert paused.json()["paused_until"] == "2026-11-22T11:10:00Z"
    met = client.post(f"{WEARER}/meeting", json={"minutes": 30}).json()
    assert met["meeting_until"] == "2026-11-22T10:40:00Z"
    assert client.get(f"{WEARER}/quiet").json() == met
    assert client.delete(f"{WEARER}/pause").json()["paused_until"] is None
    assert client.delete(f"{WEARER}/meeting").json()["meeting_until"] is None
    assert client.post(f"{WEARER}/pause", json={"minutes": 0}).status_code == 422
    assert client.post("/api/v1/wearers/eve/pause", json={"minutes": 1}).status_code == 404


def test_who_paused_and_for_how_long_is_in_the_audit(client):
    client.post(f"{WEARER}/pause", json={"minutes": 60})
    client.delete(f"{WEARER}/pause")
    client.post(f"{WEARER}/meeting", json={"minutes": 30})
    client.delete(f"{WEARER}/meeting")
    found = client.get("/api/v1/audit").json()["items"]
    assert [each["detail"] for each in reversed(found)] == [
        "pause for 60 min", "pause ended", "meeting for 30 min", "meeting ended",
    ]  # fmt: skip
    assert {(each["what"], each["wearer"]) for each in found} == {("settings", "ada")}


def test_what_that_was_fine_has_moved_is_taken_back_once_and_noted(app, client):
    asyncio.run(app.state.parts.wishes.fine(ALERT))
    (moved,) = client.get(f"{WEARER}/adjustments").json()["items"]
    assert (moved["setting"], moved["change"], moved["undone_at"]) == (
        "sitting_after_min", 5.0, None,
    )  # fmt: skip
    assert setting(client.get(f"{WEARER}/alert-settings"), "sitting_after_min")["value"] == 35.0
    undone = client.post(f"{WEARER}/adjustments/{moved['id']}/undo", json={})
    assert undone.json()["undone_at"] is not None
    assert setting(client.get(f"{WEARER}/alert-settings"), "sitting_after_min")["value"] == 30.0
    assert client.post(f"{WEARER}/adjustments/{moved['id']}/undo", json={}).status_code == 409
    (note,) = client.get("/api/v1/audit").json()["items"]
    assert (note["what"], note["detail"]) == ("settings", "sitting_after_min moved back")


def test_what_was_never_adjusted_is_not_taken_back(client):
    assert client.get(f"{WEARER}/adjustments").json() == {"items": []}
    assert client.post(f"{WEARER}/adjustments/a1/undo", json={}).status_code == 404
