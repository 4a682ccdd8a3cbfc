"""Agreement beyond chance, for nominal categories.

Sources: J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological
Measurement 20 (1960), 37-46. J. L. Fleiss, Measuring nominal scale agreement among many raters,
Psychological Bulletin 76 (1971), 378-382; where cases have different numbers of raters, each counts
as one case, whose agreement is that of the pairs among its raters, and chance is by all ratings.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Agreement(NamedTuple):
    """cases: how many both or several have rated. observed, expected: shares of agreement.

    kappa: None where there is no case, or all ratings are of one category: chance explains all.
    """

    cases: int
    observed: float | None
    expected: float | None
    kappa: float | None

    @classmethod
    def of(cls, cases: int, observed: float, expected: float) -> "Agreement":
        kappa = None if expected >= 1 else (observed - expected) / (1 - expected)
        return cls(cases, observed, expected, kappa)


NONE = Agreement(0, None, None, None)


def cohen(table: Sequence[Sequence[int]]) -> Agreement:
    """Of two raters. table: how many cases the one put into each row, the other into each column.

    Chance is what is expected of two who keep their own shares of each category.
    """
    cases = sum(map(sum, table))
    if not cases:
        return NONE
    agreed = sum(table[i][i] for i in range(len(table)))
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    chance = sum(row * column for row, column in zip(rows, columns, strict=True))
    return Agreement.of(cases, agreed / cases, chance / cases**2)


def fleiss(patterns: Sequence[tuple[Sequence[int], int]]) -> Agreement:
    """Of two or more raters of each case, not always the same ones.

    patterns: how many raters put a case into each category, and how many cases are like that.
    """
    cases = sum(times for _ratings, times in patterns)
    if not cases:
        return NONE
    observed = 0.0
    totals = [0] * len(patterns[0][0])
    for ratings, times in patterns:
        raters = sum(ratings)
        observed += times * sum(it * (it - 1) for it in ratings) / (raters * (raters - 1))
        totals = [total + times * rating for total, rating in zip(totals, ratings, strict=True)]
    chance = sum(total**2 for total in totals)
    return Agreement.of(cases, observed / cases, chance / sum(totals) ** 2)
