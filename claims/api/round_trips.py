"""Statements in one round trip, with libpq's pipeline mode and nothing above it.

The cursors and pipelines of psycopg take more time than all that is decided about a verdict.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
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

# A connection keeps the plans of what it has prepared; those not used for longest make room.
MOST_PREPARED = 100

# The names of the statements that a connection has prepared, the last used at the end.
prepared: WeakKeyDictionary[Connection, OrderedDict[bytes, None]] = WeakKeyDictionary()


async def together(connection: Connection, asked: Sequence[Asked]) -> list[PGresult]:
    """The results of statements that are sent at once, in text format.

    Of the first that fails the error is raised, and those after it are not carried out. A
    connection of which that cannot be told, because it is lost or left early, is closed.
    Raises psycopg.Error.
    """
    pgconn = connection.pgconn
    known = prepared.setdefault(connection, OrderedDict())
    whole = False
    try:
        pgconn.enter_pipeline_mode()
        gone = [known.popitem(last=False)[0] for _ in range(len(known) - MOST_PREPARED)]
        for name in gone:
            pgconn.send_query_params(b"DEALLOCATE " + name, None)
        named = {query.name: query for query, _given in asked if query.planned_once}
        new = [name for name in named if name not in known]
        for name in new:
            pgconn.send_prepare(name, named[name].sql)
        for query, given in asked:
            told = [spelled(it.of(given)) for it in query.parameters]
            if query.planned_once:
                pgconn.send_query_prepared(query.name, told)
            else:
                pgconn.send_query_params(query.sql, told)
        pgconn.pipeline_sync()
        results = await received(pgconn)
        pgconn.exit_pipeline_mode()
        whole = True
    finally:
        if not whole:
            await connection.close()
    results = results[len(gone) :]
    made = {name for name, it in zip(new, results, strict=False) if it.status not in FAILED}
    for name in named:
        if name in known or name in made:
            known[name] = None
            known.move_to_end(name)
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


def spelled(value: object) -> bytes | None:
    """As PostgreSQL reads it."""
    match value:
        case None:
            return None
        case str():
            return value.encode()
        case bool():
            return b"t" if value else b"f"
        case bytes():
            return b"\\x" + value.hex().encode()
        case datetime():
            return value.isoformat().encode()
        case list():
            return b"{%s}" % b",".join(map(quoted, value))
        case _:
            return str(value).encode()


def quoted(value: object) -> bytes:
    """As a part of an array."""
    told = spelled(value)
    if told is None:
        return b"NULL"
    return b'"%s"' % told.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
