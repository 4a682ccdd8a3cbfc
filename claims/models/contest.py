from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from claims.models.base import Identified, Versioned
from claims.vocabulary import ContestReason, ContestState, Party

if TYPE_CHECKING:
    from uuid import UUID


class Contest(Identified, Versioned):
    """What somebody from outside holds to be wrong with a verdict that stands, and what the
    organization has decided about it, once.

    statement: what was written, as canonical JSON: `text` and `evidence`. contact: an e-mail
    address, for the answer. Neither is public, and both can be erased. answer: why it was decided
    so, which is public. correction: the later verdict that answers it. Triggers hold that a contest
    stays what it was when it was filed, and what was decided (`sql/contests`).
    """

    verdict_id: "UUID"
    claim_id: "UUID"
    organization_id: "UUID"
    correction_id: "UUID | None"
    statement_id: "UUID"
    contact_id: "UUID | None"

    verdict = models.ForeignKey("claims.Verdict", models.PROTECT, related_name="+", db_index=False)
    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="+", db_index=False)
    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, related_name="+", db_index=False
    )
    party = models.CharField(max_length=7, choices=Party)
    reason = models.CharField(max_length=13, choices=ContestReason)
    language = models.CharField(max_length=35, null=True)
    statement = models.ForeignKey(
        "claims.Content", models.PROTECT, related_name="+", db_index=False
    )
    contact = models.ForeignKey(
        "claims.Content", models.PROTECT, null=True, related_name="+", db_index=False
    )
    filed_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=9, choices=ContestState, default=ContestState.OPEN)
    answer = models.ForeignKey(
        "claims.Content", models.PROTECT, null=True, related_name="+", db_index=False
    )
    correction = models.ForeignKey(
        "claims.Verdict", models.PROTECT, null=True, related_name="answers", db_index=False
    )
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(party__in=Party.values), name="contest_party_known"),
            models.CheckConstraint(
                condition=Q(reason__in=ContestReason.values), name="contest_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ContestState.values), name="contest_state_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ContestState.OPEN,
                    resolved_at__isnull=True,
                    resolved_by__isnull=True,
                    answer__isnull=True,
                )
                | (
                    ~Q(state=ContestState.OPEN)
                    & Q(resolved_at__isnull=False, resolved_by__isnull=False)
                ),
                name="contest_is_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=ContestState.CORRECTED, correction__isnull=False)
                | (~Q(state=ContestState.CORRECTED) & Q(correction__isnull=True)),
                name="contest_is_corrected_by_a_verdict",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ContestState.UPHELD, ContestState.REJECTED])
                | Q(answer__isnull=False),
                name="contest_is_decided_with_an_answer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["claim", "organization"],
                name="contest_open",
                condition=Q(state=ContestState.OPEN),
            ),
            models.Index(fields=["claim", "filed_at", "id"], name="contest_of_claim"),
            models.Index(fields=["organization", "filed_at", "id"], name="contest_filed"),
            models.Index(
                fields=["organization", "state", "filed_at", "id"], name="contest_state_filed"
            ),
            models.Index(
                fields=["correction"],
                name="contest_corrected",
                condition=Q(correction__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} ({self.state})"
