"""What is answered before the framework is what the framework answers, to the same people."""

from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.app import PREFIX
from api.exposure import Exposure
from api.quick import Quick
from domain.errors import NotFoundError, StoreUnavailableError
from domain.people import Wearer
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.api.access import bearer, kept_token, made_app
from tests.api.conftest import BASE
from tests.api.service_fake import T0, FakeService, fill, frames

RANGE = "start=2026-11-22T09:10:00Z&end=2026-11-22T10:10:00Z"
PLAIN = [
    "/wearers/ada/now",
    "/wearers/bob/now?x=1",
    f"/wearers/ada/series?{RANGE}",
    f"/wearers/ada/series?{RANGE}&points=10",
    f"/wearers/ada/series?{RANGE}&resolution_s=3600",
    "/wearers/ada/series?start=2026-11-22t09:10:00.5z&end=2026-11-22T11:10:00%2B01:00&points=60",
    "/wearers/bob/series?start=2026-01-22T09:10:00Z&end=2026-11-22T10:10:00Z",
    "/alerts?state=open",
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store that nobody changes."""
    with SqliteStore(tmp_path_factory.mktemp("quick") / "sitwell.db") as store:
        fill(store)
        store.put_wearer(Wearer("a/b", "A", "UTC"))
        yield store


@pytest.fixture(scope="module")
def both(whole):
    return Both(whole)


class Both:
    """An application, and whether its last answer was a quick one."""

    def __init__(self, store, service=None, exposure=None):
        self.app = made_app(store, service=service, exposure=exposure)
        self.transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.quick = False

    async def asked(self, path, headers=None, method="GET"):
        """Status, headers and body by the framework and, now that memory has it, quickly if at all."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Quick, "_found", lambda _self, _scope: None)
            await self._answer(
                path, headers, method
            )  # what is asked for first may change what is kept
            slow = await self._answer(path, headers, method)
        with pytest.MonkeyPatch.context() as patch:
            found = Quick._found

            def note(quick, scope):
                body = found(quick, scope)
                self.quick = body is not None
                return body

            patch.setattr(Quick, "_found", note)
            self.quick = False
            return slow, await self._answer(path, headers, method)

    async def _answer(self, path, headers, method):
        async with httpx2.AsyncClient(transport=self.transport, base_url=BASE) as client:
            answer = await client.request(method, f"{PREFIX}{path}", headers=headers)
        return answer.status_code, sorted(answer.headers.items()), answer.content


@pytest.mark.parametrize("path", PLAIN)
async def test_plain_questions_are_answered_at_once_and_the_same(both, path):
    slow, quick = await both.asked(path)
    assert both.quick
    assert quick == slow
    assert slow[0] == 200


ODD = [
    "/wearers/cy/now",
    "/wearers//now",
    "/wearers/ada/now/",
    "/wearers/a%2Fb/now",
    "/wearers/ada/series",
    f"/wearers/ada/series?{RANGE}&{RANGE}",
    f"/wearers/ada/series?{RANGE}&points=9",
    f"/wearers/ada/series?{RANGE}&points=many",
    f"/wearers/ada/series?{RANGE}&resolution_s=7",
    f"/wearers/ada/series?{RANGE}&resolution_s=",
    f"/wearers/ada/series?{RANGE}&other=1",
    "/wearers/ada/series?start=1795342200&end=1795342260",
    "/wearers/ada/series?start=2026-11-22T10:10:00Z&end=2026-11-22T09:10:00Z",
    "/wearers/ada/series?start=2026-11-22T10:10:00Z&end=9999-11-22T09:10:00Z",
    "/wearers/ada/series?start=2026-11-22T10:10:00Z&end=2026-11-22T10:14:00Z",
    "/wearers/ada/episodes?" + RANGE,
    "/alerts?state=open&limit=1",
    "/alerts?state=open&wearer=ada",
    "/alerts",
]


@pytest.mark.parametrize("path", ODD)
async def test_other_questions_are_left_to_the_framework(both, path):
    slow, quick = await both.asked(path)
    assert not both.quick
    assert quick == slow


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS"])
async def test_other_methods_too(both, method):
    slow, quick = await both.asked("/wearers/ada/now", method=method)
    assert not both.quick
    assert quick == slow


TIME = st.one_of(
    st.datetimes().map(lambda t: t.isoformat() + "Z"),
    st.integers(-7200, 7200).map(lambda s: f"2026-11-22T{10 + s // 3600:02}:{s // 60 % 60:02}:00Z"),
    st.text(max_size=12),
)
QUERY = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["start", "end"]), TIME),
        st.tuples(
            st.sampled_from(["points", "resolution_s"]),
            st.one_of(
                st.integers(-5, 6000).map(str),
                st.sampled_from(["60", "300", " 60", "6e1", "60.0", "0300", "+60", "1_000"]),
                st.text(max_size=4),
            ),
        ),
        st.tuples(st.text(max_size=6), st.text(max_size=6)),
    ),
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(query=QUERY, plain=st.booleans())
async def test_whatever_is_asked_is_answered_the_same(both, query, plain):
    asked = "&".join(f"{quote(key)}={quote(value)}" for key, value in query)
    slow, quick = await both.asked(f"/wearers/ada/series?{RANGE + '&' if plain else ''}{asked}")
    assert quick == slow


