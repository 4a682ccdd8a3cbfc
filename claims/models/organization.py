from django.db import models
from django.db.models import Q

from claims.models.base import Recorded, Versioned


class Organization(Recorded, Versioned):
    """A fact-checking organization: the author of verdicts (ClaimReview `author`)."""

    name = models.CharField(max_length=300)
    url = models.URLField(max_length=2000, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="organization_has_name"),
            models.UniqueConstraint("name", name="organization_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name
