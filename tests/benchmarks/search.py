"""What a search costs: one at a time, many at once, and beside pgbench with the same statement; and
the plans of its looks into the index.
"""

import re
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.http import QueryDict
from rich.table import Table

from tests.benchmarks.databases import console, superuser
from tests.benchmarks.goals import Goal
from tests.benchmarks.growth import Served, serving
from tests.benchmarks.peers.contest import postmaster
from tests.benchmarks.peers.load import Processor, Request, run
from tests.benchmarks.peers.pgbench import command, environment, without_colons

CONNECTIONS = 8
GOAL, NOTHING = 0.9, 2.0

# In words of the made record (words.py). Of each kind, the first is common words that meet.
CASES: dict[str, dict[str, str]] = {
    "two common words": {"q": "الكهرباء بعد"},
    "two common words, English": {"q": "questions bridge"},
    "one common word": {"q": "العراق OR بغداد"},
    "a common and a rare word": {"q": "بغداد 48903"},
    "a phrase": {"q": '"وزارة الصحة" بغداد'},
    "a phrase that is nowhere": {"q": '"الصحة وزارة"'},
    "without a common word": {"q": "بغداد -الصحة"},
    "with status and language": {"q": "بغداد", "status": "disputed", "language": "ar"},
    "with a rare language": {"q": "the bridge", "language": "ar-TN"},
    "published in one month": {"q": "بغداد", "published_after": "2022-03-01",
                               "published_before": "2022-03-31"},
    "as they are written": {"q": "الكهرباء بعد", "fold": "none"},
    "oldest first": {"q": "الكهرباء بعد", "ordering": "created_at"},
    "most relevant first": {"q": "الكهرباء بعد", "ordering": "-relevance"},
    "no such word": {"q": "الكهرباء zzzzzz"},
    "common words that never meet": {"q": "المزعوم nothing"},
    "names of many speakers": {"q": "ministry bridge"},
}  # fmt: skip
SHOWN = ("two common words", "common words that never meet")  # of which a plan is shown

HITS, NONE = "two common words", ("no such word", "common words that never meet")


def told(database: str, key: str, *, rounds: int, seconds: float) -> Iterator[Any]:
    from claims.api.authentication import digest_of

    table = Table(
        *("search", "rows", "ms", "of them PostgreSQL", "requests/s", "pgbench", "ratio"),
        *("looks", "rows in them"),
        box=None,
    )
    its_plans: list[str] = []
    taken: dict[str, float] = {}
    ratios: dict[str, float] = {}
    postgres = Processor(postmaster(connection.connection) if connection.connection else None)
    with serving(database, key, module="tests.benchmarks.alone") as server:
        for name, asked in CASES.items():
            console.print(f"Searching: {name}")
            path = f"/api/v1/claims/?{urlencode(asked)}"
            server.connection.close()  # which has been idle for long
            rows = server.rows(path)
            times = [server.get(path)[0] * 1000 for _ in range(3 + 8 * rounds)][3:]
            taken[name] = statistics.median(times)
            sql = statement(asked, digest_of(f"Bearer {key}".encode()))
            alone, _ = pgbench(database, sql, 1, seconds)
            _, theirs = pgbench(database, sql, CONNECTIONS, seconds)
            ours = rate(server, path, seconds, postgres)
            ratio = ours / theirs
            figures = f"{taken[name]:.1f}", f"{alone:.1f}", f"{ours:.0f}", f"{theirs:.0f}"
            ratios[name] = ratio
            looks = looked(database, sql)
            figures += f"{ratio:.2f}", str(len(looks)), f"{sum(it.rows for it in looks):,}"
            table.add_row(name, str(rows), *figures)
            if name in SHOWN:
                its_plans.append(f"{name}, the look that took longest:\n{max(looks).plan}")
    yield table
    yield from its_plans
    yield Goal("search: as many as pgbench, lowest and highest kind", [*ratios.values()], GOAL)
    for name in NONE:
        what = f"search: {name}, to {HITS}"
        yield Goal(what, [taken[name] / taken[HITS]], NOTHING, most=True)


