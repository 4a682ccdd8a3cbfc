"""Which facts contradict each other, worked out anew from the record: each fact with each."""

from collections import defaultdict
from typing import Any

from claims import values
from claims.models import Claim, Extent, Matter, Relation
from claims.text.sameness import same
from claims.vocabulary import Kind

COLUMNS = ("value", "value_type", "unit", "approximate", "lower", "upper")


def decisions() -> dict[frozenset[Any], set[str]]:
    """By two claims, what organizations say of them now."""
    said = defaultdict(set)
    superseded = set(Relation.objects.values_list("supersedes", flat=True))
    for it in Relation.objects.all():
        if it.pk not in superseded and it.relation != "withdrawn":
            said[frozenset((it.claim_id, it.other_id))].add(it.relation)
    return said


def due() -> dict[frozenset[Any], int]:
    """By the facts of a matter that contradict each other, the rank of the worst pair."""
    facts = list(Claim.objects.filter(kind=Kind.FACT))
    said = decisions()
    groups = {it.pk: {it.pk} for it in facts}

    def join(one: Any, other: Any) -> None:
        together = groups[one] | groups[other]
        for pk in together:
            groups[pk] = together

    for one in facts:
        for other in facts:
            of_pair = said.get(frozenset((one.pk, other.pk)), set())
            confirmed = of_pair & {"same", "translation_of"} and "not_the_same" not in of_pair
            if words(one) == words(other) or (one is not other and confirmed):
                join(one.pk, other.pk)
    worst: dict[frozenset[Any], int] = {}
    for one in facts:
        for other in facts:
            if one.pk >= other.pk or other.pk not in groups[one.pk]:
                continue
            of_pair = said.get(frozenset((one.pk, other.pk)), set())
            if contradict(one, other, of_pair):
                group = frozenset(groups[one.pk])
                worst[group] = max(worst.get(group, 0), rank(one.status, other.status))
    return worst


def words(fact: Claim) -> tuple[str, str]:
    return same(fact.subject or ""), same(fact.property or "")


def contradict(one: Claim, other: Claim, said: set[str]) -> bool:
    if "contradicts" in said:
        return True
    if said & {"not_the_same", "narrows", "updates"}:
        return False
    extents = [values.extent({name: getattr(it, name) for name in COLUMNS}) for it in (one, other)]
    return values.disagree(*extents)


def rank(*statuses: str) -> int:
    if set(statuses) == {"verified"}:
        return 2
    return 0 if "disputed" in statuses else 1


def stored() -> dict[frozenset[Any], int]:
    """The same as the database has it."""
    found = {}
    members = defaultdict(set)
    roots = dict(Matter.objects.values_list("id", "root"))
    for claim, matter in Extent.objects.values_list("claim", "matter"):
        members[roots[matter]].add(claim)
    for matter in Matter.objects.filter(place__isnull=False):
        assert matter.root == matter.pk
        assert matter.found_at is not None
        assert matter.place // 10**16 == matter.rank
        found[frozenset(members[matter.pk])] = matter.rank
    return found
