from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from claims.models.base import AppendOnly, Identified
from claims.vocabulary import ChangeType, Outcome, Status

if TYPE_CHECKING:
    from uuid import UUID


class Change(Identified, AppendOnly):
    """One thing that happened, written by the transaction that did it.

    document: the row as it was then, before: as it was until then (edits alone); both are
    canonical JSON in a Content, so that they can be erased without touching this row.
    status, language: the claim's after it (of an article's changes: the article's language).
    outcome: of a verdict. Its number is given by the log, once it is committed (LogEntry).
    """

    claim_id: "UUID | None"
    organization_id: "UUID | None"
    recorded_by_id: "UUID | None"

    type = models.CharField(max_length=32, choices=ChangeType)
    subject_id = models.UUIDField(help_text="The row it happened to; `type` says of which table.")
    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, null=True, related_name="changes", db_index=False
    )
    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    status = models.CharField(max_length=12, choices=Status, null=True)
    language = models.CharField(max_length=35, null=True, db_collation="C")
    outcome = models.CharField(max_length=12, choices=Outcome, null=True)
    document = models.ForeignKey("claims.Content", models.PROTECT, related_name="+", db_index=False)
    before = models.ForeignKey(
        "claims.Content", models.PROTECT, null=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(type__in=ChangeType.values), name="change_type_known"
            ),
        ]
        indexes = [
            models.Index(
                F("claim"),
                F("recorded_at"),
                F("id"),
                name="change_of_claim",
                condition=Q(claim__isnull=False),
            ),
            models.Index(fields=["subject_id"], name="change_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.type} at {self.recorded_at}"