class Look(NamedTuple):
    """One into the index of words. rows: that it found there, filters apart."""

    milliseconds: float
    rows: int
    plan: str


def looked(database: str, sql: str) -> list[Look]:
    """As PostgreSQL ran them, told by auto_explain: they are statements inside of a function."""
    told: list[str] = []
    with superuser(database) as connection:
        connection.execute("LOAD 'auto_explain'")
        for name in ("analyze", "buffers", "nested_statements"):
            connection.execute(f"SET auto_explain.log_{name} = on")
        connection.execute("SET auto_explain.log_min_duration = 0")
        connection.execute("SET client_min_messages = log")
        connection.add_notice_handler(lambda it: told.append(it.message_primary or ""))
        connection.execute(sql.replace("%", "%%"))
    return [look_of(it) for it in told if "on wording_words" in it and "Function Scan" not in it]


def look_of(told: str) -> Look:
    plan = told[re.search(r"^(Limit|Aggregate|Sort)", told, re.MULTILINE).start() :]
    [rows] = re.findall(r"Index Scan on wording_words.*actual .*rows=([\d.]+)", plan)
    return Look(float(re.match(r"duration: ([\d.]+)", told)[1]), round(float(rows)), plan)


def rate(server: Served, path: str, seconds: float, postgres: Processor) -> float:
    """Answers a second, over so many connections."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.key}\r\n\r\n"
    request = Request(head.encode(), 0, 1 << 24)

    def again() -> Iterator[Request]:
        while True:
            yield request

    asking = [again() for _ in range(CONNECTIONS)]
    return run(server.port, asking, seconds, Processor(server.pid), postgres).rate


def statement(asked: dict[str, str], digest: bytes | None) -> str:
    """What the edge sends, with its values in it."""
    from claims.api.callers import who
    from claims.api.claims import Claims
    from claims.api.composed import composer
    from claims.api.filtering import cleaned, fields_of
    from claims.api.pagination import Pages
    from claims.api.plain_reads import WRITTEN
    from claims.api.queries import Query
    from claims.api.searching import ORDERINGS, Searching, asked_in
    from claims.queries.etags import OF_RECORD

    query = QueryDict(urlencode(asked))
    pages = Pages(SimpleNamespace(query_params=query, path="/"), ORDERINGS)  # type: ignore[arg-type]
    search = asked_in(query)
    assert search is not None
    searching = Searching(Claims, pages, search, cleaned(fields_of(Claims), query))
    documents = composer(Claims.answers, Claims.all_rows())
    sent = Query.of(
        searching.statement(documents, who(digest), OF_RECORD), planned_once=True, **WRITTEN
    )
    values = [it.of(searching.given | {"digest": digest}) for it in sent.parameters]
    return re.sub(r"\$(\d+)", lambda n: literal(values[int(n[1]) - 1]), sent.sql.decode())


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return "'{}'".format(text.replace("'", "''"))


def pgbench(database: str, sql: str, clients: int, seconds: float) -> tuple[float, float]:
    """Milliseconds of one, and how many a second."""
    with tempfile.TemporaryDirectory(prefix="pgbench") as folder:
        script = Path(folder) / "search.sql"
        script.write_text(without_colons(" ".join(sql.split())) + ";\n", "utf-8")
        options = [f"--client={clients}", f"--time={max(1, round(seconds))}", f"--file={script}"]
        done = subprocess.run(
            command(database, *options),
            cwd=folder, env=environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = {
        name: float(re.search(pattern, done.stdout)[1])  # type: ignore[index]
        for name, pattern in {
            "ms": r"latency average = ([\d.]+)",
            "rate": r"tps = ([\d.]+)",
        }.items()
    }
    return found["ms"], found["rate"]
