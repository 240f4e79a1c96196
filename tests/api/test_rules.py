"""Every call has a rule; who reaches one wearer alone learns of no other, not even that they are.

A new call wants a line in `api/rules.py` and one in CALLS here, which asks for what is Ada's.
"""

import asyncio
import importlib
import json
import pkgutil
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.websockets import WebSocketDisconnect

import api.routers
from api.guard import PUBLIC
from api.limits import Buckets
from api.rules import RULES, About
from domain.people import Assignment
from domain.placement import Placement
from tests.api.access import bearer, kept_token, token_client
from tests.api.keeper_fake import CLIP
from tests.api.service_fake import ALERT, EPISODES, SENSOR, T0
from tests.api.test_live_stream import listening, running, take, until_clients
from tests.api.test_problems import problem

__all__ = ["running"]

V1 = "/api/v1"
HOUR = "start=2026-11-22T09:10:00Z&end=2026-11-22T10:10:00Z"
#: By call: how Ada's things are asked for, and, where something is named, how something that is not there is.
CALLS: dict[str, tuple[str, str, Any]] = {
    "get_health": ("GET", f"{V1}/health", None),
    "get_about": ("GET", f"{V1}/about", None),
    "get_metrics": ("GET", "/metrics", None),
    "get_live": ("GET", f"{V1}/live?wearer=ada", None),
    "list_wearers": ("GET", f"{V1}/wearers", None),
    "get_wearer": ("GET", f"{V1}/wearers/ada", None),
    "add_wearer": ("POST", f"{V1}/wearers", {"id": "eve", "name": "Eve"}),
    "change_wearer": ("PATCH", f"{V1}/wearers/ada", {"name": "Mine"}),
    "remove_wearer": ("DELETE", f"{V1}/wearers/ada", None),
    "list_sensors": ("GET", f"{V1}/sensors", None),
    "get_sensor": ("GET", f"{V1}/sensors/C0:01", None),
    "get_readings": ("GET", f"{V1}/sensors/C0:01/readings?{HOUR}", None),
    "get_history": ("GET", f"{V1}/sensors/C0:01/history", None),
    "list_drivers": ("GET", f"{V1}/drivers", None),
    "list_found": ("GET", f"{V1}/discovery", None),
    "pair_sensor": (
        "POST",
        f"{V1}/sensors",
        {"address": "C0:03", "placement": "thigh", "wearer": "ada"},
    ),
    "simulate_sensors": ("POST", f"{V1}/sensors/simulated", {"wearer": "ada"}),
    "change_sensor": ("PATCH", f"{V1}/sensors/C0:01", {"name": "Mine"}),
    "unpair_sensor": ("DELETE", f"{V1}/sensors/C0:01", None),
    "identify_sensor": ("POST", f"{V1}/sensors/C0:01/identify", {}),
    "take_pose": ("POST", f"{V1}/sensors/C0:01/poses", {"pose": "upright"}),
    "calibrate_sensor": ("POST", f"{V1}/sensors/C0:01/calibration", {}),
    "get_now": ("GET", f"{V1}/wearers/ada/now", None),
    "get_series": ("GET", f"{V1}/wearers/ada/series?{HOUR}", None),
    "list_decisions": ("GET", f"{V1}/wearers/ada/decisions?{HOUR}", None),
    "get_responses": ("GET", f"{V1}/wearers/ada/responses?{HOUR}", None),
    "get_alert_settings": ("GET", f"{V1}/wearers/ada/alert-settings", None),
    "put_alert_settings": ("PUT", f"{V1}/wearers/ada/alert-settings", {"values": {}}),
    "change_alert_settings": ("PATCH", f"{V1}/wearers/ada/alert-settings", {"values": {}}),
    "remove_alert_settings": ("DELETE", f"{V1}/wearers/ada/alert-settings", None),
    "foresee_alert_preset": ("GET", f"{V1}/wearers/ada/alert-preset", None),
    "choose_alert_preset": ("PUT", f"{V1}/wearers/ada/alert-preset", {"preset": "gentle"}),
    "get_quiet": ("GET", f"{V1}/wearers/ada/quiet", None),
    "pause_alerts": ("POST", f"{V1}/wearers/ada/pause", {"minutes": 5}),
    "resume_alerts": ("DELETE", f"{V1}/wearers/ada/pause", None),
    "begin_meeting": ("POST", f"{V1}/wearers/ada/meeting", {"minutes": 5}),
    "end_meeting": ("DELETE", f"{V1}/wearers/ada/meeting", None),
    "list_adjustments": ("GET", f"{V1}/wearers/ada/adjustments", None),
    "undo_adjustment": ("POST", f"{V1}/wearers/ada/adjustments/a1/undo", {}),
    "list_episodes": ("GET", f"{V1}/wearers/ada/episodes?{HOUR}", None),
    "get_day": ("GET", f"{V1}/wearers/ada/days/2026-11-22", None),
    "list_days": ("GET", f"{V1}/wearers/ada/days?start=2026-11-22&end=2026-11-23", None),
    "get_week_hours": ("GET", f"{V1}/wearers/ada/week-hours?start=2026-11-22&end=2026-11-23", None),
    "explain_second": ("GET", f"{V1}/explain?wearer=ada&time=2026-11-22T10:00:00Z", None),
    "explain_episode": ("GET", f"{V1}/episodes/{EPISODES[0].id}/explanation", None),
    "get_erasable": ("GET", f"{V1}/wearers/ada/data", None),
    "erase_wearer": ("DELETE", f"{V1}/wearers/ada/data?confirm=ada", None),
    "begin_export": ("POST", f"{V1}/wearers/ada/exports", {}),
    "list_exports": ("GET", f"{V1}/wearers/ada/exports", None),
    "get_export": ("GET", f"{V1}/wearers/ada/exports/x0", None),
    "get_export_file": ("GET", f"{V1}/wearers/ada/exports/x0/file", None),
    "remove_export": ("DELETE", f"{V1}/wearers/ada/exports/x0", None),
    "get_livez": ("GET", "/livez", None),
    "get_readyz": ("GET", "/readyz", None),
    "list_alerts": ("GET", f"{V1}/alerts?wearer=ada", None),
    "acknowledge_alert": ("POST", f"{V1}/alerts/a1/acknowledge", {"feedback": None}),
    "snooze_alert": ("POST", f"{V1}/alerts/a0/snooze", {"minutes": 5}),
    "list_channels": ("GET", f"{V1}/channels?wearer=ada", None),
    "try_channel": ("POST", f"{V1}/channels/desktop/test?wearer=ada", {}),
    "get_channel_route": ("GET", f"{V1}/wearers/ada/channels", None),
    "set_channel_route": ("PUT", f"{V1}/wearers/ada/channels", {"order": []}),
    "list_deliveries": ("GET", f"{V1}/deliveries?wearer=ada", None),
    "log_in": ("POST", f"{V1}/login", {"secret": "none"}),
    "log_out": ("POST", f"{V1}/logout", {}),
    "get_session": ("GET", f"{V1}/session", None),
    "list_tokens": ("GET", f"{V1}/tokens", None),
    "make_token": ("POST", f"{V1}/tokens", {"name": "x", "rights": ["read"], "wearer": "ada"}),
    "revoke_token": ("DELETE", f"{V1}/tokens/00000000", None),
    "make_login_link": ("POST", f"{V1}/login-links", {"rights": ["read"]}),
    "list_audit": ("GET", f"{V1}/audit", None),
    "get_organisation_days": (
        "GET",
        f"{V1}/organisation/days?first=2026-11-01&last=2026-11-02",
        None,
    ),
}
#: Asked below.
SOCKETS = {"stream_samples", "stream_lean"}
#: What would tell of Ada.
MARKS = (
    "ada",
    "Ada",
    "C0:01",
    "Europe/Berlin",
    ALERT.message,
    ALERT.id,
    EPISODES[0].id,
)
NAMES = (("ada", "eve"), ("C0:01", "C0:99"), ("a1", "a9"), ("a0", "a9"), (EPISODES[0].id, "e9"))


