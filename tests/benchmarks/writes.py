"""How many verdicts a second are accepted, by how many writers. Informal: one run, no goal."""

import http.client
import json
import random
import threading
import time

import psycopg
from psycopg import sql

from tests.benchmarks.databases import connect, console, drop
from tests.benchmarks.growth import Served, serving

SECONDS = 20
COPY = "isnad_bench_writes"

FINDING = {
    "rationale": "The register has another figure, and two copies of it agree. " * 3,
    "label": "Wrong figure",
    "evidence": [
        {"url": "https://archive.example/1", "stance": "refutes", "title": "The register"},
        {"url": "https://archive.example/2", "stance": "context", "quote": "Another figure"},
    ],
}


def told(database: str, writers: int) -> str:
    """Measured on a copy, which is dropped again."""
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
                        "ORDER BY md5(id::text) LIMIT 50000"
                    )
                ]
            with serving(COPY, keys[0], workers=2) as served:
                taken = run(served, keys, claims)
        finally:
            plans.connect_to("postgres")
            drop(connection, COPY)
    middle, most = (sorted(taken)[len(taken) * part // 100] * 1000 for part in (50, 95))
    rate = len(taken) / SECONDS
    return f"{writers} writing: {rate:.0f} verdicts/s, median {middle:.1f} ms, 95 % {most:.1f} ms"


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
            path = f"/api/v1/claims/{next(mine)}/{move}/"
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
