"""What is counted of columns: which claims are asked for, and how many rows of which group.

A row is what is counted: a claim, or a claim once for each of its publishers or verdicts, or a
verdict. `claim` is its place among the claims, `key` the number of the group that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import numpy as np

from claims.queries.statistics.cells import (
    firsts,
    largest,
    places,
    tally,
    within,
    within_each,
)
from claims.queries.statistics.columns import (
    EXTERNAL,
    KINDS,
    NO_DAY,
    NO_INSTANT,
    NOBODY,
    OUTCOMES,
    ROOT,
    STATUSES,
    TIP,
    WITHDRAWN,
    Columns,
    owners_of,
)
from claims.vocabulary import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claims.queries.statistics.cells import Places

UNVERIFIED = STATUSES.index(Status.UNVERIFIED)

OF_CLAIM = ("status", "kind", "language", "speaker")
OF_PLACEMENT = ("publisher",)
OF_VERDICT = ("organization", "outcome", "checker")
JUDGING = ("status", "has_verdict", "organization", "outcome")  # filters of what was found
WORDS = {"status": STATUSES, "kind": KINDS, "outcome": OUTCOMES}

# In how many cells they are counted by one table; if there may be more, the numbers that occur are
# looked up first.
WIDEST = 4_000_000
MOST_INNER = 8  # more than there are statuses, outcomes, ages


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims are asked for; names as columns number them, instants in microseconds.

    Each is None where it is not asked. language: numbers, any of which it may be. among: ids.
    of_placement, of_verdict: of one and the same. since, until: the period, its end outside.
    """

    kind: int | None = None
    status: int | None = None
    language: Sequence[int] | None = None
    speaker: int | None = None
    subject: int | None = None
    property: int | None = None
    created_after: int | None = None
    created_before: int | None = None
    changed_after: int | None = None
    has_verdict: bool | None = None
    among: Sequence[UUID] | None = None
    publisher: int | None = None
    article: int | None = None
    published_after: int | None = None
    published_before: int | None = None
    organization: int | None = None
    outcome: int | None = None
    since: int | None = None
    until: int | None = None


class Rows(NamedTuple):
    """inner: its status, or its outcome. size: how many keys there may be; of none there is one.

    instants, where: a column, and the places in it of the instants that put each into a period.
    """

    claim: Places
    key: NDArray[Any]
    size: int
    inner: NDArray[Any]
    instants: NDArray[Any]
    where: Places

    @property
    def at(self) -> NDArray[Any]:
        its: NDArray[Any] = self.instants[self.where]
        return its

    def only(self, these: Places) -> Rows:
        """Those at these places."""
        if isinstance(these, slice):
            return self
        return self._replace(
            claim=within(self.claim, these),
            key=self.key[these],
            inner=self.inner[these],
            where=within(self.where, these),
        )


@dataclass(slots=True)
class Groups:
    """The largest groups, by the numbers of what they are of, one for each dimension.

    counts: of each, how many there are of each inner value; totals: of all. more: how many groups
    are not among them; rest: how many rows these have. whole: how many rows of all groups have each
    inner value.
    """

    keys: list[tuple[int, ...]]
    counts: NDArray[Any]
    totals: NDArray[Any]
    more: int
    rest: int
    raw: NDArray[Any]
    whole: list[int]


