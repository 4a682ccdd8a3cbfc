import gzip
import zlib
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError

from claims.actions.reviews import Tally
from claims.formats.claimreview_in import (
    BadMapping,
    BadTable,
    Source,
    TableMapping,
    mapping,
    outcomes,
)
from claims.management.commands.import_dossier import checker
from claims.management.commands.load_claims import REFUSED, bar, batch, opened, told
from claims.management.reviewing import load

GZIP = b"\x1f\x8b"
MOST_LISTED = 50  # labels that no table knows, the most frequent first


class Command(BaseCommand):
    help = (
        "Import reviews of other organizations: ClaimReview in JSON, NDJSON or HTML, claims of "
        "Google's Fact Check Tools API, tables. Each record is imported, there already, or refused "
        "with its reason. Ends with 0 when all of it is in the record, with 3 when records were "
        "refused, with 1 when it stopped before the end: run it again then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="May be gzipped; - is standard input.")
        parser.add_argument("--member", required=True, help="The id of the member who files it.")
        parser.add_argument(
            "--mapping",
            metavar="NAME|FILE",
            help="Of a table: one of the project's by its name, or a file that names the columns.",
        )
        parser.add_argument(
            "--batch",
            type=batch,
            default=500,
            metavar="N",
            help="Records in a transaction (%(default)s).",
        )
        parser.add_argument(
            "--refused",
            type=Path,
            metavar="FILE",
            help="Where to write what is refused and why, as NDJSON; else standard error.",
        )

    def handle(
        self,
        *args: Any,
        file: str,
        member: str,
        mapping: str | None,
        batch: int,
        refused: Path | None,
        **options: Any,
    ) -> None:
        tally = Tally()
        by = checker(member)
        source = source_of(mapping, file)
        try:
            with (
                opened(file) as (raw, size),
                unpacked(raw) as unzipped,
                bar(hidden=options["verbosity"] == 0) as progress,
                told(refused, progress.console) as refuse,
            ):
                zipped = unzipped is not raw
                task = progress.add_task(
                    f"Importing {Path(file).name}", total=None if zipped else size
                )
                load(
                    unzipped,
                    source,
                    tally,
                    by=by,
                    batch=batch,
                    refuse=refuse,
                    tick=lambda done: progress.advance(task, done),
                )
        except (OSError, EOFError, zlib.error) as wrong:
            raise CommandError(stopped(tally, f"{file}: {wrong}")) from wrong
        except DatabaseError as wrong:
            raise CommandError(stopped(tally, str(wrong).strip())) from wrong
        if options["verbosity"]:
            self.stdout.write(summary(tally))
        if tally.refused:
            raise CommandError(f"{tally.refused} records were refused.", returncode=REFUSED)


def source_of(name: str | None, file: str) -> Source:
    """Raises CommandError."""
    try:
        columns: TableMapping | None = mapping(name) if name else None
        if columns is not None and file.lower().removesuffix(".gz").endswith(".csv"):
            columns = columns.read_as("text/csv")
        table = outcomes(settings.CLAIMREVIEW_OUTCOMES or None)
    except BadMapping as wrong:
        raise CommandError(f"--mapping: {wrong}") from None
    except (BadTable, OSError) as wrong:
        raise CommandError(f"CLAIMREVIEW_OUTCOMES: {wrong}") from None
    return Source(
        outcomes=table,
        line_limit=settings.BODY_LIMIT,
        document_limit=settings.IMPORT_DOCUMENT_LIMIT,
        mapping=columns,
    )


@contextmanager
def unpacked(raw: BinaryIO) -> Iterator[BinaryIO]:
    """What is gzipped is unpacked as it is read: a line is held, however large all of it is."""
    peek = getattr(raw, "peek", None)
    if peek is None or not peek(2).startswith(GZIP):
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as unzipped:
        yield unzipped  # type: ignore[misc]


def summary(tally: Tally) -> str:
    lines = [
        f"{tally.records} records: {tally.imported} imported, {tally.there} there already, "
        f"{tally.refused} refused."
    ]
    if tally.made:
        new = ", ".join(f"{count} {kind}s" for kind, count in sorted(tally.made.items()) if count)
        lines.append(f"New: {new or 'nothing'}.")
    for title, counts in (("Refused", tally.reasons), ("Left out", tally.notes)):
        if counts:
            told = ", ".join(f"{word} {count}" for word, count in counts.most_common())
            lines.append(f"{title}: {told}.")
    if tally.unknown:
        lines.append(
            f"{tally.unknown.total()} ratings are in no table, so inconclusive: say what they mean "
            "in a file that CLAIMREVIEW_OUTCOMES names, and import again."
        )
        lines += [
            f"  {count} × {label or '(a text)'} ({site})"
            for (site, label), count in tally.unknown.most_common(MOST_LISTED)
        ]
    return "\n".join(lines)


def stopped(tally: Tally, why: str) -> str:
    return f"Stopped: {why}\n{summary(tally)}\nRun it again: what is there is not filed twice."
