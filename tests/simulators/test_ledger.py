import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.ledger import Fate, Ledger, Tally

BOOKINGS = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(Fate)), min_size=1)


@given(first=st.integers(0, 1000), bookings=BOOKINGS, data=st.data())
def test_any_range_agrees_with_a_list_of_every_sample(
    first: int, bookings: list[tuple[int, Fate]], data: st.DataObject
) -> None:
    ledger, fates = Ledger(), list[Fate]()
    for n, fate in bookings:
        ledger.book(first + len(fates), n, fate)
        fates += [fate] * n
    begin = data.draw(st.integers(0, len(fates)))
    end = data.draw(st.integers(begin, len(fates)))
    part = fates[begin:end]
    tally = ledger.between(first + begin, first + end)
    assert tally == Tally(*(part.count(fate) for fate in Fate))
    assert tally.taken == end - begin
    assert ledger.tally.taken == len(fates)
    assert (ledger.first_index, ledger.end_index) == (first, first + len(fates))
    neighbours = zip(ledger.spans, ledger.spans[1:], strict=False)
    assert all(a.end == b.first and a.fate != b.fate for a, b in neighbours)


def test_a_gap_or_a_repeat_is_refused() -> None:
    ledger = Ledger()
    ledger.book(10, 5, Fate.SENT)
    for first in (14, 16):
        with pytest.raises(ValueError, match="after 15"):
            ledger.book(first, 5, Fate.SENT)


def test_samples_that_are_not_booked_are_not_counted_as_anything() -> None:
    ledger = Ledger()
    ledger.book(10, 5, Fate.SENT)
    for first, end in ((9, 12), (12, 16)):
        with pytest.raises(ValueError, match="not all booked"):
            ledger.between(first, end)