class Counts:
    """What is counted of the claims that are wanted."""

    def __init__(self, columns: Columns, wanted: Wanted) -> None:
        self.columns, self.wanted = columns, wanted
        self._widths: dict[str, int] = {}

    # Which

    @cached_property
    def asked(self) -> NDArray[Any]:
        """Whether each claim is asked for, whenever it was filed: as the list of claims has it."""
        if self.wanted.organization is None and self.wanted.outcome is None:
            return self.judged_by_whomever
        kept: NDArray[Any] = self.judged_by_whomever & self.any_of("verdicts", self.judging)
        return kept

    @cached_property
    def judged_by_whomever(self) -> NDArray[Any]:
        """Whether each claim is asked for, where organization and outcome say of which verdicts it
        is told, and not of which claims."""
        columns, wanted = self.columns, self.wanted
        kept = np.ones(columns.size, dtype=bool)
        for name in ("kind", "speaker", "subject", "property"):
            if (value := getattr(wanted, name)) is not None:
                kept &= columns[name] == value
        if wanted.language is not None:
            its = (columns["language"] == it for it in wanted.language)
            kept &= np.logical_or.reduce([np.zeros(columns.size, dtype=bool), *its])
        if wanted.created_after is not None:
            kept &= columns["filed_at"] >= wanted.created_after
        if wanted.created_before is not None:
            kept &= columns["filed_at"] <= wanted.created_before
        if wanted.changed_after is not None:
            kept &= columns["changed_at"] >= wanted.changed_after
        if wanted.among is not None:
            kept &= self.is_among(wanted.among)
        if (placed := self.placed) is not None:
            kept &= self.any_of("placements", placed)
        if wanted.status is not None:
            kept &= columns["status"] == wanted.status
        if wanted.has_verdict is not None:
            kept &= (columns["status"] != UNVERIFIED) == wanted.has_verdict
        return kept

    @cached_property
    def whatever_was_found(self) -> Counts:
        """Of all claims that what is asked of verdicts leaves out, too."""
        wanted = replace(self.wanted, **dict.fromkeys(JUDGING))
        return self if wanted == self.wanted else Counts(self.columns, wanted)

    def is_among(self, ids: Sequence[UUID]) -> NDArray[Any]:
        if not ids:
            return np.zeros(self.columns.size, dtype=bool)
        halves = sorted((pk.int & (2**64 - 1), pk.int >> 64) for pk in ids)
        low, high = (np.array(its, dtype=np.uint64) for its in zip(*halves, strict=True))
        place = np.searchsorted(low, self.columns["id_low"])
        place = np.clip(place, 0, len(low) - 1)
        kept: NDArray[Any] = low[place] == self.columns["id_low"]
        kept &= high[place] == self.columns["id_high"]
        return kept

    def any_of(self, children: str, which: NDArray[Any]) -> NDArray[Any]:
        kept = np.zeros(self.columns.size, dtype=bool)
        kept[self.columns.owners(children)[np.flatnonzero(which)]] = True
        return kept

    def of_owners(self, children: str, which: NDArray[Any]) -> NDArray[Any]:
        """Which appearances or verdicts are of these claims."""
        if which.all():
            return np.ones(len(self.columns.owners(children)), dtype=bool)
        kept: NDArray[Any] = which[self.columns.owners(children)]
        return kept

    @cached_property
    def placed(self) -> NDArray[Any] | None:
        """Which appearances are what is asked of one; None where nothing is."""
        columns, wanted = self.columns, self.wanted
        asked = []
        if wanted.publisher is not None:
            asked.append(columns["publisher"] == wanted.publisher)
        if wanted.article is not None:
            asked.append(columns["article"] == wanted.article)
        if wanted.published_after is not None:
            asked.append(columns["from"] >= wanted.published_after)
        if wanted.published_before is not None:
            to = columns["to"]
            asked.append((to <= wanted.published_before) & (to != NO_DAY))
        if not asked:
            return None
        kept: NDArray[Any] = np.logical_and.reduce(asked)
        return kept

    @cached_property
    def judging(self) -> NDArray[Any]:
        """Which verdicts are the last of their chain, and what is asked of one that stands."""
        columns, wanted = self.columns, self.wanted
        kept: NDArray[Any] = (columns["place"] & TIP) != 0
        if wanted.outcome is None:
            kept &= columns["outcome"] != WITHDRAWN
        kept &= self.by_whom
        return kept

    @cached_property
    def by_whom(self) -> NDArray[Any]:
        """Which verdicts are of the organization and of the outcome that are asked for."""
        columns, wanted = self.columns, self.wanted
        kept = np.ones(len(columns["outcome"]), dtype=bool)
        if wanted.organization is not None:
            kept &= columns["organization"] == wanted.organization
        if wanted.outcome is not None:
            kept &= columns["outcome"] == wanted.outcome
        return kept

    def in_period(self, at: NDArray[Any]) -> NDArray[Any]:
        kept = np.ones(len(at), dtype=bool)
        if self.wanted.since is not None:
            kept &= at >= self.wanted.since
        if self.wanted.until is not None:
            kept &= at < self.wanted.until
        return kept

    # Rows

    @cached_property
    def filed(self) -> NDArray[Any]:
        """Of the claims asked for, those that were filed in the period."""
        if self.wanted.since is None and self.wanted.until is None:
            return self.asked
        kept: NDArray[Any] = self.asked & self.in_period(self.columns["filed_at"])
        return kept

    def claims(self, by: Sequence[str], which: NDArray[Any] | None = None) -> Rows:
        """The claims, once in each group. which: of them all, those that were filed in the period.

        A filter of appearances or of verdicts says of which ones a claim is counted, too.
        """
        columns = self.columns
        which = self.filed if which is None else which
        if any(name in OF_PLACEMENT for name in by):
            kept = self.of_owners("placements", which)
            if self.placed is not None:
                kept &= self.placed
            child = places(kept)
            claim = columns.owners("placements")[child]
            once = places(firsts(claim, columns["publisher"][child]))
            return self.rows(by, claim[once], within(child, once))
        if any(name in OF_VERDICT for name in by):
            child = places(self.of_owners("verdicts", which) & self.judging)
            claim = columns.owners("verdicts")[child]
            if "organization" not in by and len(claim):
                pairs = claim.astype(np.int64) * len(OUTCOMES) + columns["outcome"][child]
                _pairs, first = np.unique(pairs, return_index=True)
                return self.rows(by, claim[first], within(child, first))
            return self.rows(by, claim, child)
        return self.rows(by, places(which), None)

    def rows(self, by: Sequence[str], claim: Places, child: Places | None) -> Rows:
        """Claims by when they were filed, and by what their appearances or verdicts are."""
        columns = self.columns
        key, size = self.keys(by, claim, child)
        filed_at = columns.columns.get("filed_at", columns["status"])
        return Rows(claim, key, size, columns["status"][claim], filed_at, claim)

    def verdicts(self, by: Sequence[str], *, own: bool, organization: int | None) -> Rows:
        """All verdicts that were issued in the period, superseded ones as well.

        own: whether only those of this organization count; None is one that columns do not have.
        """
        columns = self.columns
        kept = self.by_whom & self.in_period(columns["issued_at"])
        if not self.judged_by_whomever.all():
            kept &= self.of_owners("verdicts", self.judged_by_whomever)
        if own:
            kept &= columns["organization"] == (NOBODY if organization is None else organization)
        if any(name in OF_PLACEMENT for name in by):
            return self.found_in_places(by, kept)
        return self.found(by, places(kept), of_claims=any(name in OF_CLAIM for name in by))

    def found_in_places(self, by: Sequence[str], which: NDArray[Any]) -> Rows:
        """These verdicts, by when they were issued, once in each group of their claims."""
        columns, child = self.columns, np.flatnonzero(which)
        its = self.claims(by, self.any_of("verdicts", which))
        many = np.bincount(columns.owners("verdicts")[child], minlength=columns.size)
        of_each = many[its.claim]
        row = owners_of(of_each)
        # Where the verdicts of its claim begin, less where those of its row do, and from there on.
        begin = (np.cumsum(many) - many)[its.claim] - (np.cumsum(of_each) - of_each)
        found = child[begin[row] + np.arange(len(row))]
        return its.only(row)._replace(
            inner=columns["outcome"][found], instants=columns["issued_at"], where=found
        )

    def found(self, by: Sequence[str], child: Places, *, of_claims: bool = True) -> Rows:
        """Verdicts, by when they were issued. of_claims: whether it is needed of which ones."""
        columns = self.columns
        claim = columns.owners("verdicts")[child] if of_claims else child
        key, size = self.keys(by, claim, child)
        return Rows(claim, key, size, columns["outcome"][child], columns["issued_at"], child)

    def first_verdicts(
        self, by: Sequence[str], *, each: bool, own: bool, organization: int | None
    ) -> Rows:
        """The first verdict of a desk on each claim, where it was issued in the period.

        each: the first one of each organization.
        """
        columns, claims = self.columns, self.judged_by_whomever
        first = columns["first_verdict"]
        if each or self.wanted.outcome is not None or any(name in OF_VERDICT for name in by):
            kept = self.firsts_of_organizations if each else self.firsts_of_claims
            kept = kept & self.by_whom & self.in_period(columns["issued_at"])
            kept &= self.of_owners("verdicts", claims)
            if own:
                kept &= columns["organization"] == (
                    NOBODY if organization is None else organization
                )
            if not any(name in OF_PLACEMENT for name in by):
                return self.found(by, places(kept))
            # At most one verdict of each claim: of several organizations nothing is by publisher.
            first = np.full(columns.size, NO_INSTANT)
            first[columns.owners("verdicts")[kept]] = columns["issued_at"][kept]
        its = self.claims(by, claims & (first != NO_INSTANT) & self.in_period(first))
        return its._replace(instants=first)

    @property
    def firsts_of_organizations(self) -> NDArray[Any]:
        """Which verdicts of desks are the first of their chains."""
        kept: NDArray[Any] = (self.columns["place"] & (ROOT | EXTERNAL)) == ROOT
        return kept

    @property
    def firsts_of_claims(self) -> NDArray[Any]:
        """Which verdicts of desks are the first on their claims: of the same instant, one."""
        columns, claim = self.columns, self.columns.owners("verdicts")
        kept: NDArray[Any] = columns["issued_at"] == columns["first_verdict"][claim]
        kept &= (columns["place"] & EXTERNAL) == 0
        child = np.flatnonzero(kept)
        kept[child[~firsts(claim[child], claim[child])]] = False
        return kept

    @cached_property
    def whoever_judged(self) -> Counts:
        """Of the claims that may wait for the organization that is asked for, or for any."""
        if self.wanted.organization is None:
            return self
        return Counts(self.columns, replace(self.wanted, organization=None))

    def waiting(self, by: Sequence[str]) -> Rows:
        """The claims filed in the period on which no verdict stands; where an organization is
        asked for, no verdict of that one, whatever others found."""
        organization, whoever = self.wanted.organization, self.whoever_judged
        if organization is None:
            return self.claims(by, self.filed & (self.columns["status"] == UNVERIFIED))
        stands = (self.columns["place"] & TIP) != 0
        stands &= self.columns["outcome"] != WITHDRAWN
        stands &= self.columns["organization"] == organization
        return whoever.claims(by, whoever.filed & ~self.any_of("verdicts", stands))

    def keys(
        self, by: Sequence[str], claim: Places, child: Places | None
    ) -> tuple[NDArray[Any], int]:
        """One number for each row, and how many numbers there may be; of it follows, by `apart`,
        what the row is of. Without `by`, no numbers."""
        size = prod(map(self.width, by))
        # Narrow numbers are counted several times as fast. With room for what is inside, too.
        type = np.min_scalar_type(size * MOST_INNER)
        key = np.empty(0, type)
        for place, name in enumerate(by):
            these = claim if name in OF_CLAIM else child
            assert these is not None
            number = self.columns[name][these]
            if place == 0:
                key = number.astype(type, copy=False)
            else:
                key = key * type.type(self.width(name)) + number.astype(type, copy=False)
        return key, size

    def width(self, name: str) -> int:
        """How many numbers there may be in a column, from 0 on."""
        if name not in self._widths:
            column = self.columns[name]
            self._widths[name] = int(column.max()) + 1 if len(column) else 1
        return self._widths[name]

    def apart(self, key: int, by: Sequence[str]) -> tuple[int, ...]:
        numbers: list[int] = []
        for name in reversed(by):
            key, rest = divmod(key, self.width(name))
            numbers.insert(0, rest)
        return tuple(numbers)

    # Figures

    def groups(self, rows: Rows, by: Sequence[str], inner: int, most: int) -> Groups:
        """The largest ones; of those that are as large, the lower numbers first."""
        if rows.size * inner <= WIDEST:
            raw, cells = None, within_each(rows.key, rows.inner, rows.size, inner)
        else:
            raw, place = np.unique(rows.key, return_inverse=True)
            cells = within_each(place, rows.inner, len(raw), inner)
        # One after the other: several times as fast as a sum along so short an axis.
        totals = sum((cells[:, it] for it in range(1, inner)), cells[:, 0])
        if cells.size < len(rows.inner):  # of cells that is faster than of rows
            whole = [int(cells[:, it].sum()) for it in range(inner)]
        else:
            whole = tally(rows.inner, inner)
        chosen = largest(totals, most)
        keys = chosen if raw is None else raw[chosen]
        return Groups(
            keys=[self.apart(int(it), by) for it in keys],
            counts=cells[chosen],
            totals=totals[chosen],
            more=int(np.count_nonzero(totals)) - len(chosen),
            rest=len(rows.key) - int(totals[chosen].sum()),
            raw=keys,
            whole=whole,
        )


