"""The virtual machine runs once; what it reported is looked at by many tests."""

import os
from pathlib import Path

import pytest

from tests.vm.image import MissingError, image, missing_tools
from tests.vm.virtual_machine import Report, run

RUN_S = 1200.0  # some 250 on a quiet machine, twice that and more on one that does other things
#: Set where the tools are to be there: what is missing is an error then.
REQUIRED = "SITWELL_NEEDS_VM"


@pytest.fixture(scope="session")
def report(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What happened in the machine; the tests are skipped where it cannot be made."""
    if missing := missing_tools():
        _without(f"not installed: {', '.join(missing)}")
    work = tmp_path_factory.mktemp("vm")
    try:
        disk = image(root, work)
    except MissingError as error:
        _without(str(error))
    return run(disk, work, RUN_S)


def _without(reason: str) -> None:
    words = f"no virtual machine with the real BlueZ: {reason}"
    if os.environ.get(REQUIRED):
        pytest.fail(words)
    pytest.skip(words)
