"""What a search costs: one at a time, many at once, and beside pgbench with the same statement."""

import re
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.http import QueryDict
from rich.table import Table

from tests.benchmarks.databases import console
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
HITS, NONE = "two common words", ("no such word", "common words that never meet")


def told(database: str, key: str, *, rounds: int, seconds: float) -> Iterator[Any]:
    from claims.api.authentication import digest_of

    table = Table(
        *("search", "rows", "ms", "of them PostgreSQL", "requests/s", "pgbench", "ratio", ""),
        box=None,
    )
    taken: dict[str, float] = {}
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
            verdict = "" if ratio >= GOAL else "MISSED"
            table.add_row(name, str(rows), *figures, f"{ratio:.2f}", verdict)
    yield table
    for name in NONE:
        ratio = taken[name] / taken[HITS]
        verdict = "yes" if ratio <= NOTHING else "MISSED"
        yield f"{name}: {ratio:.2f} times {HITS}; at most {NOTHING:.0f}: {verdict}"


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
