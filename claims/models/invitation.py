import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from claims.models.base import Recorded, Versioned
from claims.vocabulary import Role

if TYPE_CHECKING:
    from uuid import UUID


class Invitation(Recorded, Versioned):
    """A link by which somebody becomes a Member, once. Only the SHA-256 of its token is stored.

    A fast hash is right here: the token is 256 random bits, so nobody can guess it.
    name, email: of whom it is for, where the admin said so.
    """

    organization_id: "UUID"
    created_by_id: "UUID | None"

    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, related_name="invitations"
    )
    role = models.CharField(max_length=10, choices=Role)
    name = models.CharField(max_length=300, null=True)
    email = models.EmailField(null=True)
    digest = models.BinaryField(max_length=32, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("digest", name="invitation_digest_unique"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at__isnull=True),
                name="invitation_is_accepted_by_somebody_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.organization_id}"

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(token: str) -> bytes:
        return hashlib.sha256(token.encode()).digest()

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and self.accepted_at is None and now < self.expires_at
