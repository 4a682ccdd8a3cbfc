from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from rich.console import Console
from rich.progress import Progress

from claims.actions.counting import count_anew, differing
from claims.management.record import RecordCommand
from claims.models import Claim, Counted


class Command(RecordCommand):
    help = (
        "Make anew what statistics are reckoned of, from the record. The sequencer keeps it from "
        "then on. With --check, only say what is stored otherwise; ends with 1 then."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing")
        parser.add_argument(
            "--unless-complete", action="store_true", help="do nothing where it was made before"
        )

    def handle(
        self, *args: Any, check: bool = False, unless_complete: bool = False, **options: Any
    ) -> None:
        if unless_complete and Counted.objects.exists():
            return
        if check:
            found = list(differing())
            for what in found:
                self.stdout.write(what)
            if found:
                raise CommandError("Statistics are not what the record says: see above.")
            self.stdout.write("Statistics are what the record says.")
            return
        console = Console(stderr=True)
        hidden = options["verbosity"] == 0 or not console.is_terminal
        counted = 0
        with Progress(console=console, disable=hidden, transient=True) as progress:
            task = progress.add_task("Counting claims", total=Claim.objects.count())
            for some in count_anew():
                counted += some
                progress.advance(task, some)
        if options["verbosity"]:
            self.stdout.write(f"{counted} claims are counted.")
