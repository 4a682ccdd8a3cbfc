"""What people decide about pairs of claims."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, record
from claims.errors import Invalid, NotFound, RelationRefused
from claims.formats.state import plain
from claims.models import Claim, Member, Relation
from claims.queries.relations import clock
from claims.vocabulary import ChangeType, RelationType


def decide_relation(
    *,
    claim_id: UUID,
    other: UUID,
    relation: RelationType,
    score: Decimal | None = None,
    reasons: Sequence[Any] = (),
    by: Member,
    if_match: IfMatch | None = None,
) -> Relation:
    """Record how the claim is to the other, as the member's organization finds.

    if_match: the claim's entity tag; needed when the organization has a standing decision on the
    pair, in either order, checked whenever given.
    Raises NotFound, Invalid, RelationRefused, PreconditionRequired, PreconditionFailed.
    """
    if claim_id == other:
        raise Invalid.at("#/other", _("A pair is of two claims: this is the same one."))
    claims = both(claim_id, other)
    if claim_id not in claims:
        raise NotFound(_("There is nothing with this id."))
    if other not in claims:
        raise Invalid.at("#/other", _("There is no %(noun)s with this id.") % {"noun": "claim"})
    chain = Relation.objects.of_pair(claim_id, other).filter(organization=by.organization_id)
    tip = chain.tips().first()
    stands = tip is not None and tip.relation != RelationType.WITHDRAWN
    require_current(Claim, claim_id, if_match, needed=stands)
    if relation == RelationType.WITHDRAWN and not stands:
        raise RelationRefused(
            _("Your organization has no standing decision on this pair to withdraw.")
        )
    decided = Relation.objects.create(
        claim=claims[claim_id],
        other=claims[other],
        relation=relation,
        score=score,
        # As the Change tells them: its canonical form knows no fractions.
        reasons=plain(reasons),
        organization_id=by.organization_id,
        supersedes=tip,
        # After the locks: decisions on a pair come in the order of their instants.
        decided_at=clock(),
        decided_by=by,
    )
    type = (
        ChangeType.RELATION_WITHDRAWN
        if relation == RelationType.WITHDRAWN
        else ChangeType.RELATION_DECIDED
    )
    # It happens to both claims, and both their histories tell it.
    record(
        *(
            Happening(type=type, subject=decided, by=by, claim=claims[pk])
            for pk in (claim_id, other)
        )
    )
    return decided


def both(one: UUID, other: UUID) -> dict[UUID, Claim]:
    """Those of the claims that are there, locked in one order, so not crosswise."""
    rows = Claim.objects.filter(pk__in=(one, other)).order_by("pk")
    return {claim.pk: claim for claim in rows.select_for_update(of=("self",), no_key=True)}
