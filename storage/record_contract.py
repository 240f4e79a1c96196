"""The records' part of the contract: people and what they keep, changed by compare and swap.

`expected` of every change: None takes whatever there is (a configuration file has the last word), 0 wants
that there is none yet, and a revision as it was read wants that nothing has changed since; else
ConflictError, and nothing is changed. A change answers with the new revision, which is higher than any
that the record ever had, also when it was removed in between.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from domain.alerts import Alert
from domain.people import Assignment, Calibration, Sensor, Wearer
from domain.records import Adjustment, AuditEntry, DiaryEntry, Setting, Token


class RecordReader(Protocol):
    """Every method raises StoreUnavailableError when the medium fails."""

    def wearers(self) -> list[Wearer]:
        """All wearers by id."""
        ...

    def sensors(self) -> list[Sensor]:
        """All paired sensors by id."""
        ...

    def assignments(self, sensor_id: str | None = None) -> list[Assignment]:
        """Whose a sensor was and where it was worn, newest first; without an id of every sensor."""
        ...

    def calibrations(self, sensor_id: str | None = None) -> list[Calibration]:
        """The version history, newest first; without an id of every sensor."""
        ...

    def diary(self, wearer: str, start: float, end: float) -> list[DiaryEntry]:
        """Entries about [start, end), in order."""
        ...

    def settings(self, wearer: str | None = None) -> list[Setting]:
        """Settings of a wearer (empty: everybody's) by name; with None all there are."""
        ...

    def adjustments(self, wearer: str | None = None) -> list[Adjustment]:
        """What was adjusted for a wearer, oldest first, also what was undone; with None for all."""
        ...

    def tokens(self) -> list[Token]:
        """All tokens, oldest first, also those that are revoked."""
        ...

    def audit(self, *, limit: int = 200, before: int | None = None) -> list[AuditEntry]:
        """What was done, newest first; before: only entries whose number is smaller."""
        ...


class RecordStore(RecordReader, Protocol):
    """Changes are on the disk when a method returns; each is one transaction."""

    def put_wearer(self, wearer: Wearer, *, expected: int | None = None) -> int:
        """Add or replace by id."""
        ...

    def put_sensor(
        self, sensor: Sensor, *, since: float | None = None, expected: int | None = None
    ) -> int:
        """Add or replace by id. Another wearer or placement than before ends its assignment and
        begins the next one at `since`, by default `paired_at`, or at the change before when that
        was later."""
        ...

    def remove_sensor(self, sensor_id: str, *, now: float, expected: int | None = None) -> None:
        """Unpair: its assignment ends, its calibrations and assignments stay. Raises NotFoundError."""
        ...

    def put_assignments(self, assignments: Iterable[Assignment]) -> None:
        """Add or replace by sensor and `since`, as another store has them."""
        ...

    def add_calibration(self, calibration: Calibration, *, expected: int | None = None) -> int:
        """Add to the version history, or replace by sensor and `made_at`."""
        ...

    def put_alert(self, alert: Alert, *, expected: int | None = None) -> int:
        """Add or replace by id. An alert carries its own revision, which has to be higher than the one
        that is stored, else ConflictError."""
        ...

    def put_diary_entry(self, entry: DiaryEntry, *, expected: int | None = None) -> int:
        """Add or replace by id."""
        ...

    def remove_diary_entry(self, entry_id: str, *, expected: int | None = None) -> None:
        """Raises NotFoundError."""
        ...

    def put_setting(self, setting: Setting, *, expected: int | None = None) -> int:
        """Add or replace by wearer and name."""
        ...

    def remove_setting(self, name: str, wearer: str = "", *, expected: int | None = None) -> None:
        """Raises NotFoundError."""
        ...

    def put_adjustment(self, adjustment: Adjustment, *, expected: int | None = None) -> int:
        """Add or replace by id."""
        ...

    def change_settings(
        self,
        wearer: str,
        values: Mapping[str, str | float | bool | None],
        remove: Iterable[str] = (),
    ) -> None:
        """Settings of a wearer by name, and without those of `remove`, in one transaction."""
        ...

    def put_token(self, token: Token, *, expected: int | None = None) -> int:
        """Add or replace by id. Raises ConflictError for a digest that another token has."""
        ...

    def remove_token(self, token_id: str, *, expected: int | None = None) -> None:
        """Raises NotFoundError."""
        ...

    def add_audit(self, entry: AuditEntry) -> None:
        """Append; what was appended is never changed, but forgets a wearer who is erased, and goes when it
        is pruned."""
        ...
