"""The databases that are measured: made once, and used again while what made them is the same."""

import hashlib
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from config.embedded.configuration import OWNER, SUPERUSER
from config.environment import CHECKOUT, database_environment
from tests.benchmarks.generate import FOLLOWING, Report, Size, World, load

console = Console(stderr=True, highlight=False)

# What a database's shape and rows follow from.
SOURCES = ["claims/migrations", "claims/sql", "tests/benchmarks"]
MAKERS = {"generate.py", "history.py", "words.py"}


@contextmanager
def server():
    """The embedded PostgreSQL of the benchmarks, or the one that DATABASE_URL names.

    ISNAD_BENCH_DIR: its data folder, .isnad/bench by default.
    """
    before = os.environ.get("ISNAD_DATA_DIR")
    os.environ["ISNAD_DATA_DIR"] = os.environ.get("ISNAD_BENCH_DIR") or str(
        CHECKOUT / ".isnad" / "bench"
    )
    # As the launcher makes a data folder: `make run` may use this one later.
    Path(os.environ["ISNAD_DATA_DIR"]).parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    try:
        with database_environment(console.print):
            os.environ.setdefault("SECRET_KEY", "for benchmarks only")
            yield
    finally:
        os.environ.pop("ISNAD_DATA_DIR")
        if before is not None:
            os.environ["ISNAD_DATA_DIR"] = before


def urls(database: str) -> dict[str, str]:
    """The environment in which a process works on this database."""
    return {
        name: urlsplit(os.environ[name])._replace(path=f"/{database}").geturl()
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }


def connect(database: str) -> psycopg.Connection:
    """As the owner."""
    return psycopg.connect(urls(database)["DATABASE_OWNER_URL"], autocommit=True)


def superuser(database: str) -> psycopg.Connection:
    """Of the embedded PostgreSQL; another one's is nobody's business."""
    url = urlsplit(urls(database)["DATABASE_OWNER_URL"])
    url = url._replace(netloc=url.netloc.replace(OWNER, SUPERUSER, 1))
    return psycopg.connect(url.geturl(), autocommit=True)


def prepared(claims: int, *, seed: int = 1, as_is: bool = False) -> str:
    """The name of a database with so many claims; made where there is none that fits.

    as_is: use the one that is there, whatever has changed since it was made.
    """
    name = f"isnad_bench_{claims}"
    wanted = json.dumps({"claims": claims, "seed": seed, "made_by": fingerprint()})
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()
        if found is not None and (found[0] == wanted or (as_is and found[0])):
            return name
        database = sql.Identifier(name)
        drop(connection, name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        manage(name, "prepare_database")
        show(filled(name, claims, seed))
        for command in FOLLOWING:
            began = time.perf_counter()
            manage(name, command)
            console.print(f"{command}: {time.perf_counter() - began:.0f} s")
        with connect(name) as its:
            its.execute("VACUUM ANALYZE")
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, sql.Literal(wanted))
        )
    return name


def manage(database: str, command: str) -> None:
    environment = os.environ | urls(database) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run(
        [sys.executable, "-m", "django", command, "--verbosity=0"],
        env=environment,
        cwd=CHECKOUT,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a database where there is one, whoever of us is connected to it.

    Not by FORCE: that is refused while autovacuum, which is not ours to end, is at work in it.
    """
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = %s AND usename = current_user",
        [name],
    )
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def filled(name: str, claims: int, seed: int) -> Report:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with (
        Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar,
        connect(name) as connection,
    ):
        task = bar.add_task(f"{name}: claims", total=claims)
        connection.execute("SET synchronous_commit = off")  # can be made again
        return load(connection, World(Size(claims), seed), lambda done: bar.advance(task, done))


def show(report: Report) -> None:
    table = Table("table", "seconds", "rows", "size, MB", "indexes, MB", box=None)
    for name in {**report.seconds, **report.sizes}:
        seconds = f"{report.seconds[name]:.1f}" if name in report.seconds else ""
        rows = f"{report.rows[name]:,}" if name in report.rows else ""
        sizes = [f"{size / 1e6:,.1f}" for size in report.sizes.get(name, ())]
        table.add_row(name, seconds, rows, *sizes)
    console.print(table)


def fingerprint() -> str:
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((CHECKOUT / folder).glob("*")):
            if path.suffix == ".sql" or (
                path.suffix == ".py" and (folder != SOURCES[-1] or path.name in MAKERS)
            ):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
