from typing import TYPE_CHECKING

from django.db import models

from claims.models.base import Derived

if TYPE_CHECKING:
    from uuid import UUID


class Correction(Derived):
    """A verdict that says something else than the one whose place it took, or answers a contest.

    There is a row for each verdict whose outcome or label is not that of the one before, and for
    each by which an organization has answered a contest (contested); so the list of corrections is
    read off one index. Triggers make these rows (`sql/contests`).
    """

    verdict_id: "UUID"
    organization_id: "UUID"
    claim_id: "UUID"

    # The triggers see to it that there are such rows.
    verdict = models.OneToOneField(
        "claims.Verdict",
        models.PROTECT,
        primary_key=True,
        related_name="correction",
        db_constraint=False,
    )
    organization = models.ForeignKey(
        "claims.Organization",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    corrected_at = models.DateTimeField()
    contested = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["corrected_at", "verdict"], name="correction_by_time"),
            models.Index(
                fields=["organization", "corrected_at", "verdict"],
                name="correction_of_organization",
            ),
            models.Index(fields=["claim", "corrected_at", "verdict"], name="correction_of_claim"),
            models.Index(
                fields=["corrected_at", "verdict"],
                name="correction_contested",
                condition=models.Q(contested=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict_id} at {self.corrected_at}"
