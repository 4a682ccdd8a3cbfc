"""The contest: all contestants in turns, on one database, with one random mix of requests."""

import http.client
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from random import Random
from typing import Any

import orjson
import psutil
import psycopg

from tests.benchmarks.databases import connect, console
from tests.benchmarks.peers import asks, pgbench, statements
from tests.benchmarks.peers.asks import Ask
from tests.benchmarks.peers.load import PATIENCE, Processor, Request, Result, Wrong, run
from tests.benchmarks.peers.serving import (
    ISNAD,
    PEERS,
    THREADS,
    WORKERS,
    Contestant,
    isnad,
    peer,
)

CONNECTIONS = 16
POOLED = WORKERS * THREADS  # to PostgreSQL: what the peers have in their pools
PGBENCH = "pgbench, the same SQL"
OWN_LIST = "Isnad, list"
SAMPLE = 30  # lists, details and histories of each that all have to answer alike
KNOWN = 200  # lists, details and histories of each that are asked for their entity tag
SEED = 4

Unit = tuple[Ask, ...]  # what is asked for in a row
Turn = Callable[[float], Result]  # of so many seconds


def measured(turns: Mapping[str, Turn], *, rounds: int, seconds: float) -> dict[str, list[Result]]:
    """Results by contestant and round, after a round to warm up. Raises Wrong."""
    found: dict[str, list[Result]] = {name: [] for name in turns}
    names = list(turns)
    for number in range(rounds + 1):
        at = number % len(names)  # so that nobody always comes after the same one
        for name in names[at:] + names[:at]:
            result = turns[name](seconds)
            if number:
                found[name].append(result)
            label = f"round {number}" if number else "warming up"
            console.print(f"{label}: {name}: {result.rate:,.0f}/s, {result.cpu:.2f} ms of CPU each")
    return found


def reads(
    database: str, keys: tuple[str, ...], workloads: Sequence[str], *, rounds: int, seconds: float
) -> Iterator[tuple[str, dict[str, list[Result]]]]:
    """Results by workload that reads, and by contestant. Raises Wrong.

    They run side by side, and have given equal documents.
    """
    chance = Random(SEED)
    with connect(database) as connection:
        lists = [ask for kind in asks.lists(connection, chance).values() for ask in kind]
        claims = asks.details(connection)
        postgres = Processor(postmaster(connection))
    mixes: dict[str, list[Unit]] = {
        "list": [(ask,) for ask in lists],
        "detail": list(zip(claims[::2], claims[1::2], strict=True)),
    }
    with ExitStack() as stack:
        own = stack.enter_context(isnad(database, keys))
        contestants = [own]
        if set(mixes) & set(workloads):
            for name in PEERS:
                console.print(f"Starting {name}")
                contestants.append(stack.enter_context(peer(name, database)))
            compare(database, contestants, chance.sample(lists, SAMPLE) + claims[: 2 * SAMPLE])
        for workload in workloads:
            if workload == "304":
                shorter = chance.sample(lists, KNOWN) + claims[: 2 * KNOWN]
                turns = {
                    ISNAD: known(own, shorter, postgres),
                    OWN_LIST: reading(own, mixes["list"], lengths_of(own, lists), postgres),
                }
                yield workload, measured(turns, rounds=rounds, seconds=seconds)
                continue
            mix = mixes[workload]
            flat = [ask for unit in mix for ask in unit]
            lengths = lengths_of(contestants[1], flat)
            turns = {it.name: reading(it, mix, lengths, postgres) for it in contestants}
            with pgbench.reading(database, flat, POOLED) as process:
                turns[PGBENCH] = partial(process.run, database=postgres)
                yield workload, measured(turns, rounds=rounds, seconds=seconds)


def postmaster(connection: psycopg.Connection) -> int | None:
    """Its process, where it runs on this machine."""
    [pid] = connection.execute("SELECT pg_backend_pid()").fetchone()
    try:
        backend = psutil.Process(pid)
        return backend.ppid() if "postgres" in backend.name() else None
    except psutil.Error:
        return None


def reading(
    who: Contestant,
    mix: Sequence[Unit],
    lengths: Mapping[Ask, int],
    postgres: Processor,
    *,
    patience: float = PATIENCE,
) -> Turn:
    """Random units of the mix over all connections."""
    # Each spells JSON in its own way, with blanks or without; what is missing would be more.
    choices = [
        [
            [
                Request(
                    who.get(ask, connection=connection),
                    lengths[ask] * 3 // 4 - 300,
                    lengths[ask] * 4 // 3 + 300,
                )
                for ask in unit
            ]
            for unit in mix
        ]
        for connection in range(CONNECTIONS)
    ]
    return requesting(who, choices, postgres, patience=patience)


