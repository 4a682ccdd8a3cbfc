"""What the columns hold of claims, and how they are read, made and put together.

Three kinds of rows: claims, in the order of filing; of each claim its appearances in articles
(`placements` says how many), and its verdicts (`verdicts`), in the same order. Instants are
microseconds since 1970, days are days since then. Speakers, publishers and the like are told by
numbers, see Numeral.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from django.db import connection

from claims.vocabulary import Kind, Outcome, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray


# Of claims. first_on: the first day of what appeared on one that is known; first_verdict: the first
# one of a desk, for what others found is filed with the claim.
OF_CLAIMS = {
    "id_high": "<u8",
    "id_low": "<u8",
    "filed_at": "<i8",
    "kind": "u1",
    "status": "u1",
    "language": "<u4",
    "speaker": "<u4",
    "subject": "<i8",
    "property": "<i8",
    "changed_at": "<i8",
    "first_on": "<i4",
    "first_verdict": "<i8",
    "placements": "<u2",
    "verdicts": "<u2",
}
OF_PLACEMENTS = {"publisher": "<u4", "article": "<i8", "from": "<i4", "to": "<i4"}
OF_VERDICTS = {
    "organization": "<u4",
    "outcome": "u1",
    "issued_at": "<i8",
    "checker": "<u4",
    "place": "u1",
}
COLUMNS = OF_CLAIMS | OF_PLACEMENTS | OF_VERDICTS
CHILDREN = {"placements": OF_PLACEMENTS, "verdicts": OF_VERDICTS}

# In the place of what is not there. A day and an instant are never that early.
NOBODY = 0
NO_DAY = -(2**31)
NO_INSTANT = -(2**63)
# Where a verdict is in its chain, and whether an external organization's: bits of `place`.
ROOT, TIP, EXTERNAL = 1, 2, 4

KINDS = tuple(Kind.values)
STATUSES = tuple(Status.values)
OUTCOMES = tuple(Outcome.values)
JUDGED = tuple(it for it in OUTCOMES if it != Outcome.WITHDRAWN)
# The last of OUTCOMES: a number of one of JUDGED is the same in both.
WITHDRAWN = OUTCOMES.index(Outcome.WITHDRAWN)

MICROSECONDS = "(extract(epoch FROM {}) * 1000000)::bigint"
CLAIMS = f"""
    SELECT c.id, {MICROSECONDS.format("c.created_at")}, c.kind, c.status, c.language,
        c.speaker_id::text, c.subject, c.property, {MICROSECONDS.format("c.changed_at")}
    FROM claims_claim c WHERE {{which}}"""  # noqa: S608
PLACEMENTS = """
    SELECT claim_id, publisher_id::text, article_id,
        published_from - '1970-01-01', published_to - '1970-01-01'
    FROM claims_placement WHERE claim_id = ANY(%s) ORDER BY claim_id, publisher_id, article_id"""
VERDICTS = f"""
    SELECT v.claim_id, v.organization_id::text, v.outcome, {MICROSECONDS.format("v.issued_at")},
        v.issued_by_id::text, v.supersedes_id IS NULL,
        NOT EXISTS (SELECT FROM claims_verdict later WHERE later.supersedes_id = v.id),
        o.external_site IS NOT NULL
    FROM claims_verdict v JOIN claims_organization o ON o.id = v.organization_id
    WHERE v.claim_id = ANY(%s) ORDER BY v.claim_id, v.organization_id, v.issued_at, v.id"""  # noqa: S608
BY_ID = "c.id = ANY(%s)"
IN_ORDER = "(c.created_at, c.id) > (%s, %s) ORDER BY c.created_at, c.id LIMIT %s"

Numbering = Callable[[str, Iterable[str]], Mapping[str, int]]


class Columns:
    """Claims with their appearances and verdicts, by the names of columns.

    Not all columns need to be there, but for the numbers of what hangs on each claim.
    """

    def __init__(
        self,
        columns: dict[str, NDArray[Any]],
        size: int,
        owners: Mapping[str, list[NDArray[Any]]] | None = None,
    ) -> None:
        """owners: what is known of them already: in each list they are, or come to be."""
        self.columns, self.size = columns, size
        self._owners = {name: [] for name in CHILDREN} if owners is None else owners

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    @classmethod
    def unpacked(cls, packed: Mapping[str, bytes]) -> Columns:
        """All columns of one segment."""
        its = {name: np.frombuffer(packed[name], dtype=type) for name, type in COLUMNS.items()}
        return cls(its, len(its["status"]))

    def packed(self) -> dict[str, bytes]:
        return {name: column.tobytes() for name, column in self.columns.items()}

    def owners(self, children: str) -> NDArray[Any]:
        """Of each appearance or verdict the place of its claim."""
        its = self._owners[children]
        if not its:
            its.append(owners_of(self.columns[children]))
        return its[0]

    def taken(self, places: NDArray[Any]) -> Columns:
        """The claims at these places, in this order, each at most once; all columns are there."""
        columns = {name: self.columns[name][places] for name in OF_CLAIMS}
        turn = np.full(self.size, -1, dtype=np.int64)
        turn[places] = np.arange(len(places))
        for children, names in CHILDREN.items():
            of_each = turn[self.owners(children)]
            order = np.argsort(of_each, kind="stable")
            order = order[np.searchsorted(of_each[order], 0) :]
            columns |= {name: self.columns[name][order] for name in names}
        return Columns(columns, len(places))

    def with_these(self, others: Columns) -> Columns:
        """Together with other ones, which take the place of the same; in the order of filing."""
        ours = ~(
            np.isin(self["id_low"], others["id_low"]) & np.isin(self["id_high"], others["id_high"])
        )
        kept = self.taken(np.flatnonzero(ours))
        both = {name: np.concatenate((kept[name], others[name])) for name in COLUMNS}
        together = Columns(both, kept.size + others.size)
        return together.taken(
            np.lexsort((together["id_low"], together["id_high"], together["filed_at"]))
        )

    def first(self) -> tuple[int, UUID]:
        """When the first claim was filed, and its id."""
        high, low = int(self["id_high"][0]), int(self["id_low"][0])
        return int(self["filed_at"][0]), UUID(int=high << 64 | low)


def owners_of(counts: NDArray[Any]) -> NDArray[Any]:
    """Where so many follow each other for each place, the place of each of them."""
    ends = np.cumsum(counts, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    # How many places end before each: some ten times as fast as np.repeat.
    owners = np.cumsum(np.bincount(ends[:-1], minlength=total)[:total], dtype=np.int32)
    owners.flags.writeable = False
    return owners


def columns_of(ids: Sequence[UUID], number: Numbering) -> Columns:
    """The claims of these ids as they are on record, in the order of filing."""
    return read(CLAIMS.format(which=BY_ID), [list(ids)], number)


def columns_after(at: Any, pk: UUID, most: int, number: Numbering) -> Columns:
    """The claims that were filed next."""
    return read(CLAIMS.format(which=IN_ORDER), [at, pk, most], number)


def read(statement: str, given: Sequence[Any], number: Numbering) -> Columns:
    claims = sorted(rows_of(statement, given), key=lambda row: (row[1], row[0].int))
    ids = [row[0] for row in claims]
    placements = grouped(rows_of(PLACEMENTS, [ids]), ids)
    verdicts = grouped(rows_of(VERDICTS, [ids]), ids)
    made: dict[str, Iterable[Any]] = {
        "id_high": (pk.int >> 64 for pk in ids),
        "id_low": (pk.int & (2**64 - 1) for pk in ids),
        "filed_at": (row[1] for row in claims),
        "kind": (KINDS.index(row[2]) for row in claims),
        "status": (STATUSES.index(row[3]) for row in claims),
        "language": numbers("language", (row[4] for row in claims), number),
        "speaker": numbers("speaker", (row[5] for row in claims), number),
        "subject": (hash_of(row[6]) for row in claims),
        "property": (hash_of(row[7]) for row in claims),
        "changed_at": (row[8] for row in claims),
        "first_on": (first_day(its) for its in placements),
        "first_verdict": (first_of_desk(its) for its in verdicts),
        "placements": map(len, placements),
        "verdicts": map(len, verdicts),
    }
    placed = [row for its in placements for row in its]
    made |= {
        "publisher": numbers("publisher", (row[1] for row in placed), number),
        "article": (low_half(row[2]) for row in placed),
        "from": (NO_DAY if row[3] is None else row[3] for row in placed),
        "to": (NO_DAY if row[4] is None else row[4] for row in placed),
    }
    judged = [row for its in verdicts for row in its]
    made |= {
        "organization": numbers("organization", (row[1] for row in judged), number),
        "outcome": (OUTCOMES.index(row[2]) for row in judged),
        "issued_at": (row[3] for row in judged),
        "checker": numbers("checker", (row[4] for row in judged), number),
        "place": (ROOT * row[5] | TIP * row[6] | EXTERNAL * row[7] for row in judged),
    }
    return Columns(
        {name: np.array(list(made[name]), dtype=type) for name, type in COLUMNS.items()},
        len(claims),
    )


def rows_of(statement: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def grouped(rows: Iterable[tuple[Any, ...]], ids: Sequence[UUID]) -> list[list[tuple[Any, ...]]]:
    """The rows of each claim, whose id comes first in them."""
    of_each: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        of_each[row[0]].append(row)
    return [of_each[pk] for pk in ids]


def numbers(kind: str, names: Iterable[str | None], number: Numbering) -> list[int]:
    listed = list(names)
    known = number(kind, {name for name in listed if name is not None})
    return [NOBODY if name is None else known[name] for name in listed]


def hash_of(text: str | None) -> int:
    """64 bits that stand for a subject or a property; 0 where there is none."""
    if text is None:
        return 0
    return int.from_bytes(sha256(text.encode()).digest()[:8], "little", signed=True)


def low_half(pk: UUID) -> int:
    """The half of a UUIDv7 that is random, as a signed number."""
    low = pk.int & (2**64 - 1)
    return low - 2**64 if low >= 2**63 else low


def first_day(placements: Iterable[tuple[Any, ...]]) -> int:
    """Of appearances whose day is known."""
    days = (row[3] for row in placements if row[3] is not None and row[3] == row[4])
    return min(days, default=NO_DAY)


def first_of_desk(verdicts: Iterable[tuple[Any, ...]]) -> int:
    return min((row[3] for row in verdicts if not row[7]), default=NO_INSTANT)
