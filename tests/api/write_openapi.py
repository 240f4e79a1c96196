"""Write docs/openapi.json anew: python -m tests.api.write_openapi"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from api.app import create_app
from api.live import LiveHub
from api.people import PeopleKeeper
from api.wishing import AlertWishes
from storage.changes import Changes
from storage.contract import Store
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import FakeService

TARGET = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def description() -> dict[str, Any]:
    """The description of the API; no store is read for it."""
    app = create_app(
        store=cast("Store", SimpleNamespace(changes=Changes())),
        service=FakeService(),
        live=LiveHub(1),
        keeper=FakeKeeper(),
        wishes=cast("AlertWishes", None),
        people=cast("PeopleKeeper", None),
        exporter=FakeExporter(),
        static=None,
    )
    return app.openapi()


if __name__ == "__main__":
    TARGET.write_text(json.dumps(description(), indent=1, ensure_ascii=False) + "\n")
