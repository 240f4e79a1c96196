"""Many days over the API: columns, hours of the week, what may be asked for."""

from dataclasses import replace

import pytest

from storage.day_sums import COLUMNS
from tests.api.service_fake import T0
from tests.api.test_problems import problem

DAYS = "/api/v1/wearers/ada/days"
HOURS = "/api/v1/wearers/ada/week-hours"
RANGE = {"start": "2026-01-01", "end": "2027-01-01"}


def test_days_come_in_columns_as_the_single_day_says(client):
    answer = client.get(DAYS, params=RANGE).json()
    assert (answer["days"], answer["pending"]) == (["2026-11-22"], 0)
    assert (answer["start"], answer["end"]) == ("2026-01-01", "2027-01-01")
    assert list(answer["columns"]) == list(COLUMNS)
    day = client.get(f"{DAYS}/2026-11-22").json()
    row = {name: values[0] for name, values in answer["columns"].items()}
    for state, seconds in day["seconds"].items():
        assert row[f"{state}_s"] == seconds
    for name in ("sitting_bouts", "longest_sitting_s", "breaks", "full_breaks", "slouch_s"):
        assert row[name] == day[name]
    assert row["lean_mean_deg"] == pytest.approx(day["lean_mean_deg"], abs=1e-3)
    assert row["lean_ge_20_s"] == 0 and row["lean_known_s"] == 3240
    assert (row["alerts"], row["asked"], row["answered"], row["taken"]) == (2, 1, 1, 1)
    assert isinstance(row["sitting_s"], int)


def test_hours_of_the_week_add_up_to_what_was_sat(client):
    answer = client.get(HOURS, params=RANGE).json()
    assert answer["days"] == [0, 0, 0, 0, 0, 0, 1], "the 22nd was a Sunday"
    sitting = answer["sums"]["sitting_s"]
    assert [len(sitting), len(sitting[0])] == [7, 24]
    assert (sitting[6][10], sitting[6][11]) == (3000, 600), "10:10 to 11:10 in Berlin"


def test_today_is_a_day_of_the_wearer(client, service, store):
    service.time = float(T0)
    assert client.get(DAYS, params={"start": "today", "end": "2026-11-23"}).json()["days"] == [
        "2026-11-22"
    ]
    ada = next(each for each in store.wearers() if each.id == "ada")
    store.put_wearer(replace(ada, timezone="Pacific/Kiritimati"))
    answer = client.get(DAYS, params={"start": "today", "end": "2026-11-24"}).json()
    assert (answer["start"], answer["timezone"]) == ("2026-11-23", "Pacific/Kiritimati")


def test_an_answer_that_is_still_so_is_not_sent_again(client, store):
    first = client.get(DAYS, params=RANGE)
    again = client.get(DAYS, params=RANGE, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    store.erase("ada", 0, 2**40)
    other = client.get(DAYS, params=RANGE, headers={"if-none-match": first.headers["etag"]})
    assert other.json()["days"] == []


@pytest.mark.parametrize("path", [DAYS, HOURS])
@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-11-22", "2026-11-22", "empty"),
        ("2026-11-22", "2026-11-01", "empty"),
        ("1999-01-01", "2026-11-01", "more than 3700 days"),
        ("2026-02-30", "2026-11-01", "should be a day"),
        ("1900-01-01", "1900-02-01", "the year 1900"),
    ],
)
def test_a_range_that_cannot_be_answered_is_refused(client, path, start, end, said):
    answer = client.get(path, params={"start": start, "end": end})
    assert said in str(problem(answer, 422))


def test_the_description_names_every_column(client):
    schema = client.get("/api/v1/openapi.json").json()["components"]["schemas"]["Days"]
    columns = schema["properties"]["columns"]
    assert set(columns["propertyNames"]["enum"]) == set(COLUMNS)
