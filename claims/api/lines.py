"""Connections to the database that cost no thread: those of the event loop."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar

import psycopg
import psycopg_pool
from psycopg import pq
from psycopg.pq.abc import PGresult

from claims.api.queries import Query
from claims.api.round_trips import Asked, Connection, together
from claims.formats.composing import Statement
from claims.queries.connecting import connection_parameters

# Errors of which the database itself says that nothing was committed.
CERTAIN = (
    psycopg.IntegrityError,
    psycopg.DataError,
    psycopg.ProgrammingError,
    psycopg.NotSupportedError,
)
BEGIN: Asked = (Query.of(Statement("BEGIN", ()), planned_once=True), {})
COMMIT: Asked = (Query.of(Statement("COMMIT", ()), planned_once=True), {})
OPEN = {pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR}


class OutcomeUnknown(Exception):
    """What was asked for may be committed, or not: the database has not said."""


class Transaction:
    """One transaction in two round trips, with a decision between them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def begin(self, *asked: Asked) -> list[PGresult]:
        """Raises psycopg.Error."""
        return (await together(self.connection, (BEGIN, *asked)))[1:]

    async def commit(self, *asked: Asked) -> list[PGresult]:
        """Raises OutcomeUnknown; psycopg.Error where it is certain that nothing was committed."""
        try:
            return (await together(self.connection, (*asked, COMMIT)))[:-1]
        except psycopg.Error as error:
            if isinstance(error, CERTAIN) and error.sqlstate:
                raise
            raise OutcomeUnknown(str(error).strip()) from error


class Lines:
    """Some connections of one event loop; whoever finds none free waits for one.

    most: how many. options: of the sessions, beside those of Django's connections. parameters:
    of another database than Django's. KEY: under which Django finds those for exports in the scope.
    """

    KEY: ClassVar[str] = "isnad.lines"

    def __init__(
        self, most: int, options: str = "", parameters: Mapping[str, Any] | None = None
    ) -> None:
        self.most, self.options, self.parameters = most, options, parameters
        self.pool: psycopg_pool.AsyncConnectionPool[Connection] | None = None
        self.opening = asyncio.Lock()

    async def ask(self, query: Query, given: Mapping[str, Any]) -> PGresult:
        """The rows, in text format. Raises psycopg.Error."""
        async with self.connection() as connection:
            return (await together(connection, ((query, given),)))[0]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Undone at the end, unless it was committed."""
        async with self.connection() as connection:
            try:
                yield Transaction(connection)
            finally:
                if connection.pgconn.transaction_status in OPEN:
                    with suppress(psycopg.Error):  # one that is lost has nothing to undo
                        await connection.rollback()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        pool = self.pool or await self.open()
        connection = await pool.getconn()
        try:
            yield connection
        finally:
            await pool.putconn(connection)

    async def open(self) -> "psycopg_pool.AsyncConnectionPool[Connection]":
        async with self.opening:
            if self.pool is None:
                parameters = self.parameters or connection_parameters()
                options = f"{parameters.get('options', '')} {self.options}".strip()
                pool: Any = psycopg_pool.AsyncConnectionPool(
                    kwargs={
                        **parameters,
                        "options": options,
                        "autocommit": True,
                    },
                    min_size=1,
                    max_size=self.most,
                    timeout=5,
                    reconnect_timeout=2,  # as in config.settings
                    open=False,
                )
                await pool.open()
                self.pool = pool
            return self.pool

    async def check(self) -> None:
        """Let go of connections that are broken."""
        if self.pool is not None:
            await self.pool.check()

    async def close(self) -> None:
        if self.pool is not None:
            await self.pool.close()
