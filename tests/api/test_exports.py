"""Exports over the API: asked for, followed, fetched, removed."""

from dataclasses import replace

import pytest

from api.exporting import ExportState

V1 = "/api/v1/wearers/ada/exports"


def test_an_export_is_asked_for_followed_and_fetched(client, exporter, tmp_path):
    begun = client.post(V1, json={"start": "2026-11-01T00:00:00+01:00"})
    assert begun.status_code == 202
    assert begun.json() == {
        "id": "x0", "wearer": "ada", "start": "2026-10-31T23:00:00Z", "end": None,
        "asked_at": "2026-11-22T10:10:00Z", "state": "waiting", "done_days": 0, "total_days": 0,
        "size_bytes": None, "trouble": None, "kept_until": None,
    }  # fmt: skip
    assert client.get(f"{V1}/x0/file").status_code == 409
    exporter.files["x0"] = tmp_path / "x0.zip"
    exporter.files["x0"].write_bytes(b"PK-zip")
    job = replace(
        exporter.jobs["x0"], state=ExportState.DONE, size_bytes=6, kept_until=1_795_428_600.0
    )
    exporter.jobs["x0"] = job
    assert client.get(f"{V1}/x0").json()["kept_until"] == "2026-11-23T10:10:00Z"
    assert [each["id"] for each in client.get(V1).json()["items"]] == ["x0"]
    file = client.get(f"{V1}/x0/file")
    assert (file.content, file.headers["content-type"]) == (b"PK-zip", "application/zip")
    assert file.headers["content-disposition"] == 'attachment; filename="sitwell-ada.zip"'
    assert file.headers["cache-control"] == "no-store"
    part = client.get(f"{V1}/x0/file", headers={"range": "bytes=3-"})
    assert (part.status_code, part.content) == (206, b"zip")
    assert client.delete(f"{V1}/x0").status_code == 204
    assert client.get(f"{V1}/x0").status_code == 404


def test_an_export_is_of_one_wearer(client):
    client.post(V1, json={})
    for method, path in (("GET", "/x0"), ("GET", "/x0/file"), ("DELETE", "/x0")):
        elsewhere = client.request(method, f"/api/v1/wearers/bob/exports{path}")
        assert elsewhere.status_code == 404
    assert client.get("/api/v1/wearers/bob/exports").json() == {"items": []}


@pytest.mark.parametrize(
    "wish",
    [
        {"start": "2026-11-02T00:00:00Z", "end": "2026-11-01T00:00:00Z"},
        {"start": "yesterday"},
        {"start": 5},
        {"start": "9999-01-01T00:00:00Z"},
        {"other": 1},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(client, exporter, wish):
    assert client.post(V1, json=wish).status_code == 422
    assert not exporter.jobs


def test_too_many_are_refused(client, exporter):
    exporter.full = True
    assert client.post(V1, json={}).status_code == 409
    assert client.post("/api/v1/wearers/eve/exports", json={}).status_code == 404
