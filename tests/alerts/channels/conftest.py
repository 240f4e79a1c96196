"""A channel of every kind with its receiver."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.alerts.channels.benches import BENCHES, Bench


@pytest.fixture
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """The bench that the test names as its parameter."""
    made = BENCHES[request.param](tmp_path)
    await made.start()
    yield made
    await made.stop()
