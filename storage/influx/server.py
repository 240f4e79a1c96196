"""The server as it is found: version, permission, clock, database; made ready where that is allowed.

Blocks, with timeouts; for a thread. docs/storage.md says which versions were tested how.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlencode

from domain.errors import ServerError
from storage.influx.asking import Asker
from storage.influx.lines import FIELD_TYPES, HOURS, MEASUREMENTS
from storage.influx.parcels import Removal
from storage.influx.settings import InfluxSettings

#: Times are those of the points, not of the server; more than this and one of the two clocks is wrong.
MOST_CLOCK_DIFFERENCE_S: Final = 60.0

_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. version: None when the server does not say. warnings: what is not right, one
    sentence each; nothing of it keeps points from being sent."""

    version: tuple[int, ...] | None
    words: str
    warnings: tuple[str, ...] = ()

    @property
    def major(self) -> int:
        """The generation that it speaks like."""
        return self.version[0] if self.version else 2


class Server:
    """One server and the database on it."""

    def __init__(
        self, settings: InfluxSettings, asker: Asker, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._asker = asker
        self._clock = clock

    def check(self) -> Found:
        """Look at the server and make the database when it is not there.

        Raises ServerError, whose one sentence says what keeps points from being sent.
        """
        answer = self._asker.request("GET", "/ping")
        version = _version(answer.headers.get("X-Influxdb-Version"), answer.data)
        warnings = [*self._clock_warnings(answer.headers.get("Date"))]
        if version is not None and version < (1, 3):
            raise ServerError(
                f"{self._settings.url} runs InfluxDB {_dotted(version)}; 1.3 or later is wanted"
            )
        major = version[0] if version else 2
        if major == 1:
            warnings += self._make_database()
        elif version is not None and major == 2:
            warnings += self._make_bucket()
        elif version is not None:
            self._make_database_3()
        if version is not None:
            warnings += self._type_warnings()
        words = (
            f"InfluxDB {_dotted(version)}" if version else "a server that does not say its version"
        )
        return Found(version, words, tuple(warnings))

    def remove(self, removal: Removal, found: Found) -> None:
        """Remove points. Raises ServerError; with status 405 where the server cannot do it at all."""
        if found.version is None or found.major >= 3:
            raise ServerError(
                f"{found.words} cannot delete points; {removal.measurement} of {removal.wearer} stay there",
                status=405,
                words="cannot delete points",
            )
        if found.major == 1:
            self._asker.ask(
                f'DELETE FROM "{removal.measurement}" WHERE "wearer" = {text(removal.wearer)}'
                f" AND time >= {removal.start}s AND time < {removal.end}s"
            )
            return
        query = urlencode({"org": self._settings.org, "bucket": self._settings.database})
        wearer = removal.wearer.replace("\\", "\\\\").replace('"', '\\"')
        body = {
            "start": _rfc3339(removal.start),
            # Whether `stop` is within is told in two ways; a nanosecond before the end is right in both.
            "stop": _rfc3339(removal.end - 1).removesuffix("Z") + ".999999999Z",
            "predicate": f'_measurement="{removal.measurement}" AND wearer="{wearer}"',
        }
        self._asker.request("POST", f"/api/v2/delete?{query}", body=body)

    def has_before(self, before: int) -> bool:
        """Whether it has hours of anybody before `before`, Unix s. Raises ServerError."""
        try:
            (tables,) = self._asker.ask(
                f"SELECT unknown_s FROM {HOURS} WHERE time < {before}s LIMIT 1"
            )
        except ServerError as error:
            if error.status in (400, 404):  # 3 has no answer about what was never written
                return False
            raise
        return any(table.rows for table in tables)

    def _make_database(self) -> list[str]:
        name = identifier(self._settings.database)
        (databases,) = self._asker.ask("SHOW DATABASES")
        known = [row[0] for table in databases for row in table.rows]
        if self._settings.database not in known:
            days = self._settings.retention_days
            keep = f" WITH DURATION {days}d" if days else ""
            self._asker.ask(f"CREATE DATABASE {name}{keep}")
        (policies,) = self._asker.ask(f"SHOW RETENTION POLICIES ON {name}")
        for table in policies:
            for row in table.rows:
                policy = dict(zip(table.columns, row, strict=True))
                if policy.get("default"):
                    return self._retention_warnings(_duration_s(str(policy["duration"])))
        return []

    def _make_bucket(self) -> list[str]:
        settings = self._settings
        query = urlencode({"name": settings.database, "org": settings.org})
        try:
            buckets = self._json("GET", f"/api/v2/buckets?{query}").get("buckets", [])
        except ServerError as error:
            if error.status != 404:
                raise
            buckets = []
        if not buckets:
            found = self._json("GET", f"/api/v2/orgs?{urlencode({'org': settings.org})}")
            if not found.get("orgs"):
                raise ServerError(
                    f"{settings.url} has no organisation {settings.org!r}; set storage.influx.org",
                    status=404,
                    words="no such organisation",
                )
            rules = []
            if settings.retention_days:
                rules = [{"type": "expire", "everySeconds": settings.retention_days * _DAY_S}]
            body = {
                "orgID": found["orgs"][0]["id"],
                "name": settings.database,
                "retentionRules": rules,
            }
            buckets = [self._json("POST", "/api/v2/buckets", body)]
        kept = [rule.get("everySeconds", 0) for rule in buckets[0].get("retentionRules", [])]
        return self._retention_warnings(max(kept, default=0))

    def _make_database_3(self) -> None:
        days = self._settings.retention_days
        if days:  # without one, 3 makes the database with the first write
            body = {"db": self._settings.database, "retention_period": f"{days}d"}
            try:
                self._asker.request("POST", "/api/v3/configure/database", body=body)
            except ServerError as error:
                if error.status not in (400, 409):  # it is there already
                    raise

    def _json(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._asker.request(method, path, body=body)
        try:
            found = json.loads(answer.data)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ServerError(f"{self._settings.url}{path.split('?')[0]} answers with no JSON")
        return found

    def _clock_warnings(self, date: str | None) -> list[str]:
        try:
            theirs = parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return []
        ahead_s = theirs - self._clock()
        if abs(ahead_s) <= MOST_CLOCK_DIFFERENCE_S:
            return []
        way = "ahead of" if ahead_s > 0 else "behind"
        return [f"the clock of {self._settings.url} is {abs(ahead_s):.0f} s {way} this machine's"]

    def _retention_warnings(self, kept_s: float) -> list[str]:
        wanted_s = self._settings.retention_days * _DAY_S
        if not kept_s or (wanted_s and kept_s >= wanted_s):
            return []
        wish = f"{self._settings.retention_days} days are" if wanted_s else "for ever is"
        return [
            (
                f"{self._settings.database} on {self._settings.url} forgets after {kept_s / _DAY_S:g} days,"
                f" {wish} wanted; change its retention there"
            )
        ]

    def _type_warnings(self) -> list[str]:
        answers = self._asker.ask(*(f'SHOW FIELD KEYS FROM "{name}"' for name in MEASUREMENTS))
        for name, tables in zip(MEASUREMENTS, answers, strict=True):
            for table in tables:
                for field, kind in (row[:2] for row in table.rows):
                    wanted = FIELD_TYPES[name].get(field)
                    if wanted is not None and wanted != kind:
                        return [
                            (
                                f"{self._settings.database} on {self._settings.url} has another {name} whose"
                                f" {field} is {kind}, not {wanted}; give Sitwell a database of its own"
                            )
                        ]
        return []


def text(value: str) -> str:
    """`value` as a string literal of InfluxQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(value: str) -> str:
    """`value` as a quoted identifier of InfluxQL."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _version(header: str | None, body: bytes) -> tuple[int, ...] | None:
    said = header or ""
    if not said and body:
        try:
            said = str(json.loads(body).get("version", ""))  # 3 says it there
        except (ValueError, AttributeError):
            return None
    found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(part) for part in found.groups(default="0")) if found else None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _duration_s(words: str) -> float:
    units = {"h": 3600, "m": 60, "s": 1}
    return float(sum(int(n) * units[u] for n, u in re.findall(r"(\d+)([hms])(?!s)", words)))


def _rfc3339(time_s: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time_s)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
