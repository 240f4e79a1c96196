"""Lists in pages: every row once, in order, whatever the size of a page."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursors import cursor_of, place_of
from api.episode_pages import STRETCH_S, episodes_page
from domain.alerts import AlertKind
from domain.episodes import Episode, EpisodeKind
from domain.errors import InputError
from storage.contract import Batch
from tests.api.service_fake import ALERT, T0

V1 = "/api/v1"


def paged(client, path, **params):
    items, cursor = [], None
    while True:
        query = params if cursor is None else {**params, "cursor": cursor}
        answer = client.get(f"{V1}{path}", params=query)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return items


@given(st.floats(-1e11, 1e11), st.text("0123456789abcdef", max_size=16))
def test_a_cursor_says_where_it_goes_on(moment, name):
    assert place_of(cursor_of((moment, name))) == (moment, name)


@pytest.mark.parametrize(
    "word",
    ["", "x", "%%%", "é", "W10", *(base64.urlsafe_b64encode(text.encode()).decode() for text in (
        "[]", "[1]", "[true, \"a\"]", "[NaN, \"a\"]", "[1e300, \"a\"]", "[1, 2]", "{}", "[1, \"a\", 2]",
    ))],
)  # fmt: skip
def test_a_word_that_is_no_cursor_is_refused(client, word):
    with pytest.raises(InputError):
        place_of(word)
    assert client.get(f"{V1}/alerts", params={"cursor": word}).status_code == 422


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_alerts_come_once_each_also_those_of_the_same_second(client, store, limit):
    many = [replace(ALERT, id=f"b{n}", opened_at=T0 - 50.0 - n // 4) for n in range(17)]
    store.write(Batch(alerts=tuple(many)), now=T0)
    whole = client.get(f"{V1}/alerts").json()["items"]
    assert len(whole) == 19
    assert paged(client, "/alerts", limit=limit) == whole
    of_ada = paged(client, "/alerts", wearer="ada", state="open", limit=limit)
    assert of_ada == [each for each in whole if each["open"]]


def test_alerts_are_narrowed_by_kind_and_by_what_came_of_them(client, store):
    store.write(Batch(alerts=(replace(ALERT, id="s1", kind=AlertKind.SLOUCH),)), now=T0)
    for query, ids in (
        ({"kind": "slouch"}, ["s1"]),
        ({"kind": ["slouch", "sitting"], "state": "open"}, ["a1", "s1"]),
        ({"outcome": ["taken", "ignored"]}, ["a0"]),
        ({"kind": "slouch", "outcome": "taken"}, []),
    ):
        found = client.get(f"{V1}/alerts", params=query).json()["items"]
        assert sorted(each["id"] for each in found) == ids, query
    assert client.get(f"{V1}/alerts", params={"kind": "loud"}).status_code == 422


def episode(n: int, start: int, length_s: int) -> Episode:
    return Episode(
        EpisodeKind.SLOUCH, "ada", start, start + length_s, 20.0, 15.0, 5.0, 0.9, 9.0, "sternum",
        id=f"e{n:04d}",
    )  # fmt: skip


@given(
    starts=st.lists(st.integers(0, 60 * 86_400), max_size=30),
    lengths=st.lists(st.integers(0, 20 * 86_400), min_size=30, max_size=30),
    limit=st.integers(1, 40),
    begin=st.integers(0, 40 * 86_400),
)
def test_pages_of_episodes_are_the_range_cut_into_pieces(starts, lengths, limit, begin):
    every = sorted(
        (episode(n, at, lengths[n]) for n, at in enumerate(starts)), key=lambda e: (e.start, e.id)
    )

    class Held:
        """The contract's `episodes` over a list."""

        def episodes(self, wearer, start, end, kinds=None):
            return [e for e in every if e.start < end and max(e.end, e.start + 1) > start]

    end = 70 * 86_400
    whole = Held().episodes("ada", begin, end)
    pages, after = [], None
    while page := episodes_page(Held(), "ada", begin, end, None, after=after, limit=limit):
        assert len(page) <= limit
        pages += page
        after = (page[-1].start, page[-1].id)
    assert pages == whole


def test_episodes_come_in_pages_over_the_api(client, store):
    many = [episode(n, T0 - 40 * STRETCH_S + n * STRETCH_S, 60 * n) for n in range(30)]
    store.write(Batch(episodes=tuple(many)), now=T0)
    span = {"start": "2020-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"}
    whole = client.get(f"{V1}/wearers/ada/episodes", params=span).json()
    assert whole["next_cursor"] is None and len(whole["items"]) == 33
    assert paged(client, "/wearers/ada/episodes", **span, limit=4) == whole["items"]
    slouches = paged(client, "/wearers/ada/episodes", **span, limit=10, kind="slouch")
    assert [each["id"] for each in slouches] == [each.id for each in many]


def test_a_day_is_sent_again_only_when_it_changed(client, store):
    path = f"{V1}/wearers/ada/days/2026-11-22"
    first = client.get(path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = client.get(path, headers={"if-none-match": asked})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    store.write(Batch(episodes=(episode(1, T0 - 300, 60),)), now=T0)
    changed = client.get(path, headers={"if-none-match": tag})
    assert changed.status_code == 200 and changed.headers["etag"] != tag
    assert changed.json()["slouches"] == first.json()["slouches"] + 1


def test_the_probes_tell_a_live_service_from_one_that_can_work(client, store):
    assert (client.get("/livez").status_code, client.get("/livez").text) == (200, "ok\n")
    assert client.get("/readyz").text == "ready\n"
    store.close()
    assert client.get("/livez").status_code == 200
    told = client.get("/readyz")
    assert told.status_code == 503 and told.headers["content-type"] == "application/problem+json"
