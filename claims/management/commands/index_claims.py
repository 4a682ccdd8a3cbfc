from argparse import ArgumentParser
from typing import Any

from rich.console import Console
from rich.progress import Progress

from claims.actions.indexing import count, forget, index_what_is_missing, is_complete
from claims.management.record import RecordCommand
from claims.models import Claim


class Command(RecordCommand):
    help = (
        "Let claims be found by `claims/match/` that were filed before there was such a thing, or "
        "behind our back. May be stopped and run again, while others file claims."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anew",
            action="store_true",
            help="forget first by what claims are found: after an upgrade that cuts or folds words "
            "in another way. Until it is done, the oldest claims are not found",
        )
        parser.add_argument(
            "--unless-complete",
            action="store_true",
            help="look at the oldest claim first, which is indexed last, and end if it is",
        )

    def handle(
        self, *args: Any, anew: bool = False, unless_complete: bool = False, **options: Any
    ) -> None:
        if anew:
            forget()
        if unless_complete and is_complete():
            return
        console = Console(stderr=True)
        hidden = options["verbosity"] == 0 or not console.is_terminal
        indexed = 0
        with Progress(console=console, disable=hidden, transient=True) as progress:
            task = progress.add_task("Indexing claims", total=Claim.objects.count())
            for looked_at, missing in index_what_is_missing():
                indexed += missing
                progress.advance(task, looked_at)
                count()
            while count():
                pass
        if options["verbosity"]:
            self.stdout.write(f"{indexed} claims were missing, and are found now.")
