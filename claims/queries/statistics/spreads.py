"""How durations are spread, and instants over days."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY = 24 * 60 * 60 * 1_000_000  # microseconds
CELL = 35  # bits of microseconds: nine and a half hours
AGES = (0, 1, 7, 30, 90, 365)  # days, from which on a claim that waits is of that age


class Spread(NamedTuple):
    """Of durations in microseconds; None where there is no case."""

    cases: int
    median: int | None
    p90: int | None


def by_bucket(at: NDArray[Any], bounds: NDArray[Any]) -> NDArray[Any]:
    """In which bucket each instant is: from one bound to before the next; -1 before the first.

    Bounds that differ are more than a CELL apart.
    """
    if len(at) <= len(bounds):
        return np.searchsorted(bounds, at, side="right") - 1
    if (at[1:] >= at[:-1]).all():
        ends = np.append(np.searchsorted(at, bounds), len(at))
        return np.repeat(np.arange(-1, len(bounds)), np.diff(ends, prepend=0))
    # Where cells of equal length begin is looked up once; of all instants in one, at most one
    # bound comes between. Several times as fast as a search for each.
    last = np.append(bounds[1:] != bounds[:-1], True)  # of those that are the same
    ordered = bounds[last]
    cells = np.arange(((ordered[-1] - ordered[0]) >> CELL) + 2) << CELL
    begin = np.searchsorted(ordered, ordered[0] + cells, side="right").astype(np.int32) - 1
    place: NDArray[Any] = begin[np.clip((at - ordered[0]) >> CELL, 0, len(cells) - 1)]
    place += at >= np.append(ordered[1:], np.iinfo(np.int64).max)[place]
    place = np.flatnonzero(last)[place]
    place[at < ordered[0]] = -1
    return place


def spreads(values: NDArray[Any], groups: NDArray[Any], size: int) -> list[Spread]:
    """Median and ninth decile of the values of each group, numbered from 0 to `size`.

    Between two values it is where it would be on the line between them, as percentile_cont has it.
    """
    if size == 1:
        return [of_ordered(np.sort(values))]
    # Numbers of two bytes are sorted by their digits.
    order = np.argsort(groups.astype(np.min_scalar_type(size)), kind="stable")
    ends = np.cumsum(np.bincount(groups, minlength=size)).tolist()
    ordered = values[order]
    return [of_ordered(np.sort(ordered[start:end])) for start, end in pairwise((0, *ends))]


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
