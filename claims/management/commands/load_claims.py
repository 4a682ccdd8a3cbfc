from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db import DatabaseError

from claims.management.files import MOST, REFUSED, bar, batch, checker, opened, told
from claims.management.loading import Tally, load
from claims.management.record import RecordCommand


class Command(RecordCommand):
    help = (
        "Load claims from a file with one a line, as JSON. Those that are refused are told with "
        "their line, the rest is loaded. Ends with 0 when all of it is in the record, with 3 when "
        "lines were refused, with 1 when it stopped before the end: run it again then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="NDJSON; - is standard input.")
        parser.add_argument("--member", required=True, help="The id of the member who files it.")
        parser.add_argument(
            "--batch",
            type=batch,
            default=1_000,
            metavar="N",
            help=f"Claims in a transaction, {MOST:,} at most (%(default)s).",
        )
        parser.add_argument(
            "--refused",
            type=Path,
            metavar="FILE",
            help="Where to write which lines are refused and why, as NDJSON; else standard error.",
        )

    def handle(
        self,
        *args: Any,
        file: str,
        member: str,
        batch: int,
        refused: Path | None,
        **options: Any,
    ) -> None:
        tally = Tally()
        try:
            by = checker(member)
            with (
                opened(file) as (source, size),
                bar(hidden=options["verbosity"] == 0) as progress,
                told(refused, progress.console) as refuse,
            ):
                task = progress.add_task(f"Loading {Path(file).name}", total=size)
                load(
                    source,
                    tally,
                    by=by,
                    batch=batch,
                    refuse=refuse,
                    tick=lambda done: progress.advance(task, done),
                )
        except OSError as wrong:
            raise CommandError(
                stopped(tally, f"{wrong.filename or file}: {wrong.strerror}")
            ) from wrong
        except DatabaseError as wrong:
            raise CommandError(stopped(tally, str(wrong).strip())) from wrong
        if options["verbosity"]:
            self.stdout.write(summary(tally))
        if tally.refused:
            raise CommandError(f"{tally.refused} lines were refused.", returncode=REFUSED)


def summary(tally: Tally) -> str:
    parts = [
        f"{tally.lines} lines: {tally.loaded} loaded, {tally.there} there already, "
        f"{tally.refused} refused."
    ]
    if tally.without_id:
        parts.append(
            f"{tally.without_id} of the loaded have no id: loaded again, they are filed twice."
        )
    return "\n".join(parts)


def stopped(tally: Tally, why: str) -> str:
    again = "Run it again: what has an id is not filed twice."
    return f"Stopped: {why}\n{summary(tally)}\n{again}"
