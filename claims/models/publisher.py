from django.db import models
from django.db.models import Q

from claims.models.base import Recorded, SameAs, Versioned


class Publisher(Recorded, Versioned):
    """The outlet that publishes articles. Names need not be unique."""

    name = models.CharField(max_length=300)
    names = models.JSONField(default=dict, blank=True, help_text="Name by language tag.")
    url = models.URLField(max_length=2000, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="publisher_has_name")
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="publisher_created"),
            models.Index(SameAs("name"), name="publisher_same_name"),
        ]

    def __str__(self) -> str:
        return self.name
