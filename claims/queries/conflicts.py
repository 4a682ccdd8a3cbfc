"""Facts that cannot all be true, by what they are about; and whether that is stored rightly."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from claims.models import Extent, Matter, Placement, Verdict
from claims.values import key
from claims.vocabulary import ConflictState

MOST_PAIRS = 10  # of a matter that are named
OUTERMOST = 3  # values of each status and at each end that pairs are made of, if there are many

PAIRS = """
    SELECT m.id, c.one, c.other, c.rank, c.by_value
    FROM unnest(%s::uuid[]) AS m(id)
    CROSS JOIN LATERAL (
        SELECT * FROM claims_contradictions_v1(
            ARRAY(SELECT it.id FROM claims_matter it WHERE it.root = m.id), %s) AS found
        ORDER BY found.rank DESC, found.by_value DESC, found.one, found.other LIMIT %s) AS c
    ORDER BY c.rank DESC, c.by_value DESC, c.one, c.other"""
SIZES = """
    SELECT m.id, (SELECT count(*) FROM (
        SELECT FROM claims_extent e JOIN claims_matter it ON it.id = e.matter
        WHERE it.root = m.id LIMIT %s) AS counted)
    FROM unnest(%s::uuid[]) AS m(id)"""

# Each two facts of what is one matter, though by their intervals: told apart from how triggers
# find them, which look at the outermost alone.
UNSETTLED = """
    WITH member AS (
        SELECT m.root, e.* FROM claims_extent e JOIN claims_matter m ON m.id = e.matter
    ), due AS (
        SELECT a.root, max(claims_pair_rank_v1(a.status, b.status)) AS rank
        FROM member a JOIN member b ON b.root = a.root AND a.claim_id <> b.claim_id
        WHERE (a.scale = b.scale AND a.high <= b.low AND NOT EXISTS (
                SELECT FROM claims_related_v1(a.claim_id) AS r
                WHERE r.other = b.claim_id AND r.reconciled))
            OR EXISTS (SELECT FROM claims_related_v1(a.claim_id) AS r
                       WHERE r.other = b.claim_id AND r.contradicts)
        GROUP BY a.root
    )
    SELECT m.id, m.rank, due.rank FROM claims_matter m LEFT JOIN due ON due.root = m.id
    WHERE m.rank IS DISTINCT FROM due.rank"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two facts that contradict each other."""

    one: UUID
    other: UUID
    rank: int
    by_value: bool


@dataclass(slots=True)
class Conflict:
    """A matter whose facts contradict each other. more: whether not all of it is named."""

    matter: Matter
    pairs: list[Pair]
    more: bool = False

    @property
    def claims(self) -> list[UUID]:
        """In the order in which pairs name them."""
        return list(dict.fromkeys(pk for pair in self.pairs for pk in (pair.one, pair.other)))


def conflicting() -> QuerySet[Matter]:
    """The matters whose facts contradict each other."""
    return Matter.objects.filter(place__isnull=False)


def in_state(rows: QuerySet[Matter], state: str) -> QuerySet[Matter]:
    # Of the place, in whose order they are read.
    rank = ConflictState(state).rank
    return rows.filter(place__gte=rank * 10**16, place__lt=(rank + 1) * 10**16)


def about(rows: QuerySet[Matter], subject: str) -> QuerySet[Matter]:
    """Those with facts about this subject, however it is spelled."""
    return rows.filter(pk__in=Matter.objects.filter(subject=key(subject)).values("root"))


def conflicts(matters: Sequence[Matter]) -> list[Conflict]:
    """These with their pairs, by two queries."""
    pks = [matter.pk for matter in matters]
    pairs: dict[UUID, list[Pair]] = defaultdict(list)
    # One pair may come twice: by value, and as people said.
    for pk, *pair in asked(PAIRS, [pks, OUTERMOST - 1, 2 * MOST_PAIRS + 1]):
        pairs[pk].append(Pair(*pair))
    sizes = dict(asked(SIZES, [2 * OUTERMOST + 1, pks]))
    return [
        Conflict(
            matter,
            distinct(pairs[matter.pk])[:MOST_PAIRS],
            more=sizes[matter.pk] > 2 * OUTERMOST or len(distinct(pairs[matter.pk])) > MOST_PAIRS,
        )
        for matter in matters
    ]


def distinct(pairs: Iterable[Pair]) -> list[Pair]:
    """Each two once; of these in order, the first."""
    by_two: dict[frozenset[UUID], Pair] = {}
    for pair in pairs:
        by_two.setdefault(frozenset((pair.one, pair.other)), pair)
    return list(by_two.values())


def with_facts(matters: Iterable[UUID], asked: dict[str, Any]) -> set[UUID]:
    """Those of which one and the same fact is what is asked for, by the names of filters."""
    members = Matter.objects.filter(root__in=list(matters)).values_list("id", "root")
    roots = dict(members)
    facts = Extent.objects.filter(matter__in=roots)
    if "property" in asked:
        facts = facts.filter(property=key(asked["property"]))
    if "status" in asked:
        facts = facts.filter(status=asked["status"])
    if "language" in asked:
        tag = asked["language"]
        facts = facts.filter(Q(claim__language=tag) | Q(claim__language__startswith=f"{tag}-"))
    if "speaker" in asked:
        facts = facts.filter(claim__speaker=asked["speaker"])
    of_place = {name: asked[name] for name in ("publisher", "article") if name in asked}
    if of_place:
        facts = facts.filter(Exists(Placement.objects.filter(claim=OuterRef("claim"), **of_place)))
    if "organization" in asked:
        judged = Verdict.objects.standing().filter(organization=asked["organization"])
        judged = judged.filter(claim=OuterRef("claim"))
        facts = facts.filter(Exists(judged))
    return {roots[matter] for matter in facts.values_list("matter", flat=True).distinct()}


def unsettled() -> list[tuple[Any, ...]]:
    """Matters whose rank does not follow from their facts: id, rank stored, rank due."""
    return asked(UNSETTLED)


def asked(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