@pytest.mark.parametrize(
    ("rights", "wearer"),
    [(("read",), ""), (("read",), "ada"), (("read",), "bob"), (("organisation",), ""), ((), "")],
)
async def test_nobody_is_answered_whom_the_framework_refuses(store, rights, wearer):
    both, at_once = Both(store, exposure=Exposure(require_token=True)), 0
    somebody = bearer(kept_token(store, "read")[1])
    headers = bearer(kept_token(store, *rights, wearer=wearer)[1]) if rights else {}
    for shown in (somebody, headers):
        await both.asked(PLAIN[0], shown)
    await both.app.state.parts.access.settle()  # when a token was used is written once
    for path in [
        *PLAIN,
        *ODD[:3],
        "/wearers/ada/now?wearer=bob",
        f"/wearers/ada/series?{RANGE}&wearer=bob",
    ]:
        await both.asked(path, somebody)
        assert both.quick or path not in PLAIN, "it is in memory, whoever asks next"
        slow, quick = await both.asked(path, headers)
        assert quick == slow, path
        if both.quick:
            at_once += 1
            assert slow[0] == 200
            assert not wearer or f"/{wearer}/" in path
    assert bool(at_once) == (rights == ("read",))


async def test_one_who_is_erased_is_not_there_any_more(store):
    both = Both(store)
    assert (await both.asked("/wearers/ada/now"))[1][0] == 200
    store.erase("ada")
    slow, quick = await both.asked("/wearers/ada/now")
    assert quick == slow
    assert quick[0] == 404


async def test_a_second_that_comes_late_is_in_the_next_answer(store):
    both = Both(store)
    path = f"/wearers/bob/series?{RANGE}"
    assert (await both.asked(path))[1][2].count(b"2026-") == 2
    store.write(Batch(frames=(frames("bob", T0 - 600, 60),)), now=float(T0))
    slow, quick = await both.asked(path)
    assert quick == slow
    assert quick[2].count(b"2026-") == 3


@pytest.mark.parametrize(
    "error", [NotFoundError("x", "y"), StoreUnavailableError("gone"), OSError()]
)
async def test_errors_are_told_as_ever(whole, monkeypatch, error):
    both = Both(whole, FakeService())

    def fail(_self, _wearer):
        raise error

    await both.asked("/wearers/ada/now")
    monkeypatch.setattr(FakeService, "status", fail)
    slow, quick = await both.asked("/wearers/ada/now")
    assert quick == slow
    assert slow[0] >= 400
