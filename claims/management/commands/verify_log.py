import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from rich.console import Console
from rich.progress import Progress

from claims.management.record import RecordCommand
from claims.management.verification import erased, faults
from claims.models import Checkpoint, LogKey
from claims.queries.feed import head
from claims.signed_notes import Checkpoint as Statement
from claims.signed_notes import NoteInvalid, Verifier, open_note

MOST = 1_000  # faults that are told


class Command(RecordCommand):
    help = (
        "Compute the whole log again from the tables, and say which rows were changed, removed or "
        "added behind our back. Reads alone; ends with 1 where something is wrong."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--against",
            type=Path,
            metavar="FILE",
            help="a checkpoint that was kept outside of this machine: whether the log still begins "
            "with what it says. Without one, whoever has the signing key can have written all anew",
        )
        parser.add_argument(
            "--checkpoint", action="store_true", help="print the last checkpoint, to be kept"
        )

    def handle(self, *args: Any, against: Path | None, checkpoint: bool, **options: Any) -> None:
        kept = None if against is None else statement_in(against)
        found = 0
        size = head()
        began = time.monotonic()
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
            bar = progress.add_task("Verifying", total=size)
            for fault in faults(kept=kept, tick=lambda done: progress.advance(bar, done)):
                found += 1
                if found <= MOST:
                    self.stdout.write(str(fault))
        took = time.monotonic() - began
        # A checkpoint is to be kept as it is, in a file that stdout leads to perhaps.
        told = self.stderr if checkpoint else self.stdout
        for number in erased():
            told.write(f"number {number}: erased, so that its row cannot be compared with it")
        if found:
            raise CommandError(f"{found} faults in {size} entries.", returncode=1)
        told.write(f"{size} entries, all as they were logged ({took:.1f} s).")
        last = Checkpoint.objects.order_by("-size").first()
        if checkpoint and last is not None:
            self.stdout.write(last.note, ending="")


def statement_in(file: Path) -> Statement:
    """What a checkpoint in a file says, which a key of this log has signed."""
    verifiers = [Verifier(key) for key in LogKey.objects.values_list("verifier", flat=True)]
    try:
        return Statement.parse(open_note(file.read_text(), verifiers)[0])
    except (OSError, UnicodeDecodeError) as wrong:
        raise CommandError(f"{file}: {wrong}") from None
    except NoteInvalid as wrong:
        raise CommandError(f"{file}: {wrong}") from None
