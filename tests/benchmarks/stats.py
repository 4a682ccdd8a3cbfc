"""Statistics over HTTP beside the naive aggregate: plain SQL over the record, in the same run.

The naive one has what it may have: the database's own plan over the tables and indexes that are
there, parallel workers as PostgreSQL sets them, nothing of HTTP. Both tell the same numbers.
"""

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
import psycopg
from rich.table import Table

from tests.benchmarks import plans
from tests.benchmarks.databases import connect, console, drop
from tests.benchmarks.goals import Goal, ranged
from tests.benchmarks.growth import Served, serving
from tests.benchmarks.writes import COPY, FINDING, copy
from tests.benchmarks.writes import key as key_of

GOAL = 0.1
STATUSES = ("unverified", "verified", "disputed", "inconclusive", "contested")
# Asked so often in a round, in turns; the median counts. Else each would always come right after
# another question, whose naive answer leaves nothing in the processor's cache.
TURNS = 3
# Cases that are asked once more, each right after a verdict.
FIRST_AFTER = (
    "by status",
    "all verdicts, by organization",
    "from filing to verdict: median, p90",
    "by speaker, the first hundred",
)
UNJUDGED = """
    SELECT id FROM claims_claim WHERE status = 'unverified' ORDER BY md5(id::text) LIMIT %s"""
IS_COUNTED = """
    SELECT k.number = (SELECT max(number) FROM claims_logentry)
           AND NOT EXISTS (SELECT FROM claims_unnumbered) FROM claims_counted k"""
PATIENCE = 600.0  # seconds that may pass until all is counted

STANDING = """v.outcome <> 'withdrawn' AND NOT EXISTS (
    SELECT FROM claims_verdict later WHERE later.supersedes_id = v.id)"""
FIRST = """
    SELECT c.id, c.created_at, min(v.issued_at) AS at
    FROM claims_claim c JOIN claims_verdict v ON v.claim_id = c.id GROUP BY c.id"""


class Case(NamedTuple):
    """sql: what the naive one asks; its rows have the figure last. of: the same of the answer.

    selective: whether an index leads the naive one to a few claims, which no goal is set for.
    """

    name: str
    asked: dict[str, Any]
    sql: str
    of: Callable[[Any], Any]
    given: tuple[Any, ...] = ()
    selective: bool = False


def groups(figure: str, name: str) -> Callable[[Any], Any]:
    return lambda told: sorted(it[name] for it in told[figure]["groups"])


def last(rows: list[tuple[Any, ...]]) -> list[Any]:
    return sorted(row[-1] for row in rows)


