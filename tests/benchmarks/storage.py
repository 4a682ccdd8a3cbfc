"""What a large record takes on disk, and what going on with it costs.

On a record of its own (`multiply`), which this writes to: verdicts rewriting claims in place,
vacuum afterwards, and Changes in partitions against Changes in one table.
"""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import psycopg
from rich.table import Table

from tests.benchmarks.databases import console, superuser
from tests.benchmarks.multiply import TABLES
from tests.benchmarks.peers.contest import CONNECTIONS
from tests.benchmarks.peers.load import Wrong
from tests.benchmarks.peers.pgbench import command, environment
from tests.benchmarks.peers.verdicts import checkers, prepare, script, unjudged

SECONDS = 20
PARTITIONS = 8
LOOKUPS = 2_000
ADDED = 100_000

VARIANTS = {
    "fillfactor 90, as it is": ("90", ""),
    "fillfactor 100": ("100", ""),
    "fillfactor 80": ("80", ""),
    "changed_at and status in indexes of claims": (
        "90",
        "CREATE INDEX bench_changed ON claims_claim (changed_at, id);"
        "CREATE INDEX bench_status ON claims_claim (status, created_at, id);",
    ),
}
ALL = UUID(int=0)
PAGE = """
    SELECT claim_id FROM claims_listing WHERE under = %s
    ORDER BY changed_at DESC, claim_id DESC LIMIT 200"""
FORGET = "DROP INDEX IF EXISTS bench_changed, bench_status"


def told(name: str) -> Iterator[Table]:
    """name: of the database, to which this process is connected as well."""
    with superuser(name) as database:
        yield sizes(database)
        yield rewriting(database, name)
        yield partitions(database)


def sizes(database: psycopg.Connection) -> Table:
    [(claims,)] = database.execute("SELECT count(*) FROM claims_claim").fetchall()
    shown = Table("table", "rows", "data, MB", "indexes, MB", "MB a million claims", box=None)
    found = database.execute(
        """
        SELECT replace(relname, 'claims_', ''), reltuples::bigint,
            pg_table_size(oid) / 1e6, pg_indexes_size(oid) / 1e6
        FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s)
        ORDER BY pg_total_relation_size(oid) DESC""",
        [[f"claims_{it}" for it in TABLES]],
    ).fetchall()
    total = 0.0
    for table, rows, data, indexes in found:
        both = float(data + indexes)
        total += both
        cells = f"{rows:,}", f"{data:,.0f}", f"{indexes:,.0f}", f"{both * 1e6 / claims:,.0f}"
        shown.add_row(table, *cells)
    shown.add_row("all", "", "", f"{total:,.0f}", f"{total * 1e6 / claims:,.0f}")
    return shown


def rewriting(database: psycopg.Connection, name: str) -> Table:
    """Verdicts on random claims, which update their rows; by how these rows are stored."""
    shown = Table(
        "claims are stored with", "verdicts/s", "in place", "WAL a verdict, kB",
        "VACUUM of claims, s", "of listings, s", "page by last change, ms", "after VACUUM",
        box=None,
    )  # fmt: skip
    members, claims = checkers(), unjudged(database)
    database.execute("DROP TABLE IF EXISTS bench_claims, bench_members")
    prepare(database, claims, members)
    try:
        for number, (variant, (fillfactor, before)) in enumerate(VARIANTS.items()):
            console.print(variant)
            database.execute(f"ALTER TABLE claims_claim SET (fillfactor = {fillfactor})")
            database.execute("SET maintenance_work_mem = '1GB'")
            database.execute("VACUUM (FULL, ANALYZE) claims_claim")
            for statement in filter(None, before.split(";")):
                database.execute(statement)
            database.execute("VACUUM claims_listing")
            database.execute("CHECKPOINT")
            start = counters(database)
            rate = judge(name, len(claims), number / len(VARIANTS))
            time.sleep(1.5)  # what backends have counted is told a second later
            updates, in_place, wal = (
                late - early for early, late in zip(start, counters(database), strict=True)
            )
            if not updates:
                raise Wrong("no claim was updated")
            page = looked_up(database, PAGE, [[ALL]] * 100)
            vacuums = [timed(database, f"VACUUM claims_{it}") for it in ("claim", "listing")]
            after = looked_up(database, PAGE, [[ALL]] * 100)
            shown.add_row(
                variant, f"{rate:,.0f}", f"{in_place / updates:.0%}",
                f"{wal / updates / 1000:.1f}", *(f"{it:.1f}" for it in vacuums),
                f"{page:.2f}", f"{after:.2f}",
            )  # fmt: skip
            database.execute(FORGET)
    finally:
        database.execute("DROP TABLE bench_claims, bench_members")
        database.execute("ALTER TABLE claims_claim SET (fillfactor = 90)")
        database.execute("SET session_replication_role = replica")
        database.execute("DELETE FROM claims_unnumbered")  # nobody numbers this record
        database.execute("SET session_replication_role = origin")
    return shown


