"""Rows of one request: each recorded as if it had been sent by itself, or refused by itself."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import orjson
from django.db import DataError, IntegrityError, transaction

from claims.actions.articles import file_article
from claims.actions.bulk import Asked, file_claims, new_id, refusal_for
from claims.actions.speakers import create_speaker
from claims.actions.store import Refused
from claims.errors import Refusal
from claims.models import Article, Member, Speaker

Said = dict[str, Any]
Fate = str | Refusal
"""The id of what was recorded, or why it was not."""


def create_claims(rows: Sequence[Said], *, by: Member) -> list[Fate]:
    """rows: as create_claim takes each. None may assert another one of them."""
    asked = [Asked.of(orjson.loads(orjson.dumps(said)), id=new_id()) for said in rows]
    fates = file_claims(asked, by=by)
    return [
        fate if isinstance(fate, Refusal) else str(it.id)
        for it, fate in zip(asked, fates, strict=True)
    ]


def create_speakers(rows: Sequence[Said], *, by: Member) -> list[Fate]:
    """rows: as create_speaker takes each."""
    return each(rows, partial(create_speaker, by=by))


def create_articles(rows: Sequence[Said], *, by: Member) -> list[Fate]:
    """rows: as file_article takes each."""
    return each(rows, partial(file_article, by=by))


def each(rows: Sequence[Said], create: Callable[..., Article | Speaker]) -> list[Fate]:
    """What becomes of each row. create: refuses before it writes anything.

    What the database refuses, though it was thought sound, is tried in halves until it is known
    whose fault it is: a savepoint around every row would slow down all who read meanwhile.
    """
    if not rows:
        return []
    try:
        with transaction.atomic():
            return [attempted(create, row) for row in rows]
    except (IntegrityError, DataError) as wrong:
        if len(rows) == 1:
            diagnosis = getattr(wrong.__cause__, "diag", None)
            return [refusal_for(Refused(getattr(diagnosis, "constraint_name", None)))]
    middle = len(rows) // 2
    return [*each(rows[:middle], create), *each(rows[middle:], create)]


def attempted(create: Callable[..., Article | Speaker], row: Said) -> Fate:
    try:
        return str(create(**row).pk)
    except Refusal as refusal:
        return refusal
