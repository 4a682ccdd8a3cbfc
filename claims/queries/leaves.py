"""What the log says of Changes: their columns as plain JSON, read in the form that is hashed."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

INSTANT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
# All as text, which PostgreSQL writes faster than Python does.
COLUMNS = {
    "change": "c.id::text",
    "type": "c.type",
    "subject": "c.subject_id::text",
    "claim": "c.claim_id::text",
    "organization": "c.organization_id::text",
    "recorded_by": "c.recorded_by_id::text",
    "recorded_at": INSTANT.format("c.recorded_at"),
    "status": "c.status",
    "language": "c.language",
    "outcome": "c.outcome",
    "document": "encode(d.sha256, 'hex')",
    "before": "encode(b.sha256, 'hex')",
}
SELECTED = f"""
    SELECT {{more}} {", ".join(COLUMNS.values())}
    FROM {{rows}} JOIN claims_content d ON d.id = c.document_id
    LEFT JOIN claims_content b ON b.id = c.before_id"""  # noqa: S608  (names of columns)

Told = dict[str, Any]


def of_changes(pks: Sequence[UUID]) -> dict[str, Told]:
    """What is to be logged of Changes, but for the number; by their ids, as text."""
    with connection.cursor() as cursor:
        statement = SELECTED.format(more="", rows="claims_change c")
        cursor.execute(f"{statement} WHERE c.id = ANY(%s)", [list(pks)])
        return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()}


def logged(first: int, last: int) -> Iterator[tuple[int, str, bytes, Told]]:
    """(number, entry, leaf hash, what the entry should say) of a range of numbers, in order."""
    rows = "claims_logentry l JOIN claims_change c ON c.id = l.change_id"
    statement = SELECTED.format(more="l.number, l.entry, l.leaf_hash,", rows=rows)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{statement} WHERE l.number BETWEEN %s AND %s ORDER BY l.number", [first, last]
        )
        for number, entry, leaf_hash, *told in cursor.fetchall():
            yield number, entry, leaf_hash, dict(zip(COLUMNS, told, strict=True))
