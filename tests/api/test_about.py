"""What this Sitwell is, what it is made of and what it keeps."""

import re
from importlib import metadata

from api.licences import PAGE_LICENCES, licence_of, parts
from domain import __version__
from tests.api.access import token_client

ABOUT = "/api/v1/about"


def test_version_licence_store_and_for_how_long_it_keeps_what(client):
    told = client.get(ABOUT).json()
    assert (told["name"], told["version"], told["licence"]) == (
        "Sitwell",
        __version__,
        "Apache-2.0",
    )
    store = told["store"]
    assert (store["backend"], store["encrypted"]) == ("sqlite", False)
    assert store["size_bytes"] > 4096
    assert store["free_bytes"] > 0
    assert store["kept"] == {
        "frames_days": 90, "raw_days": 0, "readings_days": 366, "deliveries_days": 90,
        "audit_days": 365,
    }  # fmt: skip


def test_who_reaches_one_wearer_is_not_told_how_the_machine_is_set_up(app, store):
    told = token_client(app, store, "read", wearer="bob").get(ABOUT).json()["store"]
    assert told["folder"] is told["size_bytes"] is told["free_bytes"] is None


def test_every_library_the_program_wants_is_there_with_its_licence():
    named = {re.sub(r"[-_.]+", "-", each.name).lower(): each for each in parts()}
    for line in metadata.requires("sitwell") or ():
        name = re.match(r"[A-Za-z0-9-]+", line)
        assert name is not None
        if ";" not in line:
            assert named[name[0]].licence, line
            assert named[name[0]].version == metadata.version(name[0])
    assert "starlette" in named, "what they want in turn, too"
    assert not {"pytest", "hypothesis", "sitwell"} & set(named)


def test_the_page_tells_of_all_that_it_is_built_with(root):
    built = re.findall(r'Package\(\n\s+"([^"]+)"', (root / "hatch_build.py").read_text())
    assert set(built) == set(PAGE_LICENCES)


def test_a_package_that_quotes_a_whole_licence_is_named_by_its_classifier():
    told = metadata.metadata("rich")
    del told["License"]
    told["License"] = "Permission is hereby granted\n" * 20
    assert licence_of(told) == "MIT License"
