"""Pairing over the API: what is on the air, pair, change, show, calibrate, unpair."""

import pytest

from api.keeping import Deafness
from collector.drivers import DRIVERS
from domain.errors import CalibrationRefused, RefusalReason
from domain.link import LinkReason
from tests.api.access import token_client
from tests.api.keeper_fake import CLIP
from tests.api.service_fake import SENSOR, SPARE

V1 = "/api/v1"


def body(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


def test_every_kind_of_sensor_is_listed_with_what_to_know_of_it(client):
    items = body(client.get(f"{V1}/drivers"))["items"]
    assert [item["name"] for item in items] == [driver.name for driver in DRIVERS]
    for item in items:
        assert item["wear"]
        assert item["placements"]
        assert item["models"]


def test_what_is_on_the_air_is_listed_whether_or_not_it_can_be_read(client):
    clip, phone = body(client.get(f"{V1}/discovery"))["items"]
    assert clip["driver"] == "posture-profile"
    assert clip["placements"] == ["upper_back"]
    assert phone["driver"] is None
    assert phone["heard_at"] == "2026-11-22T10:09:54.500Z"


def test_where_there_is_no_radio_it_is_said_why(client, keeper):
    assert body(client.get(f"{V1}/discovery"))["problem"] is None
    keeper.deaf = Deafness(LinkReason.RADIO_OFF, "Bluetooth is switched off.")
    keeper.air = []
    assert body(client.get(f"{V1}/discovery")) == {
        "items": [],
        "problem": "Bluetooth is switched off.",
        "problem_code": "radio_off",
    }


def test_a_sensor_is_paired_and_its_key_is_never_shown(client, keeper):
    wish = {
        "address": CLIP.address,
        "wearer": "ada",
        "placement": "sternum",
        "name": "Clip",
        "key": "00ff",
    }
    answer = client.post(f"{V1}/sensors", json=wish)
    sensor = body(answer, 201)
    assert (sensor["name"], sensor["placement"], sensor["wearer"]) == ("Clip", "sternum", "ada")
    assert keeper.requests[0].key_hex == "00ff"
    assert "00ff" not in answer.text


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"address": "C0:99", "placement": "sternum"}, 404),
        ({"address": SENSOR.id, "placement": "sternum"}, 409),
        ({"address": CLIP.address, "placement": "elbow"}, 422),
        ({"address": "a/b", "placement": "sternum", "driver": "polar"}, 422),
        ({"address": "C0\n99", "placement": "sternum", "driver": "polar"}, 422),
        ({"address": CLIP.address, "placement": "sternum", "key": "xyz"}, 422),
        ({"address": CLIP.address, "placement": "sternum", "colour": "red"}, 422),
    ],
)
def test_a_wish_that_cannot_be_met_says_why(client, keeper, wish, status):
    answer = client.post(f"{V1}/sensors", json={"wearer": "ada", **wish})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(keeper.paired) == 2


def test_whoever_is_the_only_one_need_not_be_named(app, client, store, monkeypatch):
    wish = {"address": CLIP.address, "placement": "sternum"}
    several = client.post(f"{V1}/sensors", json=wish)
    assert several.status_code == 422
    assert several.json()["detail"] == "say whose it is: wearer is one of ada, bob"
    mine = token_client(app, store, "write", wearer="bob")
    assert body(mine.post(f"{V1}/sensors", json=wish), 201)["wearer"] == "bob"
    origin = {"ada": "configuration", "bob": "past"}
    monkeypatch.setattr(app.state.parts.people, "origin", origin.__getitem__)
    made = body(client.post(f"{V1}/sensors/simulated", json={}), 201)["items"]
    assert {each["wearer"] for each in made} == {"ada"}


def test_a_sensor_is_renamed_and_moved(client, keeper):
    changed = body(client.patch(f"{V1}/sensors/{SENSOR.id}", json={"placement": "sternum"}))
    assert changed["placement"] == "sternum"
    assert changed["name"] == SENSOR.name
    changed = body(client.patch(f"{V1}/sensors/{SENSOR.id}", json={"name": "Strap"}))
    assert changed["name"] == "Strap"
    assert keeper.paired[SENSOR.id].name == "Strap"


