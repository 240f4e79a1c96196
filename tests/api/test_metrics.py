"""Figures for Prometheus."""

import re
from dataclasses import replace

from storage.contract import Forwarding


def values(text: str) -> dict[str, float]:
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = line.split(" ")
            bare = name.split("{")[0]
            assert f"# TYPE {bare} " in text and f"# HELP {bare} " in text
            assert re.fullmatch(r'[a-z_]+(\{([a-z]+="[a-z_]+",?)+\})?', name)
            found[name] = float(value)
    return found


def test_metrics_are_there_without_a_server_of_measurements(client) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = values(answer.text)
    assert found["sitwell_store_ok"] == 1
    assert found["sitwell_sensors_streaming"] == 1
    assert found['sitwell_live_clients{stream="live"}'] == 0
    assert found['sitwell_decisions_total{reason="in_meeting"}'] == 4
    assert not [name for name in found if "influx" in name]


def test_metrics_and_health_say_what_is_owed(client, store, monkeypatch) -> None:
    forwarding = Forwarding(
        server="InfluxDB 2.7.1",
        trouble="it refuses",
        warnings=("its clock is late",),
        owed_points=120,
        owed_bytes=21_600,
        owed_s=61.5,
        sent=7,
        dropped=2,
        dead_letters=1,
        last_error="it refuses",
        last_error_at=1_790_035_200.0,
        last_sent_at=None,
    )
    health = replace(store.health(), forwarding=forwarding)
    monkeypatch.setattr(store, "health", lambda: health)
    found = values(client.get("/metrics").text)
    assert found["sitwell_influx_ok"] == 0
    assert found["sitwell_influx_owed_points"] == 120
    assert found["sitwell_influx_owed_seconds"] == 61.5
    assert found["sitwell_influx_sent_points_total"] == 7
    told = client.get("/api/v1/health").json()["store"]["forwarding"]
    assert (told["owed_points"], told["owed_s"], told["trouble"]) == (120, 61.5, "it refuses")
    assert told["last_error_at"] == "2026-09-22T00:00:00Z"
    assert told["last_sent_at"] is None
