"""How durations are spread, and instants over days."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY = 24 * 60 * 60 * 1_000_000  # microseconds
AGES = (0, 1, 7, 30, 90, 365)  # days, from which on a claim that waits is of that age


class Spread(NamedTuple):
    """Of durations in microseconds; None where there is no case."""

    cases: int
    median: int | None
    p90: int | None


def by_bucket(at: NDArray[Any], bounds: NDArray[Any]) -> NDArray[Any]:
    """In which bucket each instant is: from one bound to before the next; -1 before the first."""
    return np.searchsorted(bounds, at, side="right") - 1


def spreads(values: NDArray[Any], groups: NDArray[Any], size: int) -> list[Spread]:
    """Median and ninth decile of the values of each group, numbered from 0 to `size`.

    Between two values it is where it would be on the line between them, as percentile_cont has it.
    """
    if size == 1:
        return [spread(values)]
    order = np.lexsort((values, groups))
    ends = np.searchsorted(groups[order], np.arange(size + 1))
    ordered = values[order]
    return [of_ordered(ordered[start:end]) for start, end in pairwise(ends)]


def spread(values: NDArray[Any]) -> Spread:
    if not len(values):
        return Spread(0, None, None)
    places = sorted({int(q * (len(values) - 1) / 10) + i for q in (5, 9) for i in (0, 1)})
    places = [it for it in places if it < len(values)]
    return of_ordered(np.partition(values, places))


def of_ordered(values: NDArray[Any]) -> Spread:
    if not len(values):
        return Spread(0, None, None)
    return Spread(len(values), tenths(values, 5), tenths(values, 9))


def tenths(values: NDArray[Any], q: int) -> int:
    """Rounded to a microsecond."""
    place, rest = divmod(q * (len(values) - 1), 10)
    low = int(values[place])
    if not rest:
        return low
    between = (int(values[place + 1]) - low) * rest
    return low + (between + 5) // 10


def ages(waiting: NDArray[Any]) -> list[int]:
    """How many wait as long as each of AGES, and not so long as the next."""
    bounds = np.array(AGES, dtype=np.int64) * DAY
    place = np.clip(by_bucket(waiting, bounds), 0, None)
    return [int(it) for it in np.bincount(place, minlength=len(AGES))]
