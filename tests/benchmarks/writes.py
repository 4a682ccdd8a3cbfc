"""How many verdicts a second are accepted, with the log and without; and when they are heard of."""

import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from statistics import median

import psycopg
from psycopg import sql

from tests.benchmarks.databases import connect, console, drop
from tests.benchmarks.growth import Served, serving

SECONDS = 10
ROUNDS = 3
WITHOUT = "tests.benchmarks.unrecorded"
COPY = "isnad_bench_writes"

FINDING = {
    "rationale": "The register has another figure, and two copies of it agree. " * 3,
    "label": "Wrong figure",
    "evidence": [
        {"url": "https://archive.example/1", "stance": "refutes", "title": "The register"},
        {"url": "https://archive.example/2", "stance": "context", "quote": "Another figure"},
    ],
}


def told(database: str, writers: int) -> Iterator[str]:
    """Measured on a copy, which is dropped again: with the log, and without, in turns."""
    from tests.benchmarks import plans

    console.print(f"Copying {database}")
    plans.connect_to("postgres")  # nobody may be connected to what is copied
    with connect("postgres") as connection:
        copy(connection, database)
        try:
            plans.connect_to(COPY)
            keys = [key(number) for number in range(writers)]
            with connect(COPY) as copied:
                claims = [
                    str(pk)
                    for (pk,) in copied.execute(
                        "SELECT id FROM claims_claim WHERE status = 'unverified' "
                        "ORDER BY md5(id::text) LIMIT 100000"
                    )
                ]
            parts = [claims[number :: 2 * ROUNDS] for number in range(2 * ROUNDS)]
            rates: dict[str, list[float]] = {"config.run": [], WITHOUT: []}
            taken: list[float] = []
            waits: list[float] = []
            for number, part in enumerate(parts):
                module = list(rates)[number % 2]
                with (
                    serving(COPY, keys[0], workers=2, module=module) as served,
                    heard(served, waits) if module != WITHOUT else nullcontext(),
                ):
                    seconds = run(served, keys, part)
                rates[module].append(len(seconds) / SECONDS)
                taken += seconds if module != WITHOUT else []
        finally:
            plans.connect_to("postgres")
            drop(connection, COPY)
    with_log, without = (median(found) for found in rates.values())
    yield (
        f"{writers} writing: {with_log:.0f} verdicts/s with the log, {without:.0f} without, ratio "
        f"{with_log / without:.2f}; median {median(taken) * 1000:.1f} ms, "
        f"95 % {part_of(taken, 95) * 1000:.1f} ms"
    )
    yield (
        f"from write to feed: median {median(waits):.2f} s, 95 % {part_of(waits, 95):.2f} s, "
        f"at most {max(waits):.2f} s ({len(waits)} changes)"
    )


def part_of(values: list[float], percent: int) -> float:
    return sorted(values)[len(values) * percent // 100]


@contextmanager
def heard(served: Served, waits: list[float]) -> Iterator[None]:
    """Meanwhile, a follower: the seconds from each write to hearing of it."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("GET", "/api/v1/changes/?page_size=1")
    head = json.loads(connection.getresponse().read())["head"]
    headers = {"Accept": "text/event-stream"}
    connection.request("GET", f"/api/v1/changes/?after={head}", headers=headers)
    response = connection.getresponse()

    def listen() -> None:
        with suppress(OSError, ValueError, http.client.HTTPException):
            while line := response.readline():
                if line.startswith(b"data: "):
                    change = json.loads(line[6:])
                    recorded = datetime.fromisoformat(change["recorded_at"]).timestamp()
                    waits.append(time.time() - recorded)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield
    time.sleep(1)
    connection.sock.shutdown(socket.SHUT_RDWR)
    thread.join()


def copy(connection: psycopg.Connection, database: str) -> None:
    drop(connection, COPY)
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
            sql.Identifier(COPY), sql.Identifier(database)
        )
    )


def run(served: Served, keys: list[str], claims: list[str]) -> list[float]:
    """Seconds of each verdict accepted; every writer has claims of its own."""
    taken: list[float] = []
    faults: list[str] = []
    until = time.monotonic() + SECONDS

    def write(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        headers = {
            "Authorization": f"Bearer {keys[number]}",
            "Content-Type": "application/json",
        }
        mine = iter(claims[number :: len(keys)])
        while time.monotonic() < until and not faults:
            move = random.choice(["dispute", "verify"])
            began = time.perf_counter()
            claim = next(mine, None)
            if claim is None:
                faults.append("more was judged than there is: measure a larger record")
                break
            path = f"/api/v1/claims/{claim}/{move}/"
            connection.request("POST", path, json.dumps(FINDING), headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 201:
                faults.append(f"{path}: {answer.status} {body[:500]!r}")
            taken.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(keys))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(faults[0])
    return taken


def key(number: int) -> str:
    from claims.actions.desks import create_api_key
    from claims.models import Member
    from claims.vocabulary import Role, Scope

    member = Member.objects.filter(role=Role.CHECKER).order_by("organization_id", "id")[number]
    return create_api_key(member=member, label="benchmark", scopes=Scope, by=None)[1]
