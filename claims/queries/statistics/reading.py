"""The columns of one instant, as this process holds them, and what numbers in them stand for.

A process keeps what it has read, each column as a whole, and asks for no more than what a counting
has written since: each piece says of which counting it is. So whatever is kept cannot be stale; it
may only be missing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Q
from psycopg import Cursor

from claims.models import Member, Numeral, Organization, Publisher, Speaker
from claims.queries.statistics.columns import CHILDREN, COLUMNS, MICROSECONDS, Columns, owners_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 128_000_000  # bytes that a process keeps; some 70 for each claim, where all is asked for

# Nothing has happened since when all Changes are numbered and counted: then it is of now.
NOW = MICROSECONDS.format("statement_timestamp()")
STATE = f"""
    SELECT k.number, k.ahead, {NOW} AS now,
        CASE WHEN k.number = (SELECT coalesce(max(number), 0) FROM claims_logentry)
                  AND NOT EXISTS (SELECT FROM claims_unnumbered)
             THEN {NOW} ELSE {MICROSECONDS.format("k.counted_at")} END AS as_of, k.edition
    FROM claims_counted k"""  # noqa: S608
# Of which pieces columns consist, and those that are not known.
STORED = f"""
    SELECT k.*, its.segment, its.name, its.written, its.data
    FROM ({STATE}) AS k LEFT JOIN (
        SELECT s.first_at, s.first_id, s.number AS segment, c.name, c.edition AS written,
            CASE WHEN known.segment IS NULL THEN c.data END AS data
        FROM claims_segment s JOIN claims_column c ON c.segment_id = s.number AND c.name = ANY(%s)
        LEFT JOIN unnest(%s::text[], %s::int[], %s::uuid[]) AS known(name, segment, edition)
            ON (known.name, known.segment, known.edition) = (c.name, s.number, c.edition)
        ) AS its ON true
    ORDER BY its.first_at, its.first_id"""  # noqa: S608

# What has these numbers: its number, its id (of a language, its tag), and the name of now.
NAMED = """
    SELECT n.number, n.name, its.name
    FROM claims_numeral n LEFT JOIN {table} its ON its.id = n.name::uuid
    WHERE n.kind = '{kind}' AND n.number = ANY(%s)"""
LANGUAGES = """
    SELECT number, name, NULL FROM claims_numeral WHERE kind = 'language' AND number = ANY(%s)"""
NAMING = {"language": LANGUAGES} | {
    kind: NAMED.format(kind=kind, table=model._meta.db_table)
    for kind, model in (
        ("speaker", Speaker),
        ("publisher", Publisher),
        ("organization", Organization),
        ("checker", Member),
    )
}


class State(NamedTuple):
    """How far the columns have come. now, as_of: microseconds since 1970.

    as_of: no Change that was recorded until then is missing, but for such as waited for a number.
    edition: of the last counting; None before there was any.
    """

    number: int
    ahead: int
    now: int
    as_of: int
    edition: UUID | None

    @classmethod
    def spelled(cls, values: Sequence[bytes | None]) -> State | None:
        """As PostgreSQL spells them; None where nothing is counted."""
        if None in values:
            return None
        number, ahead, now, as_of, edition = (it.decode() for it in values if it is not None)
        return cls(int(number), int(ahead), int(now), int(as_of), UUID(edition))


NOTHING = State(0, 0, 0, 0, None)

# Of which segment, and of which counting.
Piece = tuple[int, UUID]


@dataclass(slots=True)
class Whole:
    """A column. pieces: what it consists of, in its order. ends: of each the place after it.

    edition: of which counting it is known to be. owners: of appearances or verdicts, where it says
    how many each claim has, and somebody has asked.
    """

    edition: UUID
    pieces: list[Piece]
    ends: list[int]
    data: NDArray[Any]
    owners: list[NDArray[Any]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.data.nbytes + sum(it.nbytes for it in self.owners)

    def renewed(
        self, edition: UUID, found: Sequence[tuple[Piece, bytes | None]], type: str
    ) -> Whole:
        """With what was found; where that is None, it is among the pieces already."""
        pieces = [piece for piece, _data in found]
        if pieces == self.pieces:
            return replace(self, edition=edition)
        starts = dict(zip(self.pieces, zip([0, *self.ends], self.ends, strict=False), strict=True))
        parts = [
            self.data[slice(*starts[piece])]
            if data is None
            else narrowed(np.frombuffer(data, dtype=type))
            for piece, data in found
        ]
        ends = np.cumsum([len(it) for it in parts]).tolist()
        data = np.concatenate(parts or [self.data[:0]])
        data.flags.writeable = False  # many questions look at it at once
        made = Whole(edition, pieces, ends, data)
        made.owners = [made.owners_like(self, its) for its in self.owners]
        return made

    def owners_like(self, before: Whole, owners: NDArray[Any]) -> NDArray[Any]:
        """As they were, but for the pieces between those at both ends that are the same."""
        first = same(before.pieces, self.pieces)
        most = min(len(before.pieces), len(self.pieces)) - first
        last = min(most, same(before.pieces[::-1], self.pieces[::-1]))
        start = self.ends[first - 1] if first else 0
        tail = sum(
            end - begin for begin, end in list(pairwise((0, *self.ends)))[len(self.ends) - last :]
        )
        old, new = len(before.data) - tail, len(self.data) - tail
        until = int(before.data[:start].sum(dtype=np.int64))
        after = len(owners) - int(before.data[old:].sum(dtype=np.int64))
        middle = owners_of(self.data[start:new]) + start
        its = np.concatenate((owners[:until], middle, owners[after:] + (new - old)), dtype=np.int32)
        its.flags.writeable = False
        return its


def same(one: Sequence[Piece], other: Sequence[Piece]) -> int:
    """How many are the same at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, its in pairs if its[0] != its[1]), min(len(one), len(other)))


