"""How latency grows with the record: the same requests to a small and to a large one.

Both are served as `make run` serves them, with a key, and asked in turns, so that what else
the machine does meets both alike.
"""

import http.client
import itertools
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson
from rich.progress import Progress
from rich.table import Table

from config.environment import CHECKOUT
from tests.benchmarks.databases import console, urls
from tests.benchmarks.goals import Goal

GOAL = 1.3
PROMISED = {
    "first page": "list",
    "deep page, at 90 %": "deep page",
    "status, language": "filtered page",
    "detail": "detail",
}
START_SECONDS = 60


@dataclass
class Served:
    """A server on one database, and one connection to it that stays open."""

    name: str
    key: str
    port: int
    pid: int  # of the process that was started
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def rows(self, path: str) -> int:
        """How many documents the answer has."""
        return len(orjson.loads(self.get(path)[1]).get("results", [None]))

    def get(self, path: str) -> tuple[float, bytes]:
        """Seconds from sending the request to having the whole answer, which must be a 200."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers={"Authorization": f"Bearer {self.key}"})
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{self.name} {path}: {answer.status} {body[:500]!r}")
        return took, body


@contextmanager
def serving(
    database: str, key: str, *, workers: int = 1, module: str = "config.run"
) -> Iterator[Served]:
    """module: what is run, in place of the server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"PORT": str(port), "HOST": "127.0.0.1", "WEB_CONCURRENCY": str(workers)}
    with subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=CHECKOUT,
        env=os.environ | urls(database) | given,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            until = time.monotonic() + START_SECONDS
            while not (line := process.stdout.readline()).startswith("Isnad: "):
                if not line or time.monotonic() > until:
                    raise RuntimeError(f"the server on {database} did not start")
            served = Served(database, key, urlsplit(line.split()[1]).port, process.pid)
            yield served
            served.connection.close()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@dataclass
class Measured:
    """Milliseconds of each request, by kind of page and round; and its documents."""

    rows: dict[str, float] = field(default_factory=dict)
    rounds: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))

    def median(self, case: str) -> float:
        return statistics.median(itertools.chain.from_iterable(self.rounds[case]))

    def range(self, case: str) -> tuple[float, float]:
        """The lowest and the highest median of a round."""
        medians = [statistics.median(values) for values in self.rounds[case]]
        return min(medians), max(medians)


def measure(
    keys: dict[str, str],
    paths: dict[str, dict[str, list[str]]],
    *,
    rounds: int,
    requests: int,
    module: str = "config.run",
) -> dict[str, Measured]:
    """Latencies by database. paths: by database and kind of page, the same kinds for all."""
    names = list(next(iter(paths.values())))
    found = {database: Measured() for database in paths}
    with ExitStack() as stack:
        served = {
            database: stack.enter_context(serving(database, keys[database], module=module))
            for database in paths
        }
        progress = stack.enter_context(Progress(console=console))
        for case in names:  # in turns here too: the server closes what is idle for long
            for database, server in served.items():
                counts = map(server.rows, paths[database][case])
                found[database].rows[case] = statistics.mean(counts)
        task = progress.add_task("measuring", total=(rounds + 1) * len(names))
        for number in range(-1, rounds):  # the first round warms up
            for case in names:
                taken: dict[str, list[float]] = {database: [] for database in paths}
                for turn in range(requests):
                    for database, server in served.items():
                        choices = paths[database][case]
                        path = choices[(turn + max(0, number) * requests) % len(choices)]
                        taken[database].append(server.get(path)[0] * 1000)
                if number >= 0:
                    for database, values in taken.items():
                        found[database].rounds[case].append(values)
                progress.advance(task)
    return found


def table(found: dict[str, Measured], sizes: dict[str, int]) -> Table:
    """For two databases, the smaller one first."""
    small, large = found.values()
    titles = [f"{size:,} claims" for size in sizes.values()]
    shown = Table("page", *titles, "ratio", "", "rows", box=None)
    for case in small.rounds:
        figures = [
            "{:.1f} ({:.1f}–{:.1f})".format(measured.median(case), *measured.range(case))
            for measured in (small, large)
        ]
        ratio = large.median(case) / small.median(case)
        few, many = small.rows[case], large.rows[case]
        verdict = "" if ratio <= GOAL else "MISSED"
        if verdict and many > few * 1.2 + 1:
            verdict = "larger page"  # so the two say nothing about growth
        shown.add_row(case, *figures, f"{ratio:.2f}", verdict, f"{few:.0f}, {many:.0f}")
    return shown


def goals(found: dict[str, Measured]) -> Iterator[Goal]:
    """Of the pages that everybody asks for."""
    small, large = found.values()
    for case in filter(small.rounds.__contains__, PROMISED):
        pairs = zip(large.rounds[case], small.rounds[case], strict=True)
        ratios = [statistics.median(many) / statistics.median(few) for many, few in pairs]
        yield Goal(f"growth: {PROMISED[case]}", ratios, GOAL, most=True)