def names_of_calls() -> set[str]:
    """Of every call of every router, WebSockets and what is not described included."""
    modules = [
        importlib.import_module(f"api.routers.{each.name}")
        for each in pkgutil.iter_modules(api.routers.__path__)
    ]
    return {route.endpoint.__name__ for module in modules for route in module.router.routes}


def ask(client, call: tuple[str, str, Any]):
    method, path, body = call
    return client.request(method, path, json=body)


@pytest.fixture
def bob(app, store):
    return token_client(app, store, "read", "write", wearer="bob")


def test_every_call_has_a_rule_and_is_asked_here():
    assert set(RULES) == names_of_calls()
    assert set(CALLS) | SOCKETS == set(RULES)


def test_what_is_public_is_said_in_both_places():
    public = {name for name, rule in RULES.items() if rule.public}
    assert public == {"log_in", "get_livez", "get_readyz"}
    assert {CALLS["log_in"][:2]} == PUBLIC


def test_a_call_without_a_rule_is_refused(app, client, monkeypatch):
    assert client.get(f"{V1}/wearers").status_code == 200
    monkeypatch.delitem(RULES, "list_wearers")
    problem(client.get(f"{V1}/wearers"), 403)


def test_somebody_elses_is_as_if_it_were_not_there(bob, app, service):
    app.state.parts.access.writes = Buckets(1000, 1.0)
    for name in sorted(CALLS):
        rule = RULES[name]
        answer = ask(bob, CALLS[name])
        if rule.about is About.EVERYBODY:
            problem(answer, 403)
        elif answer.is_success:
            assert rule.about in (About.FILTERED, About.NOBODY), name
            assert not [mark for mark in MARKS if f'"{mark}"' in answer.text], name
        elif name == "log_in":
            problem(answer, 401)
        else:
            told, told_of_nobody = answer.json(), ask(bob, elsewhere(name)).json()
            for one, other in NAMES:
                told["detail"] = told["detail"].replace(repr(one), repr(other))
            assert told == told_of_nobody, name
            assert told["status"] == 404, name
        assert service.done == [], name


