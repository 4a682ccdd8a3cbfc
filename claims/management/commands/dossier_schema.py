import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from claims.formats.dossier_schema import dossier_schema


class Command(BaseCommand):
    help = "Write the JSON Schema of dossiers to docs/dossier.schema.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail when the file is stale."
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        file = Path(settings.BASE_DIR, "docs", "dossier.schema.json")
        schema = json.dumps(dossier_schema(), ensure_ascii=False, indent=2) + "\n"
        if not check:
            file.write_text(schema, "utf-8")
        elif not file.exists() or file.read_text("utf-8") != schema:
            raise CommandError(f"{file} is stale: run manage.py dossier_schema.")
