from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from claims.models.base import Derived
from claims.vocabulary import Status

ALL = UUID(int=0)  # what every claim is listed under


class Listing(Derived):
    """What verdicts change of a claim, where lists of claims are filtered and ordered by it.

    The claim's own row has it in no index, so that a verdict rewrites that row in place (HOT) and
    touches none of the indexes that its words have; these narrow rows are in the indexes instead.

    under: ALL; each publisher that the claim appears with; each organization whose verdict on it
    stands. So "what changed last" of one of these is read off an index as well. Triggers make
    these rows (`sql/claim_listing`).
    """

    claim_id: UUID

    pk = models.CompositePrimaryKey("claim_id", "under")
    # The triggers see to it that there is such a claim; asking again costs more than the row.
    claim = models.ForeignKey(
        "claims.Claim",
        models.PROTECT,
        related_name="listings",
        db_index=False,
        db_constraint=False,
    )
    under = models.UUIDField()
    status = models.CharField(max_length=12, choices=Status)
    changed_at = models.DateTimeField(db_default=Now())
    claim_created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["under", "changed_at", "claim"], name="listing_changed"),
            models.Index(
                fields=["status", "claim_created_at", "claim"],
                name="listing_status_created",
                condition=Q(under=ALL),
            ),
            models.Index(
                fields=["claim_created_at", "claim"],
                name="listing_judged_created",
                condition=Q(under=ALL) & ~Q(status=Status.UNVERIFIED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} under {self.under}"
