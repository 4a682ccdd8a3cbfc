from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError

from claims.actions.facts import Differing, settle_facts
from claims.management.record import RecordCommand

MOST = 1_000  # that are told


class Command(RecordCommand):
    help = (
        "Read what all facts say anew, as conflicts are found by it: needed after the rules or the "
        "folding have changed. With --check, only say what is stored otherwise; ends with 1 then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        found = Differing()
        for what in settle_facts(found, mend=not check):
            if found.count <= MOST:
                self.stdout.write(what)
        if check and found.count:
            raise CommandError(f"{found.count} of {found.facts} facts and matters differ.")
        told = "differ" if check else "differed and are mended"
        self.stdout.write(f"{found.facts} facts; {found.count} {told}.")
