"""What claims are found by when somebody asks whether a text was checked: kept as they are filed.

Written in the transaction that files or edits the claim. How often terms occur is counted later,
by whoever runs `count`: no row is shared by those who write.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from claims.models import Appearance, Article, Claim
from claims.queries.matching import readings_of
from claims.text.matching import Found, Reading

ADD = """
    WITH counted AS (
        INSERT INTO claims_uncounted (terms, counts) SELECT %s::int[], %s::int[]
        WHERE cardinality(%s::int[]) > 0)
    INSERT INTO claims_posting (term, claim_id, impact)
    SELECT * FROM unnest(%s::int[], %s::uuid[], %s::smallint[])
    ON CONFLICT (term, claim_id) DO UPDATE SET impact = EXCLUDED.impact
    WHERE claims_posting.impact < EXCLUDED.impact"""
REMOVE = """
    DELETE FROM claims_posting USING unnest(%s::int[], %s::uuid[]) AS gone(term, claim_id)
    WHERE claims_posting.term = gone.term AND claims_posting.claim_id = gone.claim_id"""

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
AT_ONCE = 50_000  # terms that are counted in one transaction: some tenths of a second
LOCK = 0x636F756E74  # "count", the advisory lock of whoever counts


def index(found: Iterable[tuple[UUID | str, Found]], *, counted: bool = True) -> None:
    """Let these claims be found. counted: whether they are, or were, counted with their terms."""
    found = sorted(found, key=lambda it: str(it[0]))
    counts = Counter(term for _pk, it in found for term in it.terms) if counted else Counter()
    rows = [(term, pk, it.impacts[term]) for pk, it in found for term in it.impacts]
    terms, pks, impacts = zip(*rows, strict=True) if rows else ((), (), ())
    with connection.cursor() as cursor:
        told = [*counts], [*counts.values()], [*counts]
        cursor.execute(ADD, [*told, [*terms], [*map(str, pks)], [*impacts]])


def index_again(before: dict[UUID, Found], after: dict[UUID, Found]) -> None:
    """Let claims be found by what they say now, and no more by what they said before."""
    counts = Counter[int]()
    for pk, now in after.items():
        counts.update(now.terms - before[pk].terms)
        counts.subtract(before[pk].terms - now.terms)
    gone = [(term, str(pk)) for pk in sorted(before) for term in before[pk].impacts]
    rows = [(term, str(pk), after[pk].impacts[term]) for pk in sorted(after) for term in after[pk].impacts]
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, [[it[0] for it in gone], [it[1] for it in gone]])
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
    """Around an edit of what claims are found by; the claims, or their article, are locked.

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
    """The claims that are found by the headline of this article."""
    first = Appearance.objects.filter(article=article, position=0)
    return list(first.values_list("claim_id", flat=True))


def count() -> bool:
    """Count what waits, a part of it; whether there was any. Does nothing while another counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_try_advisory_xact_lock({LOCK})"
        )
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(COUNT, [AT_ONCE])
        return cursor.rowcount > 0
