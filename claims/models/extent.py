from typing import Any

from django.db import models
from django.db.models import Q

from claims.vocabulary import Status


class Numeric(models.Field):
    """A decimal of any number of digits, which DecimalField cannot be."""

    def db_type(self, connection: Any) -> str:
        return "numeric"


class Extent(models.Model):
    """What a fact is about, and between what its value lies, as `claims.values` reads it.

    subject, property: keys of these texts, the same for what differs in folding alone; matter:
    the key of both. scale, low, high: as of `claims.values.Extent`. status: the claim's.
    A trigger keeps the Matters by it (`sql/conflicts`).
    """

    claim = models.OneToOneField(
        "claims.Claim", models.PROTECT, primary_key=True, related_name="extent"
    )
    subject = models.UUIDField()
    property = models.UUIDField()
    matter = models.UUIDField()
    scale = models.CharField(max_length=100, null=True, db_collation="C")
    low = Numeric(null=True)
    high = Numeric(null=True)
    status = models.CharField(
        max_length=12, choices=Status, db_default=Status.UNVERIFIED, db_collation="C"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lt=models.F("high")),
                name="extent_ends_after_its_beginning",
            ),
        ]
        # From these the ends of all extents of a matter are read, however many there are.
        indexes = [
            models.Index(
                fields=["matter", "scale", "status", "low"],
                name="extent_low",
            ),
            models.Index(
                fields=["matter", "scale", "status", "high"],
                name="extent_high",
                condition=Q(scale__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.low} to {self.high}, {self.scale}"
