"""The records of the embedded store: storage.record_contract over one file."""

from collections.abc import Iterable, Mapping

from domain.alerts import Alert
from domain.people import Assignment, Calibration, Sensor, Wearer
from domain.records import Adjustment, DiaryEntry, Setting
from storage import alerts, record_tables, records, sensors, touched_days
from storage.access_records import AccessRecords
from storage.sqlite_reader import SqliteReader


class SqliteRecords(AccessRecords, SqliteReader):
    """Every method is one transaction, which the store provides; what each does is said in the contract."""

    def put_wearer(self, wearer: Wearer, *, expected: int | None = None) -> int:
        """Add or replace by id."""
        with self._transaction() as connection:
            return record_tables.WEARERS.put(connection, wearer, expected)

    def put_sensor(
        self, sensor: Sensor, *, since: float | None = None, expected: int | None = None
    ) -> int:
        """Add or replace by id. Another wearer or placement than before ends its assignment and
        begins the next one at `since`, by default `paired_at`, or at the change before when that
        was later."""
        begins = sensor.paired_at if since is None else since
        with self._transaction() as connection:
            return sensors.put_sensor(connection, sensor, begins, expected)

    def remove_sensor(self, sensor_id: str, *, now: float, expected: int | None = None) -> None:
        """Unpair: its assignment ends, its calibrations and assignments stay. Raises NotFoundError."""
        with self._transaction() as connection:
            sensors.remove_sensor(connection, sensor_id, now, expected)

    def put_assignments(self, assignments: Iterable[Assignment]) -> None:
        """Add or replace by sensor and `since`, as another store has them."""
        with self._transaction() as connection:
            sensors.put_assignments(connection, assignments)

    def add_calibration(self, calibration: Calibration, *, expected: int | None = None) -> int:
        """Add to the version history, or replace by sensor and `made_at`."""
        with self._transaction() as connection:
            return records.add_calibration(connection, calibration, expected)

    def put_alert(self, alert: Alert, *, expected: int | None = None) -> int:
        """Add or replace by id, when its revision is higher than the stored one, else ConflictError."""
        with self._transaction() as connection:
            touched_days.touch_alerts(connection, [alert])
            return alerts.swap_alert(connection, alert, expected)

    def put_diary_entry(self, entry: DiaryEntry, *, expected: int | None = None) -> int:
        """Add or replace by id."""
        with self._transaction() as connection:
            return record_tables.DIARY.put(connection, entry, expected)

    def remove_diary_entry(self, entry_id: str, *, expected: int | None = None) -> None:
        """Raises NotFoundError."""
        with self._transaction() as connection:
            record_tables.DIARY.remove(connection, {"id": entry_id}, expected)

    def put_setting(self, setting: Setting, *, expected: int | None = None) -> int:
        """Add or replace by wearer and name."""
        with self._transaction() as connection:
            return record_tables.SETTINGS.put(connection, setting, expected)

    def remove_setting(self, name: str, wearer: str = "", *, expected: int | None = None) -> None:
        """Raises NotFoundError."""
        with self._transaction() as connection:
            key = {"wearer": wearer, "name": name}
            record_tables.SETTINGS.remove(connection, key, expected)

    def put_adjustment(self, adjustment: Adjustment, *, expected: int | None = None) -> int:
        """Add or replace by id."""
        with self._transaction() as connection:
            return record_tables.ADJUSTMENTS.put(connection, adjustment, expected)

    def change_settings(
        self,
        wearer: str,
        values: Mapping[str, str | float | bool | None],
        remove: Iterable[str] = (),
    ) -> None:
        """Settings of a wearer by name, and without those of `remove`, in one transaction."""
        with self._transaction() as connection:
            for name in remove:
                key = (wearer, name)
                connection.execute("DELETE FROM settings WHERE wearer = ? AND name = ?", key)
            for name, value in values.items():
                record_tables.SETTINGS.put(connection, Setting(name, value, wearer), None)
