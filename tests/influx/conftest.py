"""What the tests of InfluxDB share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.influx.local import LocalStore
from tests.storage.conftest import make_frames

__all__ = ["make_frames"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStore]:
    with LocalStore(tmp_path / "sitwell.db") as store:
        yield store
