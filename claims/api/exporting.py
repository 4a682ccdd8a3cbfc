"""A list as a stream: all of it, as the record was after one number of the log.

It is read a page at a time, each in transactions of its own, and nothing is held between two pages:
neither a transaction nor a connection. What happens to the record meanwhile is learned from the
log after each page; claims that it changed are told as they were (claims.queries.past).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

import psycopg_pool
from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from psycopg.pq.abc import PGresult
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from claims.api.as_of import matches
from claims.api.claims import Claims, ClaimTold
from claims.api.composed import IDS, Rows, composer
from claims.api.filtering import filtered
from claims.api.lines import Lines
from claims.api.pagination import keys
from claims.api.queries import Query
from claims.api.rendering import Json
from claims.api.round_trips import Asked, together
from claims.formats.composing import Given, Statement
from claims.formats.tables import Table
from claims.models import Claim
from claims.queries import past
from claims.queries.listing import ordered_by
from claims.queries.past import Cutoff

AS_OF = "Isnad-As-Of"

# Claims on a page; the first is short, so that something is sent at once, and so are those whose
# documents are long.
FIRST, PAGE = 100, 1_000
HEAVY = 4_000_000  # bytes that a long page may have, as far as the one before tells
# Claims that are told as they were, at a time.
REVIVED = 200
# How often it is waited for a connection, five seconds each.
PATIENCE = 24

BEGINNING = ("-infinity", str(UUID(int=0)))

Key = tuple[datetime, str]
"""Where a claim stands in the order of filing: its time, and its id."""

T = TypeVar("T")
Answer = TypeVar("Answer", bound=HttpResponseBase)


class Export:
    """Claims in the order in which they were filed, as pages of documents in JSON.

    name: what its file is called.

    asked: the cleaned values of filters of the list. as_of: the number; until: when the last claim
    before it was filed, None where there is none. answers: the serializer of documents, made_of the
    rows with all that they show.
    """

    name = "claims"

    def __init__(
        self,
        asked: Mapping[str, Any],
        *,
        as_of: int,
        until: datetime | None,
        answers: type[Serializer] = ClaimTold,
        made_of: Rows = Claims.made_of,
    ) -> None:
        self.asked = {name: it for name, it in asked.items() if it not in (None, "")}
        self.as_of, self.until, self.answers = as_of, until, answers
        self.keys = {size: self.query(size) for size in (FIRST, PAGE)}
        self.documents = by_id(answers, made_of)
        self.seen = as_of
        # Claims that something happened to since, by id; and ids of what else
        # was edited, which the documents of claims may show.
        self.touched: dict[str, Key] = {}
        self.edited: set[bytes] = set()

    async def pages(self, lines: Lines) -> AsyncGenerator[list[bytes], None]:
        """None of them is empty. Raises psycopg.Error."""
        size, beyond, more = FIRST, BEGINNING, self.until is not None
        while more:
            [found] = await ask(lines, (self.keys[size], self.given(beyond)))
            ids, times = texts(found, 0), texts(found, 1)
            told, since = await ask(
                lines, (self.documents, {IDS: ids}), (SINCE, self.given(beyond, seen=self.seen))
            )
            self.learn(since)
            page = dict(zip(ids, column(told, 0), strict=True))
            more = len(ids) == size
            changed = self.changed(page, place(times[-1], ids[-1]) if more else None)
            if changed:
                when = dict(zip(ids, map(place, times, ids), strict=True))
                documents = await self.mended(page, when, changed)
            else:
                documents = list(page.values())
            if documents:
                yield documents
            if more:
                long = sum(map(len, page.values())) * PAGE > HEAVY * len(page)
                size, beyond = FIRST if long else PAGE, (times[-1], ids[-1])

    def query(self, size: int) -> Query:
        """SELECT id and time of the claims of a page, by a plan of its own for these values."""
        told = {n: it if isinstance(it, bool) else Given(n) for n, it in self.asked.items()}
        rows: QuerySet[Any] = filtered(Claims, told)
        time, _id = ordered_by(rows, "created_at")
        rows = rows.filter(**{f"{time}__lte": Given("until")})
        beyond = (Given("at"), Given("after"))
        read = keys(rows, "created_at", descending=False, beyond=beyond, most=size)
        sql, parameters = read.query.sql_with_params()
        return Query.of(Statement(sql, tuple(parameters)), planned_once=False)

    def given(self, beyond: tuple[str, str], **more: Any) -> dict[str, Any]:
        at, after = beyond
        return {**self.asked, "until": self.until, "at": at, "after": after, **more}

    # What happened meanwhile

    def learn(self, since: PGresult) -> None:
        for kind, told, at in zip(texts(since, 0), texts(since, 1), column(since, 2), strict=True):
            if kind == "number":
                self.seen = int(told)
            elif kind == "claim":
                self.touched[told] = place(at.decode(), told)
            else:
                self.edited.add(told.encode())

    def changed(self, page: Mapping[str, bytes], last: Key | None) -> set[str]:
        """The claims up to this one that may be told as they are, not as they were."""
        here = {pk for pk, key in self.touched.items() if last is None or key <= last}
        for pk in here:
            del self.touched[pk]
        if self.edited:
            here |= {pk for pk, text in page.items() if any(it in text for it in self.edited)}
        return here

    async def mended(
        self, page: Mapping[str, bytes], when: Mapping[str, Key], changed: Collection[str]
    ) -> list[bytes]:
        """The page with these claims as they were, where they were asked for then."""
        told = {when[pk]: it for pk, it in page.items() if pk not in changed}
        wanted = sorted(changed)
        for start in range(0, len(wanted), REVIVED):
            told |= await in_django(self.as_they_were, wanted[start : start + REVIVED], page.keys())
        return [told[key] for key in sorted(told)]

    def as_they_were(self, ids: Sequence[str], today: Collection[str]) -> dict[Key, bytes]:
        """today: the ids of those that are asked for now, as clusters are known as they are."""
        claims = self.revived([UUID(pk) for pk in ids])
        return {
            (claim.created_at, str(claim.pk)): self.document(claim)
            for claim in claims.values()
            if matches(claim, self.asked)
            and ("same_as" not in self.asked or str(claim.pk) in today)
        }

    def revived(self, ids: Sequence[UUID]) -> dict[UUID, Claim]:
        """Claims as they were, with all that their documents show."""
        return past.claims(ids, Cutoff(number=self.as_of))

    def document(self, claim: Claim) -> bytes:
        return Json().render(self.answers(claim).data)


def place(at: str, pk: str) -> Key:
    return datetime.fromisoformat(at), pk


SINCE = Query.of(
    Statement(past.SINCE, (Given("seen"), Given("at"), Given("after"), Given("until"))),
    planned_once=False,
)


@cache
def by_id(answers: type[Serializer], made_of: Rows) -> Query:
    return Query.of(composer(answers, made_of).by_id(), planned_once=True)


def column(found: PGresult, number: int) -> list[bytes]:
    return [found.get_value(row, number) or b"" for row in range(found.ntuples)]


def texts(found: PGresult, number: int) -> list[str]:
    return [it.decode() for it in column(found, number)]


async def ask(lines: Lines, *asked: Asked) -> list[PGresult]:
    """The results of statements, over a connection that it waits for. Raises psycopg.Error."""
    for patience in reversed(range(PATIENCE)):
        try:
            async with lines.connection() as connection:
                return await together(connection, asked)
        except psycopg_pool.PoolTimeout:
            if not patience:
                raise
    raise AssertionError


async def in_django(asked: Callable[..., T], *parts: Any) -> T:
    """What it answers in the thread of the request, which keeps no connection afterwards."""
    try:
        return await sync_to_async(asked)(*parts)
    finally:
        await sync_to_async(close_old_connections)()


def stream(request: Request, export: Export, table: Table) -> StreamingHttpResponse:
    """The answer that sends an export as a table, while it is read."""
    response = StreamingHttpResponse(
        told(export, table, lines_of(request)), content_type=table.media_type
    )
    return headed(response, export, table)


def headed(response: Answer, export: Export, table: Table) -> Answer:
    response[AS_OF] = str(export.as_of)
    response["Content-Disposition"] = (
        f'attachment; filename="{export.name}-{export.as_of}.{table.extension}"'
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def lines_of(request: Request) -> Lines | None:
    """Those of the edge, where there is one in front of Django."""
    return cast("Lines | None", getattr(request._request, "scope", {}).get(Lines.KEY))


async def told(export: Export, table: Table, lines: Lines | None) -> AsyncIterator[bytes]:
    """The parts of the stream. lines: None for one of its own."""
    await sync_to_async(close_old_connections)()  # that of who asked, which was looked up
    own = Lines(1)  # opened when first asked
    count = 0
    try:
        if begun := table.begin():
            yield begun
        async with aclosing(export.pages(lines or own)) as pages:
            async for page in pages:
                count += len(page)
                if part := await asyncio.to_thread(table.page, page):
                    yield part
        yield await asyncio.to_thread(table.end, count, export.as_of)
    finally:
        await own.close()
