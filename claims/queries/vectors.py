"""The second opinion of an encoder, where one is plugged in: claims that are near in meaning.

An encoder is any callable that makes vectors of texts, all of one length: MATCH_ENCODER names it by
its dotted path. Its vectors are kept by pgvector, in a table that `manage.py encode_claims` makes:
it is no part of the record, and nothing misses it where there is none.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

Vector = Sequence[float]
Encoder = Callable[[list[str]], Sequence[Vector]]

TABLE = "claims_vector"

IS_THERE = f"SELECT to_regclass('public.{TABLE}') IS NOT NULL"
NEAREST = f"""
    SELECT claim_id, 1 - (vector <=> %s::vector) FROM {TABLE}
    ORDER BY vector <=> %s::vector LIMIT %s"""  # noqa: S608
SIMILARITIES = f"""
    SELECT claim_id, 1 - (vector <=> %s::vector) FROM {TABLE}
    WHERE claim_id = ANY(%s::uuid[])"""  # noqa: S608


@cache
def named(path: str) -> Encoder:
    encoder: Encoder = import_string(path)
    return encoder


def encoder() -> Encoder | None:
    return named(settings.MATCH_ENCODER) if settings.MATCH_ENCODER else None


class Nearness:
    """How near claims are to one text, from 0 to 1; none is, where there is no encoder."""

    def __init__(self, text: str) -> None:
        encode = encoder()
        self.vector: str | None = None
        if encode is not None and text.strip() and is_there():
            [vector] = encode([text])
            self.vector = written(vector)

    def nearest(self, most: int) -> list[UUID]:
        if self.vector is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(NEAREST, [self.vector, self.vector, most])
            return [pk for pk, _similarity in cursor.fetchall()]

    def of(self, claims: Collection[UUID]) -> dict[UUID, float] | None:
        if self.vector is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute(SIMILARITIES, [self.vector, [*map(str, claims)]])
            return {pk: max(0.0, min(1.0, near)) for pk, near in cursor.fetchall()}


def is_there() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(IS_THERE)
        return bool(cursor.fetchone()[0])


def written(vector: Vector) -> str:
    """As pgvector reads it."""
    return "[" + ",".join(repr(float(it)) for it in vector) + "]"
