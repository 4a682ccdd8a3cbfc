"""What is stored of facts so that those that contradict each other are found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from claims import values
from claims.models import Claim, Extent
from claims.queries.conflicts import unsettled
from claims.vocabulary import Kind

AT_ONCE = 2_000
STATED = ("subject", "property", "value", "value_type", "unit", "approximate", "lower", "upper")


def extent_columns(fact: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of its Extent, but for claim and status."""
    about = values.about(fact["subject"], fact["property"])
    return {**about._asdict(), **values.extent(fact)._asdict()}


@dataclass(slots=True)
class Differing:
    """How many facts there are, and of how much something else is stored than follows."""

    facts: int = 0
    count: int = 0


def settle_facts(found: Differing, *, mend: bool) -> Iterator[str]:
    """Say what is stored otherwise than the rules have it; mend: and store it as they do."""
    last = UUID(int=0)
    while pks := facts_after(last):
        last = pks[-1]
        with transaction.atomic():
            yield from settle(pks, found, mend=mend)
    for pk, stored, due in unsettled():
        found.count += 1
        yield f"matter {pk}: rank {stored}, should be {due}"


def facts_after(last: UUID) -> list[UUID]:
    facts = Claim.objects.filter(kind=Kind.FACT, pk__gt=last).order_by("pk")
    return list(facts.values_list("pk", flat=True)[:AT_ONCE])


def settle(pks: list[UUID], found: Differing, *, mend: bool) -> Iterator[str]:
    claims = Claim.objects.filter(pk__in=pks).order_by("pk")
    if mend:  # so that no verdict and no edit passes by unseen
        claims = claims.select_for_update(of=("self",), no_key=True)
    stored = Extent.objects.in_bulk(pks)
    missing = []
    for claim in claims:
        found.facts += 1
        due = extent_columns({name: getattr(claim, name) for name in STATED})
        due["status"] = claim.status
        extent = stored.get(claim.pk)
        names = [it for it, value in due.items() if extent is None or getattr(extent, it) != value]
        if not names:
            continue
        found.count += 1
        yield f"claim {claim.pk}: {'no extent' if extent is None else ', '.join(names)}"
        if extent is None:
            missing.append(Extent(claim=claim, **due))
        elif mend:
            Extent.objects.filter(pk=claim.pk).update(**due)
    if mend:
        Extent.objects.bulk_create(missing)
