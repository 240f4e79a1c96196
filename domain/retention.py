"""For how long what is kept for a while only is kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """Days. raw: of samples, 0 for none. readings: of links, and what was decided of alerts: batteries are
    compared over seasons. deliveries: what came of announcements. audit: who did what; a year, as records
    of access are usually kept [J]. What is not here (minutes, hours, days, episodes, alerts) stays for ever.
    """

    frames_days: int = 90
    raw_days: int = 0
    readings_days: int = 366
    deliveries_days: int = 90
    audit_days: int = 365
