"""Keeps the columns that statistics are reckoned of as the record is, a moment after it.

The log says which claims changed; these are read again and put in the place of what the columns
have of them. So nothing is added up that could go wrong by a little: whatever is counted is what
the record says now.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import numpy as np
from django.db import connection, transaction
from django.db.models.functions import Now

from claims.models import Column, Counted, Numeral, Segment, Unnumbered
from claims.queries.feed import head
from claims.queries.statistics.columns import Columns, columns_after, columns_of
from claims.queries.statistics.periods import instant, microseconds

SIZE = 16_384  # claims of a segment; twice as many are cut in two
AT_ONCE = 20_000  # Changes that are counted in one transaction: some tenths of a second
LOCK = 0x74616C6C79  # "tally", the advisory lock of whoever counts
FIRST = datetime.min.replace(tzinfo=UTC), UUID(int=0)

# The claims that may be otherwise than they are counted, after Changes from one number to another.
CHANGED = """
    WITH since AS MATERIALIZED (
        SELECT c.type, c.claim_id, c.subject_id
        FROM claims_logentry l JOIN claims_change c ON c.id = l.change_id
        WHERE l.number > %s AND l.number <= %s)
    SELECT claim_id FROM since WHERE claim_id IS NOT NULL
    UNION SELECT p.claim_id FROM since s JOIN claims_placement p ON p.article_id = s.subject_id
    WHERE s.type = 'article.edited'"""


class Numerals:
    """Gives each name of a kind its number, new ones the next. One at a time does that."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, int]] = defaultdict(dict)

    def __call__(self, kind: str, names: Iterable[str]) -> Mapping[str, int]:
        known = self.known[kind]
        if missing := [name for name in names if name not in known]:
            rows = Numeral.objects.filter(kind=kind, name__in=missing)
            known |= dict(rows.values_list("name", "number"))
            new = sorted({name for name in missing if name not in known})
            if new:
                of_kind = Numeral.objects.filter(kind=kind).order_by("-number")
                last = of_kind.values_list("number", flat=True).first()
                start = 1 if last is None else last + 1
                made = [
                    Numeral(kind=kind, number=number, name=name)
                    for number, name in enumerate(new, start)
                ]
                Numeral.objects.bulk_create(made)
                known |= {row.name: row.number for row in made}
        return known


def count_changes() -> bool:
    """Count what happened since last time, a part of it; whether there is more.

    Does nothing while another counts.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        at_one_instant()
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
        counted = Counted.objects.first()
        before, last = 0 if counted is None else counted.number, head()
        number = min(last, before + AT_ONCE)
        if number == before and counted is not None:
            return False
        cursor.execute(CHANGED, [before, number])
        ids = [pk for (pk,) in cursor.fetchall()]
        edition = uuid4()
        if ids:
            put(columns_of(ids, Numerals()), edition)
        tell(number, edition, ahead=last - number + Unnumbered.objects.count())
    return number < last


def tell(number: int, edition: UUID, *, ahead: int) -> None:
    Counted.objects.update_or_create(
        defaults={"number": number, "ahead": ahead, "counted_at": Now(), "edition": edition}, id=1
    )


def put(changed: Columns, edition: UUID) -> None:
    """Put these claims into their segments, in the place of what is there of them."""
    segments = list(Segment.objects.order_by("first_at", "first_id"))
    firsts = [(microseconds(it.first_at), it.first_id.int) for it in segments]
    of_segment: dict[int, list[int]] = defaultdict(list)
    for place in range(changed.size):
        of_segment[segment_of(changed, place, firsts)].append(place)
    for index, places in of_segment.items():
        theirs = changed.taken(np.array(places))
        if not segments:
            cut(theirs, None, {}, edition)
            continue
        segment = segments[index]
        packed = {it.name: bytes(it.data) for it in segment.columns.all()}
        cut(Columns.unpacked(packed).with_these(theirs), segment, packed, edition)


def segment_of(changed: Columns, place: int, firsts: Sequence[tuple[int, int]]) -> int:
    """The last segment that begins with this claim, or before it; else the first one."""
    id = int(changed["id_high"][place]) << 64 | int(changed["id_low"][place])
    key = int(changed["filed_at"][place]), id
    low, high = 0, len(firsts)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if firsts[middle] <= key else (low, middle)
    return max(low - 1, 0)


def cut(
    columns: Columns, segment: Segment | None, before: Mapping[str, bytes], edition: UUID
) -> None:
    """Store these claims in this segment, and in more of them where it would be too large."""
    ends = [*range(SIZE, columns.size - SIZE + 1, SIZE), columns.size]
    start = 0
    for end in ends:
        part = columns if len(ends) == 1 else columns.taken(np.arange(start, end))
        store(part, segment if start == 0 else None, before if start == 0 else {}, edition)
        start = end


def store(
    columns: Columns, segment: Segment | None, before: Mapping[str, bytes], edition: UUID
) -> None:
    at, pk = columns.first()
    if segment is None:
        segment = Segment.objects.create(first_at=instant(at), first_id=pk)
    elif (microseconds(segment.first_at), segment.first_id) > (at, pk):
        Segment.objects.filter(pk=segment.pk).update(first_at=instant(at), first_id=pk)
    Column.objects.bulk_create(
        [
            Column(segment=segment, name=name, data=data, edition=edition)
            for name, data in columns.packed().items()
            if data != before.get(name)
        ],
        update_conflicts=True,
        unique_fields=["name", "segment_id"],
        update_fields=["data", "edition"],
    )


def count_anew() -> Iterator[int]:
    """Make all columns anew of the record; how many claims are counted, now and then.

    In one transaction, until the end of which statistics are told of the columns before.
    """
    with alone(), transaction.atomic():
        at_one_instant()
        Column.objects.all().delete()
        Segment.objects.all().delete()
        Numeral.objects.all().delete()
        beyond, numerals, edition = FIRST, Numerals(), uuid4()
        while (found := columns_after(*beyond, SIZE, numerals)).size:
            store(found, None, {}, edition)
            beyond = last_of(found)
            yield found.size
        tell(head(), edition, ahead=Unnumbered.objects.count())


@contextmanager
def alone() -> Iterator[None]:
    """While nobody else counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def at_one_instant() -> None:
    """Let all that this transaction reads be of one instant; in tests it has begun already."""
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def differing() -> Iterator[str]:
    """What the columns have otherwise than the record, where nothing is waiting to be counted."""
    with transaction.atomic():
        at_one_instant()
        counted = Counted.objects.first()
        if counted is None or counted.number != head() or Unnumbered.objects.exists():
            yield "not all of the log is counted yet"
            return
        names = {
            (kind, name): number
            for kind, name, number in Numeral.objects.values_list("kind", "name", "number")
        }

        def number(kind: str, wanted: Iterable[str]) -> Mapping[str, int]:
            return {name: names.get((kind, name), -2) for name in wanted}

        beyond = FIRST
        for segment in Segment.objects.order_by("first_at", "first_id"):
            stored = {it.name: bytes(it.data) for it in segment.columns.all()}
            size = len(stored["kind"])
            due = columns_after(*beyond, size, number)
            wrong = sorted(name for name, data in due.packed().items() if data != stored.get(name))
            if wrong:
                yield f"claims from {segment.first_at} on: {', '.join(wrong)}"
            if not due.size:
                return
            beyond = last_of(due)
        if columns_after(*beyond, 1, number).size:
            yield "claims are missing at the end"


def last_of(columns: Columns) -> tuple[datetime, UUID]:
    """When the last claim was filed, and its id."""
    at, pk = columns.taken(np.array([columns.size - 1])).first()
    return instant(at), pk
