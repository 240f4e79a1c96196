"""What was replayed from a recording is known as such for as long as it is kept."""

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from domain.people import Wearer
from service.replayed import ReplayedTime, Span
from storage.contract import Batch
from storage.sqlite import SqliteStore

SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda it: Span(it[0], sum(it))),
    max_size=8,
)


@given(SPANS)
def test_a_second_is_replayed_when_it_lies_in_any_span(spans: list[Span]) -> None:
    known = ReplayedTime()
    states: dict[str, bytes] = {}
    for span in spans:
        states |= known.add("ada", span)
    again = ReplayedTime.of({**states, "policy/ada": b"of others"})
    assert again.of_wearer("ada") == known.of_wearer("ada")
    for second in range(90):
        inside = any(span.start <= second < span.end for span in spans)
        assert again.overlaps("ada", second, second + 1) is inside
        assert not again.overlaps("bob", second, second + 1)
    apart = again.of_wearer("ada")
    assert all(one.end < other.start for one, other in pairwise(apart))


def test_it_goes_when_all_of_the_wearer_is_erased(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        gone_with_the_wearer(store)


def gone_with_the_wearer(store: SqliteStore) -> None:
    known = ReplayedTime()
    for wearer in ("ada", "bob"):
        store.put_wearer(Wearer(wearer, wearer, "UTC"))
    store.write(Batch(states=known.add("ada", Span(60, 120))), now=1.0)
    store.write(Batch(states=known.add("bob", Span(60, 120))), now=1.0)
    store.erase("ada", 60, 90)
    assert ReplayedTime.of(store.states()).of_wearer("ada") == (Span(60, 120),), "the rest is there"
    store.erase("ada")
    left = ReplayedTime.of(store.states())
    assert (left.of_wearer("ada"), left.of_wearer("bob")) == ((), (Span(60, 120),))
    known.forget("ada")
    assert known.of_wearer("ada") == ()
