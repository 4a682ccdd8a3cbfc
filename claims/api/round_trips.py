"""Several statements in one round trip, with libpq's pipeline mode and nothing above it.

psycopg's own pipelines send each statement by itself and keep a cursor for it; that took more
time than all that is decided about a verdict.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGconn, PGresult

from claims.api.queries import Query

Connection = psycopg.AsyncConnection[Any]
Asked = tuple[Query, Mapping[str, Any]]

FAILED = {pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED}

# The statements that a connection has prepared, by name.
prepared: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()


async def together(connection: Connection, asked: Sequence[Asked]) -> list[PGresult]:
    """The results of statements that are sent at once, in text format.

    Of the first that fails the error is raised, and those after it are not carried out. A
    connection of which that cannot be told, because it is lost or left early, is closed.
    Raises psycopg.Error.
    """
    pgconn = connection.pgconn
    known = prepared.setdefault(connection, set())
    whole = False
    try:
        pgconn.enter_pipeline_mode()
        new = [query for query, _given in asked if query.name not in known]
        for query in new:
            pgconn.send_prepare(query.name, query.sql)
        for query, given in asked:
            pgconn.send_query_prepared(query.name, [*values(query, given)])
        pgconn.pipeline_sync()
        results = await received(pgconn)
        known.update(
            query.name for query, it in zip(new, results, strict=False) if it.status not in FAILED
        )
        pgconn.exit_pipeline_mode()
        whole = True
    finally:
        if not whole:
            await connection.close()
    for result in results:
        if result.status in FAILED:
            raise error_from_result(result, "utf-8")
    return results[len(new) :]


async def received(pgconn: PGconn) -> list[PGresult]:
    """All results until the database has come to the end of what was sent."""
    results: list[PGresult] = []
    sending = pgconn.flush() == 1
    while True:
        while sending or pgconn.is_busy():
            await ready(pgconn.socket, sending)
            pgconn.consume_input()
            sending = sending and pgconn.flush() == 1
        result = pgconn.get_result()
        if result is not None and result.status == pq.ExecStatus.PIPELINE_SYNC:
            return results
        if pgconn.status == pq.ConnStatus.BAD:
            raise psycopg.OperationalError(pgconn.get_error_message())
        if result is not None:
            results.append(result)


async def ready(socket: int, sending: bool) -> None:
    """Until there is something to read, or space to send."""
    loop = asyncio.get_running_loop()
    is_ready = loop.create_future()

    def now() -> None:
        if not is_ready.done():
            is_ready.set_result(None)

    loop.add_reader(socket, now)
    if sending:
        loop.add_writer(socket, now)
    try:
        await is_ready
    finally:
        loop.remove_reader(socket)
        if sending:
            loop.remove_writer(socket)


def values(query: Query, given: Mapping[str, Any]) -> Iterator[bytes | None]:
    """As PostgreSQL reads them."""
    for it in query.parameters:
        match it.of(given):
            case None:
                yield None
            case bool(value):
                yield b"t" if value else b"f"
            case bytes(value):
                yield b"\\x" + value.hex().encode()
            case datetime() as value:
                yield value.isoformat().encode()
            case value:
                yield str(value).encode()
