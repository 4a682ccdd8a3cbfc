"""Loading claims by the command, against COPY of the very same rows into the same tables.

Each in a process of its own, as the web role, into a fresh copy of the database with all its
indexes, triggers and constraints; in turns.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from statistics import median

import psutil
import psycopg
from psycopg import sql

from tests.benchmarks import words
from tests.benchmarks.databases import connect, console, drop, urls
from tests.benchmarks.generate import CONTEXT, Size, World, edtf_day, filled, uuid7, when
from tests.benchmarks.goals import Goal, ranged

COPY = "isnad_bench_bulk"
ROUNDS = 5
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
BATCH = 1_000

# What the loader wrote after an instant, in an order in which it can be copied again.
WRITTEN = {
    "content": "JOIN claims_change c ON c.document_id = t.id "
    "JOIN claims_unnumbered u ON u.change_id = c.id WHERE c.recorded_at >= %s ORDER BY u.position",
    "claim": "WHERE t.created_at >= %s ORDER BY t.id",
    "assertion": "JOIN claims_claim c ON c.id = t.statement_id "
    "WHERE c.created_at >= %s ORDER BY t.id",
    "appearance": "WHERE t.created_at >= %s ORDER BY t.id",
    "relay": "JOIN claims_appearance a ON a.id = t.appearance_id "
    "WHERE a.created_at >= %s ORDER BY t.id",
    "anchor": "JOIN claims_appearance a ON a.id = t.appearance_id "
    "WHERE a.created_at >= %s ORDER BY t.id",
    "change": "JOIN claims_unnumbered u ON u.change_id = t.id "
    "WHERE t.recorded_at >= %s ORDER BY u.position",
    "posting": "JOIN claims_claim c ON c.id = t.claim_id "
    "WHERE c.created_at >= %s ORDER BY t.claim_id",
    "uncounted": "WHERE %s::timestamptz IS NOT NULL ORDER BY t.position",  # nobody counts meanwhile
    "extent": "JOIN claims_claim c ON c.id = t.claim_id "
    "WHERE c.created_at >= %s ORDER BY t.claim_id",
}


def told(database: str, claims: int, *, lines: int, rounds: int = ROUNDS) -> Iterator[str | Goal]:
    world = World(Size(claims))
    rates: dict[str, list[float]] = {"load_claims": [], "COPY": []}
    cpu: dict[str, list[list[float]]] = {"load_claims": [], "COPY": []}
    memory = []
    with tempfile.TemporaryDirectory() as folder:
        file, rows = Path(folder, "claims.ndjson"), Path(folder)
        file.write_bytes(b"".join(json.dumps(it).encode() + b"\n" for it in made(world, lines)))
        yield (
            f"{lines:,} claims ({file.stat().st_size / 1e6:.1f} MB) into {database}, "
            f"{BATCH:,} in a transaction"
        )
        for number in range(rounds):
            console.print(f"round {number + 1}")
            with copied(database):
                loaded = child("load", str(file), world.members[0][0], str(BATCH))
                counts = dump(rows, loaded["began"])
            assert counts["claim"] == lines, counts
            with copied(database):
                taken = child("copy", str(rows))
            rates["load_claims"].append(lines / loaded["seconds"])
            rates["COPY"].append(lines / taken["seconds"])
            for name, found in zip(cpu, (loaded, taken), strict=True):
                cpu[name].append([seconds / lines * 1e6 for seconds in found["cpu"]])
            memory.append(loaded["peak"] / 1e6)
    yield "rows: " + ", ".join(f"{count:,} {table}" for table, count in counts.items())
    for name, found in rates.items():
        yield f"{name}: {ranged(found, ',.0f')} claims/s"
    ratios = [one / other for one, other in zip(*rates.values(), strict=True)]
    yield f"ratio: {ranged(ratios)}"
    yield Goal("bulk load, of COPY of the same rows", ratios, 0.6, 0.9)
    for name, found in cpu.items():
        client, server = (median(part) for part in zip(*found, strict=True))
        yield f"CPU a claim, {name}: {client:.0f} µs of ours, {server:.0f} µs of PostgreSQL"
    yield f"memory of the loader and the process that reads, peaks: {max(memory):.0f} MB"


# What is loaded


def made(world: World, count: int) -> Iterator[dict]:
    """Claims article by article, as they are read: some twenty passages of each."""
    rng = Random(f"{world.seed} bulk")
    at = when(1.0)
    facts: list[str] = []
    for number in range(count):
        piece = world.article(world.size.articles - 1 - number // 20 % world.size.articles)
        base = piece.language[:2]
        claim: dict = {
            "id": uuid7(at, rng),
            "kind": "fact" if rng.random() < 0.6 else "statement",
            "text": filled(rng, rng.choice(words.CLAIMS[base]), base),
            "language": piece.language,
            "stated_on": edtf_day(at) if rng.random() < 0.4 else None,
            "appearance": appearance(world, piece, rng),
        }
        if claim["kind"] == "fact":
            names = [
                "subject",
                "property",
                "value",
                "value_type",
                "unit",
                "approximate",
                "lower",
                "upper",
            ]
            fact = dict(zip(names, world._fact(base), strict=True))
            fact["approximate"] = {"t": True, "f": False, None: None}[fact["approximate"]]
            claim["fact"] = fact
            facts.append(claim["id"])
        else:
            claim["speech"] = rng.choice(["direct", "indirect"])
            claim["asserts"] = [rng.choice(facts)] if facts and rng.random() < 0.1 else []
        if claim["kind"] == "statement" or rng.random() < 0.5:
            claim["speaker"] = world.speakers[world._speaker()]
        yield claim


def appearance(world: World, piece, rng: Random) -> dict:
    chain = sorted({world._speaker() for _ in range(rng.choice([0, 0, 0, 1, 1, 2]))})
    marked = {"relayed_by": [world.speakers[it] for it in chain]}
    if not piece.texts:
        return marked | {"article": piece.id}
    text = piece.texts[0]
    start, end = rng.choice(text.spans)
    marked |= {"snapshot": text.id, "exact": text.text[start:end]}
    if text.withheld or text.text.count(text.text[start:end]) > 1:
        return marked | {"start": start, "end": end}
    if rng.random() < 0.5:
        marked["prefix"] = text.text[max(0, start - CONTEXT) : start]
        marked["suffix"] = text.text[end : end + CONTEXT]
    return marked


# The databases


@contextmanager
def copied(database: str) -> Iterator[None]:
    with connect("postgres") as connection:
        drop(connection, COPY)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(COPY), sql.Identifier(database)
            )
        )
        try:
            yield
        finally:
            drop(connection, COPY)


def dump(folder: Path, since: str, written: dict[str, str] = WRITTEN) -> dict[str, int]:
    """What was written since then, as files for COPY; how many rows of each table."""
    counts = {}
    with connect(COPY) as connection:
        # The planner knows nothing of the new rows yet, and would look for those of each claim
        # by going through all there are.
        connection.execute("SET enable_nestloop = off")
        for table, chosen in written.items():
            with (
                (folder / table).open("wb") as file,
                connection.cursor() as cursor,
                cursor.copy(
                    f"COPY (SELECT t.* FROM claims_{table} t {chosen}) TO STDOUT", [since]
                ) as stream,
            ):
                counts[table] = 0
                for piece in stream:
                    counts[table] += bytes(piece).count(b"\n")
                    file.write(piece)
    return counts


# In processes of their own


def child(*arguments: str, module: str = "bulk") -> dict:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
        env=os.environ | urls(COPY),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def load(file: str, member: str, batch: str, command: str = "load_claims") -> dict:
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        [since] = cursor.fetchone()
    with measured(connection.connection) as found:
        call_command(command, file, member=member, batch=int(batch), verbosity=0)
    # What it shares with the process that reads is counted twice.
    peaks = [resource.getrusage(it).ru_maxrss for it in WHO]
    return found | {"peak": sum(peaks) * 1024, "began": since.isoformat()}


def copy(folder: str, written: dict[str, str] = WRITTEN) -> dict:
    """All in one transaction, which is faster than in several."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        with measured(connection) as found:
            for table in written:
                with (
                    Path(folder, table).open("rb") as file,
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY claims_{table} FROM STDIN") as stream,
                ):
                    while piece := file.read(1 << 16):
                        stream.write(piece)
            connection.commit()
        return found


@contextmanager
def measured(connection: psycopg.Connection) -> Iterator[dict]:
    """The seconds it took; of CPU, ours with ended children, and PostgreSQL's if that is here."""
    found: dict = {}
    processes = [psutil.Process()]
    with suppress(psutil.NoSuchProcess):
        processes.append(psutil.Process(connection.info.backend_pid))
    before = [sum(it.cpu_times()[:4]) for it in processes]
    began = time.perf_counter()
    yield found
    found["seconds"] = time.perf_counter() - began
    after = [sum(it.cpu_times()[:4]) for it in processes]
    found["cpu"] = [*(b - a for a, b in zip(before, after, strict=True)), 0.0][:2]


if __name__ == "__main__":
    print(json.dumps({"load": load, "copy": copy}[sys.argv[1]](*sys.argv[2:])))