NEEDED: Mapping[str, Sequence[str]] = {
    "kind": ["kind"],
    "status": ["status"],
    "language": ["language"],
    "speaker": ["speaker"],
    "subject": ["subject"],
    "property": ["property"],
    "created_after": ["filed_at"],
    "created_before": ["filed_at"],
    "changed_after": ["changed_at"],
    "has_verdict": ["status"],
    "among": ["id_high", "id_low"],
    "publisher": ["placements", "publisher"],
    "article": ["placements", "article"],
    "published_after": ["placements", "from"],
    "published_before": ["placements", "to"],
    "organization": ["verdicts", "organization", "outcome", "place"],
    "outcome": ["verdicts", "outcome", "place"],
    "checker": ["verdicts", "organization", "outcome", "checker", "place"],
    "since": ["filed_at"],
    "until": ["filed_at"],
    # Figures
    "claims": ["status"],
    "verdicts": ["verdicts", "outcome", "issued_at"],
    "times": ["filed_at", "first_on", "first_verdict"],
    "backlog": ["status", "filed_at"],
    "agreement": ["verdicts", "organization", "outcome", "place"],
    "drafts": [],  # of the record
    "series": ["filed_at"],
    "series of backlog": ["verdicts", "organization", "outcome", "issued_at", "filed_at"],
}
