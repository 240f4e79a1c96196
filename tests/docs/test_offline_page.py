"""docs/offline.md: its commands run as they stand there, and it names what is written."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command

from domain.posture import Activity
from service.cli import app
from service.cli_offline import offline_app
from service.results import day_columns, episode_columns, metric_columns
from tests.docs.markdown import linked_files
from tests.service.running import ROOT, command, environment


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "offline.md").read_text(encoding="utf-8")


def test_its_commands_run_as_they_stand_there(page: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    times = 1_790_000_000 + np.arange(9000) / 50.0
    for name in ("legs", "back"):
        acc_g = rng.normal(0.0, 0.005, (9000, 3)) + np.array([0.0, 0.0, 1.0])
        rows = np.column_stack([times, acc_g])
        np.savetxt(tmp_path / f"{name}.csv", rows, "%.6f", ",", header="t,ax,ay,az", comments="")
    (block,) = re.findall(r"<!-- runnable -->\n```sh\n(.*?)```", page, re.DOTALL)
    for line in block.splitlines():
        program, *words = shlex.split(line)
        assert program == "sitwell"
        done = subprocess.run(
            command(*words),
            cwd=tmp_path,
            env=environment(tmp_path / "home") | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "DAY" in done.stdout
    assert {path.suffix for path in (tmp_path / "results").iterdir()} == {".csv", ".json"}
    frames = json.loads((tmp_path / "both" / "frames.json").read_text())
    assert any(lean is not None for lean in frames["lean_deg"])


def test_it_names_every_option_and_column_there_is(page: str) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]  # it is a group
    ours = [info.callback.__name__ for info in offline_app.registered_commands if info.callback]
    for name in ours:
        each = commands[name]
        assert f"`sitwell {name}" in page
        for option in each.params:
            for word in option.opts:
                if word.startswith("--") and word not in ("--verbose", "--help"):
                    assert word in page, f"{name} {word}"
    columns = {*episode_columns((), "UTC"), *day_columns((), "UTC"), *metric_columns((), ())}
    columns -= {f"{activity.word}_s" for activity in Activity}
    assert not [name for name in columns if f"`{name}`" not in page]


def test_it_links_to_what_exists(root: Path, page: str) -> None:
    assert all((root / "docs" / link).exists() for link in linked_files(page))
