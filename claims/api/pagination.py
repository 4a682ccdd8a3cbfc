"""Pages by keyset: the millionth row costs what the first does.

A cursor says after which row to go on. It is signed, and bound to the path and the filters it
was made for, so that it can be neither forged nor mixed up.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.core import signing
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.request import Request

from claims.errors import BadCursor, BadParameter, Fault
from claims.formats.composing import Given
from claims.queries.listing import ordered_by

DEFAULT_SIZE, MOST = 25, 200
CURSOR, SIZE, ORDERING = "cursor", "page_size", "ordering"
CONTROLS = (CURSOR, SIZE, ORDERING)

# What a page that sifts looks at, at most, and how many rows at a time.
SIFTED, BATCH = 2_000, 200

Kept = TypeVar("Kept")


class Key(NamedTuple):
    """A row as pages know it; at: what they are ordered by."""

    pk: UUID
    at: date | int  # a datetime is a date as well


# Before the first and after the last of all rows that are ordered by an instant.
FIRST = Key(UUID(int=0), datetime(1970, 1, 1, tzinfo=UTC))
LAST = Key(UUID(int=2**128 - 1), datetime(9999, 1, 1, tzinfo=UTC))


class Beyond(Func):
    """(column, id) < (value, value), as one row comparison that an index can answer."""

    output_field = BooleanField()

    def __init__(self, columns: tuple[str, str], value: Any, pk: Any, *, descending: bool) -> None:
        sign = "<" if descending else ">"
        super().__init__(
            *map(F, columns),
            value if isinstance(value, Given) else Value(value),
            pk if isinstance(pk, Given) else Value(pk),
            template="(%(expressions)s)",
            arg_joiner=", ",
        )
        self.sign = sign

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_more: Any
    ) -> tuple[str, list[Any]]:
        parts, params = [], []
        for expression in self.source_expressions:
            sql, given = compiler.compile(expression)
            parts.append(sql)
            params.extend(given)
        left, right = ", ".join(parts[:2]), ", ".join(parts[2:])
        return f"({left}) {self.sign} ({right})", params


@dataclass(frozen=True, slots=True)
class Position:
    """Go on after (or, backwards, before) the row with this value and id."""

    value: date | int
    pk: UUID
    backwards: bool


class Pages:
    """The pages of one list.

    orderings: columns (of instants, days or whole numbers) that it can be ordered by, the first one
    by default; "-" descends.
    """

    def __init__(self, request: Request, orderings: Sequence[str]) -> None:
        self.request = request
        self.query: QueryDict = request.query_params
        self.ordering = self._ordering(orderings)
        self.size = page_size(self.query)
        self.position = self._position()

    @property
    def column(self) -> str:
        return self.ordering.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.ordering.startswith("-")

    def keys(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """(id, value that is ordered by) of this page's rows and of one more, as they are read."""
        position = self.position
        beyond = None if position is None else (position.value, position.pk)
        return keys(
            rows, self.column, descending=self.reads_down, beyond=beyond, most=self.size + 1
        )

    def links(self, read: Sequence[Key], *, more: bool) -> dict[str, str | None]:
        """The addresses of the next and the previous page.

        read: what was, in the direction of reading; more: whether there is more in it.
        """
        if not read:
            return {"next": None, "previous": None}
        onward = self._link(read[-1], backwards=self.backwards) if more else None
        came_from = not self.is_at_end
        back = self._link(read[0], backwards=not self.backwards) if came_from else None
        following, previous = (back, onward) if self.backwards else (onward, back)
        return {"next": following, "previous": previous}

    @property
    def here(self) -> str:
        """The address of this page; of the first too it says that it is a page."""
        if self.position is None:
            return self._link(FIRST, backwards=False)
        at = self.position
        return self._link(Key(at.pk, at.value), backwards=at.backwards)

    def last(self) -> str:
        """The address of the last page."""
        return self._link(LAST, backwards=True)

    def sift(
        self, rows: QuerySet[Any], kept: Callable[[list[UUID]], dict[UUID, Kept]]
    ) -> tuple[list[Kept], dict[str, str | None]]:
        """Of this page, what `kept` makes of the rows, by id; and its links.

        At most SIFTED rows are looked at, so a page may have fewer than were asked for, and a
        next one all the same.
        """
        looked: list[Key] = []
        found: list[Kept] = []
        beyond, more = self.beyond, True
        while more and len(found) < self.size and len(looked) < SIFTED:
            asked = keys(
                rows, self.column, descending=self.reads_down, beyond=beyond, most=BATCH + 1
            )
            batch = [Key(*key) for key in asked]
            more = len(batch) > BATCH
            made = kept([key.pk for key in batch[:BATCH]])
            for i, key in enumerate(batch[:BATCH]):
                looked.append(key)
                if key.pk in made:
                    found.append(made[key.pk])
                    if len(found) == self.size:
                        more = more or i + 1 < len(batch)
                        break
            if looked:
                beyond = looked[-1].at, looked[-1].pk
        return found[::-1] if self.backwards else found, self.links(looked, more=more)

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is where this page goes on from: it is the first, or the last."""
        return self.position is None or self.position.pk in {FIRST.pk, LAST.pk}

    def is_first(self, links: dict[str, str | None]) -> bool:
        """Whether nothing precedes this page. links: its own."""
        return links["previous"] is None and (self.backwards or self.is_at_end)

    @property
    def beyond(self) -> tuple[Any, Any] | None:
        """Value and id after which to go on."""
        return None if self.position is None else (self.position.value, self.position.pk)

    @property
    def shape(self) -> tuple[Any, ...]:
        """All that its statement depends on, but for values."""
        return self.column, self.reads_down, self.beyond is None, self.size

    @property
    def backwards(self) -> bool:
        return self.position is not None and self.position.backwards

    @property
    def reads_down(self) -> bool:
        """Whether the rows are read from high to low."""
        return self.descending != self.backwards

    def _ordering(self, orderings: Sequence[str]) -> str:
        asked = self.query.get(ORDERING, orderings[0])
        if asked not in orderings:
            raise refused(ORDERING, _("This is none of: %s.") % ", ".join(orderings))
        return asked

    @cached_property
    def _signer(self) -> signing.Signer:
        # What the cursor was made for is signed with it, but not carried by it.
        filters = sorted(
            (name, values) for name, values in self.query.lists() if name not in (CURSOR, SIZE)
        )
        made_for = orjson.dumps([self.request.path, self.ordering, filters])
        return signing.Signer(salt="cursor:" + hashlib.sha256(made_for).hexdigest())

    def _position(self) -> Position | None:
        cursor = self.query.get(CURSOR)
        if cursor is None:
            return None
        try:
            value, pk, backwards = self._signer.unsign_object(cursor)
            at = value if isinstance(value, int) else day_or_instant(value)
            return Position(at, UUID(pk), bool(backwards))
        # A signature that is right makes the rest ours; the others are what garbage can raise.
        except (signing.BadSignature, ValueError, TypeError):
            detail = _("Start again without cursor; keep the filters while you follow next.")
            raise BadCursor(detail, faults=[Fault(detail, parameter=CURSOR)]) from None

    def token(self, key: Key, *, backwards: bool = False) -> str:
        """What goes on after a row (or, backwards, before it)."""
        at = key.at if isinstance(key.at, int) else key.at.isoformat()
        return self._signer.sign_object([at, str(key.pk), backwards])

    def _link(self, key: Key, *, backwards: bool) -> str:
        return f"{self._elsewhere}{urlencode({CURSOR: self.token(key, backwards=backwards)})}"

    @cached_property
    def _elsewhere(self) -> str:
        """The address of this list, up to where a cursor says which page of it."""
        asked = [(name, it) for name, its in self.query.lists() for it in its if name != CURSOR]
        query = f"{urlencode(asked)}&" if asked else ""
        return self.request.build_absolute_uri(f"{self.request.path}?{query}")


def keys(
    rows: QuerySet[Any],
    column: str,
    *,
    descending: bool,
    beyond: tuple[Any, Any] | None,
    most: int,
) -> QuerySet[Any]:
    """(id, value) of the first rows by this column. beyond: value and id of the one before."""
    columns = ordered_by(rows, column)
    sign = "-" if descending else ""
    rows = rows.order_by(*(f"{sign}{it}" for it in columns))
    if beyond is not None:
        rows = rows.filter(Beyond(columns, *beyond, descending=descending))
    return rows.values_list(*map(F, reversed(columns)))[:most]


def day_or_instant(text: str) -> date:
    """Raises ValueError."""
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def page_size(query: QueryDict) -> int:
    """Raises BadParameter."""
    asked = query.get(SIZE, str(DEFAULT_SIZE))
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= MOST):
        raise refused(SIZE, _("Send a whole number from 1 to %d.") % MOST)
    return int(asked)


def refused(parameter: str, detail: str) -> BadParameter:
    return BadParameter(detail, faults=[Fault(detail, parameter=parameter)])
