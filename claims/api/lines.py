"""Connections to the database that cost no thread: those of the event loop."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import psycopg_pool
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import ConnectionHandler
from psycopg.pq.abc import PGresult

from claims.formats.composing import Given, Statement


def connection_parameters() -> dict[str, Any]:
    """Those of Django's connections, for one outside of its pool."""
    return without_pool(connections["default"])


def parameters_of(database: dict[str, Any]) -> dict[str, Any]:
    """As above, of a database that Django does not know; database: its settings, as for Django."""
    return without_pool(ConnectionHandler({DEFAULT_DB_ALIAS: database})[DEFAULT_DB_ALIAS])


def without_pool(database: Any) -> dict[str, Any]:
    parameters = database.get_connection_params()
    return {
        name: value
        for name, value in parameters.items()
        if name not in {"cursor_factory", "context", "pool", "prepare_threshold"}
    }


@dataclass(frozen=True, slots=True)
class Query:
    """A statement as it is sent. planned_once: whether one plan is right for all its values."""

    sql: bytes
    parameters: tuple[Given, ...]
    planned_once: bool

    @classmethod
    def of(cls, statement: Statement, *, planned_once: bool, **written: str) -> "Query":
        return cls(*statement.settled(**written).numbered(), planned_once)


class Lines:
    """Some connections of one event loop; whoever finds none free waits for one.

    parameters: of another database than Django's.
    """

    def __init__(self, parameters: Mapping[str, Any] | None = None) -> None:
        self.parameters = parameters
        self.pool: psycopg_pool.AsyncConnectionPool[psycopg.AsyncConnection[Any]] | None = None
        self.opening = asyncio.Lock()

    async def ask(self, query: Query, given: Mapping[str, Any]) -> PGresult:
        """The rows, in text format. Raises psycopg.Error."""
        pool = self.pool or await self.open()
        values = [it.of(given) for it in query.parameters]
        async with pool.connection() as connection:
            cursor = await connection.execute(query.sql, values, prepare=query.planned_once)
            result = cursor.pgresult
            assert result is not None
            return result

    async def open(self) -> "psycopg_pool.AsyncConnectionPool[psycopg.AsyncConnection[Any]]":
        async with self.opening:
            if self.pool is None:
                pool: Any = psycopg_pool.AsyncConnectionPool(
                    kwargs={
                        **(self.parameters or connection_parameters()),
                        "autocommit": True,
                        "cursor_factory": psycopg.AsyncRawCursor,
                    },
                    min_size=1,
                    max_size=settings.EDGE_CONNECTIONS,
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
