"""Wearers over the API: what they call themselves, and who there is."""

from tests.api.test_problems import problem

ADA = "/api/v1/wearers/ada"


def test_a_wearer_says_their_language_what_is_their_own_and_where_they_come_from(client):
    assert client.get(ADA).json() == {
        "id": "ada", "name": "Ada", "timezone": "Europe/Berlin", "language": None, "own": [],
        "origin": "configuration", "replayed": [],
    }  # fmt: skip
    client.patch(f"{ADA}/alert-settings", json={"values": {"language": "de"}})
    items = client.get("/api/v1/wearers").json()["items"]
    assert {each["id"]: each["language"] for each in items} == {"ada": "de", "bob": None}
    client.patch(f"{ADA}/alert-settings", json={"values": {"language": "en"}})
    assert client.get(ADA).json()["language"] == "en"
    client.patch(f"{ADA}/alert-settings", json={"values": {"language": None}})
    assert client.get(ADA).json()["language"] is None


def test_a_name_is_set_and_taken_back_and_what_is_left_out_stays(client):
    changed = client.patch(ADA, json={"name": "Ada L."}).json()
    assert (changed["name"], changed["timezone"]) == ("Ada L.", "Europe/Berlin")
    assert changed["own"] == ["name"]
    both = client.patch(ADA, json={"timezone": "UTC"}).json()
    assert (both["name"], both["own"]) == ("Ada L.", ["name", "timezone"])
    assert client.patch(ADA, json={}).json() == both
    bare = client.patch(ADA, json={"name": None, "timezone": None}).json()
    assert (bare["name"], bare["timezone"], bare["own"]) == ("Ada", "Europe/Berlin", [])


def test_a_value_that_cannot_be_is_pointed_at(client):
    refused = problem(client.patch(ADA, json={"timezone": "Mars/Olympus"}), 422)
    assert refused["errors"][0]["pointer"] == "/body/timezone"
    assert "Europe/Berlin" in refused["errors"][0]["detail"]
    body = {"id": "eve", "name": "\u202e", "timezone": "UTC"}
    refused = problem(client.post("/api/v1/wearers", json=body), 422)
    assert refused["errors"][0]["pointer"] == "/body/name"
    problem(client.post("/api/v1/wearers", json={"id": "Eve!", "name": "Eve"}), 422)


def test_one_more_wearer_has_the_machines_time_zone_unless_another_is_said(client):
    made = client.post("/api/v1/wearers", json={"id": "eve", "name": "Eve"})
    assert (made.status_code, made.json()["origin"]) == (201, "added")
    assert made.json()["timezone"]
    problem(client.post("/api/v1/wearers", json={"id": "eve", "name": "Eve"}), 409)
    assert client.delete("/api/v1/wearers/eve").status_code == 204
    problem(client.get("/api/v1/wearers/eve"), 404)


def test_a_wearer_of_the_configuration_is_removed_there(client):
    assert "configuration file" in problem(client.delete(ADA), 409)["detail"]