def elsewhere(name: str) -> tuple[str, str, Any]:
    """The same call for what is nobody's."""
    method, path, body = CALLS[name]
    said = json.dumps(body)
    for one, other in NAMES:
        path, said = path.replace(f"/{one}", f"/{other}"), said.replace(f'"{one}"', f'"{other}"')
        path = path.replace(f"={one}", f"={other}")
    return method, path, json.loads(said)


def test_ones_own_is_there(bob):
    for name, rule in RULES.items():
        if rule.about not in (About.WEARER, About.SENSOR) or name in (*SOCKETS, "get_live"):
            continue
        method, path, body = CALLS[name]
        path = path.replace("ada", "bob").replace("C0:01", "C0:02")
        answer = ask(bob, (method, path, body))
        assert answer.status_code not in (401, 403), answer.text
        if answer.status_code == 404:  # Bob has none, and his sensor has been unpaired
            assert any(
                word in answer.text
                for word in ("measured second", "no export", "no adjustment", "no channel", "C0:02")
            )


def test_lists_hold_ones_own(bob):
    assert [each["id"] for each in bob.get(f"{V1}/wearers").json()["items"]] == ["bob"]
    assert [each["id"] for each in bob.get(f"{V1}/sensors").json()["items"]] == ["C0:02"]
    assert bob.get(f"{V1}/alerts").json()["items"] == []
    health = bob.get(f"{V1}/health").json()
    assert health["sensors"] == {"streaming": 0, "total": 1}
    assert health["store"]["detail"] == ""


def test_anothers_sensor_is_not_among_what_is_on_the_air(app, store, keeper):
    keeper.air.append(replace(CLIP, address=SENSOR.id))
    for wearer, theirs in (("ada", 1), ("bob", 0)):
        client = token_client(app, store, "write", wearer=wearer)
        heard = [each["address"] for each in client.get(f"{V1}/discovery").json()["items"]]
        assert CLIP.address in heard
        assert heard.count(SENSOR.id) == theirs


def test_one_cannot_take_anothers_sensor_or_give_ones_own_away(bob, keeper):
    wish = {"address": SENSOR.id, "placement": "thigh", "wearer": "bob"}
    told = problem(bob.post(f"{V1}/sensors", json=wish), 409)
    assert "ada" not in told["detail"]
    problem(bob.patch(f"{V1}/sensors/C0:02", json={"wearer": "ada"}), 404)
    assert keeper.paired["C0:01"].wearer == "ada"
    assert keeper.paired["C0:02"].wearer == "bob"


