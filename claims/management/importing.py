"""Records from a file of any length: read ahead by another process, filed some at a time."""

import gzip
import zlib
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Protocol

from django.core.management import CommandError
from django.db import DatabaseError

from claims.actions.tallying import Fate, Tally
from claims.formats.importing import Documents, Part, Worded, refused
from claims.management.elsewhere import elsewhere
from claims.management.files import REFUSED, bar, batch, checker, opened, told
from claims.management.loading import swept_less
from claims.management.record import RecordCommand
from claims.models import Member

MOST_BYTES = 8_000_000  # of records that are filed together, whatever their number
GZIP = b"\x1f\x8b"


class Import(Protocol):
    """Files what is new of some records, all or nothing; what became of each, in order.

    made_of: counts the new rows by kind.
    """

    def __call__(
        self, records: Sequence[Any], *, by: Member, made_of: Counter[str]
    ) -> Sequence[Fate]: ...


class ImportCommand(RecordCommand):
    """A command that imports a file. tally: of what became of its records."""

    tally: ClassVar[type[Tally]] = Tally
    import_records: ClassVar[Import]

    def source(self, file: str, **options: Any) -> Documents:
        """How the file is read. Raises CommandError."""
        raise NotImplementedError

    def summary(self, tally: Any) -> str:
        return "\n".join(summary(tally))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="May be gzipped; - is standard input.")
        parser.add_argument("--member", required=True, help="The id of the member who files it.")
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
        batch: int,
        refused: Path | None,
        **options: Any,
    ) -> None:
        tally = self.tally()
        by = checker(member)
        source = self.source(file, **options)
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
                    type(self).import_records,
                    tally,
                    by=by,
                    batch=batch,
                    refuse=refuse,
                    tick=lambda done: progress.advance(task, done),
                )
        except (OSError, EOFError, zlib.error) as wrong:
            raise CommandError(self.stopped(tally, f"{file}: {wrong}")) from wrong
        except DatabaseError as wrong:
            raise CommandError(self.stopped(tally, str(wrong).strip())) from wrong
        if options["verbosity"]:
            self.stdout.write(self.summary(tally))
        if tally.refused:
            raise CommandError(f"{tally.refused} records were refused.", returncode=REFUSED)

    def stopped(self, tally: Tally, why: str) -> str:
        again = "Run it again: what is there is not filed twice."
        return f"Stopped: {why}\n{self.summary(tally)}\n{again}"


@contextmanager
def unpacked(raw: BinaryIO) -> Iterator[BinaryIO]:
    """What is gzipped is unpacked as it is read: a line is held, however large all of it is."""
    peek = getattr(raw, "peek", None)
    if peek is None or not peek(2).startswith(GZIP):
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as unzipped:
        yield unzipped  # type: ignore[misc]


def summary(tally: Tally) -> list[str]:
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
    return lines


def load(
    file: BinaryIO,
    source: Documents,
    import_records: Import,
    tally: Tally,
    *,
    by: Member,
    batch: int,
    refuse: Callable[[dict[str, Any]], None],
    tick: Callable[[int], None],
) -> None:
    """File the records of a file, at most `batch` in a transaction.

    tally: kept up to date, so that it is right whatever happens. refuse: told of each record that
    is not imported. tick: told the bytes of each part that is done.
    """
    with swept_less(), elsewhere(lambda _line: parts(file, source, batch)) as read:
        for records, size in read:
            made: Counter[str] = Counter()
            fates = import_records(records, by=by, made_of=made)
            tally.made.update(made)
            for record, fate in zip(records, fates, strict=True):
                tally.count(record, fate)
                if isinstance(fate, Worded):
                    refuse(refused(record, fate))
            tick(size)


def parts(file: BinaryIO, source: Documents, batch: int) -> Iterator[Part]:
    records: list[Any] = []
    size = 0
    for found in source.read(file):
        size += found.size
        for record in found.records:
            records.append(record)
            if len(records) == batch:
                yield Part(records, size)
                records, size = [], 0
        if size >= MOST_BYTES and records:
            yield Part(records, size)
            records, size = [], 0
    if records or size:
        yield Part(records, size)