def counters(database: psycopg.Connection) -> Sequence[int]:
    """Rows of claims that were updated, those of them in place, bytes of WAL."""
    found = database.execute(
        """
        SELECT n_tup_upd, n_tup_hot_upd, pg_current_wal_lsn() - '0/0'::pg_lsn
        FROM pg_stat_user_tables WHERE relname = 'claims_claim'"""
    ).fetchone()
    return tuple(map(int, found))


def judge(name: str, claims: int, share: float) -> float:
    """Verdicts a second. share: from where on in the claims, each being judged once."""
    given = {"n": int(share * claims), "stride": 1, "total": claims}
    # Neighbours in the list are anywhere in the table, and no two connections meet.
    given["stride"] = claims // CONNECTIONS // len(VARIANTS)
    with tempfile.TemporaryDirectory(prefix="pgbench") as folder:
        path = Path(folder) / "verdict.sql"
        path.write_text(script())
        options = [f"--define={key}={value}" for key, value in given.items()]
        options += [f"--client={CONNECTIONS}", f"--time={SECONDS}", f"--file={path}"]
        done = subprocess.run(
            command(name, *options), env=environment(), capture_output=True, text=True, check=False
        )
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or rate is None:
        raise Wrong(f"pgbench: {done.stderr[-2000:]}")
    return float(rate[1])


def partitions(database: psycopg.Connection) -> Table:
    """Changes in one table, and in partitions by time; with the same indexes."""
    shown = Table(
        "changes", "copying them, s", f"{ADDED:,} more, s", "history of a claim, ms",
        "by subject, ms", "VACUUM, s", "MB", box=None,
    )  # fmt: skip
    columns = "(LIKE claims_change INCLUDING DEFAULTS)"
    [bounds] = database.execute(
        "SELECT percentile_disc(array(SELECT n / %s::float8 FROM generate_series(1, %s - 1) n))"
        " WITHIN GROUP (ORDER BY recorded_at) FROM claims_change TABLESAMPLE SYSTEM (1)",
        [PARTITIONS, PARTITIONS],
    ).fetchone()
    database.execute("DROP TABLE IF EXISTS bench_one, bench_many")
    database.execute(f"CREATE TABLE bench_one {columns}")
    database.execute(f"CREATE TABLE bench_many {columns} PARTITION BY RANGE (recorded_at)")
    ends = ["MINVALUE", *(f"'{it.isoformat()}'" for it in bounds), "MAXVALUE"]
    for number, (low, high) in enumerate(pairwise(ends)):
        database.execute(
            f"CREATE TABLE bench_part_{number} PARTITION OF bench_many"
            f" FOR VALUES FROM ({low}) TO ({high})"
        )
    found = database.execute(
        "SELECT claim_id FROM claims_change TABLESAMPLE SYSTEM (1) WHERE claim_id IS NOT NULL"
        " ORDER BY random() LIMIT %s",
        [LOOKUPS],
    ).fetchall()
    for name, table in (("one table", "bench_one"), (f"{PARTITIONS} partitions", "bench_many")):
        console.print(name)
        copying = timed(database, f"INSERT INTO {table} SELECT * FROM claims_change")
        # A primary key of a partitioned table holds what it is partitioned by.
        database.execute(f"CREATE INDEX ON {table} (id)")
        database.execute(
            f"CREATE INDEX ON {table} (claim_id, recorded_at, id) WHERE claim_id IS NOT NULL"
        )
        database.execute(f"CREATE INDEX ON {table} (subject_id)")
        database.execute(f"VACUUM (ANALYZE) {table}")
        adding = timed(
            database,
            f"INSERT INTO {table} SELECT * FROM"
            f" (SELECT * FROM claims_change ORDER BY recorded_at DESC LIMIT {ADDED}) AS last",
        )
        took = [
            looked_up(database, f"SELECT id FROM {table} WHERE {asked} LIMIT 25", found)
            for asked in ("claim_id = %s ORDER BY recorded_at, id", "subject_id = %s")
        ]
        cleaning = timed(database, f"VACUUM {table}")
        [(size,)] = database.execute(
            "SELECT sum(pg_total_relation_size(oid)) / 1e6 FROM pg_class"
            " WHERE oid = %s::regclass OR oid IN (SELECT relid FROM pg_partition_tree(%s))",
            [table, table],
        ).fetchall()
        cells = [f"{copying:.0f}", f"{adding:.1f}", *(f"{it:.3f}" for it in took)]
        shown.add_row(name, *cells, f"{cleaning:.1f}", f"{size:,.0f}")
    database.execute("DROP TABLE bench_one, bench_many")
    return shown


def timed(database: psycopg.Connection, statement: str) -> float:
    """Seconds."""
    began = time.perf_counter()
    database.execute(statement)
    return time.perf_counter() - began


def looked_up(database: psycopg.Connection, statement: str, keys: Sequence[tuple]) -> float:
    """Milliseconds each, prepared."""
    with database.cursor() as cursor:
        began = time.perf_counter()
        for key in keys:
            cursor.execute(statement, key, prepare=True).fetchall()
        return (time.perf_counter() - began) * 1000 / len(keys)
