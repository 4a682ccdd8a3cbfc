"""Finding the rows that a request names by id."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.db.models.functions import MD5
from django.utils.translation import gettext as _

from claims.errors import Fault, Invalid
from claims.models import Article

Row = TypeVar("Row", bound=Model)


def named(model: type[Row], pk: UUID, *, pointer: str) -> Row:
    """The row of this id. Raises Invalid, pointing at the field that named it."""
    return all_named(model, [pk], pointers=[pointer])[0]


def all_named(model: type[Row], pks: Sequence[UUID], *, pointers: Sequence[str]) -> list[Row]:
    """The rows of these ids in their order, by one query; pointers: one for each id.

    Raises Invalid, pointing at every field that names nothing.
    """
    found = model._default_manager.in_bulk(list(pks))
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
