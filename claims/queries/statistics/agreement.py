"""How far organizations agree on the claims that several of them have judged."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from claims.queries.statistics.columns import JUDGED, TIP, WITHDRAWN
from claims.queries.statistics.kappa import Agreement, cohen, fleiss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claims.queries.statistics.columns import Columns


class Pair(NamedTuple):
    """Two organizations. table: how often the one found this, and the other that (JUDGED)."""

    one: int
    other: int
    agreement: Agreement
    table: list[list[int]]


class Agreed(NamedTuple):
    """Of all organizations together, how many there are, and of the pairs with most cases each.

    more: how many more pairs there are.
    """

    of_all: Agreement
    organizations: int
    pairs: list[Pair]
    more: int


class Judged(NamedTuple):
    """Of claims on which verdicts of several organizations stand, each of these, in their order."""

    claim: NDArray[Any]
    organization: NDArray[Any]
    outcome: NDArray[Any]


def judged(columns: Columns, which: NDArray[Any]) -> Judged:
    """Of these claims."""
    stands = ((columns["place"] & TIP) != 0) & (columns["outcome"] != WITHDRAWN)
    child = np.flatnonzero(stands if which.all() else stands & which[columns.owners("verdicts")])
    claim = columns.owners("verdicts")[child].astype(np.int64)
    several = np.zeros(len(claim), dtype=bool)
    same = claim[1:] == claim[:-1]
    several[1:] |= same
    several[:-1] |= same
    child, claim = child[several], claim[several]
    outcome = columns["outcome"][child].astype(np.int64)
    return Judged(claim, columns["organization"][child].astype(np.int64), outcome)


def agreed(its: Judged, most: int) -> Agreed:
    if not len(its.claim):
        return Agreed(fleiss([]), 0, [], 0)
    pairs = pairs_of(its.claim, its.organization, its.outcome)
    return Agreed(
        of_many(its.claim, its.outcome),
        len(np.unique(its.organization)),
        pairs[:most],
        max(0, len(pairs) - most),
    )


def agreed_by_step(its: Judged, step: NDArray[Any], size: int) -> list[Agreement]:
    """Of all organizations. step: in which of so many the claim of each verdict was filed."""
    ends = np.cumsum(np.bincount(step, minlength=size)).tolist()
    return [
        of_many(its.claim[start:end], its.outcome[start:end]) for start, end in pairwise((0, *ends))
    ]


def of_many(claim: NDArray[Any], outcome: NDArray[Any]) -> Agreement:
    """Of verdicts in the order of their claims."""
    if not len(claim):
        return fleiss([])
    size = len(JUDGED)
    place = np.cumsum(np.concatenate(([0], claim[1:] != claim[:-1])))
    cases = int(place[-1]) + 1
    ratings = np.bincount(place * size + outcome, minlength=cases * size).reshape(-1, size)
    # One number for each row, to find those that are alike.
    base = int(ratings.max()) + 1
    _patterns, first, times = np.unique(
        ratings @ base ** np.arange(size), return_index=True, return_counts=True
    )
    return fleiss(
        [(ratings[i].tolist(), int(number)) for i, number in zip(first, times, strict=True)]
    )


def pairs_of(claim: NDArray[Any], organization: NDArray[Any], outcome: NDArray[Any]) -> list[Pair]:
    """Each two that have judged a claim both, those with most cases first."""
    width, size = int(organization.max()) + 1, len(JUDGED)
    cells = []
    for apart in range(1, len(claim)):
        same = claim[apart:] == claim[:-apart]
        if not same.any():
            break
        one, other = organization[:-apart][same], organization[apart:][same]
        first, second = outcome[:-apart][same], outcome[apart:][same]
        turned = one > other
        pair = np.where(turned, other * width + one, one * width + other)
        cell = np.where(turned, second * size + first, first * size + second)
        cells.append(pair * size**2 + cell)
    found, times = np.unique(np.concatenate(cells), return_counts=True)
    tables: dict[int, list[list[int]]] = {}
    for number, many in zip(found.tolist(), times.tolist(), strict=True):
        of_two, place = divmod(number, size**2)
        table = tables.setdefault(of_two, [[0] * size for _ in range(size)])
        table[place // size][place % size] = many
    made = [Pair(*divmod(of_two, width), cohen(table), table) for of_two, table in tables.items()]
    return sorted(made, key=lambda it: (-it.agreement.cases, it.one, it.other))
