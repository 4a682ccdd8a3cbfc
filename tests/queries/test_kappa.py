"""Agreement, held against worked examples and against what must be so."""

from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from claims.queries.statistics.kappa import cohen, fleiss


def test_of_two_raters() -> None:
    # Two who read 50 proposals: both yes 20, both no 15, one alone yes 5, the other alone 10.
    # Source: Wikipedia, "Cohen's kappa", simple example: 0.7 observed, 0.5 by chance, 0.4.
    found = cohen([[20, 5], [10, 15]])
    assert found.cases == 50
    assert (found.observed, found.expected) == (pytest.approx(0.7), pytest.approx(0.5))
    assert found.kappa == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("table", "kappa"), [([[45, 15], [25, 15]], 0.1304), ([[25, 35], [5, 35]], 0.2593)]
)
def test_the_same_agreement_is_more_where_chance_is_less(
    table: list[list[int]], kappa: float
) -> None:
    # Source: the same article, "same percentages but different numbers".
    found = cohen(table)
    assert found.observed == pytest.approx(0.6)
    assert found.kappa == pytest.approx(kappa, abs=5e-5)


# Fourteen raters put ten cases into five categories. Source: Wikipedia, "Fleiss' kappa", worked
# example.
RATED = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def test_of_many_raters() -> None:
    found = fleiss([(ratings, 1) for ratings in RATED])
    assert found.cases == 10
    assert found.observed == pytest.approx(0.378, abs=5e-4)
    assert found.expected == pytest.approx(0.213, abs=5e-4)
    assert found.kappa == pytest.approx(0.210, abs=5e-4)


def test_without_a_case_or_a_choice_there_is_no_kappa() -> None:
    assert cohen([[0, 0], [0, 0]]).kappa is None
    assert fleiss([]).kappa is None
    assert cohen([[7, 0], [0, 0]])[1:] == (1.0, 1.0, None)
    assert fleiss([([3, 0], 5)])[1:] == (1.0, 1.0, None)


TABLES = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3)


@given(TABLES)
def test_it_does_not_matter_who_is_named_first(table: list[list[int]]) -> None:
    turned = [list(column) for column in zip(*table, strict=True)]
    assume(cohen(table).kappa is not None)
    assert cohen(turned) == pytest.approx(cohen(table))


@given(TABLES)
def test_kappa_is_one_for_those_who_always_agree_and_never_more(table: list[list[int]]) -> None:
    found = cohen(table)
    assume(found.kappa is not None)
    assert found.kappa is not None
    assert -1 <= found.kappa <= 1 + 1e-12
    assert (found.observed == 1) == (found.kappa == pytest.approx(1))


@given(st.lists(st.lists(st.integers(0, 2), min_size=2, max_size=6), min_size=1, max_size=12))
def test_cases_that_are_alike_may_be_counted_together(cases: list[list[int]]) -> None:
    each = [([ratings.count(i) for i in range(3)], 1) for ratings in cases]
    together = Counter(tuple(ratings) for ratings, _once in each)
    one, other = fleiss(each), fleiss([(its, times) for its, times in together.items()])
    assert one.cases == other.cases
    assert one.observed == pytest.approx(other.observed)
    assert one.expected == pytest.approx(other.expected)
