"""A whole export beside COPY of the same documents, which PostgreSQL composes for both.

COPY is one statement on one connection, and nothing but that: no rights, no number of the log, no
HTTP. Both are read by this process, which throws away what it reads.
"""

import http.client
import time
from collections.abc import Iterator
from threading import Event, Thread

import psutil
from rich.table import Table

from tests.benchmarks.databases import connect
from tests.benchmarks.goals import Goal
from tests.benchmarks.growth import Served, serving

CHUNK = 1_000_000  # bytes
OTHERS = ("csv", "parquet")
COPY = """
    COPY (SELECT d.document
          FROM (SELECT id FROM claims_claim ORDER BY created_at, id) AS page(id)
          CROSS JOIN LATERAL ({document}) AS d(document)) TO STDOUT"""


def told(database: str, key: str, *, rounds: int) -> Iterator[Goal | Table | str]:
    found: dict[str, list[Read]] = {}
    with serving(database, key) as served:
        for _ in range(rounds):
            found.setdefault("COPY", []).append(copied(database))
            found.setdefault("ndjson", []).append(exported(served, "ndjson"))
        for name in OTHERS:
            found[name] = [exported(served, name)]
    yield table(found)
    copies, exports = found["COPY"], found["ndjson"]
    ratios = [copy.took / it.took for copy, it in zip(copies, exports, strict=True)]
    yield Goal("all claims as NDJSON beside COPY of the same JSON", ratios, 0.4)
    firsts = [it.first for its in found.values() for it in its if it not in copies]
    yield Goal("until the first byte of an export", firsts, 1.0, most=True, unit="s")
    grown = [it.grown for it in exports]
    yield Goal("what a worker's memory grows by meanwhile", grown, 50, most=True, unit="MB")


class Read:
    """Something that was read to its end. took, first: seconds. grown: MB of memory, at most."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.took = self.first = self.grown = 0.0
        self.size = 0

    def add(self, part: bytes) -> None:
        if not self.size:
            self.first = time.perf_counter() - self.began
        self.size += len(part)
        self.took = time.perf_counter() - self.began


def copied(database: str) -> Read:
    from claims.api.claims import Claims, ClaimTold
    from claims.api.composed import composer

    document = composer(ClaimTold, Claims.made_of).document
    with connect(database) as connection, connection.cursor() as cursor:
        read = Read()
        with cursor.copy(COPY.format(document=document.sql % document.parameters)) as stream:
            for part in stream:
                read.add(bytes(part))
    return read


def exported(served: Served, format: str) -> Read:
    with Memory(served.pid) as memory:
        read = Read()
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=600)
        headers = {"Authorization": f"Bearer {served.key}"}
        connection.request("GET", f"/api/v1/exports/claims/?format={format}", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.read()[:500]!r}")
        while part := answer.read1(CHUNK):
            read.add(part)
        connection.close()
    read.grown = memory.grown
    return read


class Memory:
    """What the processes of a server grow by at most, looked at every so often."""

    def __init__(self, pid: int) -> None:
        server = psutil.Process(pid)
        self.processes = [it for it in server.children(recursive=True) if "python" in it.name()]
        self.before = self.most = self.now
        self.over = Event()
        self.thread = Thread(target=self.watch)

    @property
    def now(self) -> int:
        return sum(it.memory_info().rss for it in self.processes)

    @property
    def grown(self) -> float:
        return (self.most - self.before) / 1e6

    def watch(self) -> None:
        while not self.over.wait(0.2):
            self.most = max(self.most, self.now)

    def __enter__(self) -> "Memory":
        self.thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.over.set()
        self.thread.join()


def table(found: dict[str, list[Read]]) -> Table:
    shown = Table("all claims", "s", "first byte, s", "MB", "MB/s", "memory, MB more", box=None)
    for name, reads in found.items():
        for it in reads:
            size = it.size / 1e6
            figures = f"{it.took:.1f}", f"{it.first:.2f}", f"{size:,.0f}", f"{size / it.took:.1f}"
            shown.add_row(name, *figures, f"{it.grown:.0f}" if it.grown else "")
    return shown