def test_a_sensor_is_unpaired_once(client, keeper):
    assert client.delete(f"{V1}/sensors/{SENSOR.id}").status_code == 204
    assert SENSOR.id not in keeper.paired
    assert client.delete(f"{V1}/sensors/{SENSOR.id}").status_code == 404


def test_a_sensor_shows_itself_or_says_why_not(client, keeper):
    assert client.post(f"{V1}/sensors/{SENSOR.id}/identify", json={}).status_code == 204
    assert keeper.identified == [SENSOR.id]
    lost = client.post(f"{V1}/sensors/{SPARE.id}/identify", json={})
    assert lost.status_code == 504
    assert lost.json()["detail"] == "the link was lost"


def test_poses_are_held_and_then_calibrate(client):
    url = f"{V1}/sensors/{SENSOR.id}"
    early = client.post(f"{url}/calibration", json={})
    assert early.status_code == 409
    taken = body(client.post(f"{url}/poses", json={"pose": "upright"}))
    kept = {"pose": "upright", "seconds": 8.0, "keeps_until": "2026-11-22T10:20:00Z"}
    assert taken == {"taken": kept, "refused": None}
    calibrated = body(client.post(f"{url}/calibration", json={}))
    assert calibrated["sensor"]["calibration"]["slouch_deg"] == 17.0
    assert calibrated["refused"] is None


def test_a_pose_that_is_refused_is_an_answer_that_says_what_to_do(client):
    refused = body(client.post(f"{V1}/sensors/{SPARE.id}/poses", json={"pose": "upright"}))
    detail = "You moved. Hold still and try again."
    assert refused == {"taken": None, "refused": {"reason": "moved", "detail": detail}}


def test_poses_that_are_refused_together_calibrate_nothing_and_say_why(client, keeper):
    url = f"{V1}/sensors/{SENSOR.id}"
    keeper.refusals = [None, CalibrationRefused(RefusalReason.POSES_ALIKE, "Sit up tall.")]
    body(client.post(f"{url}/poses", json={"pose": "upright"}))
    refused = body(client.post(f"{url}/calibration", json={}))
    assert refused == {
        "sensor": None,
        "refused": {"reason": "poses_alike", "detail": "Sit up tall."},
    }
    assert body(client.post(f"{url}/calibration", json={}))["sensor"]["id"] == SENSOR.id


def test_a_refusal_is_the_answer_of_its_own_attempt_alone(client, keeper):
    keeper.refusals = [CalibrationRefused(RefusalReason.MOVED, "You moved.")]

    def hold(key):
        answer = client.post(
            f"{V1}/sensors/{SENSOR.id}/poses",
            json={"pose": "upright"},
            headers={"idempotency-key": key},
        )
        return body(answer)["taken"], answer.headers.get("idempotency-replayed")

    assert hold("first") == (None, None)
    again, replayed = hold("second")
    assert again["pose"] == "upright" and replayed is None
    assert hold("first") == (None, "true")  # its answer was lost on the way: nothing is held anew
    assert keeper.poses == [(SENSOR.id, "upright")]


def test_what_cannot_be_tried_is_an_error(client):
    gone = client.post(f"{V1}/sensors/none/poses", json={"pose": "upright"})
    assert gone.status_code == 404
    assert client.post(f"{V1}/sensors/{SPARE.id}/calibration", json={}).status_code == 502
    assert client.post(f"{V1}/sensors/{SENSOR.id}/poses", json={"pose": "yoga"}).status_code == 422


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_another_site_can_change_nothing(client, keeper, method):
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = client.request(method, f"{V1}/sensors/{SENSOR.id}", headers=headers)
    assert answer.status_code == 403
    assert SENSOR.id in keeper.paired
