"""Pages by keyset: the millionth row costs what the first does.

A cursor says after which row to go on. It is signed, and bound to the path and the filters it
was made for, so that it can be neither forged nor mixed up.
"""

import hashlib
from collections.abc import Sequence
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

Row = TypeVar("Row", bound=Model)


class Beyond(Func):
    """(column, id) < (value, value), as one row comparison that an index can answer."""

    output_field = BooleanField()

    def __init__(
        self, columns: tuple[str, str], value: datetime, pk: UUID, *, descending: bool
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

    value: datetime
    pk: UUID
    backwards: bool


class Pages:
    """The pages of one list.

    orderings: columns that the list can be ordered by, the first one by default; "-" descends.
    """

    def __init__(self, request: Request, orderings: Sequence[str]) -> None:
        self.request = request
        self.query: QueryDict = request.query_params
        self.ordering = self._ordering(orderings)
        self.size = self._size()
        self.position = self._position()

    @property
    def column(self) -> str:
        return self.ordering.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.ordering.startswith("-")

    def cut(self, rows: QuerySet[Row]) -> tuple[list[Row], str | None, str | None]:
        """The rows of this page, and the addresses of the next and the previous one."""
        backwards = self.position is not None and self.position.backwards
        descending = self.descending != backwards
        sign = "-" if descending else ""
        columns = filed(rows) if self.column == "created_at" else (self.column, "pk")
        rows = rows.order_by(*(f"{sign}{column}" for column in columns))
        if self.position is not None:
            rows = rows.filter(
                Beyond(columns, self.position.value, self.position.pk, descending=descending)
            )
        found = list(rows[: self.size + 1])
        more = len(found) > self.size
        found = found[: self.size]
        if backwards:
            found.reverse()
        has_next = bool(found) and (backwards or more)
        has_previous = bool(found) and (more if backwards else self.position is not None)
        return (
            found,
            self._link(found[-1], backwards=False) if has_next else None,
            self._link(found[0], backwards=True) if has_previous else None,
        )

    def _ordering(self, orderings: Sequence[str]) -> str:
        asked = self.query.get(ORDERING, orderings[0])
        if asked not in orderings:
            raise refused(ORDERING, _("This is none of: %s.") % ", ".join(orderings))
        return asked

    def _size(self) -> int:
        asked = self.query.get(SIZE, str(DEFAULT_SIZE))
        if not (
            asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= MOST
        ):
            raise refused(SIZE, _("Send a whole number from 1 to %d.") % MOST)
        return int(asked)

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
            return Position(datetime.fromisoformat(value), UUID(pk), bool(backwards))
        # A signature that is right makes the rest ours; the others are what garbage can raise.
        except (signing.BadSignature, ValueError, TypeError):
            detail = _("Start again without cursor; keep the filters while you follow next.")
            raise BadCursor(detail, faults=[Fault(detail, parameter=CURSOR)]) from None

    def _link(self, row: Model, *, backwards: bool) -> str:
        value: datetime = getattr(row, self.column)
        query = self.query.copy()
        query[CURSOR] = self._signer().sign_object([value.isoformat(), str(row.pk), backwards])
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")


def refused(parameter: str, detail: str) -> BadParameter:
    return BadParameter(detail, faults=[Fault(detail, parameter=parameter)])
