"""The house rules that machines can check; the one test command runs them all."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECK_S = 900.0  # mypy takes half a minute of one core, and a busy machine ten times that
pytestmark = pytest.mark.timeout(CHECK_S + 60)
PACKAGES = ("alerts", "analysis", "api", "collector", "domain", "service", "simulators", "storage")


def _check(root: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=CHECK_S,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def test_ruff_finds_nothing(root: Path) -> None:
    _check(root, "ruff", "check", ".")


def test_ruff_would_format_nothing(root: Path) -> None:
    _check(root, "ruff", "format", "--check", ".")


@pytest.mark.slow
def test_mypy_strict_finds_nothing(root: Path) -> None:
    _check(root, "mypy")


def test_imports_point_one_way(root: Path) -> None:
    script = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert script, "import-linter is not installed beside this Python"
    done = subprocess.run(
        [script], cwd=root, capture_output=True, text=True, timeout=CHECK_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_our_package_names_resolve_inside_our_tree(package: str, root: Path) -> None:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve().parent == root / package


def test_the_wheel_ships_every_package(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    assert tuple(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    assert all((root / package / "py.typed").exists() for package in PACKAGES)


def test_no_module_is_a_junk_drawer(root: Path) -> None:
    banned = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    found = [
        path
        for package in PACKAGES
        for path in (root / package).rglob("*.py")
        if path.stem in banned
    ]
    assert not found


def test_no_module_is_longer_than_it_should_be(root: Path) -> None:
    long = {
        str(path.relative_to(root)): lines
        for package in PACKAGES
        for path in (root / package).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_nothing_names_a_registry_host_or_a_machines_path(root: Path) -> None:
    hosts = r"https?://[a-z0-9.-]*(pypi|pythonhosted|debian|npmjs|maven|golang|crates)[a-z0-9.-]*\.(org|com|io)"
    places = r"(^|[^a-z0-9.])/(work|farm)/"
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, timeout=60, check=False
    ).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    pattern = re.compile(f"{hosts}|{places}")
    own = Path(__file__).resolve()
    for name in tracked:
        path = root / name
        if path == own or not path.exists() or path.suffix in {".png", ".svg"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not pattern.search(text), name


#: What every page shares; the others are of one page each, or of the frame.
SHARED_LOOKS = {"tokens", "page", "navigation", "chart", "forms", "everyone", "alerts"}


def test_no_page_changes_the_looks_of_another(root: Path) -> None:
    owners: dict[str, set[str]] = {}
    for sheet in (root / "api/static/style").glob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        for selectors in re.findall(r"([^{}]+)\{", text):
            for first in re.findall(r"(?:^|,)\s*\.([\w-]+)", selectors):
                if sheet.stem not in SHARED_LOOKS:
                    owners.setdefault(first, set()).add(sheet.stem)
    assert owners
    assert {name: sheets for name, sheets in owners.items() if len(sheets) > 1} == {}
