"""Finding the rows that a request names by id."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.functions import MD5
from django.utils.translation import gettext as _

from claims.errors import Fault, Invalid
from claims.models import Article, Snapshot

Row = TypeVar("Row", bound=Model)

# From some ids to the rows of a model that have them; it may know others as well.
LookUp = Callable[[type[Model], Sequence[UUID]], Mapping[UUID, Any]]


def in_record(model: type[Model], pks: Sequence[UUID]) -> Mapping[UUID, Any]:
    """By one query. Whoever looks for the rows of many requests at once has a LookUp of its own."""
    rows = model._default_manager.all()
    if model is Snapshot:  # which nobody asks for without its text
        rows = rows.select_related("content")
    return rows.in_bulk(list(pks))


def columns_of(model: type[Model], pks: Collection[str], *columns: str) -> Iterator[dict[str, Any]]:
    """These columns of the rows that have these ids, the id first; for thousands at once.

    pks: as texts, as which all ids are told. columns: by their names in the table.
    """
    quoted = ", ".join(map(connection.ops.quote_name, ("id", *columns)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quoted} FROM {model._meta.db_table} WHERE id = ANY(%s::uuid[])",  # noqa: S608
            [list(pks)],
        )
        for row in cursor.fetchall():
            told = (str(it) if isinstance(it, UUID) else it for it in row)
            yield dict(zip(("id", *columns), told, strict=True))


def named(model: type[Row], pk: UUID, *, pointer: str, look_up: LookUp = in_record) -> Row:
    """The row of this id. Raises Invalid, pointing at the field that named it."""
    return all_named(model, [pk], pointers=[pointer], look_up=look_up)[0]


def all_named(
    model: type[Row],
    pks: Sequence[UUID],
    *,
    pointers: Sequence[str],
    look_up: LookUp = in_record,
) -> list[Row]:
    """The rows of these ids in their order; pointers: one for each id.

    Raises Invalid, pointing at every field that names nothing.
    """
    found = look_up(model, pks)
    noun = model._meta.verbose_name
    faults = [
        Fault(_("There is no %(noun)s with this id.") % {"noun": noun}, pointer=pointer)
        for pk, pointer in zip(pks, pointers, strict=True)
        if pk not in found
    ]
    if faults:
        raise Invalid(_("The request names what is not recorded."), faults=faults)
    return [found[pk] for pk in pks]


def articles_at(url: str) -> QuerySet[Article]:
    """The article at this very url, if any; found by the hash that its unique index is made of."""
    digest = hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()
    return Article.objects.alias(url_hash=MD5("url")).filter(url_hash=digest)
