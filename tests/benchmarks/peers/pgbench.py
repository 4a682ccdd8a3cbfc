"""pgbench: the SQL alone, over as many connections as the peers pool, with nothing around it."""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql

from config.embedded.binaries import installed
from tests.benchmarks.databases import connect, urls
from tests.benchmarks.peers import statements
from tests.benchmarks.peers.asks import Ask
from tests.benchmarks.peers.load import Processor, Result, Wrong

ASKS = "bench_asks"
FOREVER = "86400"


def command(database: str, *options: str) -> list[str]:
    """With connections as the servers have them: to the same address, in the same role."""
    program = str(installed().program("pgbench"))
    return [program, "--no-vacuum", "--protocol=prepared", *options, urls(database)["DATABASE_URL"]]


def environment() -> dict[str, str]:
    return os.environ | {"PGOPTIONS": "-c jit=off"}


class Reading:
    """One pgbench for all turns, halted in between, so that its statements stay prepared."""

    def __init__(self, process: subprocess.Popen, log: Path) -> None:
        self.process, self.log = process, log
        self.processor = Processor(process.pid)
        self.counted = 0  # bytes of the log

    def run(self, seconds: float, database: Processor) -> Result:
        """Raises Wrong."""
        self.process.send_signal(signal.SIGCONT)
        self.new_lines()
        before = self.processor.seconds(), database.seconds()
        began = time.perf_counter()
        time.sleep(seconds)
        requests, took = self.new_lines(), time.perf_counter() - began
        after = self.processor.seconds(), database.seconds()
        if self.process.poll() is not None or not requests:
            raise Wrong("pgbench has stopped; what it said is above")
        self.process.send_signal(signal.SIGSTOP)
        used = (late - early for early, late in zip(before, after, strict=True))
        return Result(requests, took, *used, client=0)

    def new_lines(self) -> int:
        """How many transactions it has logged since it was asked last."""
        with self.log.open("rb") as log:
            log.seek(self.counted)
            new = log.read()
        self.counted += len(new)
        return new.count(b"\n")


@contextmanager
def reading(database: str, asks: Sequence[Ask], connections: int) -> Iterator[Reading]:
    """Asks for a random one of these, again and again.

    pgbench's own variables are numbers. What else a statement is given stands in a table, from
    which one look-up by key reads it: the only thing that is asked for beside the statement.
    """
    groups: dict[str, list[list[str]]] = defaultdict(list)
    for ask in asks:
        statement, params = statements.of(statements.address(ask))
        groups[statement].append([as_text(param) for param in params])
    with (
        parameters(database, list(groups.values())),
        tempfile.TemporaryDirectory(prefix="pgbench") as folder,
    ):
        files = []
        for number, (statement, rows) in enumerate(groups.items()):
            path = Path(folder) / f"{number}.sql"
            path.write_text(script(number, statement, rows))
            files.append(f"--file={path}@{len(rows)}")
        options = [f"--client={connections}", f"--time={FOREVER}", "--log", *files]
        process = subprocess.Popen(
            command(database, *options), cwd=folder, env=environment(), stdout=subprocess.DEVNULL
        )
        try:
            log = Path(folder) / f"pgbench_log.{process.pid}"
            until = time.monotonic() + 30
            while not log.exists():
                if process.poll() is not None or time.monotonic() > until:
                    raise Wrong("pgbench did not start")
                time.sleep(0.05)
            process.send_signal(signal.SIGSTOP)
            yield Reading(process, log)
        finally:
            process.kill()
            process.wait()


def script(number: int, statement: str, rows: list[list[str]]) -> str:
    width = len(rows[0])
    lines = []
    if width:
        names = ", ".join(f"p{i}" for i in range(1, width + 1))
        lines = [
            f"\\set n random(1, {len(rows)})",
            f"SELECT {names} FROM {ASKS} WHERE statement = {number} AND n = :n \\gset",
        ]
    return "\n".join([*lines, for_pgbench(statement) + ";", ""])


def for_pgbench(statement: str) -> str:
    """$1 is :p1 here."""
    return without_colons(re.sub(r"\$(\d+)", r":p\1", statement))


def without_colons(script: str) -> str:
    """Inside of quotes pgbench would take what follows a colon for one of its names."""
    parts = re.split(r"('(?:[^']|'')*')", script)
    for i in range(1, len(parts), 2):
        if ":" in parts[i]:
            parts[i] = "E" + parts[i].replace("\\", "\\\\").replace(":", "\\x3a")
    return "".join(parts)


def as_text(value: Any) -> str:
    """As PostgreSQL reads it."""
    if isinstance(value, list | tuple):
        return "{" + ",".join(f'"{as_text(item)}"' for item in value) + "}"
    return value.isoformat() if isinstance(value, date) else str(value)


@contextmanager
def parameters(database: str, groups: list[list[list[str]]]) -> Iterator[None]:
    widest = max(len(row) for rows in groups for row in rows)
    names = [f"p{i}" for i in range(1, widest + 1)]
    table = sql.Identifier(ASKS)
    with connect(database) as owner:
        owner.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        columns = ", ".join(f"{name} text" for name in names)
        owner.execute(
            f"CREATE TABLE {ASKS} (statement int, n int, {columns}, PRIMARY KEY (statement, n))"
        )
        owner.execute(sql.SQL("GRANT SELECT ON {} TO PUBLIC").format(table))
        with owner.cursor().copy(f"COPY {ASKS} FROM STDIN") as copy:
            for number, rows in enumerate(groups):
                for n, row in enumerate(rows, 1):
                    copy.write_row((number, n, *row, *[None] * (widest - len(row))))
        owner.execute(sql.SQL("ANALYZE {}").format(table))
        try:
            yield
        finally:
            owner.execute(sql.SQL("DROP TABLE {}").format(table))