def narrowed(numbers: NDArray[Any]) -> NDArray[Any]:
    """In as few bytes as they fit in, where they are not signed."""
    if numbers.dtype.kind != "u" or not len(numbers):
        return numbers
    return numbers.astype(np.min_scalar_type(int(numbers.max())))


class Held:
    """The columns that this process keeps. most: how many bytes; what was needed last stays."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.lock = threading.Lock()
        self.wholes: OrderedDict[str, Whole] = OrderedDict()

    def read(self, names: Collection[str], state: State) -> tuple[State, Columns]:
        """These columns, of one instant, and how far they came: as far as `state`, at least."""
        wanted = [*{*names, "status"}]  # which says how many claims there are
        with self.lock:
            if not all(self.has(name, state.edition) for name in wanted):
                state = self.renew(wanted)
            if state.edition is None:
                return state, Columns({}, 0)
            its = {name: self.wholes[name] for name in wanted}
            for name in its:
                self.wholes.move_to_end(name)
            while self.size > self.most:
                self.wholes.popitem(last=False)
        columns = {name: whole.data for name, whole in its.items()}
        owners = {name: whole.owners for name, whole in its.items() if name in CHILDREN}
        return state, Columns(columns, len(columns["status"]), owners)

    def has(self, name: str, edition: UUID | None) -> bool:
        return name in self.wholes and self.wholes[name].edition == edition

    @property
    def size(self) -> int:
        return sum(whole.size for whole in self.wholes.values())

    def renew(self, names: Sequence[str]) -> State:
        """Read of these columns what is not held."""
        held = {name: self.wholes[name] for name in names if name in self.wholes}
        known = [(name, *piece) for name, whole in held.items() for piece in whole.pieces]
        connection.ensure_connection()
        # As bytes, not spelled as text, which Django's own cursors ask for.
        with Cursor(connection.connection) as cursor:
            # Spelled here: psycopg would look at each of some hundred for what to quote.
            of_known = [f"{{{','.join(str(it[i]) for it in known)}}}" for i in range(3)]
            cursor.execute(STORED, [list(names), *of_known], binary=True)
            rows = cursor.fetchall()
        if not rows:
            return NOTHING
        state = State(*rows[0][:5])
        assert state.edition is not None
        found: dict[str, list[tuple[Piece, bytes | None]]] = {name: [] for name in names}
        for *_state, segment, name, written, data in rows:
            if name is not None:
                found[name].append(((segment, written), data))
        for name, pieces in found.items():
            before = held.get(name) or Whole(state.edition, [], [], np.empty(0, COLUMNS[name]))
            self.wholes[name] = before.renewed(state.edition, pieces, COLUMNS[name])
        return state


held = Held()


def state() -> State:
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        row = cursor.fetchone()
        return NOTHING if row is None else State(*row)


def number_of(kind: str, name: str) -> int | None:
    """By which columns name it; None where they do not."""
    return Numeral.objects.filter(kind=kind, name=name).values_list("number", flat=True).first()


def languages_of(tag: str) -> list[int]:
    """By which columns name this language, and those that it is the beginning of."""
    rows = Numeral.objects.filter(Q(name=tag) | Q(name__startswith=f"{tag}-"), kind="language")
    return list(rows.values_list("number", flat=True))


def named(kind: str, numbers: Sequence[int]) -> list[tuple[int, str, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(NAMING[kind], [[*numbers]])
        return list(cursor.fetchall())
