"""When claims began to wait for a verdict, and when they ceased to: by every verdict there was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from claims.queries.statistics.cells import firsts
from claims.queries.statistics.columns import WITHDRAWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claims.queries.statistics.columns import Columns


class Turns(NamedTuple):
    """By how many the claims that wait became more or fewer (1 or -1), at which instants."""

    at: NDArray[Any]
    by: NDArray[Any]


def turns(columns: Columns, which: NDArray[Any], organization: int | None) -> Turns:
    """Of these claims, from their filing on: for any organization's verdict, or for one's."""
    filed_at = columns["filed_at"][which]
    at, by = judgings(columns, which, organization)
    return Turns(
        np.concatenate((filed_at, at)),
        np.concatenate((np.ones(len(filed_at), dtype=np.int8), by)),
    )


def judgings(columns: Columns, which: NDArray[Any], organization: int | None) -> Turns:
    """When the first verdict came to stand on each of these claims, and when none was left."""
    kept = which[columns.owners("verdicts")]
    if organization is not None:
        kept &= columns["organization"] == organization
    child = np.flatnonzero(kept)
    claim, at = columns.owners("verdicts")[child], columns["issued_at"][child]
    # Verdicts of one organization on one claim follow each other: each ends the one before it.
    stands = (columns["outcome"][child] != WITHDRAWN).astype(np.int8)
    before = np.where(firsts(claim, columns["organization"][child]), 0, np.roll(stands, 1))
    change = stands - before
    changed = np.flatnonzero(change)
    claim, at, change = claim[changed], at[changed], change[changed]
    # Of all organizations in the order of time; most claims need no sorting.
    several = ~firsts(claim, claim)
    several[:-1] |= several[1:]
    these = np.flatnonzero(several)
    order = these[np.lexsort((at[these], claim[these]))]
    at[these], change[these] = at[order], change[order]
    # How many verdicts stand on a claim after each change.
    sums = np.cumsum(change, dtype=np.int64)
    begins = np.flatnonzero(firsts(claim, claim))
    of_others = np.repeat((sums - change)[begins], np.diff(np.append(begins, len(claim))))
    standing = sums - of_others
    waits = (standing == 0).astype(np.int8)
    waited = (standing == change).astype(np.int8)
    turned = np.flatnonzero(waits != waited)
    return Turns(at[turned], (waits - waited)[turned])
