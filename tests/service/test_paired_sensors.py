"""Which sensors a run reads: those of the file and those paired before."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.commands.run import all_sensors
from service.config import parse_config
from storage.sqlite import SqliteStore
from tests.service.made_up import BAND, CLIP

IN_FILE = {"address": CLIP.id, "driver": "polar", "placement": "sternum", "name": "Strap"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        yield store


def test_the_file_has_the_last_word_and_does_not_take_the_key_away(store: SqliteStore) -> None:
    store.put_sensor(replace(CLIP, key_hex="00ff"))
    store.put_sensor(BAND)
    strap, band = all_sensors(parse_config({"sensors": [IN_FILE]}), store)
    assert (strap.name, strap.placement, strap.key_hex) == ("Strap", "sternum", "00ff")
    assert band == BAND


def test_a_sensor_that_was_never_paired_has_no_key(store: SqliteStore) -> None:
    (strap,) = all_sensors(parse_config({"sensors": [IN_FILE]}), store)
    assert (strap.id, strap.key_hex) == (CLIP.id, "")


def test_sensors_of_strangers_and_simulated_ones_are_left(store: SqliteStore) -> None:
    store.put_sensor(replace(CLIP, wearer="nobody"))
    store.put_sensor(replace(BAND, simulated=True))
    assert all_sensors(parse_config({}), store) == ()
