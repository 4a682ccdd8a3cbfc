"""Waiting, without a server around it: the ASGI application, and what wakes it.

What a client of a real server sees is in tests/test_following.py.
"""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

import orjson
import pytest
from django.core.asgi import get_asgi_application
from django.db import connections, transaction

from claims.actions import sequencing
from claims.api import following
from claims.api.following import Following, Head
from claims.queries import feed
from tests import make
from tests.log import numbered

pytestmark = pytest.mark.usefixtures("committed")

PATH = "/api/v1/changes/"
# Seconds: enough for any machine, and nothing to what is told to be waited for.
PATIENCE, NEVER = 30.0, 1_000.0


def happen() -> str:
    """Something, which gets its number; its id. In a thread that leaves no connection behind."""
    try:
        with transaction.atomic():
            publisher = make.publisher()
        numbered()
        return str(publisher.pk)
    finally:
        connections.close_all()


@pytest.fixture
def logged() -> int:
    """The highest number of a log in which something happened already."""
    happen()
    number = feed.head()
    connections.close_all()
    return number


class Client:
    """Somebody who reads a stream, part by part, until they hang up."""

    def __init__(self, query: str) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.headers: dict[bytes, bytes] = {}
        self.gone = asyncio.Event()
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(b"host", b"testserver"), (b"accept", b"text/event-stream")],
            "client": ("127.0.0.1", 50_000),
            "server": ("testserver", 80),
        }

    async def receive(self) -> MutableMapping[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
            self.headers = {name.lower(): value for name, value in message["headers"]}
        else:
            await self.heard.put(message["body"])

    async def part(self, wanted: Callable[[bytes], bool]) -> tuple[bytes, list[bytes]]:
        """The next part that is wanted, and those before it."""
        before = []
        async with asyncio.timeout(PATIENCE):
            while not wanted(part := await self.heard.get()):
                before.append(part)
        return part, before


def is_heartbeat(part: bytes) -> bool:
    return part == b": still here\n\n"


def tells(part: bytes) -> bool:
    return b"data: " in part


def test_a_stream_says_that_it_is_alive_while_nothing_happens(
    logged: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "HEARTBEAT", 0.05)

    async def follow() -> None:
        client = Client(f"after={logged}")
        application = Following(get_asgi_application(), path=PATH)
        answering = asyncio.create_task(application(client.scope, client.receive, client.send))
        _, before = await client.part(is_heartbeat)
        assert client.headers[b"content-type"].startswith(b"text/event-stream")
        assert before == [b"retry: 1000\n\n", b"id: %d\n\n" % logged]
        for _ in range(3):
            assert await client.part(is_heartbeat) == (b": still here\n\n", [])
        subject = await asyncio.to_thread(happen)
        told, before = await client.part(tells)
        assert all(map(is_heartbeat, before))
        lines = dict(line.split(": ", 1) for line in told.decode().strip().splitlines())
        assert lines["id"] == str(logged + 1)
        assert orjson.loads(lines["data"])["subject"] == subject
        await client.part(is_heartbeat)  # and on it goes
        client.gone.set()
        async with asyncio.timeout(PATIENCE):
            await answering

    asyncio.run(follow())


def test_a_stream_that_has_something_to_tell_needs_no_sign_of_life(
    logged: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "HEARTBEAT", NEVER)

    async def follow() -> None:
        client = Client(f"after={logged - 1}")
        application = Following(get_asgi_application(), path=PATH)
        answering = asyncio.create_task(application(client.scope, client.receive, client.send))
        told, before = await client.part(tells)
        assert before == [b"retry: 1000\n\n"]
        assert told.startswith(b"id: %d\n" % logged)
        await asyncio.to_thread(happen)
        _, before = await client.part(tells)
        assert before == []
        client.gone.set()
        async with asyncio.timeout(PATIENCE):
            await answering

    asyncio.run(follow())


# What wakes it


async def woken(logged: int, *, within: float) -> bool:
    """Whether somebody who waits for the next number is woken when there is one."""
    head = Head()
    assert await head.beyond(logged - 1, PATIENCE)  # so it listens, and has looked
    assert head.number == logged
    waiting = asyncio.create_task(head.beyond(logged, within))
    await asyncio.to_thread(happen)
    found = await waiting
    assert head.number == logged + found
    return found


def test_the_sequencer_wakes_who_waits_without_a_look_at_the_log(
    logged: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PROBE", NEVER)
    assert asyncio.run(woken(logged, within=PATIENCE))


def test_where_nothing_is_said_a_look_at_the_log_wakes_who_waits(
    logged: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PROBE", 0.1)
    monkeypatch.setattr(sequencing, "CHANNEL", "where_nobody_listens")
    assert asyncio.run(woken(logged, within=PATIENCE))


def test_who_is_told_nothing_and_does_not_look_goes_on_waiting(
    logged: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So each of the two above is woken by what it says, and by nothing else."""
    monkeypatch.setattr(following, "PROBE", NEVER)
    monkeypatch.setattr(sequencing, "CHANNEL", "where_nobody_listens")
    assert not asyncio.run(woken(logged, within=1.0))