def test_of_a_sensor_that_was_anothers_before_one_sees_ones_own_time(app, store, keeper):
    store.put_assignments(
        [
            Assignment("C0:01", "bob", Placement.THIGH, T0 - 9000.0, T0 - 8500.0),
            Assignment("C0:01", "ada", Placement.UPPER_BACK, T0 - 8500.0, None),
        ]
    )
    bob = token_client(app, store, "read", wearer="bob")
    history = bob.get(f"{V1}/sensors/C0:01/history")
    assert [each["wearer"] for each in history.json()["assignments"]] == ["bob"]
    assert history.json()["calibrations"] == []
    problem(bob.get(f"{V1}/sensors/C0:01"), 404)
    ada = token_client(app, store, "read", wearer="ada")
    answer = ada.get(f"{V1}/sensors/C0:01/history")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["calibrations"]) == 1


@pytest.mark.parametrize(("sensor", "heard"), [("C0:01", False), ("C0:02", True), ("C0:99", False)])
def test_samples_are_streamed_of_ones_own_sensor_alone(bob, sensor, heard):
    headers = {"host": "127.0.0.1:8765"}
    socket = bob.websocket_connect(f"{V1}/sensors/{sensor}/samples", headers=headers)
    if heard:
        with socket:
            return
    with pytest.raises(WebSocketDisconnect) as refused, socket:
        pass
    assert refused.value.code == 1008


@pytest.mark.parametrize(("wearer", "heard"), [("ada", False), ("bob", True), ("eve", False)])
def test_the_lean_is_streamed_of_oneself_alone(bob, wearer, heard):
    headers = {"host": "127.0.0.1:8765"}
    socket = bob.websocket_connect(f"{V1}/wearers/{wearer}/lean", headers=headers)
    if heard:
        with socket:
            return
    with pytest.raises(WebSocketDisconnect) as refused, socket:
        pass
    assert refused.value.code == 1008


def test_a_wearers_own_token_may_erase_them_and_one_for_everybody_has_to_be_an_admins(
    app, store, service
):
    path = f"{V1}/wearers/bob/data?confirm=bob"
    problem(token_client(app, store, "read", wearer="bob").delete(path), 403)
    problem(token_client(app, store, "write").delete(path), 403)
    assert service.done == []
    assert token_client(app, store, "write", wearer="bob").delete(path).status_code == 200
    assert token_client(app, store, "admin").delete(path).status_code == 200


async def test_the_live_stream_of_one_wearer_holds_nothing_of_another(running, hub, store, service):
    from api.models import SensorGone

    _, secret = kept_token(store, "read", wearer="bob")
    async with httpx2.AsyncClient(base_url=running.base, trust_env=False) as client:
        answer = await client.get(f"{V1}/live?wearer=ada", headers=bearer(secret))
        assert answer.status_code == 404
    async with listening(running, **bearer(secret)) as events:
        opening = await take(events, 4)
        assert [each.event for each in opening] == ["hello", "now", "sensor", "health"]
        await until_clients(hub, 1)
        hub.publish("gone", SensorGone(id="C0:01", wearer="ada"), wearer="ada")
        hub.publish("health", SensorGone(id="C0:01", wearer="ada"))
        hub.publish("gone", SensorGone(id="C0:02", wearer="bob"), wearer="bob")
        health, gone = await take(events, 2)
    told = "".join(each.data for each in (*opening, health, gone))
    assert not [mark for mark in MARKS if f'"{mark}"' in told]
    assert json.loads(health.data)["sensors"]["total"] == 1
    assert json.loads(gone.data)["id"] == "C0:02"


async def test_a_stream_ends_when_its_token_is_revoked(running, app, hub, store):
    from api.models import SensorGone

    token, secret = kept_token(store, "read")
    async with listening(running, **bearer(secret)) as events:
        await take(events, 2)
        await until_clients(hub, 1)
        await app.state.parts.access.revoke(token.id)
        async with asyncio.timeout(30):
            while hub.clients:
                hub.publish("gone", SensorGone(id="C0:02", wearer="bob"), wearer="bob")
                await asyncio.sleep(0.01)
