"""Statements over connections of the event loop: what is handed over, and what stays behind."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from claims.api import round_trips
from claims.api.lines import Lines
from claims.api.queries import Query
from claims.formats.composing import Given, Statement
from tests.waiting import PATIENCE

pytestmark = pytest.mark.usefixtures("committed")

HELD = "SELECT count(*), pg_backend_pid() FROM pg_prepared_statements WHERE name LIKE 'isnad%%'"


def query(sql: str, *names: str, planned_once: bool = True) -> Query:
    return Query.of(Statement(sql, tuple(map(Given, names))), planned_once=planned_once)


def run(what: Callable[[Lines], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        lines = Lines(1)
        try:
            await what(lines)
        finally:
            await lines.close()

    connections.close_all()
    asyncio.run(all_of_it())


async def held(lines: Lines) -> tuple[int, bytes | None]:
    """How many statements its connection keeps, and which connection that is."""
    found = await lines.ask(query(HELD, planned_once=False), {})
    return int(found.get_value(0, 0) or 0), found.get_value(0, 1)


@pytest.mark.parametrize("planned_once", [True, False])
@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        ("text", "لا \\ '\"{},", "لا \\ '\"{},"),
        ("text", None, None),
        ("bool", True, "t"),
        ("bool", False, "f"),
        ("int", 7, "7"),
        ("bytea", b"\0\\x", "\\x005c78"),
        ("uuid", UUID(int=1), str(UUID(int=1))),
        ("timestamptz", datetime(2020, 3, 14, tzinfo=UTC), "2020-03-14 00:00:00+00"),
        ("text[]", [], "{}"),
        ("text[]", ['a"b', "c\\d", "e,f", "", "NULL", None], None),
        ("uuid[]", [UUID(int=1)], f"{{{UUID(int=1)}}}"),
    ],
    ids=str,
)
def test_values_arrive_as_they_are(planned_once: bool, type: str, value: Any, text: str) -> None:
    async def ask(lines: Lines) -> None:
        asked = query(
            f"SELECT %s::{type}, to_json(%s::{type})", "it", "it", planned_once=planned_once
        )
        found = await lines.ask(asked, {"it": value})
        told = found.get_value(0, 0)
        if isinstance(value, list) and text is None:
            assert found.get_value(0, 1) == b'["a\\"b","c\\\\d","e,f","","NULL",null]'
        else:
            assert (told and told.decode()) == text

    run(ask)


def test_what_is_planned_each_time_is_not_kept() -> None:
    async def ask(lines: Lines) -> None:
        for n in range(3):
            await lines.ask(query("SELECT 1 + %s::int", "n", planned_once=False), {"n": n})
        assert (await held(lines))[0] == 0
        for n in range(3):
            await lines.ask(query("SELECT 2 + %s::int", "n"), {"n": n})
        assert (await held(lines))[0] == 1

    run(ask)


def test_what_was_not_asked_for_longest_is_prepared_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(round_trips, "MOST_PREPARED", 3)

    async def ask(lines: Lines) -> None:
        for n in (*range(8), *range(8), 7, 0, 7, 0):
            found = await lines.ask(query(f"SELECT {n}"), {})
            assert found.get_value(0, 0) == b"%d" % n
        assert (await held(lines))[0] <= 4

    run(ask)


def test_a_statement_that_fails_leaves_the_connection_as_it_was() -> None:
    async def ask(lines: Lines) -> None:
        _count, before = await held(lines)
        for sql in ("SELECT 1 / %s::int", "SELECT nothing_like_it(%s)"):
            for planned_once in (True, False):
                for _ in range(2):
                    with pytest.raises(psycopg.Error) as failed:
                        await lines.ask(query(sql, "n", planned_once=planned_once), {"n": 0})
                    assert failed.value.sqlstate in {"22012", "42883"}
        assert await held(lines) == (1, before)

    run(ask)


def test_who_is_called_off_takes_the_connection_along() -> None:
    async def ask(lines: Lines) -> None:
        _count, before = await held(lines)
        for _ in range(3):
            asking = asyncio.create_task(lines.ask(query("SELECT pg_sleep(10)"), {}))
            await asyncio.sleep(0.05)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            async with asyncio.timeout(PATIENCE):
                count, now = await held(lines)
            assert (count, now != before) == (0, True)
            before = now

    run(ask)


def test_a_connection_that_is_lost_is_replaced() -> None:
    async def ask(lines: Lines) -> None:
        _count, before = await held(lines)
        with pytest.raises(psycopg.Error):
            await lines.ask(query("SELECT pg_terminate_backend(pg_backend_pid())"), {})
        async with asyncio.timeout(PATIENCE):
            count, now = await held(lines)
        assert (count, now != before) == (0, True)

    run(ask)


def test_a_transaction_that_is_left_is_undone() -> None:
    async def ask(lines: Lines) -> None:
        async with lines.transaction() as transaction:
            await transaction.begin((query("CREATE TEMP TABLE left_behind ()"), {}))
        found = await lines.ask(query("SELECT to_regclass('left_behind')"), {})
        assert found.get_value(0, 0) is None

    run(ask)
