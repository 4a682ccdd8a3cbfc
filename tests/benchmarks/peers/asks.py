"""What is asked: the same random mix for every contestant, each in its own way of paging."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import psycopg

from tests.benchmarks.peers.listing import SIZE, listing

CLAIMS = "/api/v1/claims/"
OF_A_KIND = 8  # pages of one kind: half of them first ones
LOOKED_UP = 500  # claims whose details and histories are asked for


@dataclass(frozen=True)
class After:
    """The row before a later page: its instant in the list's order, its id; `page` from 2."""

    at: datetime
    pk: UUID
    page: int


@dataclass(frozen=True)
class Ask:
    path: str
    query: tuple[tuple[str, str], ...] = ()
    after: After | None = None


def of_peers(ask: Ask) -> str:
    """With the cursor of listing.py."""
    cursor = {"cursor": f"{ask.after.at.isoformat()},{ask.after.pk}"} if ask.after else {}
    return with_query(ask.path, dict(ask.query) | cursor)


def numbered(ask: Ask) -> str:
    """With a number for the page."""
    return with_query(ask.path, dict(ask.query) | ({"page": ask.after.page} if ask.after else {}))


def of_isnad(ask: Ask) -> str:
    """With the cursor that Isnad would have given: made by its own code, as it is signed."""
    from tests.benchmarks.cases import link

    if ask.after is None:
        return of_peers(ask)
    return link(dict(ask.query), ask.after.at, ask.after.pk)


def with_query(path: str, query: dict[str, object]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def lists(connection: psycopg.Connection, chance: Random) -> dict[str, list[Ask]]:
    """All pages and filters that cases.py has, by kind: first pages, later ones, deep ones."""
    from tests.benchmarks.cases import cases

    kinds: dict[str, list[Ask]] = {}
    for kind, paths in cases(connection).items():
        queries = list(dict.fromkeys(map(query_of, paths)))
        if any(urlsplit(path).path != CLAIMS for path in paths):
            continue
        chosen = [queries[i % len(queries)] for i in range(OF_A_KIND)]
        deep = "at 90 %" in kind
        kinds[kind] = [
            Ask(CLAIMS, query, later(connection, query, chance, deep) if deep or i % 2 else None)
            for i, query in enumerate(chosen)
        ]
    return kinds


def query_of(path: str) -> tuple[tuple[str, str], ...]:
    query = parse_qsl(urlsplit(path).query)
    return tuple((name, value) for name, value in query if name != "cursor")


def later(
    connection: psycopg.Connection,
    query: tuple[tuple[str, str], ...],
    chance: Random,
    deep: bool,
) -> After | None:
    """Where some later page begins, as often among the first few as far behind; None without one.

    deep: at about nine tenths of the list.
    """
    rows = listing(dict(query))
    counted = f"SELECT count(*) FROM ({rows.sql('1', limit=10**9)}) counted"
    raw = psycopg.RawCursor(connection)
    pages = raw.execute(counted, rows.params).fetchone()[0] // SIZE
    if not pages:
        return None
    page = int(pages * chance.uniform(0.85, 0.95)) if deep else int(pages ** chance.random())
    sql = f"{rows.sql(', '.join(rows.columns), limit=1)} OFFSET {max(1, page) * SIZE - 1}"
    return After(*raw.execute(sql, rows.params).fetchone(), max(1, page) + 1)


def details(connection: psycopg.Connection) -> list[Ask]:
    """Details and histories of random claims, in turns."""
    found = connection.execute(
        "SELECT id FROM claims_claim ORDER BY md5(id::text || 'peers') LIMIT %s", [LOOKED_UP]
    )
    return [ask for (pk,) in found for ask in detail_and_history(pk)]


def detail_and_history(pk: UUID) -> Iterator[Ask]:
    yield Ask(f"{CLAIMS}{pk}/")
    yield Ask(f"{CLAIMS}{pk}/history/")
