"""Documents as PostgreSQL composes them, for the answers of resources."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework.serializers import Serializer

from claims.api.pagination import Key, Pages
from claims.formats.composing import Given, Statement, composition
from claims.queries.etags import tag_sql

Rows = Callable[[], QuerySet[Any]]

ID, IDS = "id", "ids"

# The keys of a page, with one more that tells whether there is a next one: it has no document.
PAGE = """
    SELECT page.key, page.at, d.document, page.place
    FROM (SELECT CASE WHEN p.place <= {size} THEN p.id END AS id, p.id AS key, p.at, p.place
          FROM (SELECT k.id, k.at, row_number() OVER (ORDER BY k.at {way}, k.id {way}) AS place
                FROM ({keys}) AS k(id, at)) AS p) AS page
    LEFT JOIN LATERAL ({document}) AS d(document) ON true ORDER BY page.place"""
BY_ID = """
    SELECT d.document FROM unnest(%s::uuid[]) WITH ORDINALITY AS page(id, place)
    CROSS JOIN LATERAL ({document}) AS d(document) ORDER BY page.place"""
TAGGED = "SELECT ({document}), ({tag}) FROM (SELECT %s::uuid) AS page(id)"


class Composer:
    """Composes the documents of one kind.

    answers: their serializer; rows: with all that the documents show. Raises CannotCompose.
    """

    def __init__(self, answers: type[Serializer], rows: Rows) -> None:
        self.document = composition(answers(), rows())

    def by_id(self) -> Statement:
        """SELECT the documents of the rows of these ids, in their order."""
        sql = BY_ID.format(document=self.document.sql)
        return Statement(sql, (Given(IDS), *self.document.parameters))

    def tagged(self, model: type[Model]) -> Statement:
        """SELECT the document of a row of the model by its id, and its entity tag."""
        sql = TAGGED.format(document=self.document.sql, tag=tag_sql(model, "page.id"))
        return Statement(sql, (*self.document.parameters, Given(ID)))

    def by_page(self, keys: QuerySet[Any], *, descending: bool, size: int) -> Statement:
        """SELECT id, value, document and place of the keys of a page; of one more no document."""
        sql, parameters = keys.query.sql_with_params()
        way = "DESC" if descending else "ASC"
        sql = PAGE.format(way=way, keys=sql, document=self.document.sql, size=size)
        return Statement(sql, (*parameters, *self.document.parameters))

    def documents(self, ids: Sequence[UUID], **given: Any) -> list[bytes]:
        """Of these rows, in this order; those that are not there are left out."""
        if not ids:
            return []
        return [text.encode() for (text,) in fetched(self.by_id(), **{IDS: list(ids)}, **given)]

    def page(self, pages: Pages, rows: QuerySet[Any], **given: Any) -> bytes:
        """The body of a page of these rows."""
        documents, links = self.read(pages, rows, **given)
        return body(documents, **links)

    def read(
        self, pages: Pages, rows: QuerySet[Any], **given: Any
    ) -> tuple[list[bytes], dict[str, str | None]]:
        """The documents of a page of these rows, and the addresses of those next to it."""
        keys = pages.keys(rows)
        statement = self.by_page(keys, descending=pages.reads_down, size=pages.size)
        found = [(Key(pk, at), text) for pk, at, text, _ in fetched(statement, **given)]
        shown = found[: pages.size]
        links = pages.links([key for key, _ in shown], more=len(found) > pages.size)
        documents = [text.encode() for _, text in shown]
        return documents[::-1] if pages.backwards else documents, links


def fetched(statement: Statement, **given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.bound(**given))
        return list(cursor.fetchall())


composer = cache(Composer)


def body(documents: Iterable[bytes], **beside: Any) -> bytes:
    """Of a page: what stands beside the results, then these."""
    return b'%s,"results":[%s]}' % (orjson.dumps(beside)[:-1], b",".join(documents))


def as_answer(body: bytes, **headers: str) -> HttpResponse:
    return HttpResponse(body, content_type="application/json", headers=headers)
