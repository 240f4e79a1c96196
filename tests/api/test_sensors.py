"""What the API tells of sensors: now, minute by minute, and whose each was."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from domain.alerts import AlertKind, Explanation, Severity
from domain.link import LinkReason, LinkState
from domain.placement import Placement
from domain.readings import LinkReading
from storage.contract import Batch
from tests.api.service_fake import ALERT, CALIBRATION, SENSOR, SPARE, T0

V1 = "/api/v1"
START = T0 - 3600
HOUR = {"start": "2026-11-22T09:10:00Z", "end": "2026-11-22T10:10:00Z"}
KEY_HEX = "231d39c1d7cc1ab1aee224cd096db932"
#: The form of an address on Linux and Windows, and of an identifier on macOS.
IDS = ["A0:9E:1A:51:77:01", "6F1C1D0E-8F4B-4B7A-9C61-2B1D3A0E5F77"]


def get(client, path, **params):
    answer = client.get(f"{V1}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def worn(store, keeper, sensor, **words):
    """The sensor is worn so from now on, or `since`."""
    store.put_sensor(sensor, **words)
    keeper.paired[sensor.id] = sensor


@pytest.fixture
def an_hour(store):
    """An hour of readings, the last ten minutes without the sensor."""
    readings = [
        LinkReading(SENSOR.id, START + 60 * i, 84.0 - i / 10, -61, 52.0, 3000, 30, 1, 58, 60)
        for i in range(50)
    ]
    gone = (None, None, None, 0, 0, 0, 0, 60)
    readings += [LinkReading(SENSOR.id, START + 60 * i, *gone) for i in range(50, 60)]
    store.write(Batch(readings=tuple(readings)), now=T0)


def test_a_sensor_tells_what_it_is_and_how_its_link_is(client, service):
    service.links[SENSOR.id] = replace(
        service.links[SENSOR.id],
        state=LinkState.BACKING_OFF,
        reason="not heard: out of range, asleep, or switched off",
        reason_code=LinkReason.NOT_HEARD,
        model="H10",
        firmware="3.3.1",
        maker="Polar Electro Oy",
        received=300,
        lost=100,
    )
    sensor = get(client, f"/sensors/{SENSOR.id}")
    assert sensor == get(client, "/sensors")["items"][0]
    assert (sensor["model"], sensor["firmware"], sensor["maker"]) == (
        "H10",
        "3.3.1",
        "Polar Electro Oy",
    )
    assert (sensor["reason_code"], sensor["lost_share"]) == ("not_heard", 0.25)
    assert sensor["reason"].startswith("not heard")


def test_of_a_sensor_that_has_sent_nothing_no_share_is_known(client):
    sensor = get(client, f"/sensors/{SPARE.id}")
    assert (sensor["lost_share"], sensor["model"], sensor["reason_code"]) == (None, None, "none")


@pytest.mark.parametrize("sensor", IDS)
@pytest.mark.parametrize("coded", [False, True], ids=["plain", "percent-encoded"])
@pytest.mark.parametrize("part", ["", "/readings", "/history"])
def test_ids_of_every_platform_are_found_in_the_path(client, store, keeper, sensor, coded, part):
    worn(store, keeper, replace(SENSOR, id=sensor))
    path = quote(sensor, safe="") if coded else sensor
    answer = get(client, f"/sensors/{path}{part}", **(HOUR if part == "/readings" else {}))
    assert sensor in (answer.get("id"), answer.get("sensor"))


@pytest.mark.parametrize("part", ["", "/readings", "/history"])
@pytest.mark.parametrize("sensor", ["A0:9E:1A:51:77:02", "C0", "C0:01 ", "c0:01", "%2e%2e"])
def test_what_was_never_paired_is_not_found(client, sensor, part):
    params = HOUR if part == "/readings" else {}
    assert client.get(f"{V1}/sensors/{sensor}{part}", params=params).status_code == 404


@pytest.mark.usefixtures("an_hour")
def test_readings_are_columns_with_null_where_nothing_was_heard(client):
    found = get(client, f"/sensors/{SENSOR.id}/readings", **HOUR)
    assert (found["resolution_s"], found["sensor"]) == (60, SENSOR.id)
    columns = [values for values in found.values() if isinstance(values, list)]
    assert {len(column) for column in columns} == {60}
    first, last = ({k: v[i] for k, v in found.items() if isinstance(v, list)} for i in (0, -1))
    assert first == {
        "times": "2026-11-22T09:10:00Z",
        "battery_percent": 84.0,
        "rssi_dbm": -61.0,
        "rate_hz": 50.0,
        "nominal_hz": 52.0,
        "received": 3000,
        "lost": 30,
        "lost_share": round(30 / 3030, 6),
        "reconnects": 1,
        "streaming_s": 58,
        "observed_s": 60,
    }
    assert (last["battery_percent"], last["rssi_dbm"], last["nominal_hz"]) == (None, None, None)
    assert (last["rate_hz"], last["lost_share"], last["observed_s"]) == (0.0, None, 60)


@pytest.mark.usefixtures("an_hour")
@pytest.mark.parametrize(
    ("asked", "resolution_s", "rows"),
    [({"points": 5000}, 60, 60), ({"points": 20}, 300, 12), ({"resolution_s": 3600}, 3600, 2)],
)
def test_readings_have_the_finest_resolution_that_fits(client, asked, resolution_s, rows):
    found = get(client, f"/sensors/{SENSOR.id}/readings", **HOUR, **asked)
    assert (found["resolution_s"], len(found["times"])) == (resolution_s, rows)
    assert sum(found["received"]) == 50 * 3000


@pytest.mark.parametrize(
    "wrong",
    [
        {"resolution_s": 1},
        {"resolution_s": 61},
        {"points": 9},
        {"end": HOUR["start"]},
        {"start": "x"},
    ],
)
def test_readings_that_cannot_be_served_are_refused(client, wrong):
    answer = client.get(f"{V1}/sensors/{SENSOR.id}/readings", params=HOUR | wrong)
    assert answer.status_code == 422


def test_the_history_says_whose_a_sensor_was_and_which_calibration_is_in_force(
    client, store, keeper
):
    assert [c["in_force"] for c in get(client, "/sensors/C0:01/history")["calibrations"]] == [True]
    worn(store, keeper, replace(SENSOR, placement=Placement.STERNUM), since=T0 - 600.0)
    worn(store, keeper, replace(SENSOR, wearer="bob"), since=T0 - 60.5)
    store.add_calibration(replace(CALIBRATION, made_at=float(T0)))
    history = get(client, "/sensors/C0:01/history")
    assert history["sensor"] == "C0:01"
    assert history["assignments"] == [
        {
            "wearer": "bob",
            "placement": "upper_back",
            "since": "2026-11-22T10:08:59.500Z",
            "until": None,
            "open": True,
        },
        {
            "wearer": "ada",
            "placement": "sternum",
            "since": "2026-11-22T10:00:00Z",
            "until": "2026-11-22T10:08:59.500Z",
            "open": False,
        },
        {
            "wearer": "ada",
            "placement": "upper_back",
            "since": "2026-11-22T07:40:00Z",
            "until": "2026-11-22T10:00:00Z",
            "open": False,
        },
    ]
    assert [(c["made_at"], c["in_force"]) for c in history["calibrations"]] == [
        ("2026-11-22T10:10:00Z", True),
        ("2026-11-22T07:56:40Z", False),
    ]


def test_a_calibration_of_another_place_is_in_force_nowhere(client, store, keeper):
    assert get(client, "/sensors/C0:01")["calibration"] is not None
    worn(store, keeper, replace(SENSOR, placement=Placement.STERNUM), since=float(T0))
    assert get(client, "/sensors/C0:01")["calibration"] is None
    assert get(client, "/sensors")["items"][0]["calibration"] is None


def test_what_became_of_a_sensor_is_told_after_it_was_unpaired(client, store, keeper, an_hour):
    store.remove_sensor(SENSOR.id, now=float(T0))
    del keeper.paired[SENSOR.id]
    assert client.get(f"{V1}/sensors/{SENSOR.id}").status_code == 404
    history = get(client, f"/sensors/{SENSOR.id}/history")
    assert [a["open"] for a in history["assignments"]] == [False]
    assert [c["in_force"] for c in history["calibrations"]] == [False]
    assert len(get(client, f"/sensors/{SENSOR.id}/readings", **HOUR)["times"]) == 60


def test_a_key_is_in_no_answer(client, store, keeper):
    worn(store, keeper, replace(SENSOR, key_hex=KEY_HEX))
    for path in ("", "/C0:01", "/C0:01/history"):
        answer = client.get(f"{V1}/sensors{path}")
        assert answer.status_code == 200
        assert KEY_HEX not in answer.text
        assert "key" not in answer.text


def test_alerts_about_sensors_are_told_like_the_others(client, store, service):
    low = replace(
        ALERT,
        id="b1",
        episode=SENSOR.id,
        kind=AlertKind.LOW_BATTERY,
        severity=Severity.NUDGE,
        opened_at=float(T0),
        explanation=Explanation("battery_percent", 12.0, 15.0, "%", 0, "upper_back", float("nan")),
    )
    lost = replace(
        low,
        id="b2",
        kind=AlertKind.SENSOR_LOST,
        opened_at=T0 + 1.0,
        explanation=Explanation("silent_s", 1800.0, 1800.0, "s", 0, "upper_back", 1.0),
    )
    store.write(Batch(alerts=(low, lost)), now=float(T0))
    told = get(client, "/alerts", state="open")["items"]
    assert [(a["kind"], a["episode"]) for a in told[:2]] == [
        ("sensor_lost", SENSOR.id),
        ("low_battery", SENSOR.id),
    ]
    assert told[1]["explanation"] == {
        "measured": "battery_percent",
        "value": 12.0,
        "limit": 15.0,
        "unit": "%",
        "lasted_s": 0,
        "placement": "upper_back",
        "confidence": None,
    }
    today = get(client, "/wearers/ada/days/today")["alerts"]
    assert (today["low_battery"], today["sensor_lost"]) == (1, 1)


def test_sensors_that_are_not_read_here_are_not_shown_as_if_they_were(client, store):
    before = get(client, "/health")["sensors"]["total"]
    store.put_sensor(replace(SENSOR, id="C0:99", wearer="nobody"))
    assert "C0:99" not in [item["id"] for item in get(client, "/sensors")["items"]]
    assert client.get(f"{V1}/sensors/C0:99").status_code == 404
    assert get(client, "/health")["sensors"]["total"] == before
