"""Isnad's own application under several web servers, alone and beside slow clients."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from random import Random

from rich.table import Table

from tests.benchmarks.databases import connect, console, urls
from tests.benchmarks.peers import asks, contest
from tests.benchmarks.peers.contest import Turn
from tests.benchmarks.peers.load import Processor, Result, Wrong
from tests.benchmarks.peers.report import ranged
from tests.benchmarks.peers.serving import GRANIAN_WSGI, UVICORN, Contestant, isnad, started

SLOW = 60  # clients that send a byte a second: half of them in the head, half in a body
BITE = 3.0  # seconds until they have taken what they can take
PATIENCE = 8.0  # seconds after which a server that answers nobody is given up

AS_RUN = "granian, ASGI (as make run has it)"
OTHERS = {
    "granian, WSGI with threads": (GRANIAN_WSGI, "tests.benchmarks.peers.wsgi:application"),
    "uvicorn, ASGI": (UVICORN, "config.asgi:application"),
}


def measured(
    database: str, keys: tuple[str, ...], *, rounds: int, seconds: float
) -> dict[str, list[Result]]:
    """Lists a second by server, and the same beside slow clients. Raises Wrong."""
    with connect(database) as connection:
        kinds = asks.lists(connection, Random(contest.SEED))
        mix = [(ask,) for kind in kinds.values() for ask in kind]
        postgres = Processor(contest.postmaster(connection))
    given = urls(database) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    with ExitStack() as stack:
        contestants = [stack.enter_context(isnad(database, keys))]
        for name, (command, module) in OTHERS.items():
            pooled = given | ({"DATABASE_POOL_SIZE": "16"} if command is GRANIAN_WSGI else {})
            port, pid = stack.enter_context(started(command, module, pooled))
            contestants.append(Contestant(name, port, pid, asks.of_isnad, keys))
        lengths = contest.lengths_of(contestants[0], [ask for (ask,) in mix])
        turns: dict[str, Turn] = {}
        for it, name in zip(contestants, [AS_RUN, *OTHERS], strict=True):
            turn = contest.reading(it, mix, lengths, postgres, patience=PATIENCE)
            turns[name] = turn
            turns[f"{name}, beside slow clients"] = beside_slow(it, turn)
        return contest.measured(turns, rounds=rounds, seconds=seconds)


def beside_slow(who: Contestant, turn: Turn) -> Turn:
    def run(seconds: float) -> Result:
        with slow_clients(who):
            try:
                return turn(seconds)
            except Wrong as wrong:  # which is what is to be found out
                console.print(f"{who.name}: {wrong}")
                return Result(0, seconds, 0, 0, 0)

    return run


@contextmanager
def slow_clients(who: Contestant) -> Iterator[None]:
    """They come back when they are thrown out."""
    messages = [
        who.post(asks.CLAIMS, b" " * 1000, number)
        if number % 2
        else who.get(asks.Ask(asks.CLAIMS), "X-Filler: " + "x" * 1000, connection=number)
        for number in range(SLOW)
    ]
    ended = threading.Event()

    def send() -> None:
        sockets: list[tuple[socket.socket, Iterator[bytes]] | None] = [None] * SLOW
        while not ended.wait(1.0):
            for number, message in enumerate(messages):
                try:
                    if sockets[number] is None:
                        sockets[number] = connected(who.port), pieces(message)
                    connection, left = sockets[number]
                    connection.send(next(left))
                except (OSError, StopIteration):
                    if sockets[number]:
                        sockets[number][0].close()
                    sockets[number] = None
        for open_one in filter(None, sockets):
            with suppress(OSError):
                open_one[0].close()

    thread = threading.Thread(target=send)
    thread.start()
    try:
        ended.wait(BITE)
        yield
    finally:
        ended.set()
        thread.join()


def connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=1)
    connection.setblocking(False)
    return connection


def pieces(message: bytes) -> Iterator[bytes]:
    """A POST comes with its whole head at once; all else byte by byte."""
    at = message.find(b"\r\n\r\n") + 4 if message.startswith(b"POST") else 1
    yield message[:at]
    yield from (message[i : i + 1] for i in range(at, len(message)))


def table(found: dict[str, Sequence[Result]]) -> Table:
    shown = Table("server", "lists a second", "CPU ms", box=None)
    for name, results in found.items():
        answering = [result for result in results if result.requests]
        rates = ranged([result.rate for result in results], ",.1f")
        shown.add_row(
            name,
            rates if answering else "no answer",
            ranged([result.cpu for result in answering], ".2f") if answering else "",
        )
    return shown
