from typing import TYPE_CHECKING

from django.db import models

from claims.models.base import AppendOnly, Identified, Recorded

if TYPE_CHECKING:
    from uuid import UUID


class Note(Recorded, AppendOnly):
    """What a member wrote about a claim, for the members of the same organization alone.

    No Change tells of it: nothing of it is in the feed or in the log. It stays as it was written;
    its text can be erased.
    """

    organization_id: "UUID"
    claim_id: "UUID"

    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, related_name="+", db_index=False
    )
    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="+", db_index=False)
    content = models.ForeignKey("claims.Content", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["claim", "organization", "created_at", "id"], name="note_of_claim"
            ),
            models.Index(fields=["organization", "created_at", "id"], name="note_of_organization"),
        ]

    def __str__(self) -> str:
        return f"on {self.claim_id} at {self.created_at}"


class NoteMention(Identified, AppendOnly):
    """A colleague whom a note concerns; position: in the list of these, from 0."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="mentions", db_index=False)
    position = models.PositiveSmallIntegerField()
    member = models.ForeignKey("claims.Member", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("note", "position", name="note_mention_position_unique"),
            models.UniqueConstraint("member", "note", name="note_mention_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.note_id}"
