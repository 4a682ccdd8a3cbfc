from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from claims.actions.log_keys import make_key_file, rotate
from claims.signed_notes import NoteInvalid


class Command(BaseCommand):
    help = (
        "Make or rotate the key that signs the transparency log, in the file LOG_KEY_FILE. "
        "A sequencer that runs takes it up at once and publishes its public half in the log."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--new",
            metavar="NAME",
            help="make the first key; NAME is the log's own, for good: a domain and a path of "
            "yours, without scheme, such as example.org/isnad",
        )
        what.add_argument(
            "--rotate",
            action="store_true",
            help="make another key; the old one signs beside it until it is retired, so that "
            "those who trust the old one learn of the new one",
        )
        what.add_argument("--retire", action="store_true", help="take the older keys out")

    def handle(self, *args: Any, new: str | None, retire: bool, **options: Any) -> None:
        if not settings.LOG_KEY_FILE:
            raise CommandError("Say in LOG_KEY_FILE where the key is, or is to be.")
        path = Path(settings.LOG_KEY_FILE)
        try:
            if new is not None:
                if path.exists():
                    raise CommandError(f"{path} is there already: --rotate makes another key.")
                make_key_file(path, new)
                self.stdout.write(f"made {path}: keep a copy of it in a safe place")
            else:
                signer = rotate(path, retire=retire)
                self.stdout.write(f"signs now: {signer.verifier}")
        except (OSError, NoteInvalid) as wrong:
            raise CommandError(f"{path}: {wrong}") from None
