"""Pages by keyset: the millionth row costs what the first does.

A cursor says after which row to go on. It is signed, and bound to the path and the filters it
was made for, so that it can be neither forged nor mixed up.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.core import signing
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.request import Request

from claims.errors import BadCursor, BadParameter, Fault
from claims.queries.listing import filed

DEFAULT_SIZE, MOST = 25, 200
CURSOR, SIZE, ORDERING = "cursor", "page_size", "ordering"
CONTROLS = (CURSOR, SIZE, ORDERING)

# What a page that sifts looks at, at most, and how many rows at a time.
SIFTED, BATCH = 2_000, 200

Row = TypeVar("Row", bound=Model)
Kept = TypeVar("Kept", bound=Model)


class Beyond(Func):
    """(column, id) < (value, value), as one row comparison that an index can answer."""

    output_field = BooleanField()

    def __init__(
        self, columns: tuple[str, str], value: datetime | int, pk: UUID, *, descending: bool
    ) -> None:
        sign = "<" if descending else ">"
        super().__init__(
            *map(F, columns),
            Value(value),
            Value(pk),
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

    value: datetime | int
    pk: UUID
    backwards: bool


class Pages:
    """The pages of one list.

    orderings: columns (of instants or whole numbers) that it can be ordered by, the first one by
    default; "-" descends.
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

    def cut(self, rows: QuerySet[Row]) -> tuple[list[Row], str | None, str | None]:
        """The rows of this page, and the addresses of the next and the previous one."""
        found, more = self._after(rows, self.position, self.size)
        return (found[::-1] if self._backwards else found, *self._links(found, more=more))

    def sift(
        self, rows: QuerySet[Row], kept: Callable[[list[Row]], list[Kept]]
    ) -> tuple[list[Kept], str | None, str | None]:
        """As `cut`, of what `kept` makes of the rows, one or none of each, with the same pk.

        At most SIFTED rows are looked at, so a page may have fewer than were asked for, and a
        next one all the same.
        """
        looked: list[Row] = []
        found: list[Kept] = []
        position, more = self.position, True
        while more and len(found) < self.size and len(looked) < SIFTED:
            batch, more = self._after(rows, position, BATCH)
            by_pk = {it.pk: it for it in kept(batch)}
            for i, row in enumerate(batch):
                looked.append(row)
                if row.pk in by_pk:
                    found.append(by_pk[row.pk])
                    if len(found) == self.size:
                        more = more or i + 1 < len(batch)
                        break
            if looked:
                position = self._at(looked[-1], backwards=self._backwards)
        return (found[::-1] if self._backwards else found, *self._links(looked, more=more))

    @property
    def _backwards(self) -> bool:
        return self.position is not None and self.position.backwards

    def _after(
        self, rows: QuerySet[Row], position: Position | None, size: int
    ) -> tuple[list[Row], bool]:
        """The next rows in the direction of reading, and whether there are more of them."""
        descending = self.descending != self._backwards
        sign = "-" if descending else ""
        columns = filed(rows) if self.column == "created_at" else (self.column, "pk")
        rows = rows.order_by(*(f"{sign}{column}" for column in columns))
        if position is not None:
            rows = rows.filter(Beyond(columns, position.value, position.pk, descending=descending))
        found = list(rows[: size + 1])
        return found[:size], len(found) > size

    def _links(self, read: Sequence[Model], *, more: bool) -> tuple[str | None, str | None]:
        """The addresses of the next and the previous page; read: in the direction of reading."""
        if not read:
            return None, None
        onward = self._link(read[-1], backwards=self._backwards) if more else None
        came_from = self.position is not None
        back = self._link(read[0], backwards=not self._backwards) if came_from else None
        return (back, onward) if self._backwards else (onward, back)

    def _ordering(self, orderings: Sequence[str]) -> str:
        asked = self.query.get(ORDERING, orderings[0])
        if asked not in orderings:
            raise refused(ORDERING, _("This is none of: %s.") % ", ".join(orderings))
        return asked

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
            value, pk, backwards = self._signer().unsign_object(cursor)
            at = value if isinstance(value, int) else datetime.fromisoformat(value)
            return Position(at, UUID(pk), bool(backwards))
        # A signature that is right makes the rest ours; the others are what garbage can raise.
        except (signing.BadSignature, ValueError, TypeError):
            detail = _("Start again without cursor; keep the filters while you follow next.")
            raise BadCursor(detail, faults=[Fault(detail, parameter=CURSOR)]) from None

    def _at(self, row: Model, *, backwards: bool) -> Position:
        return Position(getattr(row, self.column), row.pk, backwards)

    def _link(self, row: Model, *, backwards: bool) -> str:
        value = self._at(row, backwards=backwards).value
        at = value if isinstance(value, int) else value.isoformat()
        query = self.query.copy()
        query[CURSOR] = self._signer().sign_object([at, str(row.pk), backwards])
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")


def page_size(query: QueryDict) -> int:
    """Raises BadParameter."""
    asked = query.get(SIZE, str(DEFAULT_SIZE))
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= MOST):
        raise refused(SIZE, _("Send a whole number from 1 to %d.") % MOST)
    return int(asked)


def refused(parameter: str, detail: str) -> BadParameter:
    return BadParameter(detail, faults=[Fault(detail, parameter=parameter)])
