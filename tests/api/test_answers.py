"""What the API answers, call by call."""

import json
from pathlib import Path

import pytest

from api.app import create_app
from api.contract import ServiceHealth
from api.live import LiveHub
from api.views import rfc3339
from domain import __version__
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.figures import known, share
from storage.contract import Batch
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import ALERT, NAN, T0, FakeService
from tests.api.wishes_made import people_of, wishes_of

V1 = "/api/v1"
HOUR = {"start": "2026-11-22T09:10:00Z", "end": "2026-11-22T10:10:00Z"}


def get(client, path, **params):
    answer = client.get(f"{V1}{path}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def test_health_says_how_the_service_and_its_store_are(client, service):
    health = get(client, "/health")
    assert health["store"].pop("size_bytes") > 0
    assert health["store"].pop("detail")
    assert health == {
        "status": "ok",
        "version": __version__,
        "now": "2026-11-22T10:10:00Z",
        "started_at": "2026-11-22T08:46:40Z",
        "speed": 1.0,
        "simulated": True,
        "store": {
            "backend": "sqlite",
            "ok": True,
            "last_commit_at": "2026-11-22T10:10:00Z",
            "forwarding": None,
        },
        "sensors": {"streaming": 1, "total": 2},
        "seeding": {"done_days": 3, "total_days": 14},
        "problems": [],
    }
    service.ill = ServiceHealth(problems=("Bluetooth is switched off.",))
    health = get(client, "/health")
    assert (health["status"], health["problems"], health["seeding"]) == (
        "degraded",
        ["Bluetooth is switched off."],
        None,
    )


def test_wearers_are_listed(client):
    plain = {"language": None, "own": [], "origin": "configuration", "replayed": []}
    assert get(client, "/wearers") == {
        "items": [
            {"id": "ada", "name": "Ada", "timezone": "Europe/Berlin", **plain},
            {"id": "bob", "name": "Bob", "timezone": "UTC", **plain},
        ]
    }


def test_sensors_carry_the_state_of_their_link_and_their_calibration(client):
    streaming, idle = get(client, "/sensors")["items"]
    assert streaming == {
        "id": "C0:01",
        "name": "Polar H10",
        "driver": "polar",
        "driver_title": "Polar H10 / Verity Sense",
        "placement": "upper_back",
        "wearer": "ada",
        "simulated": True,
        "state": "streaming",
        "state_since": "2026-11-22T09:10:00Z",
        "reason": None,
        "reason_code": "none",
        "model": None,
        "firmware": None,
        "maker": None,
        "rssi_dbm": -61,
        "battery_percent": 84.0,
        "charging": None,
        "rate_hz": 52.0,
        "received": 187_000,
        "lost": 12,
        "lost_share": 0.000064,  # of 187,012
        "bad_payloads": 0,
        "reconnects": 0,
        "last_sample_at": "2026-11-22T10:09:59.900Z",
        "calibration": {
            "method": "two_poses",
            "made_at": "2026-11-22T07:56:40Z",
            "sigma_deg": 0.4,
            "slouch_deg": 17.0,
        },
    }
    assert (idle["state"], idle["state_since"], idle["calibration"]) == ("idle", None, None)


@pytest.mark.parametrize(
    ("value", "figure", "likely"),
    [
        (0.98326689922, 0.983, 0.983),
        (0.99987, 1.0, 0.999),
        (1.0, 1.0, 1.0),
        (0.0001, 0.0, 0.001),
        (0.0, 0.0, 0.0),
        (None, None, None),
        (NAN, None, None),
    ],
)
def test_figures_are_rounded_and_nothing_becomes_certain_by_it(value, figure, likely):
    assert known(value) == figure
    assert share(value) == likely
    assert str(known(-0.0001)) == "0.0"


def test_what_was_replayed_is_said_of_all_that_overlaps_it(client, service):
    service.replayed = ((T0 - 2000, T0 - 1700),)
    ada = get(client, "/wearers")["items"][0]
    assert ada["replayed"] == [{"start": "2026-11-22T09:36:40Z", "end": "2026-11-22T09:41:40Z"}]
    assert get(client, "/wearers/ada/days/2026-11-22")["replayed"] is True
    assert get(client, "/wearers/ada/days/2026-11-21")["replayed"] is False
    day = {"start": "2026-11-22T00:00:00Z", "end": "2026-11-23T00:00:00Z"}
    assert get(client, "/wearers/ada/series", **day)["replayed"] is True
    assert (
        get(client, "/wearers/ada/series", **{**day, "start": "2026-11-22T09:42:00Z"})["replayed"]
        is False
    )
    for each in get(client, "/wearers/ada/episodes", **day)["items"]:
        end = "9999" if each["end"] is None else each["end"]
        overlaps = each["start"] < "2026-11-22T09:41:40Z" and end > "2026-11-22T09:36:40Z"
        assert each["replayed"] is overlaps, each
    assert get(client, "/wearers/ada/now")["replayed"] is False


def test_now_gives_what_is_so_and_null_for_what_cannot_be_known(client):
    assert get(client, "/wearers/ada/now") == {
        "wearer": "ada",
        "time": "2026-11-22T10:09:59Z",
        "activity": "sitting",
        "activity_since": "2026-11-22T09:39:00Z",
        "confidence": 0.93,
        "p_sitting": 0.97,
        "lean_deg": 12.4,
        "side_deg": None,
        "sitting_clock_s": 1860,
        "bout_start": "2026-11-22T09:39:00Z",
        "upright_s": 0,
        "slouching_since": None,
        "slouch_entry_deg": 9.0,
        "quality": ["lost", "dynamic"],
        "reference_method": "two_poses",
        "reference_sigma_deg": 1.1,
        "reasons": ["No gyroscope: lean is good to about 5 degrees in motion."],
        "faults": [
            {
                "sensor": "belt",
                "placement": "waist",
                "kind": "frozen",
                "since": "2026-11-22T10:09:00Z",
                "sentence": "Waist sensor: it sends the same value again and again. If it is not lying "
                "still on a table, switch it off and on.",
            }
        ],
        "placements": ["upper_back"],
        "stale_s": 0.0,
        "simulated": True,
        "replayed": False,
        "sitting_limit_s": 1800,
    }


def test_before_the_first_frame_everything_is_unknown(client):
    now = get(client, "/wearers/bob/now")
    assert (now["time"], now["activity"], now["sitting_clock_s"], now["stale_s"]) == (
        None,
        "unknown",
        None,
        None,
    )
    assert now["placements"] == ["thigh"]


@pytest.mark.parametrize(
    ("points", "resolution_s", "rows"),
    [(5000, 1, 3600), (300, 60, 60), (60, 60, 60), (12, 300, 12)],
)
def test_a_series_has_the_finest_resolution_that_fits(client, points, resolution_s, rows):
    series = get(client, "/wearers/ada/series", **HOUR, points=points)
    assert (series["resolution_s"], len(series["times"])) == (resolution_s, rows)
    assert (series["start"], series["end"]) == (HOUR["start"], HOUR["end"])
    assert series["times"][0] == "2026-11-22T09:10:00Z"
    columns = [*series["seconds"].values(), *series["means"].values()]
    columns += [series[name] for name in ("lean_min_deg", "lean_max_deg", "coverage")]
    assert {len(column) for column in columns} == {rows}
    assert sum(series["seconds"]["sitting"]) == 3600
    assert set(series["seconds"]) == {
        "unknown",
        "lying",
        "sitting",
        "standing",
        "moving",
        "not_worn",
    }


def test_a_series_says_null_where_nothing_is_known(client):
    series = get(client, "/wearers/ada/series", **HOUR, points=5000)
    lean = series["means"]["lean_deg"]
    assert lean[0] is None and lean[1] == 10.0 + (T0 - 3599) % 7
    assert "NaN" not in json.dumps(series)


def test_a_resolution_can_be_forced(client):
    series = get(client, "/wearers/ada/series", **HOUR, resolution_s=900)
    assert (series["resolution_s"], len(series["times"])) == (900, 5)  # 09:10 is inside a quarter


def test_a_short_range_whose_seconds_were_pruned_is_served_from_minutes(client, store):
    assert store.prune(frames_before=T0) == 3600
    series = get(
        client, "/wearers/ada/series", start="2026-11-22T09:20:00Z", end="2026-11-22T09:24:00Z"
    )
    assert (series["resolution_s"], len(series["times"])) == (60, 4)


def test_a_range_of_years_falls_back_to_days(client):
    series = get(
        client,
        "/wearers/ada/series",
        start="2021-01-01T00:00:00Z",
        end="2026-12-01T00:00:00+01:00",
        points=300,
    )
    assert (series["resolution_s"], len(series["times"])) == (86400, 1)


def test_episodes_come_by_start_and_open_ones_last_until_now(client):
    whole = {"start": "2026-11-22T00:00:00Z", "end": "2026-11-23T00:00:00Z"}
    items = get(client, "/wearers/ada/episodes", **whole)["items"]
    assert [(e["kind"], e["open"], e["duration_s"]) for e in items] == [
        ("sitting", False, 3300),
        ("break", False, 400),
        ("sitting", True, 1860),
    ]
    assert (items[1]["peak"], items[1]["limit"], items[2]["end"]) == (None, 60.0, None)
    chosen = get(client, "/wearers/ada/episodes", **whole, kind=["break", "slouch"])["items"]
    assert [e["kind"] for e in chosen] == ["break"]


@pytest.mark.parametrize("kind", list(EpisodeKind))
def test_every_kind_of_episode_can_be_asked_for(client, store, kind):
    made = Episode(
        kind, "bob", T0, T0 + 7, NAN, 31.0, 0.5, 0.9, 30.0, "sternum",
        asymmetry=Asymmetry.SIDE | Asymmetry.TURN,
    )  # fmt: skip
    store.write(Batch(episodes=(made,)), now=T0)
    whole = {"start": "2026-11-22T00:00:00Z", "end": "2026-11-23T00:00:00Z"}
    (item,) = get(client, "/wearers/bob/episodes", **whole, kind=[kind.value])["items"]
    assert (item["kind"], item["asymmetry"], item["peak"]) == (kind.value, ["side", "turn"], None)


def test_today_is_the_wearers_own_day(client, service):
    today = get(client, "/wearers/ada/days/today")
    assert (today["day"], today["timezone"]) == ("2026-11-22", "Europe/Berlin")
    assert (today["start"], today["end"]) == ("2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z")
    assert today["seconds"]["sitting"] == 3600
    assert (today["breaks"], today["full_breaks"]) == (1, 1)
    service.time = T0 + 13 * 3600  # 23:10 UTC is past midnight in Berlin
    assert get(client, "/wearers/ada/days/today")["day"] == "2026-11-23"


def test_a_day_can_be_named(client):
    day = get(client, "/wearers/ada/days/2026-10-25")
    assert (day["start"], day["end"]) == ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")
    assert (day["sitting_bouts"], day["lean_mean_deg"]) == (0, None)


def test_alerts_come_newest_first_and_can_be_narrowed(client):
    assert [a["id"] for a in get(client, "/alerts")["items"]] == ["a1", "a0"]
    assert [a["id"] for a in get(client, "/alerts", state="open")["items"]] == ["a1"]
    assert [a["id"] for a in get(client, "/alerts", limit=1)["items"]] == ["a1"]
    assert [a["id"] for a in get(client, "/alerts", end="2026-11-22T10:00:00Z")["items"]] == ["a0"]
    assert get(client, "/alerts", wearer="bob")["items"] == []
    assert get(client, "/alerts")["items"][0] == {
        "id": "a1",
        "wearer": "ada",
        "episode": "e1",
        "kind": "sitting",
        "severity": "notice",
        "opened_at": "2026-11-22T10:08:59.750Z",
        "closed_at": None,
        "message": ALERT.message,
        "explanation": {
            "measured": "sitting_s",
            "value": 1800.0,
            "limit": 1800.0,
            "unit": "s",
            "lasted_s": 0,
            "placement": "upper_back",
            "confidence": 0.93,
        },
        "said": 1,
        "last_said_at": "2026-11-22T10:08:59.750Z",
        "acknowledged_at": None,
        "snoozed_until": None,
        "outcome": None,
        "response_s": None,
        "open": True,
        "revision": 1,
    }


def test_an_alert_is_acknowledged_snoozed_and_called_fine(client, service):
    answer = client.post(f"{V1}/alerts/a1/snooze", json={"minutes": 10})
    assert (answer.status_code, answer.json()["snoozed_until"]) == (200, "2026-11-22T10:20:00Z")
    answer = client.post(f"{V1}/alerts/a1/acknowledge", json={"feedback": None})
    assert (answer.json()["open"], answer.json()["acknowledged_at"]) == (
        True,
        "2026-11-22T10:10:00Z",
    )
    answer = client.post(f"{V1}/alerts/a1/acknowledge", json={"feedback": "fine"})
    assert (answer.json()["open"], answer.json()["outcome"]) == (False, "false_alarm")
    assert service.done == [
        ("snooze", "a1", 10),
        ("acknowledge", "a1", False),
        ("acknowledge", "a1", True),
    ]


def test_times_have_milliseconds_only_where_there_are_any():
    assert rfc3339(T0) == "2026-11-22T10:10:00Z"
    assert rfc3339(T0 + 0.0004) == "2026-11-22T10:10:00Z"
    assert rfc3339(T0 + 0.9996) == "2026-11-22T10:10:01Z"
    assert rfc3339(T0 + 0.25) == "2026-11-22T10:10:00.250Z"


def test_the_committed_description_is_the_one_that_is_served(client, root: Path):
    committed = json.loads((root / "docs" / "openapi.json").read_text())
    assert get(client, "/openapi.json") == committed, "run: python -m tests.api.write_openapi"


def test_the_description_tells_errors_as_problems_only(client):
    described = get(client, "/openapi.json")
    assert "HTTPValidationError" not in json.dumps(described)
    for path in described["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if not status.startswith(("2", "3")) and status != "416":
                    assert list(response["content"]) == ["application/problem+json"]


def test_docs_that_load_from_a_cdn_are_off(client):
    for path in ("/docs", "/redoc", f"{V1}/docs"):
        assert client.get(path).status_code == 404


def test_the_dashboard_is_served_with_its_types_and_asks_again_each_time(client):
    index = client.get("/")
    assert (index.status_code, index.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert index.headers["cache-control"] == "no-cache"
    for path in ("/js/app.js", "/js/chart.mjs"):
        script = client.get(path)
        assert script.headers["content-type"].startswith("text/javascript")
        again = client.get(path, headers={"if-none-match": script.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/../outside.txt", "/js/../../outside.txt", "/%2e%2e/outside.txt"]
)
def test_nothing_outside_the_dashboards_folder_is_served(client, path):
    assert client.get(path).status_code == 404


def test_without_a_dashboard_there_is_only_the_api(store):
    from fastapi.testclient import TestClient

    app = create_app(
        store=store,
        service=FakeService(),
        live=LiveHub(1),
        keeper=FakeKeeper(),
        wishes=wishes_of(store),
        people=people_of(store),
        exporter=FakeExporter(),
        static=None,
    )
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/").status_code == 404
        assert client.get(f"{V1}/wearers").status_code == 200
