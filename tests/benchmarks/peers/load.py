"""Load: so many connections, each with one request at a time, and what that costs whom.

The machine is shared with the servers, so this does as little as it can: requests are bytes made
beforehand, one thread waits for all sockets, and of an answer only the head is looked at.
"""

import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

BUFFER = bytearray(1 << 20)
VIEW = memoryview(BUFFER)
LENGTH = b"content-length:"
PATIENCE = 60  # seconds that one answer may take


class Wrong(Exception):
    """An answer that is not what was asked for, or none."""


@dataclass(frozen=True, slots=True)
class Request:
    """bytes: as sent. status, and the length of the body from `least` to `most`, are due."""

    bytes: bytes
    least: int
    most: int
    status: bytes = b"200"


@dataclass
class Result:
    """requests: answered in `seconds`. server, database, client: seconds of CPU of each."""

    requests: int
    seconds: float
    server: float
    database: float
    client: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU a request, of the server and of PostgreSQL."""
        return (self.server + self.database) * 1000 / max(1, self.requests)


class Processor:
    """CPU seconds that a process and its children have used, those that have ended included."""

    def __init__(self, pid: int | None) -> None:
        self.root = psutil.Process(pid) if pid else None

    def seconds(self) -> float:
        if self.root is None:
            return 0.0
        total = 0.0
        for process in [self.root, *self.root.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total


class Connection:
    """One connection, and the requests that go over it one after the other."""

    __slots__ = ("left", "request", "requests", "socket")

    def __init__(self, port: int, requests: Iterator[Request]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.requests = requests
        self.left = 0

    def send(self) -> None:
        self.request = next(self.requests)
        if self.socket.send(self.request.bytes) != len(self.request.bytes):
            raise Wrong("a request was not taken at once")

    def read(self) -> bool:
        """Whether the answer is complete now. Raises Wrong."""
        got = self.socket.recv_into(BUFFER)
        if not got:
            raise Wrong(f"closed by the server: {self.request.bytes[:200]!r}")
        if self.left:
            self.left -= got
            return self.left <= 0
        return self.begin(got)

    def begin(self, got: int) -> bool:
        end = BUFFER.find(b"\r\n\r\n", 0, got)
        head = bytes(VIEW[: end if end > 0 else got])
        if end < 0 or head[9:12] != self.request.status:
            raise Wrong(f"{self.request.bytes[:300]!r}: {head[:500]!r}")
        length = 0
        if self.request.status != b"304":
            at = head.lower().find(LENGTH)
            if at < 0:
                raise Wrong(f"no length: {self.request.bytes[:300]!r}: {head[:500]!r}")
            length = int(head[at + len(LENGTH) :].split(b"\r", 1)[0])
        if not self.request.least <= length <= self.request.most:
            due = f"{self.request.least} to {self.request.most}"
            raise Wrong(f"{length} bytes instead of {due}: {self.request.bytes[:300]!r}")
        self.left = end + 4 + length - got
        return self.left <= 0


def run(
    port: int,
    requests: Sequence[Iterator[Request]],
    seconds: float,
    server: Processor,
    database: Processor,
    patience: float = PATIENCE,
) -> Result:
    """Ask for so long; requests: those of each connection. Raises Wrong.

    patience: seconds without any answer after which it is given up.
    """
    connections = {}
    poll = select.epoll()
    try:
        for own in requests:
            connection = Connection(port, own)
            connections[connection.socket.fileno()] = connection
            poll.register(connection.socket, select.EPOLLIN)
        server_before, database_before = server.seconds(), database.seconds()
        client_before, began = time.process_time(), time.perf_counter()
        answered = drive(poll, connections, began + seconds, patience)
        took, client = time.perf_counter() - began, time.process_time() - client_before
        used = server.seconds() - server_before, database.seconds() - database_before
    finally:
        poll.close()
        for connection in connections.values():
            connection.socket.close()
    return Result(answered, took, *used, client)


def drive(
    poll: select.epoll, connections: dict[int, Connection], until: float, patience: float
) -> int:
    """How many were answered; what was asked before the end is waited for, and counts."""
    clock, answered, waiting = time.perf_counter, 0, len(connections)
    for connection in connections.values():
        connection.send()
    while waiting:
        ready = poll.poll(patience)
        if not ready:
            raise Wrong(f"no answer within {patience:.0f} s")
        going_on = clock() < until
        for descriptor, _event in ready:
            connection = connections[descriptor]
            if connection.read():
                answered += 1
                if going_on:
                    connection.send()
                else:
                    waiting -= 1
    return answered
