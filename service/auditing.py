"""What is noted for later of who did what."""

from dataclasses import fields

from domain.people import Sensor
from domain.records import AuditEntry
from storage.erased import Erased


def counted(erased: Erased) -> str:
    """What was erased, as a list of words."""
    counts = [
        f"{count:,} {each.name.replace('_', ' ')}"
        for each in fields(erased)
        if (count := getattr(erased, each.name))
    ]
    return ", ".join(counts) or "nothing, there was nothing"


def erasure(now: float, who: str, erased: Erased, start: int | None, end: int | None) -> AuditEntry:
    """That somebody was erased, without saying who."""
    what = "a wearer" if start is None and end is None else "a range of a wearer's time"
    return AuditEntry(now, who, "erase", detail=f"{what}: {counted(erased)}")


def about_sensor(now: float, who: str, what: str, sensor: Sensor) -> AuditEntry:
    """That a sensor was paired, changed, calibrated or unpaired."""
    detail = f"{sensor.name} ({sensor.id}) at the {sensor.placement.words}"
    return AuditEntry(now, who, what, sensor.wearer, detail)
