from typing import Any
from zlib import crc32

from django.core.management import CommandError
from django.db import DatabaseError, connection, connections
from rich.console import Console
from rich.progress import Progress

from claims.management.record import RecordCommand
from claims.queries.vectors import TABLE, encoder, is_there, written

BATCH = 200
MAKE = f"""
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE {TABLE} (
        claim_id uuid PRIMARY KEY, of_text integer NOT NULL, vector vector({{size}}) NOT NULL);
    CREATE INDEX claim_vector_near ON {TABLE} USING hnsw (vector vector_cosine_ops);
    GRANT SELECT, INSERT, UPDATE ON {TABLE} TO {{role}}"""
WAITING = f"""
    SELECT c.id, c.text, v.of_text
    FROM claims_claim AS c LEFT JOIN {TABLE} AS v ON v.claim_id = c.id
    WHERE %s::uuid IS NULL OR c.id > %s ORDER BY c.id LIMIT {BATCH}"""  # noqa: S608
STORE = f"""
    INSERT INTO {TABLE} (claim_id, of_text, vector) VALUES (%s, %s, %s::vector)
    ON CONFLICT (claim_id) DO UPDATE SET of_text = EXCLUDED.of_text, vector = EXCLUDED.vector"""  # noqa: S608


class Command(RecordCommand):
    help = (
        "Make the vectors of claims that have none yet, or whose words were edited, by the encoder "
        "that MATCH_ENCODER names. Run it again now and then: new claims are found by their words "
        "until then. Needs pgvector."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        encode = encoder()
        if encode is None:
            raise CommandError("MATCH_ENCODER names no encoder: the dotted path of a callable.")
        if not is_there():
            self.make(len(encode(["a text"])[0]))
        console = Console(stderr=True)
        hidden = options["verbosity"] == 0 or not console.is_terminal
        last, made = None, 0
        with (
            Progress(console=console, disable=hidden, transient=True) as progress,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT count(*) FROM claims_claim")
            task = progress.add_task("Encoding claims", total=cursor.fetchone()[0])
            while True:
                cursor.execute(WAITING, [last, last])
                rows = cursor.fetchall()
                if not rows:
                    break
                last = rows[-1][0]
                stale = [(pk, text) for pk, text, of in rows if of != checksum(text)]
                if stale:
                    vectors = encode([text for _pk, text in stale])
                    for (pk, text), vector in zip(stale, vectors, strict=True):
                        cursor.execute(STORE, [pk, checksum(text), written(vector)])
                made += len(stale)
                progress.advance(task, len(rows))
        if options["verbosity"]:
            self.stdout.write(f"{made} vectors were made.")

    def make(self, size: int) -> None:
        owner = connections["owner"]
        role = owner.ops.quote_name(connection.settings_dict["USER"])
        try:
            with owner.cursor() as cursor:
                cursor.execute(MAKE.format(size=int(size), role=role))
        except DatabaseError as wrong:
            raise CommandError(
                f"There is no place for vectors: {str(wrong).strip()}\nInstall pgvector, and let a "
                "superuser run in this database: CREATE EXTENSION vector;"
            ) from wrong


def checksum(text: str) -> int:
    return crc32(text.encode()) - 2**31
