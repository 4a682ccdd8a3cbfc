"""Rows of columns by their places, and how many there are in each cell of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[Any] | slice

PIECE = 131_072  # rows that are counted at a time: they stay in the cache of a processor


def firsts(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """Of neighbours that are the same in both, the first."""
    kept = np.ones(len(one), dtype=bool)
    kept[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    return kept


def places(which: NDArray[Any]) -> Places:
    """Where it is so; without copies where it is so everywhere."""
    return slice(None) if which.all() else np.flatnonzero(which)


def within(places: Places, chosen: Places) -> Places:
    """The places of those that are chosen of these."""
    if isinstance(chosen, slice):
        return places
    return chosen if isinstance(places, slice) else places[chosen]


def within_each(key: NDArray[Any], inner: NDArray[Any], size: int, width: int) -> NDArray[Any]:
    """How many there are of each inner value, by key.

    Piece by piece: what is as long as a column comes from fresh memory each time, which may take
    longer than the counting.
    """
    counted = np.zeros(size * width, dtype=np.intp)
    piece = max(PIECE, len(counted))
    for start in range(0, len(key), piece):
        these = slice(start, start + piece)
        cells = key[these] * key.dtype.type(width) + inner[these].astype(key.dtype, copy=False)
        counted += np.bincount(cells, minlength=len(counted))
    return counted.reshape(size, width)


def largest(totals: NDArray[Any], most: int) -> NDArray[Any]:
    """The places of the largest numbers above 0, the largest first, and the first of equal ones."""
    found = np.flatnonzero(totals)
    if len(found) > most:
        least = np.partition(totals, -most)[-most]
        found = np.flatnonzero(totals >= max(least, 1))
    return found[np.argsort(-totals[found], kind="stable")][:most]


def tally(values: NDArray[Any], width: int) -> list[int]:
    """How often each number from 0 to below `width` is there."""
    return [int(np.count_nonzero(values == it)) for it in range(width)]
