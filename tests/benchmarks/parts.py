"""What each part of a plain read costs beside the document: key, rights, filters, rate, tag.

The edge runs in this process, one request after the other, with a clock around each part. What
the parts cost PostgreSQL is told by the same statements with and without them.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from inspect import iscoroutinefunction
from random import Random
from statistics import median
from typing import Any

from rich.table import Table

from tests.benchmarks.databases import connect
from tests.benchmarks.peers import asks
from tests.benchmarks.peers.load import Wrong

REQUESTS = 3_000
REPEATS = 2_000
WAITING = "waiting for PostgreSQL, and libpq"


class Clock:
    """Seconds by part; of a part inside another, only its own."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.inside: list[float] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        self.inside.append(0.0)
        began = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - began
            self.spent[name] += took - self.inside.pop()
            if self.inside:
                self.inside[-1] += took

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        if iscoroutinefunction(function):

            @wraps(function)
            async def timed(*args: Any, **kwargs: Any) -> Any:
                with self.part(name):
                    return await function(*args, **kwargs)

        else:

            @wraps(function)
            def timed(*args: Any, **kwargs: Any) -> Any:
                with self.part(name):
                    return function(*args, **kwargs)

        return timed


def parts() -> Iterator[tuple[str, Any, str]]:
    """Name of a part, and where the function is that carries it out."""
    from claims.api import asking, edge, lines, pagination, plain_reads, policies

    yield "reading the request", asking.Asking, "of"
    yield "key: its hash", edge, "digest_of"
    yield "key: what the database told of it", edge, "key_in"
    yield "key: whether it is usable", edge, "usable"
    yield "rights", policies.Policies, "permit"
    yield "rate", policies.Policies, "is_within_rate"
    yield "filters: unknown ones", plain_reads, "refuse_parameters"
    yield "filters: values", plain_reads, "cleaned"
    yield "page and cursor", pagination.Pages, "__init__"
    yield "tags that the caller knows", plain_reads, "tags_known"
    yield "links, signed", pagination.Pages, "links"
    yield "the body put together", plain_reads, "body"
    yield WAITING, lines.Lines, "ask"
    yield "answering", edge, "respond"


def told(database: str, keys: Sequence[str]) -> Iterator[Table]:
    """database: which this process is connected to; keys: of it."""
    with connect(database) as connection:
        chance = Random(1)
        lists = [ask for kind in asks.lists(connection, chance).values() for ask in kind]
        paths = {
            "list": [asks.of_isnad(ask) for ask in lists],
            "detail": [asks.of_isnad(ask) for ask in asks.details(connection)[::2]],
        }
        yield asyncio.run(in_python(paths, keys))
        yield in_postgresql(connection, keys[0])


async def in_python(paths: dict[str, Sequence[str]], keys: Sequence[str]) -> Table:
    from claims.api.edge import Edge
    from claims.api.plain_reads import plain_reads
    from config.asgi import django_application

    clock = Clock()
    edge = Edge(django_application, plain_reads())
    shown = Table("µs a request", *paths, box=None)
    columns: list[dict[str, float]] = []
    undo = []
    for name, place, attribute in parts():
        held = place.__dict__[attribute]
        plain = held.__func__ if isinstance(held, (classmethod, staticmethod)) else held
        timed: Any = clock.around(name, plain)
        undo.append((place, attribute, held))
        setattr(place, attribute, type(held)(timed) if plain is not held else timed)
    try:
        for chosen in paths.values():
            for path in chosen[:50]:  # headers are learned, statements prepared
                await ask(edge, path, keys[0])
            clock.spent.clear()
            began = time.perf_counter()
            for number in range(REQUESTS):
                with clock.part("the rest"):
                    await ask(edge, chosen[number % len(chosen)], keys[number % len(keys)])
            whole = time.perf_counter() - began
            columns.append({**clock.spent, "together": whole})
    finally:
        for place, attribute, held in undo:
            setattr(place, attribute, held)
        await edge.lines.close()
    for name in [*(it[0] for it in parts()), "the rest", "together"]:
        shown.add_row(name, *(f"{it.get(name, 0) * 1e6 / REQUESTS:.1f}" for it in columns))
    return shown


async def ask(edge: Any, path: str, key: str) -> None:
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "scheme": "http",
        "http_version": "1.1",
        "asgi": {"version": "3.0"},
        "client": ("127.0.0.1", 9),
        "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {key}".encode())],
    }

    async def send(message: Any) -> None:
        if message.get("status", 200) != 200:
            raise Wrong(f"{path}?{query}: {message['status']}")

    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        return next(messages, None) or await asyncio.Event().wait()  # nobody hangs up

    await edge(scope, receive, send)


def in_postgresql(connection: Any, key: str) -> Table:
    """Milliseconds of statements that are prepared, one after the other."""
    from claims.api.authentication import digest_of
    from claims.api.callers import BY_KEY
    from claims.queries.etags import OF_RECORD

    shown = Table("µs of PostgreSQL and the way there", "median", box=None)
    digest = digest_of(f"Bearer {key}".encode())
    statements = {
        "nothing: SELECT 1": ("SELECT 1", ()),
        "the key and its member": (f"SELECT who.caller {BY_KEY}", (digest,)),
        "the tag of a list": (OF_RECORD.replace("%", "%%"), ()),
        "both, with the list": (f"SELECT who.caller, ({OF_RECORD}) {BY_KEY}", (digest,)),
    }
    for name, (statement, values) in statements.items():
        taken = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            connection.execute(statement, values, prepare=True).fetchone()
            taken.append(time.perf_counter() - began)
        shown.add_row(name, f"{median(taken) * 1e6:.0f}")
    return shown
