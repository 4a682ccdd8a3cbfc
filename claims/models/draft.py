from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from claims.models.base import AppendOnly, Identified, Recorded, Versioned
from claims.vocabulary import DraftState, Outcome, StepType

if TYPE_CHECKING:
    from uuid import UUID


class Draft(Recorded, Versioned):
    """A verdict that waits for a second member; its organization's own until it is confirmed.

    created_by: its author. finding: what it says, as canonical JSON, the fields of a verdict as it
    is filed. verdict: what it became. An organization has one that is alive on a claim.
    Triggers hold that it stays what and whose it was, and closed (`sql/drafts`).
    """

    claim_id: "UUID"
    organization_id: "UUID"
    verdict_id: "UUID | None"

    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="+", db_index=False)
    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, related_name="drafts", db_index=False
    )
    state = models.CharField(max_length=9, choices=DraftState, default=DraftState.OPEN)
    outcome = models.CharField(max_length=12, choices=Outcome)
    finding = models.ForeignKey("claims.Content", models.PROTECT, related_name="+", db_index=False)
    verdict = models.OneToOneField(
        "claims.Verdict", models.PROTECT, null=True, related_name="draft"
    )
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DraftState.values), name="draft_state_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="draft_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(state=DraftState.CONFIRMED, verdict__isnull=False)
                | (~Q(state=DraftState.CONFIRMED) & Q(verdict__isnull=True)),
                name="draft_is_confirmed_by_its_verdict",
            ),
            models.CheckConstraint(condition=Q(created_by__isnull=False), name="draft_has_author"),
            models.UniqueConstraint(
                fields=["organization", "claim"],
                condition=Q(state__in=[DraftState.OPEN, DraftState.RETURNED]),
                name="draft_alive_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "created_at", "id"], name="draft_created"),
            models.Index(
                fields=["organization", "state", "created_at", "id"], name="draft_state_created"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.state})"


class DraftStep(Identified, AppendOnly):
    """What somebody did to a draft, and why, the first one at position 0."""

    draft_id: "UUID"

    draft = models.ForeignKey("claims.Draft", models.PROTECT, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField()
    type = models.CharField(max_length=9, choices=StepType)
    reasons = models.ForeignKey(
        "claims.Content", models.PROTECT, null=True, related_name="+", db_index=False
    )
    taken_by = models.ForeignKey("claims.Member", models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("draft", "position", name="draft_step_position_unique"),
            models.CheckConstraint(
                condition=Q(type__in=StepType.values), name="draft_step_type_known"
            ),
            models.CheckConstraint(
                condition=~Q(type=StepType.RETURNED) | Q(reasons__isnull=False),
                name="draft_returned_with_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} at {self.taken_at}"
