import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from claims.models.base import Recorded, Versioned
from claims.vocabulary import Scope

if TYPE_CHECKING:
    from uuid import UUID


class ApiKey(Recorded, Versioned):
    """A secret by which a program acts as one Member. Only its SHA-256 is stored.

    A fast hash is right here: the secret is 256 random bits, so nobody can guess it.
    """

    member_id: "UUID"

    PREFIX = "isnad_"

    member = models.ForeignKey("claims.Member", models.PROTECT, related_name="api_keys")
    label = models.CharField(max_length=80)
    hint = models.CharField(max_length=16, help_text="How the secret begins.")
    digest = models.BinaryField(max_length=32, editable=False)
    scopes = ArrayField(models.CharField(max_length=5, choices=Scope))
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("digest", name="api_key_digest_unique"),
            models.CheckConstraint(condition=Q(label__regex=r"\S"), name="api_key_has_label"),
            models.CheckConstraint(
                condition=Q(scopes__len__gt=0) & Q(scopes__contained_by=Scope.values),
                name="api_key_scopes_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.hint}…)"

    @classmethod
    def new_secret(cls) -> str:
        return cls.PREFIX + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(secret: str) -> bytes:
        return hashlib.sha256(secret.encode()).digest()

    def is_usable(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
