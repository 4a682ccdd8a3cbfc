"""Commands that read or write the record."""

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError

from claims.queries import migrating


class RecordCommand(BaseCommand):
    """A command for which the tables of this version have to be there."""

    requires_migrations_checks = True

    def check_migrations(self) -> None:
        """Where Django would go on with a notice. Raises CommandError."""
        try:
            missing = migrating.missing()
        except DatabaseError as wrong:
            said = str(wrong).strip().partition("\n")[0]
            raise CommandError(f"The database does not answer: {said}") from wrong
        if missing:
            raise CommandError(
                "The database is not prepared for this version: run manage.py prepare_database."
            )
