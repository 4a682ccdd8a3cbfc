from typing import Any

from django.core.management import BaseCommand, call_command
from django.db import connections

from claims.sql.grants import grant


class Command(BaseCommand):
    help = (
        "Bring the tables up to date, as their owner, give the web role its rights, and let all "
        "claims be found and counted."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command(
            "migrate",
            database="owner",
            verbosity=options["verbosity"],
            interactive=False,
            stdout=self.stdout,
        )
        owner, web = connections["owner"], connections["default"]
        web_role = web.settings_dict["USER"]
        if web_role == owner.settings_dict["USER"]:
            self.stderr.write(
                "One role both owns the tables and serves requests: good for a trial only. "
                "Set DATABASE_OWNER_URL to the owner, DATABASE_URL to a role that owns nothing."
            )
        else:
            grant(owner, web_role)
        call_command(
            "index_claims",
            unless_complete=True,
            verbosity=options["verbosity"],
            stdout=self.stdout,
        )
        call_command(
            "count_claims",
            unless_complete=True,
            verbosity=options["verbosity"],
            stdout=self.stdout,
        )