def cases(connection: psycopg.Connection) -> list[Case]:
    def one(statement: str) -> Any:
        row = connection.execute(statement).fetchone()
        assert row is not None
        return row[0]

    largest = "SELECT {0} FROM {1} GROUP BY {0} ORDER BY count(*) DESC, {0} LIMIT 1"
    publisher = one(largest.format("publisher_id", "claims_placement"))
    organization = one(largest.format("organization_id", "claims_verdict"))
    speaker = one(largest.format("speaker_id", "claims_claim WHERE speaker_id IS NOT NULL"))
    middle = one("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY created_at) FROM claims_claim")
    since, until = middle.date().replace(day=1), middle.date()
    all_groups = {"most": 1000}
    return [
        Case(
            "by status",
            {"by": "status"},
            "SELECT status, count(*) FROM claims_claim GROUP BY 1",
            groups("claims", "claims"),
        ),
        Case(
            "by status and language",
            {"by": "status,language"} | all_groups,
            "SELECT status, language, count(*) FROM claims_claim GROUP BY 1, 2",
            groups("claims", "claims"),
        ),
        Case(
            "disputed, by language",
            {"by": "language", "status": "disputed"} | all_groups,
            "SELECT language, count(*) FROM claims_claim WHERE status = 'disputed' GROUP BY 1",
            groups("claims", "claims"),
        ),
        Case(
            "by day in Baghdad",
            {"every": "day", "time_zone": "Asia/Baghdad"},
            "SELECT date_trunc('day', created_at, 'Asia/Baghdad'), count(*) FROM claims_claim "
            "GROUP BY 1",
            lambda told: sorted(it["claims"] for it in told["claims"]["series"] if it["claims"]),
        ),
        Case(
            "by publisher",
            {"by": "publisher"} | all_groups,
            "SELECT a.publisher_id, count(DISTINCT p.claim_id) FROM claims_appearance p "
            "JOIN claims_article a ON a.id = p.article_id GROUP BY 1 ORDER BY 2 DESC LIMIT 1000",
            groups("claims", "claims"),
        ),
        Case(
            "of the largest publisher, by status",
            {"by": "status", "publisher": publisher},
            "SELECT c.status, count(*) FROM claims_claim c WHERE EXISTS (SELECT "
            "FROM claims_appearance p JOIN claims_article a ON a.id = p.article_id "
            "WHERE p.claim_id = c.id AND a.publisher_id = %s) GROUP BY 1",
            groups("claims", "claims"),
            (publisher,),
        ),
        Case(
            "standing verdicts, by organization and outcome",
            {"by": "organization,outcome"} | all_groups,
            f"SELECT v.organization_id, v.outcome, count(*) FROM claims_verdict v "
            f"WHERE {STANDING} GROUP BY 1, 2",
            groups("claims", "claims"),
        ),
        Case(
            "all verdicts, by organization",
            {"figures": "verdicts", "by": "organization"} | all_groups,
            "SELECT organization_id, count(*) FROM claims_verdict GROUP BY 1",
            groups("verdicts", "verdicts"),
        ),
        Case(
            "all verdicts, by publisher",
            {"figures": "verdicts", "by": "publisher"} | all_groups,
            "SELECT a.publisher_id, count(DISTINCT v.id) FROM claims_verdict v "
            "JOIN claims_appearance p ON p.claim_id = v.claim_id "
            "JOIN claims_article a ON a.id = p.article_id GROUP BY 1 ORDER BY 2 DESC LIMIT 1000",
            groups("verdicts", "verdicts"),
        ),
        Case(
            "of the largest organization, by language",
            {"by": "language", "organization": organization} | all_groups,
            f"SELECT c.language, count(*) FROM claims_claim c JOIN claims_verdict v "
            f"ON v.claim_id = c.id WHERE v.organization_id = %s AND {STANDING} GROUP BY 1",
            groups("claims", "claims"),
            (organization,),
        ),
        Case(
            "from filing to verdict: median, p90",
            {"figures": "times"},
            "SELECT count(*), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP ("
            f"ORDER BY extract(epoch FROM at - created_at)::float8) FROM ({FIRST}) AS first",
            lambda told: [
                [round(told["times"]["from_filing"][name], 3) for name in ("median", "p90")]
            ],
        ),
        Case(
            "the same by month",
            {"figures": "times", "every": "month"},
            "SELECT date_trunc('month', at, 'UTC'), percentile_cont(ARRAY[0.5, 0.9]) "
            "WITHIN GROUP (ORDER BY extract(epoch FROM at - created_at)::float8) "
            f"FROM ({FIRST}) AS first GROUP BY 1",
            lambda told: sorted(
                [round(it["from_filing"][name], 3) for name in ("median", "p90")]
                for it in told["times"]["series"]
                if it["from_filing"]["cases"]
            ),
        ),
        Case(
            "backlog by language",
            {"figures": "backlog", "by": "language"} | all_groups,
            "SELECT language, count(*) FROM claims_claim c WHERE NOT EXISTS (SELECT "
            f"FROM claims_verdict v WHERE v.claim_id = c.id AND {STANDING}) GROUP BY 1",
            groups("backlog", "claims"),
        ),
        Case(
            "agreement of each two organizations",
            {"figures": "agreement"} | all_groups,
            f"WITH v AS MATERIALIZED (SELECT v.* FROM claims_verdict v WHERE {STANDING}) "
            "SELECT one.organization_id, other.organization_id, count(*) FROM v AS one JOIN v AS "
            "other ON other.claim_id = one.claim_id AND one.organization_id < "
            "other.organization_id GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 1000",
            lambda told: sorted(it["cases"] for it in told["agreement"]["pairs"]),
        ),
        Case(
            "agreement by month: cases",
            {"figures": "agreement", "every": "month"},
            "SELECT date_trunc('month', c.created_at, 'UTC'), count(*) FROM claims_claim c "
            f"WHERE (SELECT count(*) FROM claims_verdict v WHERE v.claim_id = c.id AND {STANDING}) "
            "> 1 GROUP BY 1",
            lambda told: sorted(it["cases"] for it in told["agreement"]["series"] if it["cases"]),
        ),
        Case(
            "by speaker, the first hundred",
            {"by": "speaker"},
            # Of each its counts by status, as the answer tells them.
            "SELECT speaker_id, "
            + ", ".join(f"count(*) FILTER (WHERE status = '{it}')" for it in STATUSES)
            + ", count(*) FROM claims_claim GROUP BY 1 ORDER BY count(*) DESC LIMIT 100",
            groups("claims", "claims"),
        ),
        Case(
            f"published from {since} to {until}, by status",
            {"by": "status", "published_after": since, "published_before": until},
            "SELECT c.status, count(*) FROM claims_claim c WHERE EXISTS (SELECT "
            "FROM claims_appearance p JOIN claims_article a ON a.id = p.article_id WHERE "
            "p.claim_id = c.id AND a.published_from >= %s AND a.published_to <= %s) GROUP BY 1",
            groups("claims", "claims"),
            (since, until),
            selective=True,
        ),
        Case(
            "of one speaker, by status",
            {"by": "status", "speaker": speaker},
            "SELECT status, count(*) FROM claims_claim WHERE speaker_id = %s GROUP BY 1",
            groups("claims", "claims"),
            (speaker,),
            selective=True,
        ),
    ]


Found = dict[str, tuple[list[float], list[float]]]  # seconds: ours, and the naive one's


