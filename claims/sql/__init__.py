"""SQL objects, one file a version; a file is never edited once released."""

from pathlib import Path

from django.db.migrations.operations import RunSQL

HERE = Path(__file__).parent


def install(name: str) -> RunSQL:
    """The migration operation that runs `name`.sql, and `name`.undo.sql backwards."""
    return RunSQL(
        (HERE / f"{name}.sql").read_text("utf-8"), (HERE / f"{name}.undo.sql").read_text("utf-8")
    )
