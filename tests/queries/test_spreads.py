"""Instants put into buckets, held against a search for each of them."""

from bisect import bisect_right

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from claims.queries.statistics.spreads import CELL, DAY, by_bucket, spreads

INSTANTS = st.integers(-40 * DAY, 400 * DAY)


@given(
    begin=INSTANTS,
    # Days that are none, as where a zone leaves one out, and from there on longer than a cell.
    lengths=st.lists(st.just(0) | st.integers((1 << CELL) + 1, 32 * DAY), max_size=9),
    at=st.lists(INSTANTS, min_size=11),
    close=st.lists(st.integers(-1, 1), min_size=1),
)
def test_each_instant_is_in_the_last_bucket_that_has_begun(
    begin: int, lengths: list[int], at: list[int], close: list[int]
) -> None:
    bounds = [begin]
    for length in lengths:
        bounds.append(bounds[-1] + length)
    # At the very ends, too.
    at += [bound + by for bound in bounds for by in close]
    due = [bisect_right(bounds, it) - 1 for it in at]
    assert by_bucket(np.array(at), np.array(bounds)).tolist() == due
    ordered = sorted(at)
    due = [bisect_right(bounds, it) - 1 for it in ordered]
    assert by_bucket(np.array(ordered), np.array(bounds)).tolist() == due


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-100, 100))))
def test_the_spread_of_each_group_is_that_of_its_values(rows: list[tuple[int, int]]) -> None:
    groups, values = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1))
    found = spreads(values, groups, 5)
    for group, spread in enumerate(found):
        [alone] = spreads(values[groups == group], np.zeros(0), 1)
        assert spread == alone
        assert spread.cases == np.count_nonzero(groups == group)
