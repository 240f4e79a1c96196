"""Simulated sensors on a service that reads real ones: started by one call, marked, kept over a restart."""

from pathlib import Path

import httpx2
import pytest

from domain.errors import ConflictError
from domain.people import Assignment, Sensor
from domain.placement import Placement
from service.made_up import (
    MadeUpTime,
    address_of,
    check_nothing_real,
    check_unmixed,
    is_made_up,
    seed_of,
)
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.service.made_up import frames

BACK, THIGH = Placement.UPPER_BACK, Placement.THIGH
CLIP = Sensor(address_of("me", BACK), "polar", "Clip", "me", BACK, 100.0, simulated=True)
REAL = Sensor("C0:01", "polar", "Real", "me", THIGH, 100.0)


def test_every_wearer_has_sensors_and_a_body_of_their_own_and_always_the_same():
    addresses = {address_of(wearer, place) for wearer in ("me", "ada") for place in (BACK, THIGH)}
    assert len(addresses) == 4
    assert all(map(is_made_up, addresses))
    assert address_of("me", BACK) == CLIP.id
    assert seed_of("me") != seed_of("ada")
    assert not is_made_up("A0:9E:1A:51:77:01")


def test_real_and_simulated_sensors_are_worn_by_nobody_together():
    check_unmixed(CLIP, [Sensor("C0:02", "polar", "Real", "ada", THIGH, 1.0)])
    for wanted, other in ((CLIP, REAL), (REAL, CLIP)):
        with pytest.raises(ConflictError, match="unpair it first"):
            check_unmixed(wanted, [other])


def test_nothing_made_up_is_mixed_into_what_was_measured(tmp_path: Path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        check_nothing_real(store, "me")
        store.put_sensor(REAL)
        check_nothing_real(store, "me")
        store.write(Batch(frames=(frames(200, 10),)), now=1.0)
        with pytest.raises(ConflictError, match="add a wearer"):
            check_nothing_real(store, "me")
        check_nothing_real(store, "ada")


def test_the_time_that_was_made_up_stays_known_after_the_sensors_are_gone():
    made = MadeUpTime.of(
        [Assignment(CLIP.id, "me", BACK, 10.0, 20.0), Assignment("C0:01", "me", THIGH, 5.0)]
    )
    assert made.overlaps("me", 15, 16)
    assert not made.overlaps("me", 20, 30)
    made.worn([CLIP, REAL], 100.0)
    assert made.overlaps("me", 1000, 1001)
    assert not made.overlaps("ada", 1000, 1001)
    made.worn([CLIP], 150.0)
    made.worn([], 200.0)
    assert made.overlaps("me", 199, 300)
    assert not made.overlaps("me", 200, 300)
    made.forget("me")
    assert not made.overlaps("me", 0, 300)


def test_one_call_starts_them_all_they_measure_is_marked_and_they_are_there_again(
    start, sitwell, tmp_path: Path
):
    words = ("run", "--port", "0", "--data-dir", str(tmp_path / "data"))
    service = start(*words)
    assert service.get("/wearers/me/now")["simulated"] is False
    answer = httpx2.post(f"{service.url}/api/v1/sensors/simulated", json={}, timeout=60)
    assert answer.status_code == 201, answer.text
    made = answer.json()["items"]
    assert [(each["placement"], each["simulated"]) for each in made] == [
        ("upper_back", True), ("thigh", True),
    ]  # fmt: skip
    assert [each["calibration"]["method"] for each in made] == ["two_poses", "one_pose"]
    now = service.poll("/wearers/me/now", lambda now: now["bout_start"], 120)
    assert (now["simulated"], now["placements"]) == (True, ["upper_back", "thigh"])
    assert service.get("/health")["simulated"]
    file = tmp_path / "sitwell.toml"
    file.write_text(f'[service]\ndata_dir = "{words[-1]}"\n')
    assert "Me: sitting" in sitwell("status", "--config", str(file)).stdout, "it finds the port"
    day = service.get("/wearers/me/days/today")
    assert day["simulated"]
    series = service.get("/wearers/me/series", start=day["start"], end=day["end"])
    assert series["simulated"]
    again = httpx2.post(f"{service.url}/api/v1/sensors/simulated", json={}, timeout=60)
    assert again.status_code == 409
    real = {"address": "C0:FF:EE:00:00:01", "driver": "polar", "placement": "sternum"}
    refused = httpx2.post(f"{service.url}/api/v1/sensors", json=real, timeout=60)
    assert (refused.status_code, "unpair it first" in refused.json()["detail"]) == (409, True)
    service.terminate()
    assert "Simulated collar clip" in sitwell("sensors", "--data-dir", words[-1]).stdout

    service = start(*words)
    assert [each["simulated"] for each in service.get("/sensors")["items"]] == [True, True]
    service.poll("/health", lambda health: health["sensors"]["streaming"] == 2, 60)
    episodes = service.get("/wearers/me/episodes", start=day["start"], end=day["end"])
    assert episodes["items"]
    assert all(each["simulated"] for each in episodes["items"])
    for sensor in made:
        gone = httpx2.delete(f"{service.url}/api/v1/sensors/{sensor['id']}", timeout=60)
        assert gone.status_code == 204, gone.text
    assert service.get("/sensors")["items"] == []
    assert service.get("/wearers/me/days/today")["simulated"], "what they measured stays marked"
    assert service.get("/wearers/me/now")["simulated"] is False
    assert service.get("/health")["simulated"] is False
