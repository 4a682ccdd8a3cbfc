"""Reviews from a file of any length: read ahead by another process, filed some at a time."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from claims.actions.reviews import Tally, import_reviews
from claims.formats.claimreview_in import Part, Reason, Record, Source, refused
from claims.management.elsewhere import elsewhere
from claims.management.loading import swept_less
from claims.models import Member

MOST_BYTES = 8_000_000  # of records that are filed together, whatever their number


def load(
    file: BinaryIO,
    source: Source,
    tally: Tally,
    *,
    by: Member,
    batch: int,
    refuse: Callable[[dict[str, Any]], None],
    tick: Callable[[int], None],
) -> None:
    """File the reviews of a file, at most `batch` in a transaction.

    tally: kept up to date, so that it is right whatever happens. refuse: told of each record that
    is not imported. tick: told the bytes of each part that is done.
    """
    with swept_less(), elsewhere(lambda _line: parts(file, source, batch)) as read:
        for records, size in read:
            made: Counter[str] = Counter()
            fates = import_reviews(records, by=by, made_of=made)
            tally.made.update(made)
            for record, fate in zip(records, fates, strict=True):
                tally.count(record, fate)
                if isinstance(fate, Reason):
                    refuse(refused(record, fate))
            tick(size)


def parts(file: BinaryIO, source: Source, batch: int) -> Iterator[Part]:
    records: list[Record] = []
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
