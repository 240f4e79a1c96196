"""Which sensors a run reads: those of the file and those paired before."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import ConfigError, ConflictError, InputError
from domain.people import Calibration, ReferenceMethod
from service.commands.calibrate import keep_calibration, sensor_called
from service.commands.run import all_sensors, forget_unlisted
from service.config import parse_config
from service.plan import calibrations_in_force
from storage.sqlite import SqliteStore
from tests.service.made_up import BAND, CLIP, T0

IN_FILE = {"address": CLIP.id, "driver": "polar", "placement": "sternum", "name": "Strap"}
FILE = parse_config({"sensors": [IN_FILE]})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        yield store


def test_the_file_has_the_last_word_and_does_not_take_the_key_away(store: SqliteStore) -> None:
    store.put_sensor(replace(CLIP, key_hex="00ff", paired_at=T0))
    store.put_sensor(replace(BAND, paired_at=T0))
    strap, band = sorted(all_sensors(FILE, store), key=lambda sensor: sensor.id)
    assert (strap.name, strap.placement, strap.key_hex) == ("Strap", "sternum", "00ff")
    assert strap.paired_at == T0
    assert band == replace(BAND, paired_at=T0)


def test_what_only_the_file_named_is_read_no_longer_when_it_is_there_no_more(
    store: SqliteStore,
) -> None:
    (strap,) = all_sensors(FILE, store)
    store.put_sensor(strap, since=T0)  # as a run does
    assert all_sensors(parse_config({}), store) == ()
    forget_unlisted(FILE, store, now=T0 + 60)
    assert store.sensors() == [strap]
    forget_unlisted(parse_config({}), store, now=T0 + 60)
    assert store.sensors() == []
    assert store.assignments(strap.id)[0].until == T0 + 60


def test_what_was_paired_before_it_came_into_the_file_stays_paired(store: SqliteStore) -> None:
    store.put_sensor(replace(CLIP, paired_at=T0))
    (strap,) = all_sensors(FILE, store)
    store.put_sensor(strap, since=T0 + 60)
    forget_unlisted(parse_config({}), store, now=T0 + 120)
    assert all_sensors(parse_config({}), store) == (strap,)


def test_a_sensor_that_was_never_paired_has_no_key(store: SqliteStore) -> None:
    (strap,) = all_sensors(parse_config({"sensors": [IN_FILE]}), store)
    assert (strap.id, strap.key_hex) == (CLIP.id, "")


def test_sensors_of_strangers_and_simulated_ones_are_left(store: SqliteStore) -> None:
    store.put_sensor(replace(CLIP, wearer="nobody", paired_at=T0))
    store.put_sensor(replace(BAND, simulated=True, paired_at=T0))
    assert all_sensors(parse_config({}), store) == ()


def test_a_calibration_of_a_sensor_that_the_file_moved_is_in_force_and_takes_no_history_away(
    store: SqliteStore,
) -> None:
    store.put_sensor(replace(CLIP, paired_at=T0))
    (strap,) = all_sensors(FILE, store)
    assert CLIP.placement is not strap.placement
    made = Calibration(
        strap.id,
        strap.placement,
        T0 + 630.0,
        ReferenceMethod.ONE_POSE,
        ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        None,
        3.0,
    )
    keep_calibration(store, FILE, strap, made, began=T0 + 600.0)
    newest, first = store.assignments(strap.id)
    assert (newest.placement, newest.since) == (strap.placement, T0 + 600)
    assert (first.placement, first.since, first.until) == (CLIP.placement, T0, T0 + 600)
    assert calibrations_in_force(store, [strap]) == {strap.id: made}
    assert calibrations_in_force(store, [CLIP]) == {}


def test_a_recording_is_replayed_with_the_calibration_of_its_time(store: SqliteStore) -> None:
    worn = replace(CLIP, paired_at=T0)
    store.put_sensor(worn)
    rotation = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    made = Calibration(
        CLIP.id, CLIP.placement, T0 + 60.0, ReferenceMethod.ONE_POSE, rotation, None, 3.0
    )
    store.add_calibration(made)
    store.put_sensor(replace(worn, wearer="bob"), since=T0 + 600)
    assert calibrations_in_force(store, [worn]) == {}
    assert calibrations_in_force(store, [worn], at=T0 + 300) == {CLIP.id: made}
    assert calibrations_in_force(store, [replace(worn, wearer="bob")], at=T0 + 700) == {}


def test_a_sensor_is_called_by_its_address_or_by_a_name_that_is_its_alone() -> None:
    twins = (replace(CLIP, name="Polar"), replace(BAND, name="Polar"))
    assert sensor_called(BAND.id.lower(), twins) is twins[1]
    with pytest.raises(ConflictError, match=f"several sensors.*{CLIP.id}.*{BAND.id}"):
        sensor_called("polar", twins)
    with pytest.raises(InputError, match="no sensor 'Strap' is paired; there are Polar"):
        sensor_called("Strap", twins)
    assert sensor_called(BAND.id, (replace(CLIP, name=BAND.id), BAND)) is BAND


def test_an_address_in_small_letters_is_the_same_sensor(store: SqliteStore) -> None:
    store.put_sensor(replace(BAND, paired_at=T0))
    row = {"address": BAND.id.lower(), "driver": "polar", "placement": "thigh"}
    (band,) = all_sensors(parse_config({"sensors": [row]}), store)
    assert (band.id, band.paired_at) == (BAND.id, T0)
    with pytest.raises(ConfigError, match="there twice"):
        parse_config({"sensors": [row, row | {"address": BAND.id}]})
