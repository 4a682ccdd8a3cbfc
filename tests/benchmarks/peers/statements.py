"""The SQL that pgbench runs: the statements by which Isnad reads, with nothing around them.

A page is one statement here whatever is asked: where the best plan depends on the values, Isnad
itself takes two, of which the second is handed what the first has found.
"""

from functools import cache
from typing import Any
from uuid import UUID

from django.test import RequestFactory
from rest_framework.request import Request

from claims.api.changes import told
from claims.api.claims import Claims
from claims.api.composed import Composer
from claims.api.pagination import Pages, keys
from claims.api.plain_reads import Details, Lists, cleaned, filtered
from claims.formats.composing import Given
from claims.queries import feed
from tests.benchmarks.peers import asks

# How a path says after which row to go on.
address = asks.of_isnad


@cache
def lists() -> Lists:
    return Lists(Claims, asks.CLAIMS)


@cache
def details() -> Details:
    return Details(Claims, asks.CLAIMS)


def of(path: str) -> tuple[str, list[Any]]:
    """The statement that answers a path of `address`; $1 and so on are the parameters.

    The third column of its rows is the document, null in the row that tells of a next page.
    """
    request: Any = Request(RequestFactory().get(path, SERVER_NAME="127.0.0.1"))
    match request.path.removeprefix(asks.CLAIMS).split("/"):
        case [""]:
            given = cleaned(lists().fields, request.query_params)
            names = {
                name: it if isinstance(it, bool) else Given(name) for name, it in given.items()
            }
            pages = Pages(request, Claims.orderings)
            rows = filtered(Claims, names, ordering=pages.ordering)
            return page(pages, rows, lists().listing.composer, given)
        case [pk, ""]:
            query = details().queries[True]
            return query.sql.decode(), [
                it.of({"id": UUID(pk), "tags": []}) for it in query.parameters
            ]
        case [pk, "history", ""]:
            pages = Pages(request, ("number", "-number"))
            return page(pages, feed.of_claim(Given("claim")), told(), {"claim": UUID(pk)})
    raise ValueError(path)


def page(
    pages: Pages, rows: Any, composer: Composer, given: dict[str, Any]
) -> tuple[str, list[Any]]:
    beyond = None
    if pages.beyond is not None:
        beyond = Given("at"), Given("after")
        given = {**given, "at": pages.beyond[0], "after": pages.beyond[1]}
    read = keys(rows, pages.column, descending=pages.reads_down, beyond=beyond, most=pages.size + 1)
    statement = composer.by_page(read, descending=pages.reads_down, size=pages.size)
    sql, parameters = statement.settled(reader="NULL::uuid").numbered()
    return sql.decode(), [it.of(given) for it in parameters]
