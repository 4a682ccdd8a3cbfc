"""What filing many claims asks of the database."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import BigAutoField, Model

from claims.models import Article, Content, Snapshot
from claims.queries.references import columns_of

Columns = dict[str, Any]


class Refused(Exception):
    """The database refused a row, and the transaction is undone. constraint: which one, if any."""

    def __init__(self, constraint: str | None) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class Store:
    """Over our connection. All ids are texts. Everything may raise DatabaseError."""

    def __init__(self) -> None:
        self.open: transaction.Atomic | None = None

    @contextmanager
    def transaction(self) -> Iterator[datetime]:
        """All or nothing, and what the database takes for every instant that is left to it.

        Raises Refused.
        """
        at = self.begin()
        try:
            yield at
        except BaseException:
            self.undo()
            raise
        self.commit()

    def begin(self) -> datetime:
        self.open = transaction.atomic()
        self.open.__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            [now] = cursor.fetchone()
        assert isinstance(now, datetime)
        return now

    def commit(self) -> None:
        """Raises Refused."""
        with self.refusals():
            atomic, self.open = self.open, None
            assert atomic is not None
            atomic.__exit__(None, None, None)

    def undo(self) -> None:
        """Whatever is open."""
        atomic, self.open = self.open, None
        if atomic is not None:
            atomic.__exit__(Undone, Undone(), None)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, DataError) as refused:
            self.undo()
            diagnosis = getattr(refused.__cause__, "diag", None)
            raise Refused(getattr(diagnosis, "constraint_name", None)) from None

    def rows(self, model: type[Model], pks: Collection[str], *columns: str) -> list[Columns]:
        return list(columns_of(model, pks, *columns))

    def locked(self, articles: Collection[str]) -> dict[str, str | None]:
        """The headline of each; locks them.

        As marking one passage locks its article; in one order, so not crosswise.
        """
        rows = Article.objects.filter(pk__in=articles).order_by("pk")
        headlines = rows.select_for_update(no_key=True).values_list("pk", "headline")
        return {str(pk): headline for pk, headline in headlines}

    def newest_texts(self, articles: Collection[str]) -> list[Columns]:
        """The newest snapshot of each."""
        newest = (
            Snapshot.objects.filter(article_id__in=articles)
            .order_by("article_id", "-captured_at", "-id")
            .distinct("article_id")
            .values_list("pk", "article_id", "content_id", "length")
        )
        return [
            {
                "id": str(pk),
                "article_id": str(article),
                "content_id": content and str(content),
                "length": length,
            }
            for pk, article, content, length in newest
        ]

    def texts(self, contents: Sequence[str]) -> list[tuple[str, str | None]]:
        """Each id with its text, None where that was erased."""
        rows = Content.objects.filter(pk__in=contents).values_list("pk", "text")
        return [(str(pk), text) for pk, text in rows]

    def copy(self, model: type[Model], rows: bytes) -> None:
        """Store whole rows, in text format. Raises Refused."""
        with (
            self.refusals(),
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.copy(copying(model)) as stream,
        ):
            stream.write(rows)

    def check(self) -> None:
        """Of what was copied so far, all that is checked when a transaction ends.

        Not all at its end: then whoever makes the rows would have to wait. Raises Refused.
        """
        with self.refusals(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


class Undone(Exception):
    """Tells a transaction that it is to be undone."""


def given(model: type[Model]) -> list[Any]:
    """Its columns but for those that the database numbers."""
    return [it for it in model._meta.concrete_fields if not isinstance(it, BigAutoField)]


@cache
def copying(model: type[Model]) -> str:
    """The COPY of whole rows."""
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(str(field.column)) for field in given(model))
    return f"COPY {quoted(model._meta.db_table)} ({columns}) FROM STDIN"
