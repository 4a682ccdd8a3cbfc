"""What claims are found by when somebody asks whether a text was checked: kept as they are filed.

Written in the transaction that files or edits the claim. How often terms occur is counted later,
by whoever runs `count`: no row is shared by those who write.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from claims.models import Appearance, Article, Claim, Frequency, Posting, Uncounted
from claims.queries.matching import readings_of
from claims.text.matching import Found

ADD = """
    WITH counted AS (
        INSERT INTO claims_uncounted (terms, counts) SELECT %s::int[], %s::int[]
        WHERE cardinality(%s::int[]) > 0)
    INSERT INTO claims_posting (term, claim_id, impact)
    SELECT * FROM unnest(%s::int[], %s::uuid[], %s::smallint[])
    ON CONFLICT (term, claim_id) DO NOTHING"""
REMOVE = """
    DELETE FROM claims_posting USING unnest(%s::int[], %s::uuid[]) AS gone(term, claim_id)
    WHERE claims_posting.term = gone.term AND claims_posting.claim_id = gone.claim_id"""

MISSING = """
    SELECT asked.claim_id FROM unnest(%s::int[], %s::uuid[]) AS asked(term, claim_id)
    WHERE NOT EXISTS (SELECT FROM claims_posting AS p
                      WHERE p.term = asked.term AND p.claim_id = asked.claim_id)
    ORDER BY asked.claim_id"""

# Whoever counts is alone: the sequencer, mostly, or a command while that stands still.
COUNT = """
    WITH taken AS (
        DELETE FROM claims_uncounted WHERE position IN (
            SELECT position FROM (
                SELECT position, row_number() OVER w AS place,
                    sum(cardinality(terms)) OVER w AS so_far
                FROM (SELECT position, terms FROM claims_uncounted ORDER BY position LIMIT 1000)
                    AS first
                WINDOW w AS (ORDER BY position)) AS waiting
            WHERE so_far <= %s OR place = 1)
        RETURNING terms, counts)
    INSERT INTO claims_frequency AS kept (term, claims)
    SELECT it.term, sum(it.count) FROM taken, unnest(taken.terms, taken.counts) AS it(term, count)
    GROUP BY it.term ORDER BY it.term
    ON CONFLICT (term) DO UPDATE SET claims = kept.claims + EXCLUDED.claims"""
NOTHING = Found({}, frozenset())

AT_ONCE = 50_000  # terms that are counted in one transaction: some tenths of a second
AT_ONCE_INDEXED = 500  # claims
LOCK = 0x636F756E74  # "count", the advisory lock of whoever counts


def index(found: Sequence[tuple[UUID, Found]]) -> None:
    """Let these claims be found, which are new."""
    add(found, Counter(term for _pk, it in found for term in it.terms))


def index_again(before: Mapping[UUID, Found], after: Mapping[UUID, Found]) -> None:
    """Let claims be found by what they say now, and no more by what they said before."""
    changed = [pk for pk in sorted(after) if after[pk] != before.get(pk, NOTHING)]
    if not changed:
        return
    counts = Counter[int]()
    for pk in changed:
        was, now = before.get(pk, NOTHING).terms, after[pk].terms
        counts.update(now - was)
        counts.subtract(was - now)
    gone = [(term, str(pk)) for pk in changed for term in before.get(pk, NOTHING).impacts]
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, [[it[0] for it in gone], [it[1] for it in gone]])
    add([(pk, after[pk]) for pk in changed], counts)


def add(found: Sequence[tuple[UUID, Found]], counts: Mapping[int, int]) -> None:
    rows = [(term, str(pk), impact) for pk, it in found for term, impact in it.impacts.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            ADD,
            [
                [*counts],
                [*counts.values()],
                [*counts],
                *([it[i] for it in rows] for i in range(3)),
            ],
        )


class Rewording:
    """Around an edit of what claims are found by, which locks them.

    Entering reads what they say before it, leaving indexes what they say then.
    """

    def __init__(self, claims: Sequence[UUID]) -> None:
        self.claims = claims

    def __enter__(self) -> None:
        self.before = found_by(self.claims)

    def __exit__(self, kind: Any, *_raised: Any) -> None:
        if kind is None:
            index_again(self.before, found_by(self.claims))


def found_by(claims: Sequence[UUID]) -> dict[UUID, Found]:
    return {pk: Found.by(readings) for pk, readings in readings_of(claims).items()}


def headed_by(article: Article) -> list[UUID]:
    """The claims that are found by the headline of this article, which is locked.

    Locks all claims that appear in it, as another publisher of it does: in one order, all at once.
    """
    first = Appearance.objects.filter(article=article, claim=OuterRef("pk"), position=0)
    claims = Claim.objects.filter(pk__in=article.placements.values("claim_id")).order_by("pk")
    held = claims.select_for_update(no_key=True).values_list("pk", Exists(first))
    return [pk for pk, is_first in held if is_first]


@transaction.atomic
def count() -> bool:
    """Count what waits, a part of it; whether there was any. Does nothing while another counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(COUNT, [AT_ONCE])
        return int(cursor.rowcount) > 0


def is_complete() -> bool:
    """Whether the oldest claim can be found; what is missing is indexed from the newest on."""
    oldest = Claim.objects.order_by("created_at", "id").values_list("pk", flat=True)[:1]
    return not missing(list(oldest))


@transaction.atomic
def forget() -> None:
    """Let no claim be found that is there now, until it is indexed again."""
    with connection.cursor() as cursor:
        # Nobody counts meanwhile what is about to go.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for model in (Posting, Uncounted, Frequency):
            model.objects.all().delete()


def index_what_is_missing() -> Iterator[tuple[int, int]]:
    """Index, from the newest claim on, what is not: of each batch, how many claims it has, and how
    many were missing."""
    beyond: tuple[datetime, UUID] | None = None
    while True:
        rows = Claim.objects.order_by("-created_at", "-id").values_list("created_at", "pk")
        if beyond is not None:
            at, pk = beyond
            rows = rows.filter(Q(created_at__lt=at) | Q(pk__lt=pk), created_at__lte=at)
        batch = list(rows[:AT_ONCE_INDEXED])
        if not batch:
            return
        beyond = batch[-1]
        absent = missing([pk for _at, pk in batch])
        if absent:
            with transaction.atomic():
                # Locked, as by who edits them: what they say stays so until it is written.
                claims = Claim.objects.filter(pk__in=absent).order_by("pk")
                list(claims.select_for_update(no_key=True).values_list("pk"))
                index_again({}, found_by(missing(absent)))
        yield len(batch), len(absent)


def missing(claims: Sequence[UUID]) -> list[UUID]:
    """Those of the claims that cannot be found yet: of which a first posting is not there."""
    found = found_by(claims)
    firsts = [(next(iter(it.impacts)), str(pk)) for pk, it in found.items() if it.impacts]
    with connection.cursor() as cursor:
        cursor.execute(MISSING, [[it[0] for it in firsts], [it[1] for it in firsts]])
        return [pk for (pk,) in cursor.fetchall()]
