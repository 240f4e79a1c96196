"""Figures about the service for Prometheus, in its text format; nothing of what is measured of people."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from api.contract import Figure, Labels
from api.parts import PartsDep, read
from domain.link import LinkState

router = APIRouter(tags=["service"])

#: The media type of Prometheus' text format, version 0.0.4.
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/metrics", response_class=PlainTextResponse, include_in_schema=False)
async def get_metrics(parts: PartsDep) -> PlainTextResponse:
    """Figures about the service."""
    store = await read(parts.store.health)
    links = parts.service.sensor_statuses().values()
    streaming = sum(status.state is LinkState.STREAMING for status in links)
    lines = [
        *_gauge("sitwell_sensors_streaming", "Sensors that stream.", streaming),
        *_gauge("sitwell_sensors_paired", "Sensors that are paired.", len(parts.keeper.sensors())),
        *_gauge("sitwell_store_ok", "Whether the store can be written.", int(store.ok)),
        *_gauge("sitwell_store_size_bytes", "Size of the store's files.", store.size_bytes),
    ]
    readers: dict[Labels, float] = {
        (("stream", "live"),): parts.hub.clients,
        (("stream", "samples"),): parts.samples.clients,
    }
    live = Figure("sitwell_live_clients", "Live readers: of events, of raw samples.", readers)
    for figure in (live, *parts.service.figures()):
        lines += _lines(figure)
    to = store.forwarding
    if to is not None:
        lines += [
            *_gauge("sitwell_influx_ok", "Whether InfluxDB takes points.", int(to.trouble is None)),
            *_gauge("sitwell_influx_owed_points", "Points not sent yet.", to.owed_points),
            *_gauge("sitwell_influx_owed_bytes", "Line protocol not sent yet.", to.owed_bytes),
            *_gauge("sitwell_influx_owed_seconds", "Age of the oldest of it.", round(to.owed_s, 3)),
            *_counter("sitwell_influx_sent_points_total", "Points sent.", to.sent),
            *_counter("sitwell_influx_dropped_points_total", "Points owed too long.", to.dropped),
            *_counter("sitwell_influx_dead_letters_total", "Points refused.", to.dead_letters),
        ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type=MEDIA_TYPE)


def _lines(figure: Figure) -> list[str]:
    kind = "counter" if figure.counts else "gauge"
    head = [f"# HELP {figure.name} {figure.words}", f"# TYPE {figure.name} {kind}"]
    rows = []
    for labels, value in sorted(figure.values.items()):
        said = ",".join(f'{name}="{word}"' for name, word in labels)
        rows.append(f"{figure.name}{{{said}}} {value}" if said else f"{figure.name} {value}")
    return [*head, *rows]


def _gauge(name: str, words: str, value: float) -> tuple[str, ...]:
    return f"# HELP {name} {words}", f"# TYPE {name} gauge", f"{name} {value}"


def _counter(name: str, words: str, value: float) -> tuple[str, ...]:
    return f"# HELP {name} {words}", f"# TYPE {name} counter", f"{name} {value}"
