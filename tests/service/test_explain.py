"""`sitwell explain`: answered for somebody who never saw it, also while a service has the store."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.settings import AnalysisSettings
from domain.episodes import Episode, EpisodeKind
from domain.errors import InputError
from domain.people import Wearer
from service.commands.explain import second_of
from service.mounting import in_force
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.service.made_up import CLIP, ME, T0, frames

NOON = Wearer("me", "Me", "Europe/Berlin")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A minute of frames and a sit, judged by settings of then."""
    with SqliteStore(tmp_path / "kept" / "sitwell.db") as store:
        store.put_wearer(ME)
        sit = Episode(EpisodeKind.SITTING, "me", T0, T0 + 50, 1, 0.9, 50, 0.9, 0.0, "upper_back")
        then = in_force("me", T0, [CLIP], {}, AnalysisSettings(partial_break_s=90.0))
        store.write(Batch(frames=(frames(T0, 60),), episodes=(sit,), contexts=(then,)), now=T0)
    return tmp_path / "kept"


def test_the_newest_second_is_explained_and_leads_to_its_episodes(
    sitwell: Callable, data_dir: Path
) -> None:
    time = "2025-11-22 09:26:50"  # by the wearer's clock
    done = sitwell("explain", time, "--data-dir", str(data_dir))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("What you did is not known.\nme, 2025-11-22 09:26:50")
    assert "Clip, upper back, polar" in done.stdout
    assert "not calibrated" in done.stdout
    found = done.stdout.split("`sitwell explain ")[1].split("`")[0]
    done = sitwell("explain", found, "--data-dir", str(data_dir))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("You sat for 50 s.")
    assert "1 min 30 s on your feet" in done.stdout
    assert "partial_break_s" in done.stdout


def test_what_rounds_to_nothing_has_no_sign(sitwell: Callable, data_dir: Path) -> None:
    turning = replace(frames(T0 + 60, 1), turn_dps=np.array([-0.02]))
    with SqliteStore(data_dir / "sitwell.db") as store:
        store.write(Batch(frames=(turning,)), now=T0)
    done = sitwell("explain", "last", "--data-dir", str(data_dir))
    assert done.returncode == 0, done.stderr
    assert " 0.0 deg/s" in done.stdout and "-0.0" not in done.stdout


def test_it_is_answered_while_a_service_has_the_store(sitwell: Callable, data_dir: Path) -> None:
    with SqliteStore(data_dir / "sitwell.db"):
        done = sitwell("explain", "last", "--json", "--data-dir", str(data_dir))
    assert done.returncode == 0, done.stderr
    why = json.loads(done.stdout)
    assert (why["about"], why["start"]) == ("frame", "2025-11-22T08:27:39Z")
    assert why["unknown"]


def test_what_cannot_be_explained_is_one_line(sitwell: Callable, data_dir: Path) -> None:
    for said, words in (
        ("yesterday", "is no time"),
        ("0123456789abcdef", "no episode"),
        ("03:00", "no measured second of me at"),
    ):
        done = sitwell("explain", said, "--data-dir", str(data_dir))
        assert done.returncode == 2, done.stdout
        assert words in done.stderr and "Traceback" not in done.stderr
    done = sitwell("explain", "last", "--wearer", "bob", "--data-dir", str(data_dir))
    assert (done.returncode, "no wearer 'bob'" in done.stderr) == (2, True)
    done = sitwell("explain", "last", "--data-dir", str(data_dir / "nothing"))
    assert (done.returncode, "no store at" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("said", "second"),
    [
        ("09:30", 1_763_800_200),
        ("9:30:05", 1_763_800_205),
        ("2025-11-22 09:30", 1_763_800_200),
        ("2025-11-22T09:30:00.9", 1_763_800_200),
        ("2025-11-22T08:30:00Z", 1_763_800_200),
        ("2025-11-22T03:30:00-05:00", 1_763_800_200),
    ],
)
def test_a_time_is_of_the_wearers_clock_unless_it_has_an_offset(said: str, second: int) -> None:
    assert second_of(said, NOON, T0) == second


@pytest.mark.parametrize("said", ["25:00", "", "2025-02-30 10:00", "tomorrow", "0001-01-01 00:00"])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(InputError):
        second_of(said, NOON, T0)
