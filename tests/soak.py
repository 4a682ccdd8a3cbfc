"""Thirty clients judge the same claims at once; then nothing is lost, and every status is right.

`python -m tests.soak --seconds 60` runs it for a minute; the test suite runs it for a few seconds.
"""

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.live import Server, live_server

MOVES = ("verify", "dispute", "withdraw")


@dataclass
class Tally:
    """What the clients were told. accepted: verdict id → (claim id, outcome)."""

    statuses: Counter[int] = field(default_factory=Counter)
    accepted: dict[str, tuple[str, str]] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)
    faults: list[str] = field(default_factory=list)


def prepare(
    server: Server, *, claims: int, desks: int, members: int
) -> tuple[list[str], list[str]]:
    """Claims and checkers' keys, made beside the running server: (claim ids, keys)."""
    code = f"""
import django; django.setup()
from tests import make
for _ in range({claims}):
    print("claim", make.fact().pk)
for _ in range({desks}):
    desk = make.desk()
    people = [desk.checker, desk.editor, desk.admin][:{members}]
    for member in people:
        print("key", make.key(member))
"""
    import subprocess

    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE_")}
    environment |= {
        "ISNAD_DATA_DIR": str(server.folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    wrapped = (
        "from config.environment import database_environment\n"
        "with database_environment():\n"
        + "".join(f"    {line}\n" for line in code.strip().splitlines())
    )
    printed = subprocess.run(
        [sys.executable, "-c", wrapped], env=environment, check=True, capture_output=True, text=True
    ).stdout.split()
    pairs = list(zip(printed[::2], printed[1::2], strict=True))
    return (
        [value for kind, value in pairs if kind == "claim"],
        [value for kind, value in pairs if kind == "key"],
    )


def judge_until(
    deadline: float, server: Server, claims: list[str], key: str, tally: Tally, seed: int
) -> None:
    """One client: read a claim, judge what was read, count what is told."""
    chance = random.Random(seed)
    connection = server.connection()
    while time.monotonic() < deadline:
        claim = f"/api/v1/claims/{chance.choice(claims)}/"
        move = chance.choice(MOVES)
        tag = server.ask("GET", claim, key=key, over=connection).headers["etag"]
        answer = server.ask(
            "POST",
            f"{claim}{move}/",
            {"rationale": f"Client {seed} thinks so.", "evidence": EVIDENCE},
            key=key,
            over=connection,
            if_match=tag,
        )
        with tally.guard:
            tally.statuses[answer.status] += 1
            if answer.status == 201:
                verdict = answer.json
                tally.accepted[verdict["id"]] = (verdict["claim"], verdict["outcome"])
            elif answer.status not in {409, 412, 428}:
                tally.faults.append(f"{answer.status}: {answer.body[:300]!r}")
    connection.close()


EVIDENCE = [{"url": "https://example.org/report", "stance": "context"}]


def run(server: Server, *, seconds: float, clients: int = 30, claims: int = 10) -> Tally:
    """Let the clients loose; what they were told."""
    ids, keys = prepare(server, claims=claims, desks=10, members=3)
    tally = Tally()
    deadline = time.monotonic() + seconds
    threads = [
        threading.Thread(
            target=judge_until, args=(deadline, server, ids, keys[i % len(keys)], tally, i)
        )
        for i in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def stored(server: Server) -> tuple[dict[str, tuple[str, str]], list[Any], int]:
    """Verdicts in the database (but the seeds'), claims against the rule, Changes without fault."""
    from config.embedded import Cluster

    with (
        Cluster(server.folder).attached() as cluster,
        psycopg.connect(cluster.owner_url) as connection,
    ):
        verdicts = {
            str(verdict): (str(claim), outcome)
            for verdict, claim, outcome in connection.execute(
                """SELECT v.id, v.claim_id, v.outcome FROM claims_verdict v
                   JOIN claims_organization o ON o.id = v.organization_id
                   WHERE o.name LIKE 'Desk %'"""
            )
        }
        wrong = connection.execute(
            """SELECT id, status, claims_status_by_rule_v1(id) FROM claims_claim
               WHERE status <> claims_status_by_rule_v1(id)"""
        ).fetchall()
        [changes] = connection.execute(
            """SELECT count(*) FROM claims_change c
               JOIN claims_organization o ON o.id = c.organization_id
               WHERE c.type LIKE 'verdict.%' AND o.name LIKE 'Desk %'"""
        ).fetchone() or [0]
    return verdicts, wrong, changes


def faults(server: Server, tally: Tally) -> list[str]:
    """What is wrong after a run; nothing, it is hoped."""
    verdicts, wrong, changes = stored(server)
    found = list(tally.faults)
    if verdicts != tally.accepted:
        lost = tally.accepted.keys() - verdicts.keys()
        found.append(f"{len(lost)} accepted verdicts lost, {len(verdicts)} stored")
    if wrong:
        found.append(f"statuses against the rule: {wrong}")
    if changes != len(verdicts):
        found.append(f"{changes} Changes of {len(verdicts)} verdicts")
    if not tally.accepted:
        found.append("no verdict was accepted at all")
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--clients", type=int, default=30)
    asked = options.parse_args()
    with live_server() as server:
        tally = run(server, seconds=asked.seconds, clients=asked.clients)
        found = faults(server, tally)
    sys.stdout.write(f"answers by status: {dict(tally.statuses)}\n")
    sys.stdout.write(f"accepted and stored: {len(tally.accepted)}\n")
    if found:
        sys.exit("\n".join(found[:20]))
    sys.stdout.write("nothing lost, every status by the rule\n")


if __name__ == "__main__":
    main()