def known(who: Contestant, mix: Sequence[Ask], postgres: Processor) -> Turn:
    """Documents that the client has already, of those that have an entity tag."""
    tags = {ask: tag for ask, tag in zip(mix, tags_of(who, mix), strict=True) if tag}
    kinds = {"lists": 0, "histories": 0, "details": 0}
    for ask in tags:
        kinds[kind_of(ask)] += 1
    console.print("with an ETag: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    choices = [
        [
            [Request(who.get(ask, f"If-None-Match: {tag}", connection=connection), 0, 0, b"304")]
            for ask, tag in tags.items()
        ]
        for connection in range(CONNECTIONS)
    ]
    return requesting(who, choices, postgres)


def kind_of(ask: Ask) -> str:
    if ask.path == asks.CLAIMS:
        return "lists"
    return "histories" if ask.path.endswith("/history/") else "details"


def requesting(
    who: Contestant,
    choices: list[list[list[Request]]],
    postgres: Processor,
    *,
    patience: float = PATIENCE,
) -> Turn:
    """choices: of each connection, what it may ask for in a row."""
    server, chance = Processor(who.pid), Random(SEED)

    def endless(own: list[list[Request]]) -> Iterator[Request]:
        while True:
            yield from own[int(chance.random() * len(own))]

    return lambda seconds: run(
        who.port, [*map(endless, choices)], seconds, server, postgres, patience
    )


def fetched(who: Contestant, mix: Sequence[Ask]) -> Iterator[tuple[http.client.HTTPMessage, bytes]]:
    """Headers and bodies, one after the other. Raises Wrong."""
    connection = http.client.HTTPConnection("127.0.0.1", who.port, timeout=60)
    headers = {"Authorization": f"Bearer {who.keys[0]}"} if who.keys else {}
    for ask in mix:
        connection.request("GET", who.address(ask), headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Wrong(f"{who.name} {who.address(ask)}: {answer.status} {body[:500]!r}")
        yield answer.headers, body
    connection.close()


def lengths_of(who: Contestant, mix: Sequence[Ask]) -> dict[Ask, int]:
    return {ask: len(body) for ask, (_, body) in zip(mix, fetched(who, mix), strict=True)}


def tags_of(who: Contestant, mix: Sequence[Ask]) -> list[str | None]:
    return [headers.get("ETag") for headers, _ in fetched(who, mix)]


def compare(database: str, contestants: Sequence[Contestant], sample: Sequence[Ask]) -> None:
    """Ask all for the same, pgbench's statements too. Raises Wrong where any document differs."""
    first, *others = contestants
    wanted = [read(body) for _, body in fetched(first, sample)]
    for other in others:
        for ask, document, (_, body) in zip(sample, wanted, fetched(other, sample), strict=True):
            found = read(body)
            alike(other.name, other.address(ask), results(found), results(document))
            if "results" in document and bool(found["next"]) != bool(document["next"]):
                raise Wrong(f"{other.name} {other.address(ask)}: next is {found['next']!r}")
    with connect(database) as connection:
        raw = psycopg.RawCursor(connection)
        for ask, document in zip(sample, wanted, strict=True):
            statement, params = statements.of(statements.address(ask))
            rows = raw.execute(statement, params).fetchall()
            found = [read(row[2]) for row in rows if row[2] is not None]
            found = found if isinstance(results(document), list) else found[0]
            alike(PGBENCH, statements.address(ask), found, results(document))
    documents = sum(len(results(document)) for document in wanted)
    console.print(
        f"{len(sample)} answers of {len(contestants)} servers and pgbench, with {documents} "
        "documents each, are equal"
    )


def read(body: bytes | str) -> Any:
    """A whole second is the same with and without its fraction."""
    text = body if isinstance(body, str) else body.decode()
    return orjson.loads(text.replace('.000000Z"', 'Z"'))


def results(document: object) -> object:
    """The documents of a page, without its links; a single document as it is."""
    return document.get("results", document) if isinstance(document, dict) else document


def alike(name: str, path: str, found: object, wanted: object) -> None:
    if found != wanted:
        where = difference(found, wanted)
        raise Wrong(f"{name} {path}: not the document that {ISNAD} gives: {where}")


def difference(found: object, wanted: object, at: str = "") -> str:
    """The first place where two documents differ, and what is there."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in {**wanted, **found}:
            if name not in found or name not in wanted:
                return f"{at}/{name} is missing in one of them"
            if found[name] != wanted[name]:
                return difference(found[name], wanted[name], f"{at}/{name}")
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for i, (one, other) in enumerate(zip(found, wanted, strict=True)):
            if one != other:
                return difference(one, other, f"{at}/{i}")
    return f"{at}: {str(found)[:300]} instead of {str(wanted)[:300]}"
