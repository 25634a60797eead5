"""Sets of row ids: a range at once is every one of its rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenance.catalogue.row_bitmap import RowBitmap

_ROWS = st.integers(1, 300)


@given(st.lists(_ROWS, max_size=20), st.lists(st.tuples(_ROWS, st.integers(0, 70)), max_size=4))
def test_a_range_is_every_row_of_it(rows: list[int], ranges: list[tuple[int, int]]) -> None:
    quick, plain = RowBitmap(), RowBitmap()
    for row in rows:
        quick.add(row)
        plain.add(row)
    for first, more in ranges:
        quick.add_range(first, first + more)
        for row in range(first, first + more + 1):
            plain.add(row)
    assert quick.pack() == plain.pack()
    assert quick.count() == plain.count()
