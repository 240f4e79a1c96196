"""What there is anything of: wearers with the time it spans, and sensors."""

import apsw

#: Each by itself is one look at an end of an index; both at once read every row.
_BY_KEY = (
    "SELECT (SELECT {first} FROM {table} WHERE wearer = ?1),"
    " (SELECT {last} FROM {table} WHERE wearer = ?1)"
)
#: Table, first, last; by the wearer's key, then by the wearer.
_KEYED = (
    ("frames", "min(time)", "max(time)"),
    ("minutes", "min(time)", "max(time)"),
    ("episodes", "min(start)", "max(start)"),
)
_NAMED = (
    ("alerts", "min(opened_at)", "max(opened_at)"),
    ("contexts", "min(since)", "max(since)"),
    ("diary", "min(at)", "max(at)"),
)


def read_spans(connection: apsw.Connection) -> dict[str, tuple[int, int]]:
    """First second, and the one after the last begins, by wearer."""
    keys: dict[str, int | None] = {
        str(wearer): key
        for key, wearer in connection.execute("SELECT key, wearer FROM wearer_keys")
    }
    for table, _, _ in _NAMED:
        for (wearer,) in connection.execute(f"SELECT DISTINCT wearer FROM {table}"):
            keys.setdefault(str(wearer), None)
    found = {}
    for wearer, key in sorted(keys.items()):
        ends: list[float] = []
        for tables, value in ((_KEYED, key), (_NAMED, wearer)):
            for table, first, last in tables:
                query = _BY_KEY.format(table=table, first=first, last=last)
                row = connection.execute(query, (value,)).fetchall()[0]
                ends += [float(each) for each in row if isinstance(each, int | float)]
        if ends:
            found[wearer] = int(min(ends) // 1), int(max(ends) // 1) + 1
    return found


def read_sensors(connection: apsw.Connection) -> list[str]:
    """Every sensor of which anything is kept."""
    rows = connection.execute(
        "SELECT sensor FROM sensor_keys UNION SELECT id FROM sensors"
        " UNION SELECT sensor FROM assignments UNION SELECT sensor FROM calibrations ORDER BY 1"
    )
    return [str(sensor) for (sensor,) in rows]