def told(database: str, key: str, *, rounds: int) -> Iterator[Goal | Table | str]:
    with connect(database) as connection, serving(database, key) as served:
        yield counted(served)
        asked = cases(connection)
        found: Found = {it.name: ([], []) for it in asked}
        for _ in range(rounds):
            for case in asked:
                once: tuple[list[float], list[float]] = ([], [])
                for _turn in range(TURNS):
                    measure(connection, served, case, once)
                for kept, its in zip(found[case.name], once, strict=True):
                    kept.append(median(its))
    yield table(found)
    yield from goals({it.name: found[it.name] for it in asked if not it.selective})
    yield from after_changes(database, rounds=rounds)


def after_changes(database: str, *, rounds: int) -> Iterator[Goal | Table | str]:
    """What the first question costs once a verdict is counted that was issued after the one before;
    and how long it took until it was. Measured on a copy, which is dropped again."""
    console.print(f"Copying {database}")
    plans.connect_to("postgres")  # nobody may be connected to what is copied
    with connect("postgres") as connection:
        copy(connection, database)
        try:
            plans.connect_to(COPY)
            key = key_of(0)
            with connect(COPY) as copied, serving(COPY, key) as served:
                yield from judged_and_asked(copied, served, rounds=rounds)
        finally:
            plans.connect_to("postgres")
            drop(connection, COPY)
            plans.connect_to(database)


def judged_and_asked(
    connection: psycopg.Connection, served: Served, *, rounds: int
) -> Iterator[Goal | Table | str]:
    counted(served)
    asked = [case for case in cases(connection) if case.name in FIRST_AFTER]
    claims = iter(connection.execute(UNJUDGED, [rounds * len(asked)]).fetchall())
    found: Found = {f"{case.name}, first after a verdict": ([], []) for case in asked}
    waits = []
    for case in asked:  # so that all is held that is asked for
        measure(connection, served, case, ([], []))
    for _ in range(rounds):
        for case, its in zip(asked, found.values(), strict=True):
            [claim] = next(claims)
            judge(served, str(claim))
            waits.append(waited(connection))
            measure(connection, served, case, its)
    yield table(found)
    yield f"a verdict is counted after {ranged(waits, '.1f')} s"
    yield from goals(found)


def judge(served: Served, claim: str) -> None:
    served.connection.request(
        "POST",
        f"/api/v1/claims/{claim}/dispute/",
        body=orjson.dumps(FINDING),
        headers={"Authorization": f"Bearer {served.key}", "Content-Type": "application/json"},
    )
    answer = served.connection.getresponse()
    text = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"a verdict was answered with {answer.status}: {text[:500]!r}")


def waited(connection: psycopg.Connection) -> float:
    """Seconds until all is counted. The database is asked: no server process shall look before."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE:
        row = connection.execute(IS_COUNTED).fetchone()
        if row is not None and row[0]:
            return time.perf_counter() - began
        time.sleep(0.02)
    raise RuntimeError("the sequencer counts nothing")


def measure(
    connection: psycopg.Connection,
    served: Served,
    case: Case,
    found: tuple[list[float], list[float]],
) -> None:
    ours, answer = served.get(f"/api/v1/stats/?{urlencode(case.asked)}")
    naive, rows = naively(connection, case)
    compare(case, rows, orjson.loads(answer))
    found[0].append(ours)
    found[1].append(naive)


def goals(found: Found) -> Iterator[Goal]:
    for name, its in found.items():
        ratios = [ours / naive for ours, naive in zip(*its, strict=True)]
        yield Goal(f"statistics {name}", ratios, GOAL, most=True)


def counted(served: Served) -> str:
    """Wait until all is counted that is numbered; how long that took."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE:
        told = orjson.loads(served.get("/api/v1/stats/")[1])
        head = orjson.loads(served.get("/api/v1/changes/?page_size=1")[1])["head"]
        if told["number"] >= head:
            return f"all is counted after {time.perf_counter() - began:.1f} s"
        time.sleep(0.5)
    raise RuntimeError("the sequencer counts nothing")


def naively(connection: psycopg.Connection, case: Case) -> tuple[float, list[tuple[Any, ...]]]:
    began = time.perf_counter()
    rows = connection.execute(case.sql, case.given).fetchall()
    return time.perf_counter() - began, rows


def compare(case: Case, rows: list[tuple[Any, ...]], answer: Any) -> None:
    due = last(rows)
    if due and isinstance(due[0], list):
        due = [[round(it, 3) for it in its] for its in due]
    if case.of(answer) != due:
        raise RuntimeError(f"{case.name}: {case.of(answer)} is told, {due} is so")


def table(found: Found) -> Table:
    shown = Table("statistics", "stats/, ms", "naive SQL, ms", "of it", box=None)
    for name, (ours, naive) in found.items():
        ratios = [one / other for one, other in zip(ours, naive, strict=True)]
        times = (ranged([1000 * it for it in its], ".1f") for its in (ours, naive))
        shown.add_row(name, *times, ranged(ratios, ".3f"))
    return shown
