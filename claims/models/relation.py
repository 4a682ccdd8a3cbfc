from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least, Now

from claims.models.base import AppendOnly, Chains, Identified
from claims.vocabulary import RelationType

if TYPE_CHECKING:
    from uuid import UUID


class RelationQuerySet(Chains["Relation"]):
    withdrawal = {"relation": RelationType.WITHDRAWN}

    def of_pair(self, one: "UUID", other: "UUID") -> "RelationQuerySet":
        """Whichever of the two is named first."""
        return self.filter(Q(claim=one, other=other) | Q(claim=other, other=one))


class Relation(Identified, AppendOnly):
    """What an organization decided about a pair of claims: how `claim` is to `other`.

    An organization's decisions on a pair, in either order, form one chain by `supersedes`; its tip
    stands, unless it is a withdrawal. A correction is a new decision. score, reasons: as the match
    gave them that suggested the pair.
    """

    claim_id: "UUID"
    other_id: "UUID"
    organization_id: "UUID"
    decided_by_id: "UUID | None"

    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="relations")
    other = models.ForeignKey("claims.Claim", models.PROTECT, related_name="relations_to")
    relation = models.CharField(max_length=14, choices=RelationType)
    score = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    reasons = models.JSONField(default=list)
    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, related_name="relations", db_index=False
    )
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="superseded_by", db_index=False
    )
    decided_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = RelationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(relation__in=RelationType.values), name="relation_known"
            ),
            models.CheckConstraint(condition=~Q(claim=F("other")), name="relation_of_two_claims"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1),
                name="relation_score_between_0_and_1",
            ),
            # One pair in either order has one chain.
            models.UniqueConstraint(
                F("organization"),
                Least("claim", "other"),
                Greatest("claim", "other"),
                condition=Q(supersedes__isnull=True),
                name="relation_chain_has_one_root",
            ),
            models.UniqueConstraint("supersedes", name="relation_superseded_once"),
            models.CheckConstraint(
                condition=~Q(relation=RelationType.WITHDRAWN) | Q(supersedes__isnull=False),
                name="relation_withdrawal_supersedes_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.relation} {self.other_id}"
