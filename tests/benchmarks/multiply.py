"""A record several times as large as the one it is made of, in minutes instead of hours.

Claims, articles and all that hangs on them are there once more for each copy, under ids of their
own; publishers, speakers and organizations stay. The log goes on counting, but its tree is not
made: what is asked of lists, pages, sizes and writes needs none.
"""

import psycopg
from psycopg import sql
from rich.progress import Progress

from tests.benchmarks.databases import console, drop, prepared, superuser

TABLES = ["content", "article", "snapshot", "claim", "appearance", "relay", "anchor", "assertion"]
TABLES += ["verdict", "evidence", "change", "logentry", "placement", "listing"]
# What stays the same in each copy: it is of tables that are not copied.
SHARED = {"publisher_id", "speaker_id", "organization_id", "created_by_id", "issued_by_id"} | {
    "recorded_by_id",
    "captured_by_id",
    "under",
}
# The version of the UUID, of which every one of the record has 7, tells the copies apart: ids
# stay in the order of time, as new ones would be.
ID = "overlay({}::text PLACING '{}' FROM 15 FOR 1)::uuid"
VERSIONS = "1234568"


def multiplied(claims: int, times: int) -> str:
    """The name of a database with `times` as many claims; made where there is none."""
    name, source = f"isnad_bench_{claims * times}", prepared(claims, as_is=True)
    with superuser("postgres") as server:
        [(is_there,)] = server.execute(
            "SELECT count(*) FROM pg_database WHERE datname = %s", [name]
        ).fetchall()
        if is_there:
            return name
        making = f"{name}_making"
        drop(server, making)
        copying = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(copying.format(sql.Identifier(making), sql.Identifier(source)))
        multiply(making, times)
        renaming = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(renaming.format(sql.Identifier(making), sql.Identifier(name)))
        noting = sql.SQL("COMMENT ON DATABASE {} IS {}")  # so that --as-is takes it
        server.execute(noting.format(sql.Identifier(name), sql.Literal(f"{times} × {source}")))
    return name


def multiply(name: str, times: int) -> None:
    with superuser(name) as database, Progress(console=console) as bar:
        # No triggers: the rows are copies of rows that they have seen.
        database.execute("SET session_replication_role = replica")
        database.execute("SET synchronous_commit = off")
        database.execute("SET maintenance_work_mem = '1GB'")
        [(numbers,)] = database.execute("SELECT max(number) + 1 FROM claims_logentry").fetchall()
        indexes = droppable(database)
        task = bar.add_task(name, total=len(TABLES) * times + len(indexes))
        for _table, index, _definition in indexes:
            database.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
        for table in TABLES:
            # All copies by one statement: it reads none of the rows that it adds.
            database.execute(copies(database, f"claims_{table}", times, numbers))
            bar.advance(task, times - 1)
        for _table, _index, definition in indexes:
            database.execute(definition)
            bar.advance(task)
        for table in TABLES:  # as dense as they are where rows come in the order of time
            database.execute(f"REINDEX TABLE claims_{table}")
            database.execute(f"VACUUM (ANALYZE) claims_{table}")
            bar.advance(task)


def droppable(database: psycopg.Connection) -> list[tuple[str, str, str]]:
    """Table, name and definition of indexes that hold no constraint up."""
    return database.execute(
        """
        SELECT t.relname, i.relname, pg_get_indexdef(i.oid)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class t ON t.oid = x.indrelid
        WHERE t.relname = ANY(%s)
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid)""",
        [[f"claims_{it}" for it in TABLES]],
    ).fetchall()


def copies(database: psycopg.Connection, table: str, times: int, numbers: int) -> sql.Composable:
    columns = database.execute(
        "SELECT column_name, udt_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'"
        " ORDER BY ordinal_position",
        [table],
    ).fetchall()
    selects = []
    for version, copy in zip(VERSIONS, range(1, times), strict=False):
        values = [value(name, type, version, copy, numbers) for name, type in columns]
        selects.append(f"SELECT {', '.join(values)} FROM {table}")
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _type in columns)
    return sql.SQL("INSERT INTO {} ({}) {}").format(
        sql.Identifier(table), names, sql.SQL(" UNION ALL ".join(selects))
    )


def value(name: str, type: str, version: str, copy: int, numbers: int) -> str:
    if type == "uuid" and name not in SHARED:
        return ID.format(f'"{name}"', version)
    if name == "number":
        return f"number + {copy * numbers}"
    return f"url || '?copy={copy}'" if name == "url" and type == "varchar" else f'"{name}"'
